//! What many values come to.

/// The middle and the ends of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    /// Half of the values are not above, half are not below.
    pub(crate) median: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
}

impl Summary {
    /// Of some values; `None` where there are none, or where one is no number.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (minimum, maximum) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let lower = if sorted.len().is_multiple_of(2) { *sorted.get(middle - 1)? } else { upper };
        Some(Self { median: f64::midpoint(lower, upper), minimum, maximum })
    }

    /// How many times the other's median this one's is; `None` where the other's is nothing.
    pub(crate) fn ratio_to(self, other: Self) -> Option<f64> {
        (other.median > 0.0).then(|| self.median / other.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(values: &[f64]) -> (f64, f64, f64) {
        let Summary { median, minimum, maximum } = Summary::of(values).unwrap();
        (median, minimum, maximum)
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(summary(&[3.0]), (3.0, 3.0, 3.0));
        assert_eq!(summary(&[9.0, 1.0, 2.0]), (2.0, 1.0, 9.0));
        assert_eq!(summary(&[4.0, 1.0, 2.0, 9.0]), (3.0, 1.0, 9.0));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn ratios_are_of_medians() {
        let of = |values: &[f64]| Summary::of(values).unwrap();
        assert_eq!(of(&[6.0]).ratio_to(of(&[1.0, 4.0, 5.0])), Some(1.5));
        assert_eq!(of(&[6.0]).ratio_to(of(&[0.0])), None);
    }
}

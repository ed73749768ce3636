//! Parameters of the provider's endpoints.

use url::form_urlencoded;

/// `application/x-www-form-urlencoded` parameters, in order.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The value of a parameter that must be there once (RFC 6749 §3.1: none may stand twice, empty counts as absent).
    pub(super) fn one(&self, name: &str) -> Result<&str, String> {
        match self.optional(name)? {
            "" => Err(format!("{name} is missing")),
            value => Ok(value),
        }
    }

    /// The value of a parameter that may be there once; empty where it is absent.
    pub(super) fn optional(&self, name: &str) -> Result<&str, String> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let value = values.next().map_or("", |(_, value)| value);
        match values.next() {
            Some(_) => Err(format!("{name} stands twice")),
            None => Ok(value),
        }
    }
}

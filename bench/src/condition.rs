//! The conditions under which sign-ins are timed.

use std::fmt::Write as _;
use std::time::Duration;

/// What the browser still has of the site when it comes back from the provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cache {
    /// What it loaded for the form a moment ago.
    Warm,
    /// Nothing: it is emptied while the provider's page is shown.
    Cold,
}

/// What the network is slowed to, by the browser itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Network {
    /// Before the first byte of each answer, in milliseconds.
    pub(crate) latency: u32,
    /// To the browser, in bytes per second.
    pub(crate) download: u32,
    /// From the browser, in bytes per second.
    pub(crate) upload: u32,
}

/// 1.6 Mbit/s down, 750 kbit/s up.
const SLOW_4G: Network = Network { latency: 150, download: 200_000, upload: 93_750 };

/// How long an API may think about a login: it redeems the code at the provider meanwhile.
const THINK: Duration = Duration::from_millis(400);

/// One row of the matrix.
#[derive(Debug)]
pub(crate) struct Condition {
    /// For the command line.
    pub(crate) name: &'static str,
    /// For the tables.
    pub(crate) title: &'static str,
    pub(crate) cache: Cache,
    /// As it is where there is none.
    pub(crate) network: Option<Network>,
    /// How many times slower the processor seems to the page; 1 is as it is.
    pub(crate) slowdown: u32,
    /// What the API takes for the login call.
    pub(crate) think: Duration,
}

const PLAIN: Condition =
    Condition { name: "", title: "", cache: Cache::Warm, network: None, slowdown: 1, think: Duration::ZERO };
const COLD: Condition = Condition { cache: Cache::Cold, ..PLAIN };
const COLD_SLOW: Condition = Condition { network: Some(SLOW_4G), ..COLD };

/// The matrix. What is left out of the full product would say little more.
pub(crate) const CONDITIONS: &[Condition] = &[
    Condition { name: "warm", title: "Warm cache", ..PLAIN },
    Condition { name: "warm-cpu4", title: "Warm cache, CPU 4× slower", slowdown: 4, ..PLAIN },
    Condition { name: "warm-slow4g", title: "Warm cache, slow 4G", network: Some(SLOW_4G), ..PLAIN },
    Condition { name: "cold", title: "Cold cache", ..COLD },
    Condition { name: "cold-slow4g", title: "Cold cache, slow 4G", ..COLD_SLOW },
    Condition {
        name: "cold-slow4g-think",
        title: "Cold cache, slow 4G, the login call takes 400 ms",
        think: THINK,
        ..COLD_SLOW
    },
    Condition { name: "cold-slow4g-cpu4", title: "Cold cache, slow 4G, CPU 4× slower", slowdown: 4, ..COLD_SLOW },
];

/// The conditions, one a line.
pub(crate) fn list() -> String {
    let mut text = String::new();
    let memory = (crate::options::MEMORY, "Memory after one and after ten sign-ins");
    for (name, title) in CONDITIONS.iter().map(|condition| (condition.name, condition.title)).chain([memory]) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<18} {title}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_has_a_name_and_a_title_of_its_own() {
        for (index, condition) in CONDITIONS.iter().enumerate() {
            assert!(!condition.name.is_empty() && !condition.title.is_empty());
            let others = &CONDITIONS[..index];
            assert!(others.iter().all(|other| other.name != condition.name && other.title != condition.title));
        }
        assert!(list().lines().count() == CONDITIONS.len() + 1);
    }
}

//! Collects the mistakes of a configuration while its values are resolved.

use super::parse::ConfigError;
use std::fmt::Display;

/// All mistakes found so far.
#[derive(Default)]
pub(crate) struct Mistakes(pub(crate) Vec<ConfigError>);

/// Which numbers make sense.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allowed {
    /// Above 0.
    Positive,
    /// At least 0.
    NotNegative,
    /// Above 0, at most this.
    UpTo(f64),
    /// From 0 to below this.
    Below(f64),
    /// From the first to the second, both included.
    Between(f64, f64),
    /// Above the first, at most the second.
    Within(f64, f64),
}

impl Allowed {
    fn holds(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::UpTo(largest) => value > 0.0 && value <= largest,
                Self::Below(limit) => (0.0..limit).contains(&value),
                Self::Between(smallest, largest) => (smallest..=largest).contains(&value),
                Self::Within(below, largest) => value > below && value <= largest,
            }
    }

    fn words(self) -> String {
        match self {
            Self::Positive => "give a number above 0".to_owned(),
            Self::NotNegative => "give a number of at least 0".to_owned(),
            Self::UpTo(largest) => format!("give a number above 0, at most {largest}"),
            Self::Below(limit) => format!("give a number from 0 to below {limit}"),
            Self::Between(smallest, largest) => format!("give a number from {smallest} to {largest}"),
            Self::Within(below, largest) => format!("give a number above {below}, at most {largest}"),
        }
    }
}

impl Mistakes {
    pub(crate) fn add(&mut self, key: &'static str, value: impl ToString, reason: impl Into<String>) {
        self.0.push(ConfigError::Value { key, value: value.to_string(), reason: reason.into() });
    }

    /// The choice called `name`, or a mistake that lists the choices.
    pub(crate) fn choose<T: Copy>(
        &mut self,
        key: &'static str,
        name: Option<&String>,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let name = name?;
        let found = choices.iter().find(|(choice, _)| choice == name).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.add(key, name, format!("choose one of {}", known.join(", ")));
        }
        found
    }

    /// The value if it makes sense.
    pub(crate) fn number<T: Copy + Display + Into<f64>>(
        &mut self,
        key: &'static str,
        value: Option<T>,
        allowed: Allowed,
    ) -> Option<T> {
        let value = value?;
        if allowed.holds(value.into()) {
            return Some(value);
        }
        self.add(key, value, allowed.words());
        None
    }

    /// Puts the value into `field` if it makes sense.
    pub(crate) fn set<T: Copy + Display + Into<f64>>(
        &mut self,
        key: &'static str,
        value: Option<T>,
        allowed: Allowed,
        field: &mut T,
    ) {
        if let Some(value) = self.number(key, value, allowed) {
            *field = value;
        }
    }

    /// Puts a count from `smallest` to `largest` into `field`.
    pub(crate) fn count(
        &mut self,
        key: &'static str,
        value: Option<usize>,
        (smallest, largest): (usize, usize),
        field: &mut usize,
    ) {
        match value {
            Some(value) if (smallest..=largest).contains(&value) => *field = value,
            Some(value) if largest == usize::MAX => self.add(key, value, format!("give at least {smallest}")),
            Some(value) => self.add(key, value, format!("give {smallest} to {largest}")),
            None => {}
        }
    }
}

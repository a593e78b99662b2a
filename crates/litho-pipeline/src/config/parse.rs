//! From a TOML text to a configuration, with every mistake named at once.

use super::raw::ReconstructConfig;
use crate::error::PipelineError;
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// One mistake in a configuration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A key nobody knows.
    #[error("{file}:{line}: unknown key `{key}`{}", .suggestion.as_ref().map_or(String::new(), |s| format!("; did you mean `{s}`?")))]
    UnknownKey {
        /// The file.
        file: String,
        /// Its line, from 1.
        line: usize,
        /// The key, with its table.
        key: String,
        /// The nearest known key.
        suggestion: Option<String>,
    },
    /// A text that is not TOML, or a value of the wrong type.
    #[error("{file}:{line}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Its line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A value that makes no sense.
    #[error("{key} = {value}: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}

/// Reads a configuration file.
///
/// # Errors
/// [`PipelineError::Config`] with every unknown key, or the first wrong type.
pub fn from_file(path: &Path) -> Result<ReconstructConfig, PipelineError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        PipelineError::argument("--config", path.display(), format!("{error}; give a TOML file"))
    })?;
    from_toml(&text, &path.display().to_string()).map_err(PipelineError::Config)
}

/// Reads a configuration file of any command; all defaults without one.
///
/// # Errors
/// [`PipelineError::Config`] with every unknown key, or the first wrong type.
pub fn read_or_default<T>(path: Option<&Path>) -> Result<T, PipelineError>
where
    T: DeserializeOwned + JsonSchema + Default,
{
    let Some(path) = path else { return Ok(T::default()) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        PipelineError::argument("--config", path.display(), format!("{error}; give a TOML file"))
    })?;
    parse(&text, &path.display().to_string()).map_err(PipelineError::Config)
}

/// Reads a configuration from TOML `text`; `file` is what messages call it.
///
/// # Errors
/// Every unknown key, or the first value of a wrong type.
pub fn from_toml(text: &str, file: &str) -> Result<ReconstructConfig, Vec<ConfigError>> {
    parse(text, file)
}

/// Reads any configuration from TOML `text`; `file` is what messages call it.
///
/// # Errors
/// Every unknown key, or the first value of a wrong type.
pub(crate) fn parse<T: DeserializeOwned + JsonSchema>(text: &str, file: &str) -> Result<T, Vec<ConfigError>> {
    let syntax = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        vec![ConfigError::Syntax { file: file.to_owned(), line, message: error.message().to_owned() }]
    };
    let table = toml::de::DeTable::parse(text).map_err(|error| syntax(&error))?;
    let schema = schema_for!(T).to_value();
    let mut unknown = Vec::new();
    let context = KeyContext { text, file, root: &schema };
    context.check(table.get_ref(), &schema, "", &mut unknown);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    toml::from_str(text).map_err(|error| syntax(&error))
}

/// The JSON Schema of [`ReconstructConfig`].
pub fn schema() -> Value {
    schema_for!(ReconstructConfig).to_value()
}

struct KeyContext<'a> {
    text: &'a str,
    file: &'a str,
    root: &'a Value,
}

impl KeyContext<'_> {
    fn check(
        &self,
        table: &toml::de::DeTable<'_>,
        schema: &Value,
        prefix: &str,
        unknown: &mut Vec<ConfigError>,
    ) {
        let Some(properties) = self.resolve(schema).get("properties").and_then(Value::as_object) else {
            return;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match properties.get(name) {
                Some(inner) => {
                    for (table, schema) in self.tables_of(value.get_ref(), inner) {
                        self.check(table, schema, &format!("{prefix}{name}."), unknown);
                    }
                }
                None => unknown.push(ConfigError::UnknownKey {
                    file: self.file.to_owned(),
                    line: line_of(self.text, key.span().start),
                    key: format!("{prefix}{name}"),
                    suggestion: nearest(name, properties.keys().map(String::as_str)),
                }),
            }
        }
    }

    /// The tables under a key, each with its schema: itself, or those of an array.
    fn tables_of<'s, 'v, 't>(
        &'s self,
        value: &'v toml::de::DeValue<'t>,
        schema: &'s Value,
    ) -> Vec<(&'v toml::de::DeTable<'t>, &'s Value)> {
        if let Some(table) = value.as_table() {
            return vec![(table, schema)];
        }
        let items = self.resolve(schema).get("items");
        let all = value.as_array().into_iter().flatten().filter_map(|one| one.get_ref().as_table());
        items.map_or(Vec::new(), |items| all.map(|table| (table, items)).collect())
    }

    /// Follows a `$ref` to its definition; of a table that may be missing, that of the table.
    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let table = schema.get("anyOf").and_then(Value::as_array);
        let table = table.and_then(|all| all.iter().find(|one| one.get("$ref").is_some()));
        let schema = table.unwrap_or(schema);
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.root.pointer(reference.trim_start_matches('#')))
            .unwrap_or(schema)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

/// The known name most like `name`, if any is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    /// Jaro–Winkler similarity below which two names are just different.
    const ALIKE: f64 = 0.75;
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_unknown_keys_are_named_at_once_with_line_and_suggestion() {
        let text = "engine = \"epie\"\niteration = 5\n[pie]\nobject_stp = 1.0\n[input]\nenergy_ev = 700.0\n";
        let errors = from_toml(text, "run.toml").unwrap_err();
        let printed: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(printed.len(), 2, "{printed:?}");
        assert!(
            printed.contains(&"run.toml:2: unknown key `iteration`; did you mean `iterations`?".to_owned())
        );
        assert!(
            printed.contains(
                &"run.toml:4: unknown key `pie.object_stp`; did you mean `object_step`?".to_owned()
            )
        );
    }

    #[test]
    fn tables_that_may_be_missing_are_checked_too() {
        let errors = from_toml("[positions]\nmethode = \"both\"\n", "run.toml").unwrap_err();
        let expected = "run.toml:2: unknown key `positions.methode`; did you mean `method`?";
        assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_wrong_type_names_its_line() {
        let errors = from_toml("seed = 3\niterations = \"many\"\n", "run.toml").unwrap_err();
        assert!(matches!(&errors[..], [ConfigError::Syntax { line: 2, .. }]), "{errors:?}");
    }

    #[test]
    fn a_written_configuration_reads_back() {
        // An empty table turns its correction on, and so must be written.
        let config = ReconstructConfig {
            iterations: Some(7),
            background: Some(crate::config::BackgroundConfig::default()),
            ..ReconstructConfig::default()
        };
        let text = toml::to_string(&config).unwrap();
        assert_eq!(from_toml(&text, "x").unwrap(), config);
    }
}

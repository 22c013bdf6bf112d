//! Reading the environment: the process first, then the `.env` file; errors name the variable.

use super::vars::Var;
use secrecy::SecretString;
use std::{collections::HashMap, path::Path, str::FromStr};

/// A variable whose value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// The value does not parse; secrets are not shown.
    #[error("the variable {name} is wrong: {reason}")]
    Bad {
        /// Its name.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// A variable that must be set is not.
    #[error("the variable {name} must be set when {when}")]
    Missing {
        /// Its name.
        name: &'static str,
        /// When it is needed.
        when: &'static str,
    },
    /// The `.env` file cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why, without any value of the file.
        reason: String,
    },
}

/// The environment as the program sees it.
#[derive(Default)]
pub struct Env {
    process: HashMap<String, String>,
    file: HashMap<String, String>,
}

impl Env {
    /// The environment of the process, and `.env` in `folder` if there is one.
    ///
    /// # Errors
    /// [`EnvError::File`] when `.env` is there and cannot be read.
    pub fn read(folder: &Path) -> Result<Self, EnvError> {
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let path = folder.join(".env");
        let mut file = HashMap::new();
        if path.is_file() {
            let fail = |reason: String| EnvError::File { path: path.display().to_string(), reason };
            let lines = dotenvy::from_path_iter(&path).map_err(|error| match error {
                dotenvy::Error::Io(error) => fail(error.to_string()),
                _ => fail("it is not a list of NAME=value lines".to_owned()),
            })?;
            for (number, line) in lines.enumerate() {
                // dotenvy's own message quotes the line, which may hold a secret.
                let (name, value) = line.map_err(|_| {
                    fail(format!("setting {} is not of the form NAME=value", number + 1))
                })?;
                file.insert(name, value);
            }
        }
        Ok(Self { process, file })
    }

    /// An environment made of these variables alone, for tests.
    #[cfg(test)]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let process = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self { process, file: HashMap::new() }
    }

    /// The value of a variable; an empty value counts as not set.
    #[must_use]
    pub fn get(&self, var: &Var) -> Option<&str> {
        [&self.process, &self.file]
            .into_iter()
            .filter_map(|map| map.get(var.name))
            .map(|value| value.trim())
            .find(|value| !value.is_empty())
    }

    /// The value of a secret variable.
    #[must_use]
    pub fn secret(&self, var: &Var) -> Option<SecretString> {
        self.get(var).map(SecretString::from)
    }

    /// The parsed value of a variable.
    ///
    /// # Errors
    /// [`EnvError::Bad`] when it does not parse.
    pub fn parsed<T>(&self, var: &Var) -> Result<Option<T>, EnvError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.get(var)
            .map(|value| {
                value.parse::<T>().map_err(|error| {
                    let shown = if var.secret { String::new() } else { format!("« {value} »: ") };
                    EnvError::Bad { name: var.name, reason: format!("{shown}{error}") }
                })
            })
            .transpose()
    }

    /// The value of a variable that must be set.
    ///
    /// # Errors
    /// [`EnvError::Missing`] when it is not.
    pub fn required(&self, var: &Var) -> Result<&str, EnvError> {
        self.get(var).ok_or(EnvError::Missing { name: var.name, when: var.required })
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets: only the number of variables is shown.
        f.debug_struct("Env")
            .field("process", &self.process.len())
            .field("file", &self.file.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::vars, *};

    #[test]
    fn a_bad_value_names_its_variable_and_hides_a_secret() {
        let env = Env::of(&[("MQD_REFRESH", "souvent"), ("NEO4J_PASSWORD", "hunter2")]);
        let message = env.parsed::<u64>(&vars::MQD_REFRESH).unwrap_err().to_string();
        assert!(message.contains("MQD_REFRESH") && message.contains("souvent"), "{message}");
        let message = env.parsed::<u64>(&vars::NEO4J_PASSWORD).unwrap_err().to_string();
        assert!(message.contains("NEO4J_PASSWORD") && !message.contains("hunter2"), "{message}");
        assert!(!format!("{env:?}").contains("hunter2"));
    }

    #[test]
    fn a_broken_env_file_does_not_print_its_lines() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "MQD_DATA=ici\nNEO4J_PASSWORD='hunter2\n")
            .unwrap();
        let message = Env::read(folder.path()).unwrap_err().to_string();
        assert!(message.contains(".env") && !message.contains("hunter2"), "{message}");
    }
}

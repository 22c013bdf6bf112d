//! What can be wrong with what is asked; the sentences are for readers, hence in French.

use http::StatusCode;

/// Why a sheet cannot be made as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// A parameter cannot be read.
    #[error("« {parameter} » : {reason}")]
    Parameter {
        /// Its name.
        parameter: String,
        /// What was expected.
        reason: String,
    },
    /// No theme has this name.
    #[error("le thème « {theme} » n’existe pas ; il y a : {known}")]
    UnknownTheme {
        /// The name.
        theme: String,
        /// The names that exist.
        known: String,
    },
    /// A theme has fewer exercises than asked for.
    #[error("le thème « {theme} » a {available} exercices, {wanted} sont demandés")]
    TooFew {
        /// The theme.
        theme: String,
        /// How many are asked for.
        wanted: usize,
        /// How many there are.
        available: usize,
    },
    /// All chosen themes together have fewer exercises than asked for.
    #[error("les thèmes choisis ont {available} exercices en tout, {wanted} sont demandés")]
    TooFewInAll {
        /// How many are asked for.
        wanted: usize,
        /// How many there are.
        available: usize,
    },
    /// More exercises than a sheet may hold.
    #[error("une feuille a au plus {limit} exercices, {wanted} sont demandés")]
    TooMany {
        /// How many are asked for.
        wanted: usize,
        /// The limit.
        limit: usize,
    },
    /// No exercise has this path, number or name.
    #[error("« {exercise} » n’est pas un exercice{}", match .theme {
        Some((theme, available)) => format!(" du thème « {theme} », qui en a {available}"),
        None => " de ce dépôt".to_owned(),
    })]
    NoExercise {
        /// What was asked for.
        exercise: String,
        /// The theme it was looked for in, and how many exercises it has.
        theme: Option<(String, usize)>,
    },
    /// An exercise is listed twice.
    #[error("l’exercice « {0} » est demandé deux fois")]
    Twice(String),
    /// No dépôt of exercises has this name.
    #[error("aucun dépôt de rapidexos ne s’appelle « {0} »")]
    UnknownDepot(String),
    /// There is no dépôt of exercises at all.
    #[error("aucun dépôt de rapidexos n’est configuré")]
    NoDepot,
    /// The version that an address names is neither kept nor in the history of the dépôt.
    #[error("la version « {0} » de ce dépôt est inconnue")]
    UnknownVersion(String),
}

impl SheetError {
    /// A parameter that cannot be read.
    pub(crate) fn parameter(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Parameter { parameter: name.into(), reason: reason.into() }
    }

    /// The HTTP status of this error.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownDepot(_) | Self::NoDepot | Self::UnknownVersion(_) => {
                StatusCode::NOT_FOUND
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The error as the JSON answer of the sheet server.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut out = serde_json::json!({ "error": self.to_string() });
        match self {
            Self::Parameter { parameter, .. } => out["parameter"] = parameter.as_str().into(),
            Self::UnknownTheme { theme, .. } => out["theme"] = theme.as_str().into(),
            Self::TooFew { theme, wanted, available } => {
                out["theme"] = theme.as_str().into();
                out["wanted"] = (*wanted).into();
                out["available"] = (*available).into();
            }
            Self::TooFewInAll { wanted, available } => {
                out["wanted"] = (*wanted).into();
                out["available"] = (*available).into();
            }
            Self::TooMany { wanted, limit } => {
                out["wanted"] = (*wanted).into();
                out["limit"] = (*limit).into();
            }
            Self::NoExercise { exercise, theme } => {
                out["exercise"] = exercise.as_str().into();
                if let Some((theme, available)) = theme {
                    out["theme"] = theme.as_str().into();
                    out["available"] = (*available).into();
                }
            }
            _ => {}
        }
        out
    }
}

//! The errors of the HTTP edge: one taxonomy, from which the status and the friendly page follow.

use crate::SourceError;
use http::StatusCode;

/// Why a page cannot be shown. The error page (see [`crate::views`]) is made from this alone, so
/// nothing internal can leak into it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// There is no such page or node.
    #[error("not found")]
    NotFound,
    /// A parameter of the address cannot be understood.
    #[error("the parameter « {parameter} » cannot be read: {reason}")]
    BadParameter {
        /// Name of the parameter.
        parameter: &'static str,
        /// What was expected.
        reason: String,
    },
    /// The maquis does not answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The sheet server does not answer.
    #[error("the sheet server does not answer: {0}")]
    Sheets(String),
    /// What was asked of the sheet server cannot be; the sentence is for readers.
    #[error("{message}")]
    Sheet {
        /// It is not there, rather than wrong.
        missing: bool,
        /// Why.
        message: String,
    },
    /// A template could not be rendered: a fault of ours.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
}

impl SiteError {
    /// The HTTP status of this error.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Sheet { missing: true, .. } => StatusCode::NOT_FOUND,
            Self::BadParameter { .. } | Self::Sheet { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Source(SourceError::Unreachable(_)) | Self::Sheets(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Source(_) | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The key of its sentences in the catalogues.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::NotFound | Self::Sheet { missing: true, .. } => "404",
            Self::BadParameter { .. } | Self::Sheet { .. } => "422",
            Self::Source(SourceError::Unreachable(_)) | Self::Sheets(_) => "503",
            Self::Source(_) | Self::Template(_) => "500",
        }
    }
}

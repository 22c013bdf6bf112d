//! What goes wrong, as the API tells it: a code for programs, a sentence in French and in English.

use async_graphql::{Error, ErrorExtensionValues, Pos, Response, ServerError, Value};
use mqd_model::Refusal;
use std::borrow::Cow;

/// Something that the caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) french: Cow<'static, str>,
    pub(crate) english: Cow<'static, str>,
}

impl Problem {
    pub(crate) fn new(
        code: &'static str,
        french: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, french: french.into(), english: english.into() }
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code);
        values.set("fr", self.french.as_ref());
        values.set("en", self.english.as_ref());
        values
    }

    /// As an error of a whole request.
    pub(crate) fn server_error(&self, at: Option<Pos>) -> ServerError {
        let mut error = ServerError::new(self.french.as_ref(), at);
        error.extensions = Some(self.extensions());
        error
    }

    /// As the answer to a request that is not executed.
    pub(crate) fn response(&self) -> Response {
        Response::from_errors(vec![self.server_error(None)])
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let mut error = Error::new(problem.french.as_ref());
        error.extensions = Some(problem.extensions());
        error
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.french, refusal.english)
    }
}

/// The code of an error, if it has one.
pub(crate) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// Errors told to a caller at most; a hostile document can hold thousands.
const MOST: usize = 20;

/// Gives the errors that the library makes a code and both sentences, and keeps the first ones.
///
/// The message stays as the library words it: clients know these texts from graphql-js.
pub(crate) fn tidy(response: &mut Response, executed: bool) {
    response.errors.truncate(MOST);
    for error in &mut response.errors {
        if code(error).is_none() {
            let (code, french) = if executed {
                ("BAD_USER_INPUT", "La requête a une valeur qui ne convient pas")
            } else {
                ("GRAPHQL_VALIDATION_FAILED", "La requête ne convient pas au schéma")
            };
            let french = format!("{french} : {}", error.message);
            let english = error.message.clone();
            let values = error.extensions.get_or_insert_default();
            values.set("code", code);
            values.set("fr", french);
            values.set("en", english);
        }
    }
}

//! What can go wrong with a store.

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The change set does not fit the content of the store; nothing was changed.
    #[error(transparent)]
    Invalid(#[from] mqd_model::Invalid),
}

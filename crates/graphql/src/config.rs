//! How the API is set up, and who may do what with it.

use crate::Limits;
use mqd_store::Store;
use std::sync::Arc;

/// How the API is set up.
#[derive(Clone)]
pub struct Config {
    /// Limits.
    pub limits: Limits,
    /// Token of mutations and of `/admin/refresh`; without it they are off.
    pub admin_token: Option<String>,
    /// Bytes of answers that are kept as long as the maquis stays the same.
    pub cache_bytes: u64,
    /// How the store is opened for as long as a mutation takes, when the maquis only reads it.
    pub writer: Option<OpenStore>,
}

/// Opens a store for writing.
#[derive(Clone)]
pub struct OpenStore(pub Arc<dyn Fn() -> Result<Store, mqd_store::Error> + Send + Sync>);

impl Default for Config {
    fn default() -> Self {
        Self { limits: Limits::default(), admin_token: None, cache_bytes: 8 << 20, writer: None }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("limits", &self.limits)
            .field("admin_token", &self.admin_token.is_some())
            .field("cache_bytes", &self.cache_bytes)
            .finish_non_exhaustive()
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// May read.
    #[default]
    Reader,
    /// Gave a token that is not the right one; may read.
    Refused,
    /// May write too.
    Admin,
}

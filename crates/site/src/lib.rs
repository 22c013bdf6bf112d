//! The web site of a maquis: views, templates, assets and the static export.
//!
//! A view is a folder of [`views`] that holds one GraphQL document, one template and the few lines
//! that join them. Invariant: everything shown comes from a [`GraphSource`] (the GraphQL API in
//! this process or over HTTP alike) or from the sheet server's API; every page works without
//! JavaScript.
#![deny(missing_docs)]

mod assets;
mod cache;
mod cite;
mod compress;
mod config;
mod ctx;
mod error;
mod excerpt;
mod export;
mod feeds;
mod frame;
mod i18n;
mod icons;
mod limits;
mod markdown;
mod nodes;
mod page;
mod picture;
mod router;
mod security;
mod source;
mod state;
mod text;
mod views;

pub use config::{Credit, Licence, MenuLink, RateLimit, SiteConfig, TrustProxy};
pub use error::SiteError;
pub use export::{ExportError, ExportOptions, Report, export};
pub use i18n::Lang;
pub use limits::limit;
pub use router::router;
pub use source::{GraphSource, Http, InProcess, SourceError};
pub use state::{File, Files, SiteState};

//! The web site: views, templates, assets, static export
#![deny(missing_docs)]

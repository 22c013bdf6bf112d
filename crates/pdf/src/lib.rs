//! Sandboxed TeX runs, formats, cache, figures to SVG, and the compile service
#![deny(missing_docs)]

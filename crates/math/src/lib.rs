//! One TeX formula to MathML Core and to French speech; macro tables
#![deny(missing_docs)]

//! Pictures of the maquis drawn on the server, as SVG: a neighbourhood, and the whole by kinds.

mod layout;
pub(crate) mod overview;
mod style;
mod svg;

pub(crate) use style::legend;
pub(crate) use svg::draw;

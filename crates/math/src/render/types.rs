//! What `render` takes and gives.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// How a formula stands in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style<'a> {
    /// `$…$`, `\(…\)`
    Inline,
    /// `$$…$$`, `\[…\]`
    Display,
    /// A display environment, by its name (`align*`, `gather`, `equation` …); the TeX is what
    /// stands between `\begin{name}` and `\end{name}`, arguments of the environment included.
    Environment(&'a str),
}

impl Style<'_> {
    /// The environments that make a formula of their content.
    pub const ENVIRONMENTS: &'static [&'static str] = &[
        "math",
        "displaymath",
        "equation",
        "equation*",
        "align",
        "align*",
        "alignat",
        "alignat*",
        "xalignat",
        "xalignat*",
        "flalign",
        "flalign*",
        "gather",
        "gather*",
        "multline",
        "multline*",
        "eqnarray",
        "eqnarray*",
        "dmath",
        "dmath*",
        "dgroup",
        "dgroup*",
    ];

    /// Whether `name` is an environment that makes a formula of its content.
    pub fn is_environment(name: &str) -> bool {
        Self::ENVIRONMENTS.contains(&name)
    }
}

/// Where a label leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is printed for it, without parentheses (`3`, `2.1`, `*`).
    pub tag: String,
    /// The address (`#eq-3`, or another page's).
    pub href: String,
}

/// The equation counter of a document, its anchors, and the labels that are known.
#[derive(Debug, Clone, Default)]
pub struct Numbering {
    /// The number of the last numbered equation.
    pub equation: u32,
    /// How often the numbers began anew, which keeps the anchors of equal numbers apart.
    pub restarts: u32,
    /// What stands before an equation's number (`2.` gives `2.7`).
    pub tag_prefix: String,
    /// How the number itself is printed, where not in digits.
    pub tag_number: Option<fn(u32) -> String>,
    /// Inside `subequations`: the number of the whole and how many letters have been given.
    pub sub: Option<(String, u32)>,
    /// What stands before the anchor of an equation (`d1-` gives `d1-eq-7`).
    pub id_prefix: String,
    /// The labels that `\ref` and `\eqref` inside formulas may name. Labels of formulas rendered
    /// with this numbering are added by `render`; for a label that comes later in the document,
    /// render again once it is known.
    pub known: Arc<HashMap<String, Target>>,
    /// How many anchors have been given to lines without a number of their own.
    pub tagged: u32,
}

/// A label set inside a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The name in `\label{…}`.
    pub name: String,
    /// What is printed for it, without parentheses; empty when its line has no number.
    pub tag: String,
    /// The anchor in the page.
    pub id: String,
}

/// Something that could not be rendered as its author meant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes of the TeX given; the whole formula when it comes out of a macro.
    pub span: Range<usize>,
    /// What is wrong and what was done instead, in French.
    pub message: String,
    /// The command or environment concerned (`\foo`, `array`).
    pub construct: String,
    /// The formula is nevertheless faithful (a length ignored, a reference not known yet).
    pub harmless: bool,
}

/// One formula, rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formula {
    /// `<math>…</math>`, or empty when nothing can be shown honestly.
    pub mathml: String,
    /// French, to be read aloud.
    pub speech: String,
    /// Unicode, for search and excerpts.
    pub text: String,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The labels it sets.
    pub labels: Vec<Label>,
    /// The labels it names that are not known.
    pub unresolved: Vec<String>,
    /// Whether the MathML shows what TeX would. If not, show a compiled picture.
    pub faithful: bool,
}

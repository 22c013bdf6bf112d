//! The MathML of typical formulas, held against snapshots.

use mqd_math::{Macros, Numbering, Style, render};

const FORMULAS: &[(&str, &str)] = &[
    ("", r"\sum_{k=1}^n\frac1{k^2}"),
    ("", r"\left]0,\frac12\right]"),
    ("", r"\begin{array}{|c|c|}\hline a&b\\\cline{1-1}c&d\\\hline\end{array}"),
    ("", r"\begin{pmatrix*}[r]-1&2\end{pmatrix*}"),
    ("", r"\text{si $x>0$ et l'été}"),
    ("", r"\mathop{\mathrm{Card}}\limits_{x}A"),
    ("", r"\not\in,\not\mathcal R"),
    ("", r"\boxed{x}\cancel{y}\overline{z}\vec u"),
    ("", r"a\!b\mkern3mu c\hspace{-1cm}d"),
    ("align", r"a&=b\label{x}\\\intertext{donc} c&=d\nonumber"),
    ("multline", r"a\\b\\c"),
    ("eqnarray*", r"a&=&b"),
    ("equation", r"x\tag*{A}"),
    ("alignat*", r"{2}a&=b&\quad c&=d"),
];

#[test]
fn mathml_of_typical_formulas() {
    let mut shown = String::new();
    let mut numbering = Numbering::default();
    for (name, tex) in FORMULAS {
        let style = if name.is_empty() { Style::Inline } else { Style::Environment(name) };
        let found = render(tex, style, &Macros::new(), &mut numbering);
        assert!(found.faithful, "{tex}: {:?}", found.problems);
        let body = found.mathml.split("<annotation").next().unwrap_or("");
        shown.push_str(&format!("{name} {tex}\n    {}\n", body.replace("><", ">\n    <")));
    }
    insta::assert_snapshot!(shown);
}

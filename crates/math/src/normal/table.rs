//! What each command becomes before math-core sees it: static tables.

/// What to do with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// math-core knows it; its arguments (`m`, `o`) are normalised and braced.
    Keep(&'static str),
    /// It stands for other TeX, with arguments (`m`, `o`, `s`) as `#1`….
    Tex(&'static str, &'static str),
    /// It is left out with its arguments.
    Drop(&'static str),
    /// Text: the argument is prose, perhaps with formulas in it.
    Text(Face),
    /// A delimiter follows.
    Delimiter,
    /// A procedure of its own.
    Special(Special),
}

/// How prose in a formula looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Face {
    /// As the text around.
    #[default]
    Plain,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Typewriter.
    Code,
    /// Underlined.
    Underline,
}

/// Commands with a procedure of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// `\begin`
    Begin,
    /// `\end` without its `\begin`
    End,
    /// `\mathop`
    Mathop,
    /// `\limits`, `\nolimits`
    Limits,
    /// `\not`
    Not,
    /// `\operatorname`
    Operator,
    /// `\mathrm` and the other upright words
    Upright,
    /// `\hspace`, `\kern` …
    Length,
    /// `\rule`
    Rule,
    /// `\boxed`, `\fbox`
    Boxed,
    /// `\cancel` and relatives
    Cancel,
    /// `\mathrlap` and relatives
    Lap,
    /// `\textcolor`
    TextColor,
    /// `\color`
    Color,
    /// `\ref`, `\eqref`
    Ref,
    /// `\label`
    Label,
    /// `\tag`
    Tag,
    /// `\notag`, `\nonumber`
    NoNumber,
    /// `\root … \of`
    Root,
    /// `\buildrel … \over`
    Buildrel,
    /// plain TeX's `\matrix`, `\pmatrix`, `\cases`, `\substack`: an environment by its name
    Table(&'static str),
    /// `\systeme`
    Systeme,
    /// `\num`
    Num,
    /// `\SI`, `\qty`
    Quantity,
    /// `\si`, `\unit`
    Unit,
    /// `\ang`
    Angle,
    /// `\\` outside a table
    NewLine,
    /// `\'` and the other accents of text
    TextAccent,
    /// `\ensuremath`
    Group,
    /// `\ifmmode`
    IfMath,
}

use Action::{Delimiter, Drop, Keep, Special as Own, Tex, Text};
use Special as S;

/// Sorted by name (a test sees to it), searched by halves. A command that is not here goes to
/// math-core as it stands.
pub const COMMANDS: &[(&str, Action)] = &[
    ("'", Own(S::TextAccent)),
    ("(", Drop("")),
    (")", Drop("")),
    ("*", Drop("")),
    ("-", Drop("")),
    ("/", Drop("")),
    ("@", Drop("")),
    ("AA", Tex("", r"\text{Å}")),
    ("Bbb", Keep("m")),
    ("Bigr", Delimiter),
    ("Bra", Keep("m")),
    ("C", Tex("", r"\mathbb{C}")),
    ("Card", Tex("", r"\operatorname{Card}")),
    ("Huge", Drop("")),
    ("Ket", Keep("m")),
    ("LARGE", Drop("")),
    ("Large", Drop("")),
    ("Longmapsto", Tex("", r"\mathrel{⟾}")),
    ("Mapsto", Tex("", r"\mathrel{⤇}")),
    ("Overrightarrow", Keep("m")),
    ("Q", Tex("", r"\mathbb{Q}")),
    ("SI", Own(S::Quantity)),
    ("[", Drop("")),
    ("\\", Own(S::NewLine)),
    ("]", Drop("")),
    ("^", Own(S::TextAccent)),
    ("`", Own(S::TextAccent)),
    ("acute", Keep("m")),
    ("adjustlimits", Drop("")),
    ("allowbreak", Drop("")),
    ("ang", Own(S::Angle)),
    ("arcosh", Tex("", r"\operatorname{arcosh}")),
    ("arcsinh", Tex("", r"\operatorname{arcsinh}")),
    ("argch", Tex("", r"\operatorname{argch}")),
    ("argcoth", Tex("", r"\operatorname{argcoth}")),
    ("argsh", Tex("", r"\operatorname{argsh}")),
    ("argth", Tex("", r"\operatorname{argth}")),
    ("arsinh", Tex("", r"\operatorname{arsinh}")),
    ("artanh", Tex("", r"\operatorname{artanh}")),
    ("bar", Keep("m")),
    ("bcancel", Own(S::Cancel)),
    ("begin", Own(S::Begin)),
    ("bfseries", Drop("")),
    ("bigbreak", Drop("")),
    ("bigl", Delimiter),
    ("bigskip", Drop("")),
    ("binom", Keep("mm")),
    ("bm", Keep("m")),
    ("bmatrix", Own(S::Table("bmatrix"))),
    ("bmod", Tex("", r"\mathbin{\operatorname{mod}}")),
    ("bold", Keep("m")),
    ("boldmath", Drop("")),
    ("boldsymbol", Keep("m")),
    ("bordermatrix", Own(S::Table("bordermatrix"))),
    ("boxed", Own(S::Boxed)),
    ("bra", Keep("m")),
    ("braket", Keep("m")),
    ("breve", Keep("m")),
    ("buildrel", Own(S::Buildrel)),
    ("cancel", Own(S::Cancel)),
    ("cases", Own(S::Table("cases"))),
    ("centering", Drop("")),
    ("cfrac", Keep("omm")),
    ("check", Keep("m")),
    ("clap", Text(Face::Plain)),
    ("clearpage", Drop("")),
    ("colon", Tex("", r"\mathpunct{:}")),
    ("color", Own(S::Color)),
    ("colorbox", Own(S::Boxed)),
    ("complement", Tex("", r"∁")),
    ("cotan", Tex("", r"\operatorname{cotan}")),
    ("cr", Own(S::NewLine)),
    ("cramped", Keep("m")),
    ("dbinom", Keep("mm")),
    ("ddddot", Keep("m")),
    ("dddot", Keep("m")),
    ("ddot", Keep("m")),
    ("degres", Tex("", r"{}^{\circ}")),
    ("dfrac", Keep("mm")),
    ("displaybreak", Drop("o")),
    ("displaylimits", Drop("")),
    ("displaystyle", Keep("")),
    ("dot", Keep("m")),
    ("dotsb", Tex("", r"\cdots")),
    ("dotsc", Tex("", r"\ldots")),
    ("dotsi", Tex("", r"\cdots")),
    ("dotsm", Tex("", r"\cdots")),
    ("dotso", Tex("", r"\ldots")),
    ("emph", Text(Face::Italic)),
    ("end", Own(S::End)),
    ("enskip", Tex("", r"\enspace ")),
    ("ensuremath", Own(S::Group)),
    ("eqref", Own(S::Ref)),
    ("fbox", Own(S::Boxed)),
    ("fg", Tex("", r"\text{ »}")),
    ("fill", Drop("")),
    ("footnotesize", Drop("")),
    ("frac", Keep("mm")),
    ("framebox", Own(S::Boxed)),
    ("frown", Tex("", r"\mathrel{⌢}")),
    ("genfrac", Keep("mmmmmm")),
    ("grave", Keep("m")),
    ("hat", Keep("m")),
    ("hbox", Text(Face::Plain)),
    ("hdots", Tex("", r"\ldots")),
    ("hfil", Tex("", r"\quad ")),
    ("hfill", Tex("", r"\qquad ")),
    ("hline", Drop("")),
    ("hphantom", Keep("m")),
    ("hskip", Own(S::Length)),
    ("hspace", Own(S::Length)),
    ("hss", Drop("")),
    ("huge", Drop("")),
    ("idotsint", Tex("", r"\int\cdots\int")),
    ("ifmmode", Own(S::IfMath)),
    ("iintop", Tex("", r"\iint")),
    ("indent", Drop("")),
    ("intertext", Text(Face::Plain)),
    ("intop", Tex("", r"\int")),
    ("itshape", Drop("")),
    ("kern", Own(S::Length)),
    ("ket", Keep("m")),
    ("label", Own(S::Label)),
    ("large", Drop("")),
    ("leavevmode", Drop("")),
    ("left", Delimiter),
    ("leftroot", Drop("m")),
    ("limits", Own(S::Limits)),
    ("llap", Own(S::Lap)),
    ("lowercase", Own(S::Group)),
    ("lq", Tex("", r"\text{‘}")),
    ("makebox", Tex("oom", r"\text{#3}")),
    ("mathbb", Keep("m")),
    ("mathbbm", Tex("m", r"\mathbb{#1}")),
    ("mathbf", Own(S::Upright)),
    ("mathbin", Keep("m")),
    ("mathbold", Tex("m", r"\boldsymbol{#1}")),
    ("mathcal", Keep("m")),
    ("mathclap", Own(S::Lap)),
    ("mathclose", Keep("m")),
    ("mathds", Tex("m", r"\mathbb{#1}")),
    ("mathfrak", Keep("m")),
    ("mathinner", Own(S::Group)),
    ("mathit", Own(S::Upright)),
    ("mathllap", Own(S::Lap)),
    ("mathnormal", Own(S::Group)),
    ("mathop", Own(S::Mathop)),
    ("mathopen", Keep("m")),
    ("mathord", Own(S::Group)),
    ("mathpunct", Keep("m")),
    ("mathpzc", Tex("m", r"\mathcal{#1}")),
    ("mathrel", Keep("m")),
    ("mathring", Keep("m")),
    ("mathrlap", Own(S::Lap)),
    ("mathrm", Own(S::Upright)),
    ("mathscr", Keep("m")),
    ("mathsf", Own(S::Upright)),
    ("mathsfit", Tex("m", r"\mathsf{#1}")),
    ("mathsmaller", Own(S::Group)),
    ("mathstrut", Drop("")),
    ("mathtt", Own(S::Upright)),
    ("matrix", Own(S::Table("matrix"))),
    ("mbox", Text(Face::Plain)),
    ("medbreak", Drop("")),
    ("medskip", Drop("")),
    ("middle", Delimiter),
    ("mkern", Own(S::Length)),
    ("mskip", Own(S::Length)),
    ("mspace", Own(S::Length)),
    ("newline", Own(S::NewLine)),
    ("newpage", Drop("")),
    ("nicefrac", Tex("mm", r"{}^{#1}\!/_{#2}")),
    ("noalign", Drop("m")),
    ("nobreak", Drop("")),
    ("nobreakspace", Tex("", r"~")),
    ("noindent", Drop("")),
    ("nolimits", Own(S::Limits)),
    ("nolinebreak", Drop("o")),
    ("nombre", Own(S::Num)),
    ("nonumber", Own(S::NoNumber)),
    ("normalfont", Drop("")),
    ("normalsize", Drop("")),
    ("not", Own(S::Not)),
    ("notag", Own(S::NoNumber)),
    ("nullfont", Drop("")),
    ("num", Own(S::Num)),
    ("numprint", Own(S::Num)),
    ("of", Drop("")),
    ("og", Tex("", r"\text{« }")),
    ("operatorname", Own(S::Operator)),
    ("operatornamewithlimits", Own(S::Operator)),
    ("overbrace", Keep("m")),
    ("overbracket", Keep("m")),
    ("overgroup", Keep("m")),
    ("overleftarrow", Keep("m")),
    ("overleftrightarrow", Keep("m")),
    ("overline", Keep("m")),
    ("overparen", Keep("m")),
    ("overrightarrow", Keep("m")),
    ("overset", Keep("mm")),
    ("pagebreak", Drop("o")),
    ("par", Drop("")),
    ("parbox", Tex("om", "")),
    ("phantom", Keep("m")),
    ("pmatrix", Own(S::Table("pmatrix"))),
    ("pmod", Tex("m", r"\quad(\operatorname{mod}\ #1)")),
    ("pod", Tex("m", r"\quad(#1)")),
    ("prescript", Keep("mmm")),
    ("protect", Drop("")),
    ("qedhere", Tex("", r"\quad\square ")),
    ("qty", Own(S::Quantity)),
    ("raggedright", Drop("")),
    ("ref", Own(S::Ref)),
    ("relax", Drop("")),
    ("right", Delimiter),
    ("rlap", Own(S::Lap)),
    ("root", Own(S::Root)),
    ("rule", Own(S::Rule)),
    ("scriptsize", Drop("")),
    ("sfrac", Tex("mm", r"{}^{#1}\!/_{#2}")),
    ("shortintertext", Text(Face::Plain)),
    ("shortstack", Own(S::Table("substack"))),
    ("shoveleft", Own(S::Group)),
    ("shoveright", Own(S::Group)),
    ("si", Own(S::Unit)),
    ("sideset", Keep("mm")),
    ("slash", Tex("", "/")),
    ("small", Drop("")),
    ("smallbreak", Drop("")),
    ("smallskip", Drop("")),
    ("smash", Tex("om", "#2")),
    ("smile", Tex("", r"\mathrel{⌣}")),
    ("sout", Own(S::Cancel)),
    ("space", Tex("", r"\ ")),
    ("sqrt", Keep("om")),
    ("stackrel", Keep("mm")),
    ("strut", Drop("")),
    ("substack", Own(S::Table("substack"))),
    ("systeme", Own(S::Systeme)),
    ("tag", Own(S::Tag)),
    ("tbinom", Keep("mm")),
    ("tcboxmath", Own(S::Boxed)),
    ("text", Text(Face::Plain)),
    ("textbf", Text(Face::Bold)),
    ("textcolor", Own(S::TextColor)),
    ("textit", Text(Face::Italic)),
    ("textmd", Text(Face::Plain)),
    ("textnormal", Text(Face::Plain)),
    ("textrm", Text(Face::Plain)),
    ("textsc", Text(Face::Plain)),
    ("textsf", Text(Face::Plain)),
    ("textsl", Text(Face::Italic)),
    ("texttt", Text(Face::Code)),
    ("textup", Text(Face::Plain)),
    ("tfrac", Keep("mm")),
    ("tilde", Keep("m")),
    ("tiny", Drop("")),
    ("underbrace", Keep("m")),
    ("underbracket", Keep("m")),
    ("undergroup", Keep("m")),
    ("underleftarrow", Keep("m")),
    ("underline", Keep("m")),
    ("underparen", Keep("m")),
    ("underrightarrow", Keep("m")),
    ("underset", Keep("mm")),
    ("unit", Own(S::Unit)),
    ("uproot", Drop("m")),
    ("upshape", Drop("")),
    ("utilde", Keep("m")),
    ("vcenter", Own(S::Group)),
    ("vec", Keep("m")),
    ("vfill", Drop("")),
    ("vphantom", Keep("m")),
    ("vskip", Own(S::Length)),
    ("vspace", Own(S::Length)),
    ("vv", Tex("m", r"\overrightarrow{#1}")),
    ("widearc", Tex("m", r"\overparen{#1}")),
    ("widecheck", Keep("m")),
    ("widehat", Keep("m")),
    ("wideparen", Tex("m", r"\overparen{#1}")),
    ("widetilde", Keep("m")),
    ("xcancel", Own(S::Cancel)),
    ("xspace", Drop("")),
];

/// The commands named here share an action with many others: kept out of the table above.
pub fn action(name: &str) -> Option<Action> {
    if let Ok(at) = COMMANDS.binary_search_by(|(n, _)| (*n).cmp(name)) {
        return Some(COMMANDS[at].1);
    }
    if BIG.contains(&name) {
        return Some(Delimiter);
    }
    // Stretchy arrows all take `[below]{above}`.
    if name.len() > 5
        && name.starts_with('x')
        && ["arrow", "harpoon", "mapsto", "equal", "tofrom"].iter().any(|part| name.contains(part))
    {
        return Some(Keep("om"));
    }
    None
}

const BIG: &[&str] = &[
    "Big", "Bigg", "Biggl", "Biggm", "Biggr", "Bigl", "Bigm", "big", "bigg", "biggl", "biggm",
    "biggr", "bigm", "bigr",
];

/// Commands after which `\limits` has a meaning for math-core.
pub const LARGE: &[&str] = &[
    "sum",
    "prod",
    "coprod",
    "int",
    "iint",
    "iiint",
    "oint",
    "bigcup",
    "bigcap",
    "bigvee",
    "bigwedge",
    "bigoplus",
    "bigotimes",
    "bigodot",
    "bigsqcup",
    "biguplus",
    "lim",
    "limsup",
    "liminf",
    "max",
    "min",
    "sup",
    "inf",
    "det",
    "gcd",
    "Pr",
    "injlim",
    "projlim",
    "argmax",
    "argmin",
];

/// Delimiters that `\left`, `\right`, `\middle` and `\big` take.
pub const DELIMITERS: &[&str] = &[
    "{",
    "}",
    "|",
    "langle",
    "rangle",
    "lvert",
    "rvert",
    "lVert",
    "rVert",
    "vert",
    "Vert",
    "lbrace",
    "rbrace",
    "lbrack",
    "rbrack",
    "lfloor",
    "rfloor",
    "lceil",
    "rceil",
    "uparrow",
    "downarrow",
    "updownarrow",
    "Uparrow",
    "Downarrow",
    "Updownarrow",
    "backslash",
    "llbracket",
    "rrbracket",
    "lgroup",
    "rgroup",
    "lmoustache",
    "rmoustache",
];

/// Relations and the like that `\not` strikes by themselves, or what to put instead.
pub const NEGATED: &[(&str, &str)] = &[
    ("=", r"\neq "),
    ("<", r"\nless "),
    (">", r"\ngtr "),
    ("|", r"\nmid "),
    (r"\in", r"\notin "),
    (r"\ni", r"\notni "),
    (r"\exists", r"\nexists "),
    (r"\subset", r"\not\subset "),
    (r"\supset", r"\not\supset "),
    (r"\subseteq", r"\nsubseteq "),
    (r"\supseteq", r"\nsupseteq "),
    (r"\equiv", r"\not\equiv "),
    (r"\sim", r"\nsim "),
    (r"\simeq", r"\not\simeq "),
    (r"\approx", r"\not\approx "),
    (r"\cong", r"\ncong "),
    (r"\mid", r"\nmid "),
    (r"\parallel", r"\nparallel "),
    (r"\perp", r"\not\perp "),
    (r"\le", r"\nleq "),
    (r"\leq", r"\nleq "),
    (r"\ge", r"\ngeq "),
    (r"\geq", r"\ngeq "),
    (r"\leqslant", r"\not\leqslant "),
    (r"\geqslant", r"\not\geqslant "),
    (r"\prec", r"\nprec "),
    (r"\succ", r"\nsucc "),
    (r"\to", r"\nrightarrow "),
    (r"\rightarrow", r"\nrightarrow "),
    (r"\Rightarrow", r"\nRightarrow "),
    (r"\Leftrightarrow", r"\nLeftrightarrow "),
    (r"\implies", r"\nRightarrow "),
    (r"\iff", r"\nLeftrightarrow "),
    (r"\propto", r"\not\propto "),
];

/// Units of siunitx by name.
pub const UNITS: &[(&str, &str)] = &[
    ("ampere", "A"),
    ("angstrom", "Å"),
    ("bar", "bar"),
    ("becquerel", "Bq"),
    ("candela", "cd"),
    ("celsius", "°C"),
    ("centi", "c"),
    ("cm", "cm"),
    ("coulomb", "C"),
    ("day", "j"),
    ("deci", "d"),
    ("degree", "°"),
    ("degreeCelsius", "°C"),
    ("electronvolt", "eV"),
    ("farad", "F"),
    ("g", "g"),
    ("giga", "G"),
    ("gram", "g"),
    ("hectare", "ha"),
    ("hecto", "h"),
    ("henry", "H"),
    ("hertz", "Hz"),
    ("hour", "h"),
    ("joule", "J"),
    ("kelvin", "K"),
    ("kg", "kg"),
    ("kilo", "k"),
    ("kilogram", "kg"),
    ("kilometre", "km"),
    ("km", "km"),
    ("liter", "L"),
    ("litre", "L"),
    ("m", "m"),
    ("mega", "M"),
    ("meter", "m"),
    ("metre", "m"),
    ("micro", "µ"),
    ("milli", "m"),
    ("minute", "min"),
    ("mm", "mm"),
    ("mol", "mol"),
    ("mole", "mol"),
    ("nano", "n"),
    ("newton", "N"),
    ("ohm", "Ω"),
    ("pascal", "Pa"),
    ("percent", "%"),
    ("pico", "p"),
    ("radian", "rad"),
    ("s", "s"),
    ("second", "s"),
    ("siemens", "S"),
    ("steradian", "sr"),
    ("tera", "T"),
    ("tesla", "T"),
    ("tonne", "t"),
    ("volt", "V"),
    ("watt", "W"),
    ("weber", "Wb"),
];

/// Colours by name (CSS values).
pub const COLOURS: &[(&str, &str)] = &[
    ("black", "#000000"),
    ("blue", "#0000ff"),
    ("brown", "#bf8040"),
    ("cyan", "#00aeef"),
    ("darkgray", "#404040"),
    ("gray", "#808080"),
    ("green", "#008000"),
    ("lightgray", "#bfbfbf"),
    ("lime", "#80c000"),
    ("magenta", "#d0008c"),
    ("olive", "#808000"),
    ("orange", "#e07000"),
    ("pink", "#e08080"),
    ("purple", "#bf0040"),
    ("red", "#d00000"),
    ("teal", "#008080"),
    ("violet", "#800080"),
    ("white", "#ffffff"),
    ("yellow", "#c0a000"),
];

/// The value for a name in a table sorted or not.
pub fn lookup<'t>(table: &[(&str, &'t str)], name: &str) -> Option<&'t str> {
    table.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        for pair in COMMANDS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
    }
}

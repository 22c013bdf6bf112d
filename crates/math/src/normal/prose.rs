//! Prose inside a formula: `\text{… $x$ …}`, with accents, quotes and faces.

use super::Context;
use super::number;
use super::table::{Action, Face, Special, action};
use crate::scan::{Cursor, Tok};
use crate::tree::{Node, Role, is_hole};

/// An accent's command, the letters it takes, and what they become.
const ACCENTS: &[(&str, &str, &str)] = &[
    ("'", "aeiouyAEIOUYcnsz", "áéíóúýÁÉÍÓÚÝćńśź"),
    ("`", "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
    ("^", "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
    ("\"", "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
    ("~", "anoANO", "ãñõÃÑÕ"),
    ("c", "cCsS", "çÇşŞ"),
    ("v", "cszCSZ", "čšžČŠŽ"),
    ("r", "aA", "åÅ"),
    ("H", "ouOU", "őűŐŰ"),
    ("u", "agAG", "ăğĂĞ"),
    ("=", "aeiou", "āēīōū"),
    (".", "zI", "żİ"),
];

/// Letters and signs of text by command.
const LETTERS: &[(&str, &str)] = &[
    ("LaTeX", "LaTeX"),
    ("TeX", "TeX"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("o", "ø"),
    ("O", "Ø"),
    ("ss", "ß"),
    ("aa", "å"),
    ("AA", "Å"),
    ("l", "ł"),
    ("L", "Ł"),
    ("i", "ı"),
    ("j", "ȷ"),
    ("og", "« "),
    ("fg", " »"),
    ("guillemotleft", "«"),
    ("guillemotright", "»"),
    ("no", "n° "),
    ("No", "N° "),
    ("degre", "°"),
    ("degres", "°"),
    ("textdegree", "°"),
    ("euro", "€"),
    ("ldots", "…"),
    ("dots", "…"),
    ("textellipsis", "…"),
    ("quad", "\u{2003}"),
    ("qquad", "\u{2003}\u{2003}"),
    (" ", "\u{a0}"),
    (",", "\u{202f}"),
    (";", "\u{a0}"),
    (":", "\u{a0}"),
    ("enspace", "\u{2002}"),
    ("%", "%"),
    ("&", "&"),
    ("_", "_"),
    ("#", "#"),
    ("$", "$"),
    ("{", "{"),
    ("}", "}"),
    ("-", ""),
    ("/", ""),
    ("!", ""),
    ("textbackslash", "\\"),
    ("textless", "<"),
    ("textgreater", ">"),
    ("textbar", "|"),
    ("S", "§"),
    ("P", "¶"),
    ("textquoteright", "’"),
    ("textquoteleft", "‘"),
    ("slash", "/"),
    ("textasciitilde", "~"),
    ("textendash", "–"),
    ("textemdash", "—"),
    ("ier", "er"),
    ("iere", "re"),
    ("ieme", "e"),
    ("bsc", ""),
    ("up", ""),
    ("textsuperscript", ""),
    ("newline", " "),
    ("\\", " "),
    ("space", " "),
    ("thinspace", "\u{202f}"),
    ("hfill", "\u{2003}"),
    ("xspace", ""),
    ("bullet", "•"),
    ("@", ""),
    ("textbullet", "•"),
    ("copyright", "©"),
    ("dag", "†"),
    ("textunderscore", "_"),
    ("rm", ""),
    ("it", ""),
    ("bf", ""),
    ("tt", ""),
    ("sf", ""),
    ("sc", ""),
    ("em", ""),
    ("sl", ""),
    ("rmfamily", ""),
    ("sffamily", ""),
    ("ttfamily", ""),
    ("mdseries", ""),
    ("scshape", ""),
    ("slshape", ""),
    ("bfseries", ""),
    ("itshape", ""),
];

/// Whether a command stands for a letter, an accent or a sign of text.
pub(super) fn is_text(name: &str) -> bool {
    ACCENTS.iter().any(|(accent, ..)| *accent == name)
        || LETTERS.iter().any(|(letter, _)| *letter == name)
}

/// The letter that an accent of mathematics over a letter shows (`\acute{e}`).
pub(super) fn accented(accent: &str, letter: &str) -> Option<char> {
    let accent = match accent {
        "acute" => "'",
        "grave" => "`",
        "hat" => "^",
        "ddot" => "\"",
        _ => return None,
    };
    let (_, from, to) = ACCENTS.iter().find(|(name, ..)| *name == accent)?;
    to.chars().nth(from.chars().position(|l| letter.chars().eq([l]))?)
}

struct Prose<'c, 'a> {
    ctx: &'c mut Context<'a>,
    runs: Vec<Node>,
    text: String,
}

impl Context<'_> {
    /// Prose as one node.
    pub fn prose(&mut self, tex: &str, face: Face) -> Node {
        let mut prose = Prose { ctx: self, runs: Vec::new(), text: String::new() };
        prose.read(tex, face, 0);
        prose.flush(face);
        let mut runs = prose.runs;
        match runs.len() {
            0 => Node::leaf("mtext", ""),
            1 => runs.swap_remove(0),
            _ => Node::with("mrow", runs),
        }
        .role(Role::Words)
    }
}

impl Prose<'_, '_> {
    fn read(&mut self, tex: &str, face: Face, depth: usize) {
        if depth > 24 {
            return self.ctx.fail(tex, "\\text", "texte trop profondément imbriqué");
        }
        let mut c = Cursor::new(tex);
        loop {
            let start = c.pos();
            let Some(token) = c.next_token() else { return };
            let part = c.slice(start, c.pos());
            match token {
                Tok::Space(_) => {
                    if !self.text.ends_with([' ', '\u{a0}']) {
                        self.text.push(' ');
                    }
                }
                Tok::Open => match c.group_rest() {
                    Some(inner) => self.read(inner, face, depth + 1),
                    None => self.ctx.fail(part, "{", "accolade ouvrante sans fermante"),
                },
                Tok::Close => self.ctx.fail(part, "}", "accolade fermante de trop"),
                Tok::Param(_) => self.ctx.fail(part, "#", "paramètre de macro hors d'une macro"),
                Tok::Char('$') => {
                    let double = c.rest().starts_with('$');
                    if double {
                        c.next_token();
                    }
                    match c.until(if double { "$$" } else { "$" }) {
                        Some(inner) => self.formula(inner, face),
                        None => self.ctx.fail(part, "$", "« $ » sans son pareil"),
                    }
                }
                Tok::Char(ch) => self.char(ch, &mut c),
                Tok::Command(name) => self.command(name, part, &mut c, face, depth),
            }
        }
    }

    fn char(&mut self, ch: char, c: &mut Cursor<'_>) {
        let mut twice = |second: char| {
            let found = c.rest().starts_with(second);
            if found {
                c.next_token();
            }
            found
        };
        match ch {
            '~' => self.text.push('\u{a0}'),
            '\'' if twice('\'') => self.text.push('”'),
            '\'' => self.text.push('’'),
            '`' if twice('`') => self.text.push('“'),
            '`' => self.text.push('‘'),
            '-' if twice('-') => {
                if self.text.ends_with('–') {
                    self.text.pop();
                    self.text.push('—');
                } else {
                    self.text.push('–');
                }
            }
            '<' if twice('<') => self.text.push_str("«\u{a0}"),
            '>' if twice('>') => self.text.push_str("\u{a0}»"),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {}
            _ if is_hole(ch) => {}
            _ => self.text.push(ch),
        }
    }

    fn command(&mut self, name: &str, part: &str, c: &mut Cursor<'_>, face: Face, depth: usize) {
        if let Some((_, from, to)) = ACCENTS.iter().find(|(accent, _, _)| *accent == name) {
            let letter = c.arg().unwrap_or("").trim();
            let letter = match letter {
                "\\i" => "i",
                "\\j" => "j",
                other => other,
            };
            let at = from.chars().position(|l| letter.chars().eq([l]));
            match at.and_then(|i| to.chars().nth(i)) {
                Some(found) => self.text.push(found),
                None => self.read(letter, face, depth + 1),
            }
            return;
        }
        if let Some((_, text)) = LETTERS.iter().find(|(letter, _)| *letter == name) {
            if name.ends_with(|c: char| c.is_ascii_alphabetic()) {
                c.skip_space();
            }
            if name == "\\" {
                c.opt();
            }
            return self.text.push_str(text);
        }
        match action(name) {
            Some(Action::Text(inner_face)) => {
                if name == "hbox" {
                    super::command::width_of_box(c);
                }
                let inner = c.arg().unwrap_or("");
                let inner_face = if inner_face == Face::Plain { face } else { inner_face };
                if inner_face == face {
                    return self.read(inner, face, depth + 1);
                }
                self.flush(face);
                self.read(inner, inner_face, depth + 1);
                self.flush(inner_face);
            }
            Some(Action::Drop(spec)) => {
                for kind in spec.chars() {
                    let _ = if kind == 'o' { c.opt() } else { c.arg() };
                }
            }
            Some(Action::Special(special @ (Special::TextColor | Special::Color))) => {
                let colour = self.ctx.ink(part, c);
                let inner = match special {
                    Special::TextColor => c.arg().unwrap_or(""),
                    // Up to the end of the group.
                    _ => {
                        let rest = c.rest();
                        c.seek(c.pos() + rest.len());
                        rest
                    }
                };
                self.flush(face);
                let outside = std::mem::take(&mut self.runs);
                self.read(inner, face, depth + 1);
                self.flush(face);
                let mut node = Node::with("mrow", std::mem::replace(&mut self.runs, outside));
                if let Some(colour) = colour {
                    node = node.attr("mathcolor", colour);
                }
                self.runs.push(node.role(Role::Words));
            }
            Some(Action::Special(Special::Assignment)) => super::command::assignment(c),
            Some(Action::Special(Special::AsItStands)) => {
                self.text.push_str(c.arg().unwrap_or(""));
            }
            Some(Action::Special(Special::Rotated)) => {
                let _ = (c.opt(), c.arg());
                self.ctx.note(part, "\\rotatebox", "contenu montré sans être tourné");
                self.read(c.arg().unwrap_or(""), face, depth + 1);
            }
            Some(Action::Special(Special::Boxed)) => {
                if self.ctx.is_deep(part) {
                    return;
                }
                let node = self.ctx.deeper(|ctx| ctx.boxed(name, part, c));
                self.flush(face);
                self.runs.push(node);
            }
            Some(Action::Special(Special::Rule)) => {
                if let Some(line) = self.ctx.rule(part, c) {
                    self.flush(face);
                    self.runs.push(line);
                }
            }
            Some(Action::Special(Special::Length)) => {
                c.eat('*');
                let length = c.arg().and_then(number::em);
                self.text.push(if length.unwrap_or(1.0) > 0.7 { '\u{2003}' } else { '\u{a0}' });
            }
            Some(Action::Special(
                special @ (Special::Num
                | Special::Numbers
                | Special::Quantity
                | Special::Unit
                | Special::Angle
                | Special::Chemistry),
            )) => {
                let start = c.pos() - part.len();
                let arguments = match (special, name) {
                    (Special::Quantity, _) | (_, "numrange" | "unitfrac") => 2,
                    (_, "SIrange" | "qtyrange") => 3,
                    (_, "SIlist" | "qtylist" | "qtyproduct") => 2,
                    _ => 1,
                };
                for _ in 0..arguments {
                    let _ = (c.opt(), c.arg());
                }
                self.formula(c.slice(start, c.pos()), face);
            }
            Some(Action::Special(Special::Group | Special::Ref)) => {
                let inner = c.arg().unwrap_or("");
                let tex = if name == "ensuremath" {
                    inner.to_owned()
                } else {
                    format!("\\{name}{{{inner}}}")
                };
                self.formula(&tex, face);
            }
            _ if name == "(" => match c.until("\\)") {
                Some(inner) => self.formula(inner, face),
                None => self.ctx.fail(part, "\\(", "« \\( » sans « \\) »"),
            },
            _ if name == "underline" => {
                let inner = c.arg().unwrap_or("");
                self.flush(face);
                self.read(inner, Face::Underline, depth + 1);
                self.flush(Face::Underline);
            }
            _ if name == "dotfill" || name == "hrulefill" => self.text.push_str("……"),
            _ if name == "lim" || name == "to" => self.formula(part, face),
            _ => self.ctx.fail(
                part,
                &format!("\\{name}"),
                format!("commande \\{name} dans du texte"),
            ),
        }
    }

    fn formula(&mut self, tex: &str, face: Face) {
        self.flush(face);
        let display = std::mem::replace(&mut self.ctx.display, false);
        let kids = self.ctx.fragment(tex);
        self.ctx.display = display;
        self.runs.push(Node::row(kids));
    }

    /// Ends the run of text. Blanks at its ends are made unbreakable, or MathML would drop them.
    fn flush(&mut self, face: Face) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let mut shown = String::with_capacity(text.len());
        if text.starts_with(' ') {
            shown.push('\u{a0}');
        }
        shown.push_str(text.trim_matches(' '));
        if text.ends_with(' ') && text.len() > 1 {
            shown.push('\u{a0}');
        }
        let tag = match face {
            Face::Plain => None,
            Face::Bold => Some("b"),
            Face::Italic => Some("i"),
            Face::Code => Some("code"),
            Face::Underline => Some("u"),
        };
        let node = match tag {
            None => Node::leaf("mtext", shown),
            Some(tag) => Node::with("mtext", vec![Node::leaf(tag, shown)]),
        };
        self.runs.push(node.role(Role::Words));
    }
}

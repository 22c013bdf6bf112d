//! What the normaliser does with each command.

use super::table::{self, Action, Face, Special, action};
use super::units::{self, Per};
use super::{Normal, number};
use crate::scan::{Cursor, Tok};
use crate::tree::{Node, Role};

/// In a fraktur text, writes the capital I as Unicode does: math-core takes the letter before it.
fn capital_i(out: &mut String, start: usize) {
    let text = &out[start..];
    if !text.contains('I') {
        return;
    }
    let mut fraktur = String::with_capacity(text.len() + 8);
    let mut command = false;
    for c in text.chars() {
        command = c == '\\' || (command && c.is_ascii_alphabetic());
        fraktur.push(if c == 'I' && !command { 'ℑ' } else { c });
    }
    out.replace_range(start.., &fraktur);
}

impl Normal<'_, '_> {
    pub(super) fn command(&mut self, name: &str, part: &str, c: &mut Cursor<'_>) {
        let other = |hints: &[&str]| {
            let meaning = self.ctx.macros.get(name).filter(|meaning| meaning.opaque);
            meaning.is_some_and(|meaning| !hints.iter().any(|hint| meaning.body.contains(hint)))
        };
        let usual = table::USUAL.binary_search_by(|(usual, _)| (*usual).cmp(name));
        if table::FOREIGN.binary_search(&name).is_ok()
            || usual.is_ok_and(|at| other(table::USUAL[at].1))
        {
            self.out.push('□');
            let message =
                format!("commande \\{name} inconnue, ou définie d'une manière non suivie");
            return self.ctx.fail(part, part.trim(), message);
        }
        match action(name) {
            // A backslash before a line end is a space.
            None if name.trim().is_empty() => self.out.push_str("\\ "),
            None => {
                self.out.push('\\');
                self.out.push_str(name);
                if name.ends_with(|c: char| c.is_ascii_alphabetic()) {
                    self.out.push(' ');
                }
                self.large = table::LARGE.contains(&name);
            }
            Some(Action::Keep(spec)) => self.keep(name, spec, c),
            Some(Action::Tex(spec, body)) => self.built_in(spec, body, c),
            Some(Action::Drop(spec)) => {
                for arg in spec.chars() {
                    let _ = if arg == 'o' { c.opt() } else { c.arg() };
                }
            }
            Some(Action::Text(face)) => {
                if name == "hbox" {
                    width_of_box(c);
                }
                let inner = self.raw_arg(part, c);
                let node = self.ctx.prose(inner, face);
                self.hole(node);
            }
            Some(Action::Delimiter) => self.delimiter(name, part, c),
            Some(Action::Special(special)) => self.special(special, name, part, c),
        }
    }

    fn keep(&mut self, name: &str, spec: &str, c: &mut Cursor<'_>) {
        self.out.push('\\');
        self.out.push_str(name);
        if spec.is_empty() {
            self.out.push(' ');
        }
        for arg in spec.chars() {
            if arg == 'o' {
                if let Some(inner) = c.opt() {
                    self.out.push_str("[{");
                    self.run(inner);
                    self.out.push_str("}]");
                }
            } else {
                let start = self.out.len();
                self.braced(c);
                if name == "mathfrak" {
                    capital_i(&mut self.out, start);
                }
            }
        }
    }

    /// Replaces a built-in macro.
    fn built_in(&mut self, spec: &str, body: &str, c: &mut Cursor<'_>) {
        let mut args: [&str; 3] = [""; 3];
        let spec = match spec.strip_prefix('s') {
            Some(spec) => {
                c.eat('*');
                spec
            }
            None => spec,
        };
        for (slot, kind) in args.iter_mut().zip(spec.chars()) {
            *slot = if kind == 'o' { c.opt() } else { c.arg() }.unwrap_or("");
        }
        if spec.is_empty() {
            return self.run(body);
        }
        let mut text = body.to_owned();
        for (i, arg) in args.iter().enumerate() {
            text = text.replace(["#1", "#2", "#3"][i], arg);
        }
        self.run(&text);
    }

    pub(super) fn raw_arg<'s>(&mut self, part: &str, c: &mut Cursor<'s>) -> &'s str {
        match c.arg() {
            Some(inner) => inner,
            None => {
                self.ctx.fail(part, part.trim(), "argument absent");
                ""
            }
        }
    }

    fn delimiter(&mut self, name: &str, part: &str, c: &mut Cursor<'_>) {
        c.skip_space();
        let mut inner = *c;
        // `\left{(}` and `\bigl{)}` are not TeX's, but are met.
        let delimiter = match inner.next_token() {
            Some(Tok::Open) => inner.group_rest().unwrap_or("").trim().to_owned(),
            Some(Tok::Command(d)) => format!("\\{d}"),
            Some(Tok::Char(d)) => d.to_string(),
            _ => String::new(),
        };
        // mathabx' names.
        let delimiter = match delimiter.as_str() {
            "\\ldbrack" => "\\llbracket".to_owned(),
            "\\rdbrack" => "\\rrbracket".to_owned(),
            _ => delimiter,
        };
        let known = match delimiter.strip_prefix('\\') {
            Some(d) => table::DELIMITERS.contains(&d),
            None => delimiter.chars().count() == 1 && "()[]|/.<>".contains(&delimiter),
        };
        if !known {
            if name == "left" || name == "right" {
                self.out.push('\\');
                self.out.push_str(name);
                self.out.push('.');
            }
            self.ctx.fail(part, &format!("\\{name}"), "délimiteur absent ou inconnu");
            return;
        }
        *c = inner;
        if delimiter == "." && !matches!(name, "left" | "right" | "middle") {
            return;
        }
        match name {
            "left" => self.lefts += 1,
            "right" if self.lefts == 0 => {
                self.ctx.fail(part, "\\right", "« \\right » sans « \\left »");
                return;
            }
            "right" => self.lefts -= 1,
            _ => {}
        }
        if self.lefts > 24 {
            self.ctx.fail(part, "\\left", "formule trop profondément imbriquée");
            self.lefts -= 1;
            return;
        }
        self.out.push('\\');
        self.out.push_str(name);
        match delimiter.as_str() {
            "<" => self.out.push_str("\\langle "),
            ">" => self.out.push_str("\\rangle "),
            d => {
                self.out.push_str(d);
                if d.len() > 1 {
                    self.out.push(' ');
                }
            }
        }
    }

    fn special(&mut self, special: Special, name: &str, part: &str, c: &mut Cursor<'_>) {
        match special {
            Special::Begin => self.environment(part, c),
            Special::End => {
                let inner = c.arg().unwrap_or("");
                self.ctx.fail(part, inner, "« \\end » sans « \\begin »");
            }
            Special::Table(kind) => {
                c.opt();
                let inner = self.raw_arg(part, c);
                // The second column of plain TeX's \cases is text.
                let kind = if name == "cases" { "plaincases" } else { kind };
                let node = self.ctx.table(kind, inner);
                self.hole(node);
            }
            Special::Mathop => self.mathop(part, c),
            Special::Limits => {
                if self.large {
                    self.out.push('\\');
                    self.out.push_str(name);
                    self.out.push(' ');
                }
            }
            Special::Not => self.not(part, c),
            Special::Operator => {
                let star = c.eat('*') || name == "operatornamewithlimits";
                let inner = self.raw_arg(part, c);
                self.operator(inner, star, c);
            }
            Special::Upright => self.upright(name, part, c),
            Special::Length => self.length(name, part, c),
            Special::Rule => {
                if let Some(line) = self.ctx.rule(part, c) {
                    self.hole(line);
                }
            }
            Special::Boxed => {
                let node = self.ctx.boxed(name, part, c);
                self.hole(node);
            }
            Special::Rotated => {
                let _ = (c.opt(), self.raw_arg(part, c));
                let inner = self.raw_arg(part, c);
                self.ctx.note(part, "\\rotatebox", "contenu montré sans être tourné");
                let node = self.ctx.prose(inner, Face::Plain);
                self.hole(node);
            }
            Special::Assignment => assignment(c),
            Special::AsItStands => {
                let inner = self.raw_arg(part, c);
                self.hole(Node::leaf("mtext", inner));
            }
            Special::Cancel => {
                let inner = self.raw_arg(part, c);
                let class = match name {
                    "bcancel" => "mq-bcancel",
                    "xcancel" => "mq-xcancel",
                    "sout" => "mq-sout",
                    _ => "mq-cancel",
                };
                let kids = self.ctx.fragment(inner);
                self.hole(Node::with("mrow", kids).attr("class", class).role(Role::Cancel));
            }
            Special::Lap => {
                let inner = self.raw_arg(part, c);
                let kids = if name.starts_with("math") {
                    self.ctx.fragment(inner)
                } else {
                    vec![self.ctx.prose(inner, Face::Plain)]
                };
                let node = Node::with("mpadded", kids).attr("width", "0");
                let node = match name {
                    "mathllap" | "llap" => node.attr("lspace", "-100%"),
                    "mathclap" => node.attr("lspace", "-50%"),
                    _ => node,
                };
                self.hole(node);
            }
            Special::TextColor => {
                let colour = self.ctx.ink(part, c);
                let inner = self.raw_arg(part, c);
                let kids = self.ctx.fragment(inner);
                let mut node = Node::row(kids);
                if let Some(colour) = colour {
                    node = Node::with("mrow", vec![node]).attr("mathcolor", colour);
                }
                self.hole(node);
            }
            Special::Color => {
                let colour = self.ctx.ink(part, c);
                let rest = c.rest();
                c.seek(c.pos() + rest.len());
                let kids = self.ctx.fragment(rest);
                let mut node = Node::with("mrow", kids);
                if let Some(colour) = colour {
                    node = node.attr("mathcolor", colour);
                }
                self.hole(node);
            }
            Special::Ref => {
                let label = self.raw_arg(part, c);
                let node = self.reference(label.trim(), name == "eqref", part);
                self.hole(node);
            }
            Special::Label => {
                let label = self.raw_arg(part, c).trim().to_owned();
                self.ctx.line.labels.push(label);
            }
            Special::Tag => {
                let star = c.eat('*');
                let inner = self.raw_arg(part, c);
                let node = self.ctx.prose(inner, Face::Plain);
                let text = crate::text::plain(std::slice::from_ref(&node));
                self.ctx.line.tag = Some((text, !star));
            }
            Special::NoNumber => self.ctx.line.unnumbered = true,
            Special::Root => match c.until("\\of") {
                Some(degree) => {
                    self.out.push_str("\\sqrt[{");
                    self.run(degree);
                    self.out.push_str("}]");
                    self.braced(c);
                }
                None => self.ctx.fail(part, "\\root", "« \\root » sans « \\of »"),
            },
            Special::Buildrel => match c.until("\\over") {
                Some(above) => {
                    self.out.push_str("\\overset{");
                    self.run(above);
                    self.out.push('}');
                    self.braced(c);
                }
                None => self.ctx.fail(part, "\\buildrel", "« \\buildrel » sans « \\over »"),
            },
            Special::Systeme => {
                c.eat('*');
                c.opt();
                let inner = self.raw_arg(part, c);
                let node = self.ctx.systeme(inner);
                self.hole(node);
            }
            Special::Num => {
                let unit = c.opt();
                let inner = self.raw_arg(part, c);
                let inner = self.ctx.rounding(unit.unwrap_or("")).of(inner);
                if name == "complexnum" {
                    return self.run(&inner.replace('.', "{,}").replace('i', "\\mathrm{i}"));
                }
                let numprint = matches!(name, "numprint" | "np" | "nombre");
                self.run(&if numprint { number::numprint(&inner) } else { number::number(&inner) });
                // numprint's unit; siunitx has options there.
                if let Some(unit) = unit.filter(|_| numprint) {
                    self.run(&units::behind(unit, Per::Power));
                }
            }
            Special::Numbers => {
                let options = c.opt().unwrap_or("");
                let (per, rounding) = (self.ctx.per(options), self.ctx.rounding(options));
                let text = number::numbers(name, per, &rounding, || self.raw_arg(part, c));
                self.run(&text);
            }
            Special::BoxedRow => {
                let inner = self.raw_arg(part, c).replace('&', " ");
                self.run(&format!("\\boxed{{{inner}}}"));
            }
            Special::Chemistry => {
                let inner = self.raw_arg(part, c);
                match super::chemistry::chemistry(inner) {
                    Some(text) => self.run(&text),
                    None => self.ctx.fail(part, "\\ce", "formule chimique non comprise"),
                }
            }
            Special::Quantity => {
                let options = c.opt().unwrap_or("");
                if name == "qty" && self.physics_fence(c) {
                    return;
                }
                let value = self.raw_arg(part, c);
                // A unit before the number, `\SI{3}[\$]{}`.
                if let Some(before) = c.opt() {
                    self.run(&units::unit(before, Per::Power));
                }
                let unit = self.raw_arg(part, c);
                let per = self.ctx.per(options);
                self.run(&number::number(&self.ctx.rounding(options).of(value)));
                self.run(&units::behind(unit, per));
            }
            Special::Unit => {
                let options = c.opt().unwrap_or("");
                let per = self.ctx.per(options);
                let unit = self.raw_arg(part, c);
                // The package units': a number stands where siunitx has options.
                let value = options.trim();
                let unit = match name {
                    "unitfrac" => format!("{unit}/{}", c.arg().unwrap_or("")),
                    _ => unit.to_owned(),
                };
                if value.is_empty() || value.contains('=') {
                    return self.run(&units::unit(&unit, per));
                }
                self.run(&number::number(value));
                self.run(&units::behind(&unit, per));
            }
            Special::Angle => {
                c.opt();
                let inner = self.raw_arg(part, c);
                self.run(&number::angle(inner));
            }
            Special::NewLine => {
                c.eat('*');
                c.opt();
                self.out.push_str("\\quad ");
            }
            Special::TextAccent => {
                let inner = self.raw_arg(part, c);
                let node = self.ctx.prose(&format!("\\{name}{{{inner}}}"), Face::Plain);
                self.hole(Node { tag: "mi", ..node });
            }
            Special::Choice => {
                let parts = [0; 4].map(|_| c.arg().unwrap_or(""));
                self.run(parts[usize::from(!self.ctx.display)]);
            }
            Special::Derivative => {
                let order = c.opt().unwrap_or("");
                let (of, by) = (self.raw_arg(part, c), self.raw_arg(part, c));
                let d = if name == "dv" { "\\mathrm{d}" } else { "\\partial " };
                let power = if order.is_empty() { String::new() } else { format!("^{{{order}}}") };
                self.run(&format!("\\frac{{{d}{power} {of}}}{{{d} {by}{power}}}"));
            }
            Special::EqNo => {
                let rest = c.rest();
                c.seek(c.pos() + rest.len());
                let kids = self.ctx.fragment(rest);
                let text = crate::text::plain(&kids);
                self.ctx.line.tag = Some((text, false));
                if !self.ctx.display {
                    self.ctx.note(part, "\\eqno", "numéro d'une formule en ligne, non montré");
                }
            }
            Special::Vector => {
                // The index of the starred form is not under the arrow.
                let starred = c.eat('*');
                self.out.push_str("\\overrightarrow{");
                self.argument(c);
                self.out.push('}');
                if starred {
                    self.script('_', c);
                }
            }
            Special::LongArrow => self.long_arrow(name, c),
            Special::Group => self.braced(c),
            Special::IfMath => {
                // In mathematics: what stands before \else, up to \fi.
                let yes = c.until("\\else");
                if yes.is_some() {
                    c.until("\\fi");
                }
                let yes = yes.or_else(|| c.until("\\fi")).unwrap_or("");
                self.run(yes);
            }
        }
    }

    /// `\mathrm{…}` and the like: letters go to math-core, words with accents or spaces are prose.
    fn upright(&mut self, name: &str, part: &str, c: &mut Cursor<'_>) {
        c.skip_space();
        if c.peek() != Some(Tok::Open) {
            return self.keep(name, "m", c);
        }
        let inner = self.raw_arg(part, c);
        let trimmed = inner.trim();
        let words = trimmed.contains(' ') && !trimmed.contains(['\\', '^', '_', '{', '=', '+']);
        let accents = inner.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
        let escapes = ["\\'", "\\`", "\\^", "\\\"", "\\ "].iter().any(|e| inner.contains(e));
        if words || accents || escapes {
            let face = match name {
                "mathbf" => Face::Bold,
                "mathit" => Face::Italic,
                "mathtt" => Face::Code,
                _ => Face::Plain,
            };
            let node = self.ctx.prose(inner, face);
            return self.hole(node);
        }
        self.out.push('\\');
        self.out.push_str(name);
        self.out.push('{');
        self.run(inner);
        self.out.push('}');
    }

    fn length(&mut self, name: &str, part: &str, c: &mut Cursor<'_>) {
        let vertical = name.starts_with('v') || matches!(name, "raise" | "lower");
        c.eat('*');
        c.skip_space();
        let length = if c.peek() == Some(Tok::Open) {
            c.arg().map(str::to_owned)
        } else {
            number::read_length(c)
        };
        let Some(length) = length else {
            // `\kern-\nulldelimiterspace`: a length by its name.
            let mut ahead = *c;
            while matches!(ahead.peek(), Some(Tok::Char('-' | '+' | '0'..='9' | '.'))) {
                ahead.next_token();
            }
            if let Some(Tok::Command(length)) = ahead.next_token()
                && matches!(length, "nulldelimiterspace" | "arraycolsep" | "wd" | "ht")
            {
                *c = ahead;
                return;
            }
            return self.ctx.note(part, part.trim(), "longueur illisible, ignorée");
        };
        if vertical {
            return;
        }
        match number::em(&length) {
            Some(width) => self.space(width),
            None => {
                self.ctx.note(part, part.trim(), "longueur inconnue, remplacée par un cadratin");
                self.out.push_str("\\quad ");
            }
        }
    }

    fn space(&mut self, em: f32) {
        let em = em.clamp(-4.0, 20.0);
        if em < 0.0 {
            let mu = (-em * 18.0).round().clamp(1.0, 36.0);
            self.hole(Node::new("mspace").attr("class", format!("mq-n{mu}")));
        } else if em > 0.001 {
            let width = (em * 1000.0).round() / 1000.0;
            self.hole(Node::new("mspace").attr("width", format!("{width}em")));
        }
    }

    fn reference(&mut self, label: &str, parentheses: bool, part: &str) -> Node {
        let Some(target) = self.ctx.numbering.known.get(label) else {
            self.ctx.unresolved.push(label.to_owned());
            self.ctx.note(part, part.trim(), format!("référence « {label} » inconnue"));
            return Node::leaf("mtext", if parentheses { "(?)" } else { "?" });
        };
        let tag = &target.tag;
        let text = if parentheses { format!("({tag})") } else { tag.clone() };
        let safe = ["#", "/", "http://", "https://"].iter().any(|p| target.href.starts_with(p));
        if !safe {
            return Node::leaf("mtext", text);
        }
        let link = Node::leaf("a", text).attr("href", target.href.clone());
        Node::with("mtext", vec![link])
    }
}

/// `\hbox to 2cm{…}`, `\hbox spread 1em{…}`.
pub(super) fn width_of_box(c: &mut Cursor<'_>) {
    for word in ["to", "spread"] {
        let mut ahead = *c;
        ahead.skip_space();
        if !ahead.rest().starts_with(word) {
            continue;
        }
        ahead.seek(ahead.pos() + word.len());
        if number::read_length(&mut ahead).is_some()
            && matches!(ahead.peek(), Some(Tok::Open | Tok::Space(_)))
        {
            *c = ahead;
        }
    }
}

/// The value that a length of the layout is given: `=2pt plus 1pt`, `5pt`, `0.5\baselineskip`, `900`.
pub(super) fn assignment(c: &mut Cursor<'_>) {
    let equals = c.eat('=');
    if number::read_length(c).is_some() {
        for word in ["plus", "minus"] {
            let mut ahead = *c;
            ahead.skip_space();
            if ahead.rest().starts_with(word) {
                ahead.seek(ahead.pos() + word.len());
                if number::read_length(&mut ahead).is_some() {
                    *c = ahead;
                }
            }
        }
        return;
    }
    let mut ahead = *c;
    ahead.skip_space();
    let mut number = false;
    while matches!(ahead.peek(), Some(Tok::Char('-' | '+' | '.' | '0'..='9'))) {
        ahead.next_token();
        number = true;
    }
    if let Some(Tok::Command(length)) = ahead.peek()
        && (equals || number)
        && matches!(action(length), Some(Action::Special(Special::Assignment)))
    {
        ahead.next_token();
        *c = ahead;
    } else if number {
        *c = ahead;
    }
}

/// One argument as TeX: the content of a group, or a command with its own arguments.
pub(super) fn atom<'s>(c: &mut Cursor<'s>) -> Option<&'s str> {
    c.skip_space();
    let start = c.pos();
    let Some(Tok::Command(name)) = c.peek() else { return c.arg() };
    c.next_token();
    let spec = match action(name) {
        Some(Action::Keep(spec) | Action::Tex(spec, _)) => spec,
        Some(Action::Text(_) | Action::Special(Special::Upright | Special::Operator)) => "m",
        _ => "",
    };
    for kind in spec.chars() {
        let _ = if kind == 'o' { c.opt() } else { c.arg() };
    }
    Some(c.slice(start, c.pos()))
}

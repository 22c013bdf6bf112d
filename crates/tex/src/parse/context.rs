//! Drawings that only TeX can make, and what is in force where they stand: TeX is given them apart
//! from the text before them.

use super::Parser;
use crate::MarkedBlock;
use crate::reader::{Cursor, Token};
use crate::tables;
use mqd_math::{Arg, Macro, Macros};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// What is in force may be this long.
const MAX_CONTEXT: usize = 10_000;
/// A setting is this long at most.
const MAX_SETTING: usize = 2_000;
/// So many settings, the latest, are looked at for a drawing.
const MAX_SETTINGS: usize = 300;
/// So much may be looked at for all drawings of a document.
const MAX_LOOKED_AT: usize = 8_000_000;
/// Macros may name one another this deep.
const MAX_DEPTH: usize = 12;
/// Settings are kept among the macros, so that they end where those do, under names that no source
/// can write: this and their number. The name alone gives how many there are.
const SETTING: &str = "\u{E002}";

/// What a document began with, that TeX knows when it draws: the preamble.
#[derive(Debug, Default)]
pub(super) struct Context {
    macros: Macros,
    counters: BTreeMap<String, i64>,
    /// What may still be looked at.
    left: usize,
}

/// The kinds of drawings that a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    PsTricks,
    Tikz,
    Pgfplots,
    Colour,
    Picture,
}

/// A setting of running text that holds for the drawings behind it: whom it is for, its arguments.
fn setting(name: &str) -> Option<(For, &'static str)> {
    Some(match name {
        "psset" => (For::PsTricks, "om"),
        "newpsstyle" => (For::PsTricks, "mm"),
        "newpsobject" => (For::PsTricks, "mmm"),
        "SpecialCoor" | "NormalCoor" => (For::PsTricks, ""),
        "tikzset" | "usetikzlibrary" | "pgfdeclarelayer" | "pgfsetlayers" | "pgfkeys"
        | "tikzstyle" => (For::Tikz, "m"),
        "pgfplotsset" | "usepgfplotslibrary" => (For::Pgfplots, "m"),
        "definecolor" | "providecolor" | "xdefinecolor" => (For::Colour, "ommm"),
        "colorlet" => (For::Colour, "omom"),
        "newrgbcolor" | "newcmykcolor" | "newhsbcolor" | "newgray" => (For::Colour, "mm"),
        "setlength" => (For::Picture, "mm"),
        "unitlength" => (For::Picture, "="),
        _ => return None,
    })
}

/// What a source names, to be put in front of it.
#[derive(Default)]
struct Named {
    seen: HashSet<String>,
    /// Commands kept under another name, before those are redefined.
    kept: Vec<String>,
    definitions: Vec<String>,
    counters: BTreeMap<String, i64>,
    length: usize,
}

impl Parser<'_> {
    /// The document begins: what is known now, TeX reads in the preamble.
    pub(super) fn begin_context(&mut self) {
        self.state.macros = std::mem::take(&mut self.state.macros).shared();
        self.context = Context {
            macros: self.state.macros.clone(),
            counters: self.state.counters.clone(),
            left: MAX_LOOKED_AT,
        };
    }

    /// A block that only TeX can draw.
    pub(crate) fn mark(&mut self, construct: &str, source: &str) -> (String, Option<String>) {
        let source = self.with_known_labels(source.trim());
        let context = self.context_of(&source);
        let mut digest = blake3::Hasher::new();
        digest.update(context.as_bytes());
        digest.update(source.as_bytes());
        let hash = digest.finalize().to_hex()[..24].to_owned();
        if !self.out.blocks.iter().any(|block| block.hash == hash) {
            self.out.blocks.push(MarkedBlock {
                hash: hash.clone(),
                context,
                source: source.into_owned(),
                construct: construct.to_owned(),
            });
        }
        let src = self.sources.block(&hash);
        (hash, src)
    }

    /// Before a command of running text: a setting for drawings is kept.
    pub(super) fn note_setting(&mut self, name: &str, source: &str, start: usize) {
        let Some((_, arguments)) = setting(name) else { return };
        let mut cursor = Cursor::at(source, start + 1 + name.len());
        if name == "setlength"
            && !cursor.rest().trim_start().trim_start_matches('{').starts_with("\\unitlength")
        {
            return;
        }
        for argument in arguments.chars() {
            match argument {
                'o' => {
                    cursor.optional();
                }
                // `\tikzstyle{name}=[…]`, `\unitlength=1cm`.
                '=' => {
                    let rest = cursor.rest();
                    let length = rest.len() - rest.trim_start_matches([' ', '=']).len();
                    let length = length
                        + rest[length..]
                            .find(|c: char| c.is_ascii_alphabetic())
                            .map_or(0, |unit| unit + 2);
                    if rest.is_char_boundary(length) && length < 40 {
                        cursor.advance(length);
                    }
                }
                _ => {
                    if cursor.argument().is_none() {
                        return;
                    }
                }
            }
        }
        if name == "tikzstyle" {
            let mut ahead = cursor.clone();
            ahead.skip_space();
            if ahead.next() == Some(Token::Char('=')) && ahead.optional().is_some() {
                cursor = ahead;
            }
        }
        let text = &source[start..cursor.offset()];
        if text.len() > MAX_SETTING {
            return;
        }
        let count = self.settings() + 1;
        self.state.macros.insert(&format!("{SETTING}{count}"), Macro::constant(text));
        self.state.macros.insert(SETTING, Macro::constant(&count.to_string()));
    }

    /// How many settings are in force.
    fn settings(&self) -> usize {
        self.state.macros.get(SETTING).and_then(|count| count.body.parse().ok()).unwrap_or(0)
    }

    /// What is to stand in front of a source so that TeX draws it as in its document: nothing where
    /// the preamble says it all.
    fn context_of(&mut self, source: &str) -> String {
        let mut named = Named::default();
        self.name(source, &mut named, 0);
        let mut parts: Vec<String> = named.kept;
        parts.append(&mut named.definitions);
        for (counter, value) in named.counters {
            if !self.context.counters.contains_key(&counter) {
                parts.push(format!(
                    "\\ifcsname c@{counter}\\endcsname\\else\\newcounter{{{counter}}}\\fi"
                ));
            }
            parts.push(format!("\\setcounter{{{counter}}}{{{value}}}"));
        }
        let settings = self.settings_for(source, &parts);
        // The author's styles may name what is defined, and not the other way round.
        parts.extend(settings);
        if parts.is_empty() {
            return String::new();
        }
        let mut out = parts.join("%\n");
        out.push_str("%\n");
        if out.contains('@') {
            out = format!("\\makeatletter%\n{out}\\makeatother%\n");
        }
        out
    }

    /// Adds what a source names and the document defined.
    fn name(&mut self, source: &str, named: &mut Named, depth: usize) {
        if depth > MAX_DEPTH || self.context.left < source.len() {
            return;
        }
        self.context.left -= source.len();
        let mut cursor = Cursor::new(source);
        // What the source itself defines.
        let mut own: HashSet<&str> = HashSet::new();
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            if binds(name, &mut cursor, &mut own) || own.contains(name) {
                continue;
            }
            if matches!(name, "arabic" | "alph" | "Alph" | "roman" | "Roman" | "value") {
                if let Some(counter) = cursor.clone().argument() {
                    self.name_counter(counter.trim(), named);
                }
                continue;
            }
            if named.seen.contains(name) {
                continue;
            }
            named.seen.insert(name.to_owned());
            let Some(meaning) = self.state.macros.get(name) else {
                if let Some(counter) = name.strip_prefix("the") {
                    self.name_counter(counter, named);
                }
                continue;
            };
            let meaning = meaning.clone();
            let before = self.context.macros.get(name);
            if before != Some(&meaning)
                && let Some(text) = definition(name, &meaning)
            {
                named.length += text.len();
                if named.length > MAX_CONTEXT {
                    return;
                }
                match text.starts_with("\\let") && meaning.terminal {
                    true => named.kept.push(text),
                    false => named.definitions.push(text),
                }
            }
            if !meaning.terminal {
                self.name(&meaning.body, named, depth + 1);
            }
        }
    }

    fn name_counter(&self, counter: &str, named: &mut Named) {
        // Where pages break is TeX's affair.
        let Some(value) = self.state.counters.get(counter).copied() else { return };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '-' | '_');
        if counter == "page" || !counter.chars().all(plain) {
            return;
        }
        if self.context.counters.get(counter).copied().unwrap_or_default() != value {
            named.counters.insert(counter.to_owned(), value);
        }
    }

    /// The settings in force that are for a source of this kind, in their order.
    fn settings_for(&mut self, source: &str, parts: &[String]) -> Vec<String> {
        let count = self.settings();
        if count == 0 || self.context.left < source.len() {
            return Vec::new();
        }
        self.context.left -= source.len();
        let has = |words: &[&str]| words.iter().any(|word| source.contains(word));
        let pstricks = has(&["pspicture", "\\ps", "\\rput", "\\uput"]);
        let tikz = has(&["tikz", "{axis}", "\\tkz", "\\pgf"]);
        let plots = has(&["axis}", "\\addplot"]);
        let picture = has(&["{picture}"]);
        let mut words: Option<HashSet<String>> = None;
        let (mut out, mut length) = (Vec::new(), 0);
        for at in (count.saturating_sub(MAX_SETTINGS) + 1..=count).rev() {
            let Some(meaning) = self.state.macros.get(&format!("{SETTING}{at}")) else { continue };
            let text = &*meaning.body;
            let mut cursor = Cursor::new(text);
            let Some(Token::Command(name)) = cursor.next() else { continue };
            let Some((whom, _)) = setting(name) else { continue };
            let wanted = match whom {
                For::PsTricks => pstricks,
                For::Tikz => tikz,
                For::Pgfplots => plots,
                For::Picture => picture,
                For::Colour => {
                    // Settings behind it may name the colour too.
                    let words = words.get_or_insert_with(|| {
                        let mut words = HashSet::new();
                        add_words(source, &mut words);
                        parts.iter().chain(&out).for_each(|part| add_words(part, &mut words));
                        words
                    });
                    cursor.optional();
                    let colour = cursor.argument().unwrap_or_default().trim();
                    !colour.is_empty() && words_of(colour).all(|word| words.contains(word))
                }
            };
            if wanted {
                length += text.len();
                if length > MAX_CONTEXT {
                    break;
                }
                if let Some(words) = &mut words {
                    add_words(text, words);
                }
                out.push(text.to_owned());
            }
        }
        out.reverse();
        out
    }

    /// A source with the numbers of the labels that it refers to.
    fn with_known_labels<'t>(&mut self, source: &'t str) -> Cow<'t, str> {
        if !source.contains("ref{") {
            return Cow::Borrowed(source);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(source);
        while let Some(token) = cursor.next() {
            let Token::Command(name @ ("ref" | "eqref")) = token else { continue };
            let start = cursor.offset() - name.len() - 1;
            let Some(label) = cursor.argument() else { continue };
            // Those of other parts of the page are not known where the picture is made.
            if self.options.labels.contains_key(label) {
                continue;
            }
            let Some(target) = self.numbering.known.get(label) else {
                self.unresolved = true;
                continue;
            };
            if target.tag.contains(['\\', '{', '}', '$', '&', '#', '%', '_', '^', '~']) {
                continue;
            }
            out.push_str(&source[copied..start]);
            match name {
                "eqref" => out.push_str(&format!("({})", target.tag)),
                _ => out.push_str(&target.tag),
            }
            copied = cursor.offset();
        }
        if copied == 0 {
            return Cow::Borrowed(source);
        }
        out.push_str(&source[copied..]);
        Cow::Owned(out)
    }
}

/// Whether a command gives other commands a meaning, which are added to `own`.
fn binds<'s>(name: &str, cursor: &mut Cursor<'s>, own: &mut HashSet<&'s str>) -> bool {
    match name {
        "foreach" => {
            // `\foreach \x/\y [count=\n] in …`
            let mut ahead = cursor.clone();
            loop {
                ahead.skip_space();
                if let Some(options) = ahead.optional() {
                    let mut inside = Cursor::new(options);
                    own.extend(std::iter::from_fn(|| inside.next()).filter_map(command));
                    continue;
                }
                match ahead.next() {
                    Some(Token::Command(name)) => {
                        own.insert(name);
                    }
                    Some(Token::Char('/') | Token::Space) => {}
                    _ => break,
                }
                *cursor = ahead.clone();
            }
            true
        }
        "multido" | "psforeach" => {
            if let Some(variables) = cursor.clone().argument() {
                let mut inside = Cursor::new(variables);
                own.extend(std::iter::from_fn(|| inside.next()).filter_map(command));
            }
            true
        }
        "pgfmathsetmacro"
        | "pgfmathtruncatemacro"
        | "pgfmathsetlengthmacro"
        | "newlength"
        | "newdimen"
        | "newcount"
        | "newsavebox"
        | "FPeval" => {
            own.extend(defined(cursor));
            true
        }
        _ if tables::is_definer(name) => {
            own.extend(defined(cursor));
            true
        }
        _ => false,
    }
}

fn command(token: Token<'_>) -> Option<&str> {
    match token {
        Token::Command(name) => Some(name),
        _ => None,
    }
}

/// The command that comes next, between braces or not, which is read.
fn defined<'s>(cursor: &mut Cursor<'s>) -> Option<&'s str> {
    cursor.star();
    let mut ahead = cursor.clone();
    ahead.skip_space();
    let mut next = ahead.next()?;
    if next == Token::Open {
        next = ahead.next()?;
    }
    let name = command(next)?;
    *cursor = ahead;
    Some(name)
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn add_words(text: &str, words: &mut HashSet<String>) {
    words.extend(words_of(text).map(str::to_owned));
}

/// A macro as TeX defines it; `None` for what takes its arguments in other ways.
fn definition(name: &str, meaning: &Macro) -> Option<String> {
    let letters = name.chars().all(|c| c.is_ascii_alphabetic() || c == '@');
    if !letters && name.chars().nth(1).is_some() {
        return None;
    }
    let body = &*meaning.body;
    if meaning.terminal && !body.starts_with("\\operatorname") {
        return meaning.args.is_empty().then(|| format!("\\let\\{name}={body}"));
    }
    if let [Arg::Optional(default), rest @ ..] = &*meaning.args {
        let plain = rest.iter().all(|arg| *arg == Arg::Mandatory) && **default != *"-NoValue-";
        let count = meaning.args.len();
        return plain.then(|| {
            format!("\\let\\{name}\\relax\\newcommand{{\\{name}}}[{count}][{default}]{{{body}}}")
        });
    }
    let mut parameters = String::new();
    let mut number = 0;
    for arg in meaning.args.iter() {
        match arg {
            Arg::Literal(text) => parameters.push_str(text),
            Arg::Mandatory => {
                number += 1;
                parameters.push_str(&format!("#{number}"));
            }
            Arg::Delimited(text) => {
                number += 1;
                parameters.push_str(&format!("#{number}{text}"));
            }
            _ => return None,
        }
    }
    Some(format!("\\long\\def\\{name}{parameters}{{{body}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_written_as_tex_reads_them() {
        let mut macros = Macros::new();
        macros.define_all(
            r"\newcommand{\a}[2][x]{#1-#2}\def\b(#1,#2){#2}\let\c=\phi\newcommand\d{\b(1,2)}",
        );
        for (name, wanted) in [
            ("a", Some(r"\let\a\relax\newcommand{\a}[2][x]{#1-#2}")),
            ("b", Some(r"\long\def\b(#1,#2){#2}")),
            ("c", Some(r"\let\c=\phi")),
            ("d", Some(r"\long\def\d{\b(1,2)}")),
        ] {
            let text = definition(name, macros.get(name).expect("defined above"));
            assert_eq!(text.as_deref(), wanted);
        }
    }

    fn blocks(source: &str) -> Vec<(String, String)> {
        let converted =
            crate::convert(source, "a.tex", &crate::Convert::default(), &crate::NoSources);
        converted.blocks.into_iter().map(|block| (block.context, block.source)).collect()
    }

    #[test]
    fn drawings_have_what_is_in_force() {
        const DRAWING: &str = r"\begin{tikzpicture}\node{\x};\draw[bleu](0,0);\end{tikzpicture}";
        for (before, wanted) in [
            ("", ""),
            // Nothing that it does not name, nor what has ended.
            (r"\def\y{1}\definecolor{rouge}{gray}{.5}\psset{unit=1mm}{\def\x{3}\tikzset{a}}", ""),
            (r"\def\x{1}", "\\long\\def\\x{1}%\n"),
            (r"\newcommand\x{\z}\newcommand{\z}{2}", "\\long\\def\\x{\\z}%\n\\long\\def\\z{2}%\n"),
            (r"\tikzset{every node/.style={red}}", "\\tikzset{every node/.style={red}}%\n"),
            (r"\tikzstyle{a}=[red]", "\\tikzstyle{a}=[red]%\n"),
            (r"\definecolor{bleu}{gray}{.5}", "\\definecolor{bleu}{gray}{.5}%\n"),
            (
                r"\colorlet{noir}{black}\colorlet{bleu}{noir!50}",
                "\\colorlet{noir}{black}%\n\\colorlet{bleu}{noir!50}%\n",
            ),
        ] {
            let found = blocks(&format!("{before}{DRAWING}"));
            assert_eq!(found, [(wanted.to_owned(), DRAWING.to_owned())], "{before}");
        }
        let own = r"\begin{tikzpicture}\foreach \x/\y [count=\n] in {1,2}{\node{\x\y\n};}\def\z{1}\z\end{tikzpicture}";
        let found = blocks(&format!(r"\def\x{{1}}\def\y{{2}}\def\n{{}}\def\z{{}}{own}"));
        assert_eq!(found, [(String::new(), own.to_owned())]);
        // What the preamble says is not repeated.
        let whole = format!(
            r"\documentclass{{article}}\def\x{{1}}\tikzset{{a}}\begin{{document}}{DRAWING}\end{{document}}"
        );
        assert_eq!(blocks(&whole), [(String::new(), DRAWING.to_owned())]);
        let pstricks = r"\begin{pspicture}(1,1)\psline(0,0)(1,1)\end{pspicture}";
        let found = blocks(&format!(r"\psset{{unit=2cm}}\tikzset{{a}}{pstricks}"));
        assert_eq!(found, [("\\psset{unit=2cm}%\n".to_owned(), pstricks.to_owned())]);
    }

    #[test]
    fn drawings_that_print_other_numbers_are_others() {
        let found =
            blocks(r"\foreach \i in {1,2}{\begin{tikzpicture}\node{N \i};\end{tikzpicture}}");
        let contexts: Vec<_> = found.iter().map(|(context, _)| context.as_str()).collect();
        assert_eq!(contexts, ["\\long\\def\\i{1}%\n", "\\long\\def\\i{2}%\n"]);

        let found = blocks(
            r"\documentclass{article}\newcounter{exo}\newcommand{\exo}{\stepcounter{exo}\tikz{\node{Exercice \theexo};}}\begin{document}\exo \exo\end{document}",
        );
        let contexts: Vec<_> = found.iter().map(|(context, _)| context.as_str()).collect();
        assert_eq!(contexts, ["\\setcounter{exo}{1}%\n", "\\setcounter{exo}{2}%\n"]);

        let found = blocks(r"\section{A}\section{B}\label{z}\tikz{\node{\ref{z}, \ref{y}};}");
        assert_eq!(found, [(String::new(), r"\tikz{\node{2, \ref{y}};}".to_owned())]);
    }
}

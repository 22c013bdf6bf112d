//! The syntax of expl3, between `\ExplSyntaxOn` and `\ExplSyntaxOff`: names hold `_` and `:`, spaces
//! mean nothing. What is read there is written again as LaTeX: its conditions and definitions under
//! names that are known, the other names with `@` in the place of their signs.

use crate::preamble::Preamble;
use crate::reader::Cursor;

/// After `\ExplSyntaxOn`, or the command that begins a package of this syntax: the source up to its
/// end, which is read, as LaTeX.
pub(crate) fn region(command: &str, cursor: &mut Cursor<'_>) -> String {
    if command != "ExplSyntaxOn" {
        for _ in 0..4 {
            cursor.argument();
        }
    }
    let source = cursor.rest();
    let mut reader =
        Reader { source, at: 0, out: String::with_capacity(source.len()), word: false };
    reader.read();
    let length = reader.at;
    cursor.advance(length);
    reader.out
}

/// How many arguments a condition that [`region`] writes has before its branches.
pub(crate) fn arguments(stem: &str) -> Option<usize> {
    match stem {
        "IfTlEmpty" | "IfTlVoid" | "IfFlag" => Some(1),
        "IfStrSame" | "IfStrAlike" => Some(2),
        "IfNumComp" => Some(3),
        _ => None,
    }
}

impl Preamble {
    /// Whether such a condition holds; `None` when that cannot be known here.
    pub(crate) fn expl_condition(&self, stem: &str, tests: &[&str]) -> Option<bool> {
        let first = tests.first().copied().unwrap_or_default();
        match stem {
            "IfTlEmpty" => Some(first.is_empty()),
            "IfTlVoid" => self.condition_of_arguments("ifdefempty", tests),
            "IfStrSame" => self.condition_of_arguments("ifstrequal", tests),
            "IfStrAlike" => self.condition_of_arguments("IfStrEq", tests),
            "IfNumComp" => self.condition_of_arguments("ifnumcomp", tests),
            "IfFlag" => self.flags.get(first.trim().trim_start_matches('\\')).copied(),
            _ => None,
        }
    }
}

/// The condition that a name of expl3 stands for, without what follows it.
fn condition(base: &str, arguments: &str) -> Option<&'static str> {
    Some(match (base, arguments) {
        ("tl_if_empty" | "str_if_empty" | "clist_if_empty", "n") => "IfTlEmpty",
        ("tl_if_blank", "n") => "IfBlank",
        ("tl_if_novalue", "n") => "IfNoValue",
        ("tl_if_empty" | "tl_if_blank" | "str_if_empty" | "clist_if_empty", _)
            if arguments.len() == 1 =>
        {
            "IfTlVoid"
        }
        ("str_if_eq" | "tl_if_eq", "nn") => "IfStrSame",
        ("str_if_eq" | "tl_if_eq", _) if arguments.len() == 2 => "IfStrAlike",
        ("bool_if", "n" | "N") => "IfFlag",
        ("int_compare", "nNn") => "IfNumComp",
        _ => return None,
    })
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    out: String,
    /// What was written last is a command of letters.
    word: bool,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Option<char> {
        let c = self.source[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, c: char) {
        if std::mem::take(&mut self.word) && (c.is_ascii_alphabetic() || c == '@') {
            self.out.push(' ');
        }
        self.out.push(c);
    }

    fn command(&mut self, name: &str) {
        self.out.push('\\');
        self.out.push_str(name);
        self.word = true;
    }

    fn read(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '%' => {
                    let rest = &self.source[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                // Here this is the space.
                '~' => self.out.push_str(if std::mem::take(&mut self.word) { "\\ " } else { " " }),
                c if c.is_whitespace() => {}
                '\\' => {
                    let name = self.name();
                    match name {
                        "" => {
                            let sign = self.next();
                            self.out.push('\\');
                            self.out.extend(sign);
                            self.word = false;
                        }
                        "ExplSyntaxOff" => return,
                        "ExplSyntaxOn" => {}
                        _ => self.named(name),
                    }
                }
                c => self.push(c),
            }
        }
    }

    /// The letters of a name, after its backslash.
    fn name(&mut self) -> &'s str {
        let rest = &self.source[self.at..];
        let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '@' | '_' | ':');
        let length = rest.find(|c: char| !letter(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// The name that comes next, if a command does.
    fn next_name(&mut self) -> Option<&'s str> {
        let rest = &self.source[self.at..];
        let after = rest.trim_start().strip_prefix('\\')?;
        self.at += rest.len() - after.len();
        Some(self.name())
    }

    fn named(&mut self, name: &str) {
        let Some((base, signature)) = name.split_once(':') else {
            return self.command(&plain(name));
        };
        for branches in ["TF", "T", "F"] {
            if let Some(arguments) = signature.strip_suffix(branches)
                && let Some(stem) = condition(base, arguments)
            {
                self.command(&format!("{stem}{branches}"));
                if stem == "IfFlag"
                    && arguments == "N"
                    && let Some(flag) = self.next_name()
                {
                    self.group(flag);
                }
                return;
            }
        }
        match (base, signature) {
            (
                "bool_new" | "bool_set_true" | "bool_gset_true" | "bool_set_false"
                | "bool_gset_false",
                "N",
            ) => {
                let written = match base {
                    "bool_new" => "newbool",
                    _ if base.ends_with("true") => "booltrue",
                    _ => "boolfalse",
                };
                self.command(written);
                if let Some(flag) = self.next_name() {
                    self.group(flag);
                }
            }
            ("tl_new" | "tl_clear" | "tl_clear_new" | "tl_gclear" | "str_new", "N") => {
                self.command("def");
                if let Some(list) = self.next_name() {
                    self.command(&plain(list));
                    self.group("");
                }
            }
            ("tl_set" | "tl_gset" | "tl_const" | "str_set" | "str_gset", "Nn") => {
                self.command("def")
            }
            ("tl_set" | "tl_gset" | "tl_const", "Nx" | "Ne") => self.command("edef"),
            ("tl_use" | "str_use", "N") => {}
            ("int_eval", "n") => self.command("inteval"),
            _ if base.starts_with("cs_") && matches!(signature, "Npn" | "Npx" | "Npe") => {
                self.command("def");
            }
            // The arguments are as many as the signature of what is defined says.
            _ if base.starts_with("cs_") && signature == "Nn" => {
                self.command("def");
                if let Some(defined) = self.next_name() {
                    self.command(&plain(defined));
                    let count = defined.split_once(':').map_or(0, |(_, own)| own.len().min(9));
                    for number in 1..=count {
                        self.push('#');
                        self.out.push_str(&number.to_string());
                    }
                }
            }
            _ => self.command(&plain(name)),
        }
    }

    fn group(&mut self, name: &str) {
        self.out.push('{');
        self.out.push_str(&plain(name));
        self.out.push('}');
        self.word = false;
    }
}

/// A name of expl3 that came through [`plain`]: as the author wrote it, and how many arguments it takes.
pub(crate) fn written(name: &str) -> Option<(String, usize)> {
    let (stem, arguments) = name.rsplit_once('@')?;
    let known = !arguments.is_empty() && arguments.chars().all(|c| "nNpTFVxeofcv".contains(c));
    (known && stem.trim_start_matches('@').contains('@'))
        .then(|| (format!("{}:{arguments}", stem.replace('@', "_")), arguments.len()))
}

fn plain(name: &str) -> String {
    name.replace(['_', ':'], "@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expl3_as_latex() {
        for (source, wanted) in [
            (
                "\n\\newcommand \\si [1] { % vide ?\n \\tl_if_empty:nTF {#1} {un ~ mot} {#1:x} }\n",
                r"\newcommand\si[1]{\IfTlEmptyTF{#1}{un mot}{#1:x}}",
            ),
            (
                r"\tl_if_blank:nT {a}{b} \str_if_eq:VnF \x {a}{b}",
                r"\IfBlankT{a}{b}\IfStrAlikeF\x{a}{b}",
            ),
            (
                r"\bool_new:N \l_a_bool \bool_set_true:N \l_a_bool \bool_if:NTF \l_a_bool {a}{b}",
                r"\newbool{l@a@bool}\booltrue{l@a@bool}\IfFlagTF{l@a@bool}{a}{b}",
            ),
            (r"\cs_new:Npn \__a_b:n #1 { (#1) }", r"\def\@@a@b@n#1{(#1)}"),
            (r"\cs_new_protected:Nn \a_b:nn { #2 }", r"\def\a@b@nn#1#2{#2}"),
            (r"\tl_new:N \l_t_tl \tl_set:Nn \l_t_tl {x}", r"\def\l@t@tl{}\def\l@t@tl{x}"),
            (
                r"\textbf a \% \clist_map_inline:nn {a} {##1}",
                r"\textbf a\%\clist@map@inline@nn{a}{##1}",
            ),
        ] {
            let whole = format!("{source}\\ExplSyntaxOff reste");
            let mut cursor = Cursor::new(&whole);
            assert_eq!(region("ExplSyntaxOn", &mut cursor), wanted);
            assert_eq!(cursor.rest(), " reste");
        }
    }
}

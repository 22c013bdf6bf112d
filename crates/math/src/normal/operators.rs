//! Operators: their names, and the scripts that stand above and below them.

use super::command::atom;
use super::table::{Action, action};
use super::{Normal, prose};
use crate::scan::{Cursor, Tok};

impl Normal<'_, '_> {
    pub(super) fn mathop(&mut self, part: &str, c: &mut Cursor<'_>) {
        let inner = self.raw_arg(part, c);
        self.with_limits(inner, self.ctx.display, c);
    }

    /// `inner` as an operator, the scripts that follow it above and below or beside it.
    fn with_limits(&mut self, inner: &str, mut limits: bool, c: &mut Cursor<'_>) {
        let mut scripts: [Option<&str>; 2] = [None, None];
        loop {
            c.skip_space();
            let before = *c;
            match c.next_token() {
                Some(Tok::Command("limits")) => limits = true,
                Some(Tok::Command("nolimits")) => limits = false,
                Some(Tok::Char(mark @ ('_' | '^'))) => {
                    c.skip_space();
                    let start = c.pos();
                    let slot = &mut scripts[usize::from(mark == '^')];
                    match atom(c) {
                        Some(arg) if slot.is_none() => *slot = Some(arg),
                        _ => {
                            c.seek(start);
                            *c = before;
                            break;
                        }
                    }
                }
                _ => {
                    *c = before;
                    break;
                }
            }
        }
        let wrap = |me: &mut Self, command: &str, script: Option<&str>| {
            if let Some(script) = script {
                me.out.push_str(command);
                me.out.push('{');
                me.run(script);
                me.out.push_str("}{");
            }
            script.is_some()
        };
        self.out.push_str("\\mathop{");
        if limits {
            let under = wrap(self, "\\underset", scripts[0]);
            let over = wrap(self, "\\overset", scripts[1]);
            self.run(inner);
            self.out.push_str(if over { "}" } else { "" });
            self.out.push_str(if under { "}" } else { "" });
            self.out.push('}');
        } else {
            self.run(inner);
            self.out.push('}');
            for (mark, script) in ['_', '^'].into_iter().zip(scripts) {
                if let Some(script) = script {
                    self.out.push(mark);
                    self.out.push('{');
                    self.run(script);
                    self.out.push('}');
                }
            }
        }
    }

    /// An upright operator name.
    pub(super) fn operator(&mut self, inner: &str, star: bool, c: &mut Cursor<'_>) {
        // math-core reads thin spaces in a name (`arg\\,max`).
        let letters = inner.replace("\\,", "");
        let simple = !letters.is_empty() && letters.chars().all(|c| c.is_ascii_alphabetic());
        if simple {
            self.out.push_str(if star { "\\operatorname*{" } else { "\\operatorname{" });
            self.out.push_str(inner);
            self.out.push('}');
            self.large = star;
            return;
        }
        let name = operator_name(inner);
        let name = name.unwrap_or_else(|| format!("\\text{{{inner}}}"));
        if star {
            return self.with_limits(&name, self.ctx.display, c);
        }
        self.out.push_str("\\mathop{");
        self.run(&name);
        self.out.push('}');
    }
}

/// The name of an operator that holds mathematics (`\mathbb{E}`, `ess-\sup`, `cos\acute{e}c`), its own
/// letters upright; `None` for one that is text.
fn operator_name(inner: &str) -> Option<String> {
    let is_math = |name: &str| match action(name) {
        Some(Action::Keep(_) | Action::Special(_)) => true,
        Some(Action::Tex(..)) | None => !prose::is_text(name),
        _ => false,
    };
    let mut c = Cursor::new(inner);
    let mut found = false;
    while let Some(token) = c.next_token() {
        found |= match token {
            Tok::Command(name) => is_math(name),
            Tok::Char(ch) => matches!(ch, '_' | '^'),
            _ => false,
        };
    }
    if !found {
        return None;
    }
    Some(upright(inner, 0))
}

/// Commands whose argument belongs to the name as its own letters do.
const AROUND: &[&str] = &[
    "acute",
    "bar",
    "breve",
    "check",
    "ddot",
    "dot",
    "grave",
    "hat",
    "mathring",
    "overline",
    "overrightarrow",
    "tilde",
    "underline",
    "vec",
    "widehat",
    "widetilde",
];

/// How deep the letters of a name are looked for.
const MAX_NAME_DEPTH: usize = 8;

/// TeX with its letters upright.
fn upright(inner: &str, depth: usize) -> String {
    let (mut out, mut letters) = (String::new(), String::new());
    let end = |letters: &mut String, out: &mut String| {
        if !letters.is_empty() {
            let plain = letters.chars().all(|c| c.is_ascii_alphabetic());
            out.push_str(if plain { "\\mathrm{" } else { "\\text{" });
            out.push_str(&std::mem::take(letters));
            out.push('}');
        }
    };
    let mut c = Cursor::new(inner);
    // The arguments of a command are not letters of the name.
    let mut argument = false;
    loop {
        let start = c.pos();
        let Some(token) = c.next_token() else { break };
        let after_command = std::mem::replace(&mut argument, false);
        match token {
            Tok::Char(ch) if !after_command && (ch.is_alphabetic() || ch == '-') => {
                letters.push(ch);
                continue;
            }
            Tok::Command(name) if AROUND.contains(&name) => {
                let before = c;
                let letter = c.arg().unwrap_or("").trim();
                if let Some(composed) = prose::accented(name, letter) {
                    letters.push(composed);
                    continue;
                }
                c = before;
            }
            Tok::Command(name) => {
                argument = name.starts_with(|c: char| c.is_ascii_alphabetic());
            }
            Tok::Open if !after_command && depth < MAX_NAME_DEPTH => {
                if let Some(group) = c.group_rest() {
                    end(&mut letters, &mut out);
                    out.push_str(&format!("{{{}}}", upright(group, depth + 1)));
                    continue;
                }
            }
            Tok::Open => {
                let _ = c.group_rest();
                argument = after_command;
            }
            Tok::Space(_) => argument = after_command,
            _ => {}
        }
        end(&mut letters, &mut out);
        out.push_str(c.slice(start, c.pos()));
    }
    end(&mut letters, &mut out);
    out
}

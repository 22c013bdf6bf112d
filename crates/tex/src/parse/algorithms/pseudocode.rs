//! The lines of algorithmic (`\IF{…} … \ENDIF`) and algpseudocode (`\If{…} … \EndIf`).

use super::{DEEPEST, Step, Steps, bold, line, next_command};
use crate::{parse::Parser, reader::Cursor};

impl Parser<'_> {
    /// A keyword of algorithmic, as the author redefined it or as usual, set bold.
    fn keyword(&mut self, name: &str, usual: &str) -> String {
        let word = self.word(&format!("algorithmic{name}"), usual);
        bold(&word)
    }

    /// The lines of algorithmic (`\IF{…} … \ENDIF`) and algpseudocode (`\If{…} … \EndIf`).
    pub(super) fn pseudocode(&mut self, body: &str) -> Option<Steps> {
        let mut cursor = Cursor::new(body);
        // Lines of the blocks around, each with what closes the block.
        let mut open: Vec<(Vec<Step>, &str)> = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        let (mut text, mut bare) = (String::new(), false);
        while let Some((piece, name)) = next_command(&mut cursor) {
            text.push_str(piece);
            let Some(name) = name else { continue };
            let lower = name.to_lowercase();
            if lower == "comment" && text.trim().is_empty() {
                // It stands at the end of the line before.
                let before = match steps.last_mut() {
                    None => open.last_mut().and_then(|(around, _)| around.last_mut()),
                    last => last,
                };
                if let Some(Step::Line(before)) = before {
                    before.push_str(&self.inline_of_pseudocode(name, &mut cursor)?);
                    continue;
                }
            }
            let known = matches!(
                lower.as_str(),
                "state"
                    | "statex"
                    | "require"
                    | "ensure"
                    | "input"
                    | "output"
                    | "inputs"
                    | "outputs"
                    | "globals"
                    | "body"
                    | "if"
                    | "elsif"
                    | "elseif"
                    | "else"
                    | "endif"
                    | "for"
                    | "forall"
                    | "endfor"
                    | "while"
                    | "endwhile"
                    | "repeat"
                    | "until"
                    | "loop"
                    | "endloop"
                    | "function"
                    | "endfunction"
                    | "procedure"
                    | "endprocedure"
                    | "endbody"
                    | "endinputs"
                    | "endoutputs"
            ) || name == "RETURN"
                || name == "PRINT";
            // `\input` and `\else` are TeX's own.
            if !known || name.starts_with(char::is_lowercase) {
                text.push_str(&self.inline_of_pseudocode(name, &mut cursor)?);
                continue;
            }
            if !text.trim().is_empty() {
                let text = std::mem::take(&mut text);
                steps.push(if bare { Step::Head(text) } else { Step::Line(text) });
            }
            text.clear();
            bare = matches!(lower.as_str(), "statex" | "require" | "ensure" | "input" | "output");
            let then = self.keyword("then", "then");
            let does = self.keyword("do", "do");
            match lower.as_str() {
                "state" | "statex" => {}
                "return" => text = self.keyword("return", "return") + " ",
                "print" => text = self.keyword("print", "print") + " ",
                "require" => text = self.keyword("require", "Require:") + " ",
                "ensure" => text = self.keyword("ensure", "Ensure:") + " ",
                "input" => text = bold("Input:") + " ",
                "output" => text = bold("Output:") + " ",
                "if" | "for" | "forall" | "while" | "loop" | "repeat" | "function"
                | "procedure" | "inputs" | "outputs" | "globals" | "body" => {
                    if open.len() >= DEEPEST {
                        return None;
                    }
                    let head = match lower.as_str() {
                        "if" => [&self.keyword("if", "if"), cursor.argument()?, &then].join(" "),
                        kind @ ("for" | "forall" | "while") => {
                            let usual = if kind == "forall" { "for all" } else { kind };
                            let word = self.keyword(kind, usual);
                            [&word, cursor.argument()?, &does].join(" ")
                        }
                        "loop" => self.keyword("loop", "loop"),
                        "repeat" => self.keyword("repeat", "repeat"),
                        kind @ ("function" | "procedure") => {
                            let word = self.keyword(kind, kind);
                            let (name, given) = (cursor.argument()?, cursor.argument()?);
                            format!("{word} \\textsc{{{name}}}({given})")
                        }
                        _ => return None,
                    };
                    steps.push(Step::Line(head));
                    let end = match lower.as_str() {
                        "if" => "endif",
                        "for" | "forall" => "endfor",
                        "while" => "endwhile",
                        "loop" => "endloop",
                        "repeat" => "until",
                        "function" => "endfunction",
                        _ => "endprocedure",
                    };
                    open.push((std::mem::take(&mut steps), end));
                }
                "elsif" | "elseif" | "else" => {
                    let (around, end) = open.pop().filter(|(_, end)| *end == "endif")?;
                    let inner = std::mem::replace(&mut steps, around);
                    steps.push(Step::Block(inner));
                    let head = if lower == "else" {
                        self.keyword("else", "else")
                    } else {
                        let word = self.word("algorithmicelsif", "");
                        let word = if word.is_empty() {
                            [self.word("algorithmicelse", "else"), self.word("algorithmicif", "if")]
                                .join(" ")
                        } else {
                            word
                        };
                        [&bold(&word), cursor.argument()?, &then].join(" ")
                    };
                    steps.push(Step::Line(head));
                    open.push((std::mem::take(&mut steps), end));
                }
                end => {
                    let (around, _) = open.pop().filter(|(_, wanted)| *wanted == end)?;
                    let inner = std::mem::replace(&mut steps, around);
                    steps.push(Step::Block(inner));
                    if end == "until" {
                        let word = self.keyword("until", "until");
                        steps.push(line(&[&word, cursor.argument()?]));
                    } else {
                        let what = &end["end".len()..];
                        let words = self.ending(what);
                        steps.push(Step::Line(words));
                    }
                }
            }
        }
        if !text.trim().is_empty() {
            steps.push(if bare { Step::Head(text) } else { Step::Line(text) });
        }
        open.is_empty().then_some(Steps { steps, ..Steps::default() })
    }

    /// What closes a block: « end if », in the author's words where there are any.
    fn ending(&mut self, what: &str) -> String {
        let whole = self.word(&format!("algorithmicend{what}"), "");
        if !whole.is_empty() {
            return bold(&whole);
        }
        let end = self.word("algorithmicend", "end");
        bold(&[end, self.word(&format!("algorithmic{what}"), what)].join(" "))
    }

    /// A command inside a line of pseudocode, as LaTeX that prints it.
    fn inline_of_pseudocode(&mut self, name: &str, cursor: &mut Cursor<'_>) -> Option<String> {
        Some(match name {
            "Return" => self.keyword("return", "return") + " ",
            "Print" => self.keyword("print", "print") + " ",
            "TO" | "To" => self.keyword("to", "to") + " ",
            "AND" | "OR" | "NOT" | "XOR" | "TRUE" | "FALSE" => {
                let word = name.to_lowercase();
                self.keyword(&word, &word) + " "
            }
            "Comment" => format!(" $\\triangleright$ {}", cursor.argument()?),
            "COMMENT" => format!(" \\{{{}\\}}", cursor.argument()?),
            "Call" => {
                let (name, given) = (cursor.argument()?, cursor.argument()?);
                format!("\\textsc{{{name}}}({given})")
            }
            "algstore" | "algrestore" | "algrenewcommand" | "algblock" | "algdef" => return None,
            name => format!("\\{name}"),
        })
    }
}

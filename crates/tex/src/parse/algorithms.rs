//! Algorithms of algorithm2e, algorithmic and algpseudocode: lines, and blocks of lines below a head.
//!
//! An algorithm that says something else than what is known here is left to TeX.

pub(crate) mod algorithm2e;
mod pseudocode;

use super::{Flow, Parser};
use crate::{
    reader::{Cursor, Token},
    tree::{Block, Inline},
};
use algorithm2e::Reader;

/// Blocks inside blocks at most.
const DEEPEST: usize = 24;

/// A line, as LaTeX; or what stands in a block under the line before it.
enum Step {
    Line(String),
    /// A line without a number.
    Head(String),
    Block(Vec<Step>),
}

/// What an algorithm is made of.
#[derive(Default)]
struct Steps {
    steps: Vec<Step>,
    /// Captions and labels.
    aside: String,
    /// Lines have numbers.
    numbered: bool,
}

/// A keyword as TeX prints it.
fn bold(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!("\\textbf{{{word}}}") }
}

/// Words of a line, each where there is one.
fn line(words: &[&str]) -> Step {
    Step::Line(words.iter().filter(|w| !w.trim().is_empty()).copied().collect::<Vec<_>>().join(" "))
}

impl Parser<'_> {
    /// Writes an algorithm; false when only TeX can set it.
    pub(super) fn algorithm(&mut self, name: &str, body: &str, flow: &mut Flow) -> bool {
        let name = name.trim_end_matches('*');
        let float = name.starts_with("algorithm") && !name.starts_with("algorithmic");
        let mut cursor = Cursor::new(body);
        let option = cursor.optional().unwrap_or_default().trim();
        let body = cursor.rest();
        if !float {
            let Some(mut steps) = self.pseudocode(body) else { return false };
            steps.numbered = !option.is_empty() && option != "0";
            let block = self.lines_of(&steps);
            flow.block(block);
            return true;
        }
        // The package algorithm floats what it holds; algorithm2e has lines of its own.
        let floats = body.contains("\\begin{algorithmic}");
        let steps = if floats { None } else { Reader::new(self, body).read() };
        if !floats && steps.is_none() {
            return false;
        }
        let around = std::mem::replace(&mut self.in_algorithm, true);
        self.floating(false, false, "algo", flow, |parser| match steps {
            Some(steps) => {
                let mut blocks = parser.blocks(&steps.aside);
                blocks.push(parser.lines_of(&steps));
                blocks
            }
            None => parser.blocks(body),
        });
        self.in_algorithm = around;
        true
    }

    fn lines_of(&mut self, steps: &Steps) -> Block {
        let mut number = steps.numbered.then_some(0);
        let blocks = self.written(&steps.steps, &mut number);
        Block::Div { class: "algorithme", blocks }
    }

    fn written(&mut self, steps: &[Step], number: &mut Option<usize>) -> Vec<Block> {
        let mut out = Vec::new();
        for step in steps {
            match step {
                Step::Line(source) | Step::Head(source) => {
                    let mut text = self.line(source);
                    if text.iter().all(|i| matches!(i, Inline::Text(t) if t.trim().is_empty())) {
                        continue;
                    }
                    if let (Some(number), Step::Line(_)) = (number.as_mut(), step) {
                        *number += 1;
                        let inner = vec![Inline::Text(number.to_string())];
                        let class = Some("numero");
                        text.insert(0, Inline::Text(" ".to_owned()));
                        text.insert(0, Inline::Styled { tag: "span", class, inner });
                    }
                    out.push(Block::Paragraph(text));
                }
                Step::Block(inner) => {
                    let blocks = self.written(inner, number);
                    if !blocks.is_empty() {
                        out.push(Block::Div { class: "retrait", blocks });
                    }
                }
            }
        }
        out
    }
}

/// The text up to the next command outside formulas and groups, and the command.
fn next_command<'s>(cursor: &mut Cursor<'s>) -> Option<(&'s str, Option<&'s str>)> {
    let start = cursor.offset();
    let mut formula = false;
    loop {
        let at = cursor.offset();
        match cursor.next() {
            None if at == start => return None,
            None => return Some((cursor.slice(start, at), None)),
            Some(Token::Command("$" | "%" | "{" | "}" | "&" | "#" | "_")) => {}
            Some(Token::Command("(" | "[")) => formula = true,
            Some(Token::Command(")" | "]")) => formula = false,
            Some(Token::Char('$')) => formula = !formula,
            Some(Token::Open) if !formula => {
                cursor.rest_of_group()?;
            }
            Some(Token::Command(name)) if !formula => {
                return Some((cursor.slice(start, at), Some(name)));
            }
            Some(_) => {}
        }
    }
}

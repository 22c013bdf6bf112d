//! Commands that tables describe: styles, switches, layout, drawings, letters, accents.

use super::{Flow, Next, Parser, signs::pass_over};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, tables,
    tree::{Block, Inline},
};
use mqd_math::Style;

impl Parser<'_> {
    /// Commands that tables describe.
    pub(super) fn named<'s>(
        &mut self,
        name: &'s str,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        if let Some(counter) = name.strip_prefix("the").filter(|counter| {
            self.state.counters.contains_key(*counter) || tables::is_usual_counter(counter)
        }) {
            let printed = self.printed(counter);
            flow.raw(&printed);
        } else if let Some((tag, class)) = tables::switch(name) {
            // The rest of the group is in this style.
            let rest = cursor.rest();
            if self.depth > 40 {
                return Next::Token;
            }
            self.styled_rest(tag, class, rest, flow);
            return Next::Done;
        } else if let Some((tag, class)) = tables::styled(name) {
            cursor.star();
            if matches!(name, "hbox" | "vbox" | "vtop") {
                // `\hbox to 3cm{…}`
                let rest = cursor.rest();
                if let Some(at) = rest.find('{').filter(|at| {
                    let before = rest[..*at].trim_start();
                    before.starts_with("to") || before.starts_with("spread")
                }) {
                    *cursor = Cursor::at(source, cursor.offset() + at);
                }
            }
            if matches!(
                name,
                "makecell"
                    | "shortstack"
                    | "thead"
                    | "rothead"
                    | "textls"
                    | "tcbox"
                    | "addstackgap"
            ) || name.starts_with("ps")
            {
                cursor.star();
                cursor.optional();
            }
            if self.state.packages.contains("beamer") {
                cursor.delimited('<', '>');
            }
            if matches!(name, "makebox" | "framebox" | "raisebox") {
                if name == "raisebox" {
                    cursor.argument();
                } else {
                    cursor.delimited('(', ')');
                }
                cursor.optional();
                cursor.optional();
            }
            let inner = cursor.argument().unwrap_or_default();
            if tag == "span" && class.is_none() {
                self.flow(inner, flow);
                return Next::Token;
            }
            // A space at an end of the argument stands outside the element.
            if inner.starts_with([' ', '\n']) {
                flow.char(' ');
            }
            if tag == "code" {
                let outside = std::mem::replace(&mut self.typewriter, true);
                let text = self.evaluate(inner);
                self.typewriter = outside;
                flow.inline(Inline::Code(text));
            } else {
                self.styled_argument(tag, class, inner, flow);
            }
            if inner.ends_with([' ', '\n']) && !inner.ends_with("\\ ") {
                flow.char(' ');
            }
        } else if let Some(body) = self.between_commands(name, source, cursor) {
            let whole = &source[start..cursor.offset()];
            self.environment(name, body, whole, flow);
        } else if let Some(arguments) = tables::layout(name) {
            pass_over(arguments, cursor);
        } else if let Some(arguments) = tables::drawing(name) {
            pass_over(arguments, cursor);
            let drawn = &source[start..cursor.offset()];
            self.drawing(name, drawn, flow);
        } else if let Some(text) = crate::text::letter(name) {
            flow.raw(text);
            if name.chars().all(char::is_alphabetic) && !matches!(name, "LaTeX" | "TeX") {
                cursor.skip_space();
            }
        } else if tables::is_accent(name) {
            let mut ahead = cursor.clone();
            ahead.skip_space();
            let grouped = ahead.peek() == Some(Token::Open);
            let base = cursor.argument().unwrap_or_default();
            if base.starts_with('\\') && !grouped {
                cursor.skip_space();
            }
            let text = crate::to_unicode(&format!("\\{name}{{{base}}}"));
            flow.raw(&text);
        } else if tables::is_mathematical(name) {
            // TeX stops at a mathematical command in text; what it means is clear all the same.
            self.report(Severity::Warning, name, "cette commande ne s'écrit que dans une formule ; elle est montrée comme une formule");
            let mut ahead = cursor.clone();
            if self.rest_is_group(&ahead) {
                ahead.argument();
            }
            let formula = &source[start..ahead.offset()];
            *cursor = ahead;
            self.formula(formula, Style::Inline, flow);
        } else if self.computes(name, cursor) {
            pass_over("a", cursor);
            let drawn = &source[start..cursor.offset()];
            self.drawing(name, drawn, flow);
        } else if let Some(meaning) = self.state.macros.get(name)
            && self.state.macros.can_follow_in_part(meaning)
        {
            // What of it is not known is told where it is passed over.
            return self.expand(name, source, start, cursor, flow);
        } else if let Some((written, arguments)) = crate::expl::written(name) {
            // Its arguments are code as often as text.
            for _ in 0..arguments {
                cursor.argument();
            }
            let said = "cette commande n'est pas connue ; elle est passée avec ses arguments";
            self.report(Severity::Warning, &written, said);
        } else {
            self.report(
                Severity::Warning,
                name,
                "cette commande n'est pas connue ; elle est passée, ses arguments sont montrés",
            );
            cursor.star();
            cursor.optional();
        }
        Next::Token
    }

    /// The text between the two commands of which LaTeX makes an environment, where an author writes
    /// them himself: `\quotation … \endquotation`.
    fn between_commands<'s>(
        &mut self,
        name: &str,
        source: &str,
        cursor: &mut Cursor<'s>,
    ) -> Option<&'s str> {
        let environments = [
            "quotation",
            "quote",
            "verse",
            "center",
            "flushleft",
            "flushright",
            "itemize",
            "enumerate",
            "description",
            "trivlist",
            "list",
        ];
        let end = format!("end{name}");
        let key = (format!("\\{end}"), super::end_of(source));
        if !environments.contains(&name) || self.unclosed.contains(&key) {
            return None;
        }
        let mut ahead = cursor.clone();
        while let Some(token) = ahead.next_outside_verbatim() {
            if token == Token::Command(&end) {
                let body = cursor.slice(cursor.offset(), ahead.offset() - end.len() - 1);
                *cursor = ahead;
                return Some(body);
            }
        }
        self.unclosed.insert(key);
        None
    }

    /// Whether an unknown command is one of a collection whose commands compute and draw.
    fn computes(&self, name: &str, cursor: &Cursor<'_>) -> bool {
        ["ProfCollege", "ProfLycee", "ProfMaquette", "ProfSio", "polynom", "xlop", "PfC"]
            .iter()
            .any(|package| self.state.packages.contains(*package))
            && (name.starts_with(char::is_uppercase) || name.starts_with("poly"))
            && matches!(cursor.peek(), Some(Token::Open | Token::Char('[' | '<')))
    }

    pub(super) fn styled_rest(
        &mut self,
        tag: &'static str,
        class: Option<&'static str>,
        rest: &str,
        flow: &mut Flow,
    ) {
        let mut inner = Flow::default();
        self.flow(rest, &mut inner);
        Self::restyle(tag, class, inner, flow);
    }

    /// The argument of a command that sets it in a style or a frame: in the line, or with the blocks
    /// that it holds.
    pub(super) fn styled_argument(
        &mut self,
        tag: &'static str,
        class: Option<&'static str>,
        argument: &str,
        flow: &mut Flow,
    ) {
        let mut own = Flow::default();
        self.flow(argument, &mut own);
        if matches!(tag, "sup" | "sub") {
            let inner = own.finish_line();
            return flow.inline(Inline::Styled { tag, class, inner });
        }
        match own.in_line() {
            Ok(inner) => flow.inline(Inline::Styled { tag, class, inner }),
            Err(own) if class == Some("cadre") => {
                let mut blocks = own.finish();
                // The box in a frame is the frame.
                while let [Block::Div { class: "minipage" | "groupe", blocks: inner }] =
                    blocks.as_mut_slice()
                {
                    blocks = std::mem::take(inner);
                }
                flow.block(Block::Div { class: "encadre", blocks });
            }
            Err(own) => Self::restyle(tag, class, own, flow),
        }
    }

    /// `\colorbox` and `\fcolorbox`, whose colours are read: the frame of the second, and of the first
    /// when it is around blocks.
    pub(super) fn coloured_box(&mut self, name: &str, argument: &str, flow: &mut Flow) {
        if name == "fcolorbox" {
            return self.styled_argument("span", Some("cadre"), argument, flow);
        }
        let mut own = Flow::default();
        self.flow(argument, &mut own);
        match own.in_line() {
            Ok(line) => flow.append(line),
            Err(own) => flow.block(Block::Div { class: "encadre", blocks: own.finish() }),
        }
    }

    /// What was written apart, in a style.
    fn restyle(tag: &'static str, class: Option<&'static str>, mut inner: Flow, flow: &mut Flow) {
        inner.flush_text();
        let style = |line: Vec<Inline>| match (tag, class) {
            ("span", None) => line,
            _ if line.iter().all(|one| one.is_blank() || matches!(one, Inline::Marked { .. })) => {
                line
            }
            _ => vec![Inline::Styled { tag, class, inner: line }],
        };
        let last = std::mem::take(&mut inner.line);
        for (index, block) in inner.blocks.into_iter().enumerate() {
            match block {
                Block::Paragraph(line) if index == 0 => {
                    flow.flush_text();
                    flow.line.extend(style(line));
                    flow.end_paragraph();
                }
                Block::Paragraph(line) => flow.block(Block::Paragraph(style(line))),
                // `{\bf \centerline{Titre}}`
                Block::Div { class: place @ ("centre" | "gauche" | "droite"), blocks } => {
                    let blocks = blocks.into_iter().map(|block| match block {
                        Block::Paragraph(line) => Block::Paragraph(style(line)),
                        other => other,
                    });
                    flow.block(Block::Div { class: place, blocks: blocks.collect() });
                }
                other => flow.block(other),
            }
        }
        if !last.is_empty() {
            flow.flush_text();
            flow.line.extend(style(last));
        }
    }
}

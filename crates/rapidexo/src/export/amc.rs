//! A sheet for Auto Multiple Choice: open questions that the corrector marks by hand.

use crate::{Part, Sheet, latex::escape, preamble};

/// Lines of room for an answer when the layout says nothing, and the height of one in millimetres.
const LINES: u32 = 3;
const LINE: u32 = 7;

impl Sheet {
    /// The sheet as AMC-LaTeX. Variants are copies whose questions AMC shuffles.
    #[must_use]
    pub fn amc(&self) -> String {
        let layout = &self.address.layout;
        let mut out = self.pictures(&[Part::Statements, Part::Answers]);
        out.push_str(&format!(
            "\\documentclass[a4paper]{{article}}\n\\usepackage[utf8]{{inputenc}}\n{}\
             \\usepackage[francais,bloc]{{automultiplechoice}}\n\\begin{{document}}\n\
             \\AMCrandomseed{{{}}}\n",
            preamble::packages(&self.exercises),
            // AMC wants a number; it stands for the seed.
            u32::from_le_bytes(
                *blake3::hash(self.address.seed.as_bytes())
                    .as_bytes()
                    .first_chunk()
                    .unwrap_or(&[0; 4])
            ) % 1_000_000
        ));
        let lines = if layout.room == 0 { LINES } else { layout.room.div_ceil(LINE) };
        for place in &self.places {
            let exercise = &self.exercises.themes[place.theme].exercises[place.exercise];
            let statement = self.exercises.shelf.whole(&exercise.statement, &exercise.path);
            let answer = exercise.answer.as_ref().map(|(path, text)| {
                format!("\\explain{{{}}}\n", self.exercises.shelf.whole(text, path).trim())
            });
            out.push_str(&format!(
                "\\element{{rapidexo}}{{\n\\begin{{question}}{{{}}}\n{}\n\
                 \\AMCOpen{{lines={lines},lineheight={LINE}mm}}{{\\wrongchoice[0]{{0}}\\scoring{{0}}\
                 \\wrongchoice[p]{{0,5}}\\scoring{{0.5}}\\correctchoice[1]{{1}}\\scoring{{1}}}}\n\
                 {}\\end{{question}}\n}}\n",
                identifier(&self.id(*place)),
                statement.trim(),
                answer.unwrap_or_default()
            ));
        }
        let title = escape(self.heading());
        let (class, date) = (escape(&layout.class), escape(&layout.date));
        out.push_str(&format!(
            "\\onecopy{{{}}}{{\n\\noindent\\textbf{{{title}}}\\hfill {class}\\hfill {date}\\par\\medskip\n\
             \\noindent\\namefield{{\\fbox{{\\parbox{{.5\\linewidth}}{{Nom et prénom :\\par\\vspace{{8mm}}}}}}}}\\par\\bigskip\n\
             \\shufflegroup{{rapidexo}}\\insertgroup{{rapidexo}}\n}}\n\\end{{document}}\n",
            layout.variants.get()
        ));
        out
    }
}

/// AMC takes letters, digits and dashes for the name of a question.
fn identifier(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

//! The lines of algorithm2e (`\If{…}{…}`, `\Si{…}{…}`), each ended by `\;`.

use super::{DEEPEST, Step, Steps, bold, line, next_command};
use crate::{
    english,
    parse::Parser,
    reader::{Cursor, Token},
};

/// The words of algorithm2e, in English and French.
fn words(french: bool, english_word: &'static str, french_word: &'static str) -> &'static str {
    if french { french_word } else { english_word }
}

/// A block of algorithm2e: what stands before and after its condition.
struct Form {
    before: &'static str,
    after: &'static str,
    condition: bool,
    french: bool,
}

/// Reads what algorithm2e writes.
pub(super) struct Reader<'b> {
    body: &'b str,
    french: bool,
    /// Blocks are closed by a word.
    ends: bool,
    /// `\SetKwFunction` and its like: command, what it prints, whether braces after it are its
    /// arguments.
    own: Vec<(String, String, char)>,
    out: Steps,
}

impl<'b> Reader<'b> {
    pub(super) fn new(parser: &Parser<'_>, body: &'b str) -> Self {
        let options = parser.state.algorithms.as_str();
        let has = |name: &str| options.split(',').any(|option| option.trim() == name);
        Self {
            body,
            french: english::named(options) == Some(false),
            ends: !has("vlined") && !has("noend"),
            own: parser.state.keywords.clone(),
            out: Steps { numbered: has("linesnumbered"), ..Steps::default() },
        }
    }

    pub(super) fn read(mut self) -> Option<Steps> {
        let steps = self.steps(self.body, 0)?;
        self.out.steps = steps;
        Some(self.out)
    }

    fn form(&self, name: &str) -> Option<Form> {
        // Commands with French names print French.
        let fr = self.french
            || !matches!(
                name.trim_start_matches(['u', 'l', 'e']),
                "If" | "ElseIf"
                    | "Else"
                    | "For"
                    | "ForEach"
                    | "ForAll"
                    | "ForPar"
                    | "While"
                    | "Switch"
                    | "Case"
                    | "Other"
                    | "Begin"
            );
        let form = |before, after| Some(Form { before, after, condition: true, french: fr });
        let alone = |before| Some(Form { before, after: "", condition: false, french: fr });
        let then = words(fr, "then", "alors");
        let does = words(fr, "do", "faire");
        match name {
            "If" | "uIf" | "lIf" | "Si" | "uSi" | "lSi" | "eIf" | "eSi" => {
                form(words(fr, "if", "si"), then)
            }
            "ElseIf" | "uElseIf" | "lElseIf" | "SinonSi" | "uSinonSi" | "lSinonSi" => {
                form(words(fr, "else if", "sinon si"), then)
            }
            "Else" | "uElse" | "lElse" | "Sinon" | "uSinon" | "lSinon" => {
                alone(words(fr, "else", "sinon"))
            }
            "For" | "lFor" | "Pour" | "lPour" => form(words(fr, "for", "pour"), does),
            "ForEach" | "lForEach" | "PourCh" | "lPourCh" => {
                form(words(fr, "foreach", "pour chaque"), does)
            }
            "ForAll" | "lForAll" | "PourTous" | "lPourTous" => {
                form(words(fr, "forall", "pour tous les"), does)
            }
            "ForPar" | "PourPar" => {
                form(words(fr, "for", "pour"), words(fr, "do in parallel", "faire en parallèle"))
            }
            "While" | "lWhile" | "Tq" | "lTq" => form(words(fr, "while", "tant que"), does),
            "Switch" | "Suivant" => form(words(fr, "switch", "suivant"), does),
            "Case" | "uCase" | "lCase" | "Cas" | "uCas" | "lCas" => {
                form(words(fr, "case", "cas où"), does)
            }
            "Other" | "lOther" | "Autre" | "lAutre" => {
                alone(words(fr, "otherwise do", "autres cas faire"))
            }
            "Begin" | "Deb" => alone(words(fr, "begin", "début")),
            _ => None,
        }
    }

    fn steps(&mut self, source: &str, depth: usize) -> Option<Vec<Step>> {
        if depth > DEEPEST {
            return None;
        }
        let mut cursor = Cursor::new(source);
        let mut steps = Vec::new();
        let mut text = String::new();
        while let Some((piece, name)) = next_command(&mut cursor) {
            // An empty line ends one.
            let mut parts = piece.split("\n\n");
            text.push_str(parts.next().unwrap_or_default());
            for part in parts {
                steps.push(Step::Line(std::mem::replace(&mut text, part.to_owned())));
            }
            let Some(name) = name else { continue };
            if let Some(form) = self.form(name) {
                steps.push(Step::Line(std::mem::take(&mut text)));
                // A comment at the end of the head.
                let beside = cursor.delimited('(', ')').unwrap_or_default().to_owned();
                let condition = if form.condition { cursor.argument()? } else { "" };
                let (before, after) = (bold(form.before), bold(form.after));
                let condition = self.inside(condition)?;
                let body = cursor.argument()?;
                if name.starts_with('l') {
                    let inner = self.inside(body.trim().trim_end_matches("\\;"))?;
                    steps.push(line(&[&before, &condition, &after, &inner]));
                    continue;
                }
                let beside = self.inside(&beside)?;
                steps.push(line(&[&before, &condition, &after, &beside]));
                steps.push(Step::Block(self.steps(body, depth + 1)?));
                if matches!(name, "eIf" | "eSi") {
                    steps.push(Step::Line(bold(words(form.french, "else", "sinon"))));
                    let body = cursor.argument()?;
                    steps.push(Step::Block(self.steps(body, depth + 1)?));
                }
                if self.ends && !name.starts_with('u') {
                    steps.push(Step::Line(bold(words(form.french, "end", "fin"))));
                }
                continue;
            }
            if let Some(word) = self.input(name) {
                steps.push(Step::Line(std::mem::take(&mut text)));
                let said = self.inside(cursor.argument()?)?;
                steps.push(Step::Head(format!("{} {said}", bold(&format!("{word} :")))));
                continue;
            }
            match name {
                ";" | "\\" | "par" | "BlankLine" => {
                    steps.push(Step::Line(std::mem::take(&mut text)))
                }
                "Repeat" | "Repeter" => {
                    steps.push(Step::Line(std::mem::take(&mut text)));
                    let french = self.french || name == "Repeter";
                    let (condition, body) = (self.inside(cursor.argument()?)?, cursor.argument()?);
                    steps.push(Step::Line(bold(words(french, "repeat", "répéter"))));
                    steps.push(Step::Block(self.steps(body, depth + 1)?));
                    steps.push(line(&[&bold(words(french, "until", "jusqu'à")), &condition]));
                }
                "caption" | "label" => {
                    self.out.aside.push('\\');
                    self.out.aside.push_str(name);
                    self.out.aside.push_str(&format!("{{{}}}", cursor.argument()?));
                }
                "LinesNumbered" => self.out.numbered = true,
                "LinesNotNumbered" => self.out.numbered = false,
                "SetAlgoVlined" | "SetAlgoNoEnd" => self.ends = false,
                _ if name.starts_with("SetKw") => {
                    self.own.push(keyword_declared(name, &mut cursor)?);
                }
                _ => text.push_str(&self.inline(name, &mut cursor)?),
            }
        }
        steps.push(Step::Line(text));
        Some(steps)
    }

    /// What stands in a line, as LaTeX that prints it.
    fn inside(&self, source: &str) -> Option<String> {
        let mut cursor = Cursor::new(source);
        let mut out = String::new();
        while let Some((piece, name)) = next_command(&mut cursor) {
            out.push_str(piece);
            if let Some(name) = name {
                out.push_str(&self.inline(name, &mut cursor)?);
            }
        }
        Some(out)
    }

    /// What a command says of the line that is its argument: « Entrées ».
    fn input(&self, name: &str) -> Option<String> {
        let declared = self.own.iter().rev().find(|(own, _, kind)| own == name && *kind == 'i');
        if let Some((_, shown, _)) = declared {
            return Some(shown.trim_end_matches([':', ' ', '~']).to_owned());
        }
        let fr = self.french;
        let word = match name {
            "KwIn" => words(fr, "Input", "Entrées"),
            "KwOut" => words(fr, "Output", "Sorties"),
            "KwData" => words(fr, "Data", "Données"),
            "KwResult" => words(fr, "Result", "Résultat"),
            "Entree" | "Entrees" => "Entrées",
            "Sortie" | "Sorties" => "Sorties",
            "Donnees" => "Données",
            "Res" | "Resultat" => "Résultat",
            _ => return None,
        };
        Some(word.to_owned())
    }

    /// A command inside a line.
    fn inline(&self, name: &str, cursor: &mut Cursor<'_>) -> Option<String> {
        if let Some((_, shown, kind)) = self.own.iter().rev().find(|(own, _, _)| own == name) {
            return Some(match kind {
                'f' if cursor.peek() == Some(Token::Open) => {
                    format!("\\texttt{{{shown}}}({})", cursor.argument()?)
                }
                'f' => format!("\\texttt{{{shown}}}"),
                'd' if cursor.peek() == Some(Token::Open) => {
                    format!("\\textsf{{{shown}}}[{}]", cursor.argument()?)
                }
                'd' => format!("\\textsf{{{shown}}} "),
                _ => format!("\\textbf{{{shown}}} "),
            });
        }
        let fr = self.french;
        Some(match name {
            "Return" | "KwRet" | "Retour" => {
                let french = fr || name == "Retour";
                let word = bold(words(french, "return", "retourner"));
                let mut ahead = cursor.clone();
                ahead.skip_space();
                if ahead.peek() == Some(Token::Open) {
                    format!("{word} {}", self.inside(cursor.argument()?)?)
                } else {
                    word + " "
                }
            }
            "KwTo" => format!(" {} ", bold(words(fr, "to", "à"))),
            "KwA" => format!(" {} ", bold("à")),
            "tcp" | "tcc" => {
                cursor.star();
                cursor.optional();
                let said = cursor.argument()?;
                if name == "tcp" {
                    format!(" \\texttt{{// {said}}}")
                } else {
                    format!(" \\texttt{{/* {said} */}}")
                }
            }
            name => {
                // What else holds lines is left to TeX.
                let mut ahead = cursor.clone();
                while ahead.peek() == Some(Token::Open) {
                    if ahead.argument()?.contains("\\;") {
                        return None;
                    }
                }
                format!("\\{name}")
            }
        })
    }
}

/// What `\SetKw…` declares: command, what it prints, its kind (`w` word, `f` function, `d` data, `i`
/// input).
pub(crate) fn keyword_declared(
    name: &str,
    cursor: &mut Cursor<'_>,
) -> Option<(String, String, char)> {
    let kind = match name {
        "SetKw" | "SetKwHangingKw" => 'w',
        "SetKwFunction" => 'f',
        "SetKwData" | "SetKwArray" => 'd',
        "SetKwInput" | "SetKwInOut" => 'i',
        _ => return None,
    };
    Some((cursor.argument()?.to_owned(), cursor.argument()?.to_owned(), kind))
}

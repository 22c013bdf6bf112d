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

/// A block of algorithm2e.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// What stands before and after its condition.
    before: String,
    after: String,
    condition: bool,
    /// What stands between the two parts of one that has two.
    otherwise: String,
    /// What closes it.
    end: String,
}

/// Reads what algorithm2e writes.
pub(super) struct Reader<'b> {
    body: &'b str,
    french: bool,
    /// Blocks are closed by a word.
    ends: bool,
    /// What the author declared: a command, and what it prints.
    own: Vec<(String, Keyword)>,
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
        let own = |name: &str| match self.keyword(name) {
            Some(Keyword::Block(form)) => Some(form.clone()),
            _ => None,
        };
        let declared = own(name).or_else(|| name.strip_prefix(['u', 'l', 'e']).and_then(own));
        if declared.is_some() {
            return declared;
        }
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
        let form = |before: &str, after: &str| {
            Some(Form {
                before: before.to_owned(),
                after: after.to_owned(),
                condition: true,
                otherwise: words(fr, "else", "sinon").to_owned(),
                end: words(fr, "end", "fin").to_owned(),
            })
        };
        let alone = |before| form(before, "").map(|form| Form { condition: false, ..form });
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
                let (before, after) = (bold(&form.before), bold(&form.after));
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
                if name.starts_with('e') {
                    steps.push(Step::Line(bold(&form.otherwise)));
                    let body = cursor.argument()?;
                    steps.push(Step::Block(self.steps(body, depth + 1)?));
                }
                if self.ends && !name.starts_with('u') {
                    steps.push(Step::Line(bold(&form.end)));
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
                _ if self.repeated(name).is_some() => {
                    steps.push(Step::Line(std::mem::take(&mut text)));
                    let (repeat, until) = self.repeated(name)?;
                    let (condition, body) = (self.inside(cursor.argument()?)?, cursor.argument()?);
                    steps.push(Step::Line(bold(&repeat)));
                    steps.push(Step::Block(self.steps(body, depth + 1)?));
                    steps.push(line(&[&bold(&until), &condition]));
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
                    self.own.extend(declared(name, &mut cursor)?);
                }
                _ => text.push_str(&self.inline(name, &mut cursor)?),
            }
        }
        steps.push(Step::Line(text));
        Some(steps)
    }

    /// What the author declared of a command, last.
    fn keyword(&self, name: &str) -> Option<&Keyword> {
        self.own.iter().rev().find(|(own, _)| own == name).map(|(_, keyword)| keyword)
    }

    /// The words around lines that are repeated until a condition holds.
    fn repeated(&self, name: &str) -> Option<(String, String)> {
        if let Some(Keyword::Repeat(repeat, until)) = self.keyword(name) {
            return Some((repeat.clone(), until.clone()));
        }
        let french = match name {
            "Repeat" => self.french,
            "Repeter" => true,
            _ => return None,
        };
        let (repeat, until) =
            (words(french, "repeat", "répéter"), words(french, "until", "jusqu'à"));
        Some((repeat.to_owned(), until.to_owned()))
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
        if let Some(Keyword::Input(shown)) = self.keyword(name) {
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
        match self.keyword(name) {
            Some(Keyword::Function(shown)) if cursor.peek() == Some(Token::Open) => {
                return Some(format!("\\texttt{{{shown}}}({})", cursor.argument()?));
            }
            Some(Keyword::Function(shown)) => return Some(format!("\\texttt{{{shown}}}")),
            Some(Keyword::Data(shown)) if cursor.peek() == Some(Token::Open) => {
                return Some(format!("\\textsf{{{shown}}}[{}]", cursor.argument()?));
            }
            Some(Keyword::Data(shown)) => return Some(format!("\\textsf{{{shown}}} ")),
            Some(Keyword::Word(shown)) => return Some(format!("\\textbf{{{shown}}} ")),
            Some(Keyword::Comment(before, after)) => {
                cursor.star();
                cursor.optional();
                let said = cursor.argument()?;
                return Some(format!(" \\texttt{{{before} {said} {after}}}"));
            }
            // A block inside a line is left to TeX.
            Some(_) => return None,
            None => {}
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

/// What a command prints that `\SetKw…` declared.
#[derive(Debug, Clone)]
pub(crate) enum Keyword {
    /// A word.
    Word(String),
    /// The name of a function, with its arguments.
    Function(String),
    /// The name of data, with an index.
    Data(String),
    /// What stands before the line that is its argument: « Entrées ».
    Input(String),
    /// What stands before and after a comment.
    Comment(String, String),
    /// Lines.
    Block(Form),
    /// Lines, between these words, and a condition after them.
    Repeat(String, String),
}

/// What `\SetKw…` declares: commands, and what each prints. `None` for what is not known.
pub(crate) fn declared(name: &str, cursor: &mut Cursor<'_>) -> Option<Vec<(String, Keyword)>> {
    let count = match name {
        "SetKw" | "SetKwHangingKw" | "SetKwFunction" | "SetKwData" | "SetKwArray"
        | "SetKwInput" | "SetKwInOut" => 2,
        "SetKwComment" | "SetKwRepeat" | "SetKwBlock" => 3,
        "SetKwProg" | "SetKwFor" => 4,
        "SetKwIF" => 8,
        "SetKwSwitch" => 9,
        _ => return None,
    };
    let mut given = Vec::with_capacity(count);
    for _ in 0..count {
        given.push(cursor.argument()?.trim().to_owned());
    }
    let block = |before: &str, after: &str, condition, otherwise: &str, end: &str| {
        let [before, after, otherwise, end] =
            [before, after, otherwise, end].map(|word| word.to_owned());
        Keyword::Block(Form { before, after, condition, otherwise, end })
    };
    let word = |at: usize| given[at].clone();
    let one = |keyword| vec![(word(0), keyword)];
    Some(match name {
        "SetKwFunction" => one(Keyword::Function(word(1))),
        "SetKwData" | "SetKwArray" => one(Keyword::Data(word(1))),
        "SetKwInput" | "SetKwInOut" => one(Keyword::Input(word(1))),
        "SetKwComment" => one(Keyword::Comment(word(1), word(2))),
        "SetKwRepeat" => one(Keyword::Repeat(word(1), word(2))),
        "SetKwBlock" => one(block(&given[1], "", false, "", &given[2])),
        "SetKwProg" | "SetKwFor" => one(block(&given[1], &given[2], true, "", &given[3])),
        "SetKwIF" => {
            let [yes, other, no] = [&given[3], &given[5], &given[6]];
            let (then, end) = (&given[4], &given[7]);
            vec![
                (word(0), block(yes, then, true, no, end)),
                (word(1), block(other, then, true, no, end)),
                (word(2), block(no, "", false, no, end)),
            ]
        }
        "SetKwSwitch" => vec![
            (word(0), block(&given[3], &given[4], true, "", &given[8])),
            (word(1), block(&given[5], &given[4], true, "", &given[7])),
            (word(2), block(&given[6], &given[4], false, "", &given[7])),
        ],
        _ => one(Keyword::Word(word(1))),
    })
}

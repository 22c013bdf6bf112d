//! Lucene's query language, as far as people write it: words, prefixes, wildcards, phrases, typing
//! errors, boosts, fields, `+ - ! AND OR NOT && || ( )` and `\` before a sign that means itself.

use super::{
    clauses::{Clause, Fields, boosted, constant, or},
    words::{Word, fold, words},
};
use tantivy::{
    query::{BooleanQuery, EmptyQuery, Occur, RegexQuery},
    schema::Field,
};

/// A query that is longer, or asks for more, is refused.
const LONGEST: usize = 1_000;
const MOST_CLAUSES: usize = 64;
const MOST_OPEN: usize = 8;
const DEEPEST: usize = 10;
const MOST_WILDCARDS: usize = 4;

/// A query that cannot be read or asks for too much.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct BadQuery {
    /// What is wrong, in French.
    pub fr: String,
    /// What is wrong, in English.
    pub en: String,
    /// Where, in characters from the first, which is 1.
    pub position: usize,
}

fn bad(position: usize, fr: impl Into<String>, en: impl Into<String>) -> BadQuery {
    let (fr, en) = (fr.into(), en.into());
    BadQuery {
        fr: format!("Recherche illisible au caractère {position} : {fr}."),
        en: format!("Unreadable query at character {position}: {en}."),
        position,
    }
}

/// Reads a query.
pub(super) fn parse(query: &str, fields: &Fields) -> Result<Clause, BadQuery> {
    if query.chars().count() > LONGEST {
        return Err(bad(
            LONGEST + 1,
            format!("elle dépasse {LONGEST} caractères"),
            format!("it is longer than {LONGEST} characters"),
        ));
    }
    let lexemes = lex(query)?;
    let end = query.chars().count() + 1;
    let mut parser = Parser { fields, lexemes: &lexemes, at: 0, clauses: 0, open: 0, end };
    if lexemes.is_empty() {
        return Err(bad(1, "elle est vide", "it is empty"));
    }
    let clause = parser.list(0)?;
    match parser.lexemes.get(parser.at) {
        None => Ok(clause),
        Some((at, _)) => Err(bad(
            *at,
            "cette parenthèse fermante est de trop",
            "nothing is open for this closing parenthesis",
        )),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Lexeme {
    Open,
    Close,
    Plus,
    Minus,
    And,
    Or,
    Not,
    Field(String),
    Boost(f32),
    Phrase { text: String, slop: u32 },
    Word(Vec<Piece>),
    Fuzzy { text: String, errors: u8 },
}

/// A part of a word: text as it is, or a wildcard.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Any,
    One,
}

type Chars<'q> = std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'q>>>;

/// The lexemes of a query with where each begins.
fn lex(query: &str) -> Result<Vec<(usize, Lexeme)>, BadQuery> {
    let mut out = Vec::new();
    let mut chars: Chars<'_> = query.chars().enumerate().peekable();
    while let Some((at, c)) = chars.peek().copied() {
        let position = at + 1;
        let lexeme = match c {
            c if c.is_whitespace() => {
                chars.next();
                continue;
            }
            '&' | '|' => {
                chars.next();
                // One alone is punctuation.
                if chars.next_if(|(_, next)| *next == c).is_none() {
                    continue;
                }
                if c == '&' { Lexeme::And } else { Lexeme::Or }
            }
            '"' => phrase(&mut chars, position)?,
            '(' | ')' | '+' | '-' | '!' => {
                chars.next();
                match c {
                    '(' => Lexeme::Open,
                    ')' => Lexeme::Close,
                    '+' => Lexeme::Plus,
                    _ => Lexeme::Minus,
                }
            }
            '^' => {
                chars.next();
                let boost = number(&mut chars).parse().unwrap_or(0.0_f32);
                if !(boost > 0.0 && boost <= 1000.0) {
                    return Err(bad(
                        position,
                        "« ^ » veut un nombre entre 0 et 1000 après lui",
                        "“^” wants a number between 0 and 1000 after it",
                    ));
                }
                Lexeme::Boost(boost)
            }
            '[' | ']' | '{' | '}' => {
                return Err(bad(
                    position,
                    format!("les intervalles n'existent pas ici (écrire « \\{c} » pour le signe)"),
                    format!("there are no ranges here (write “\\{c}” for the sign itself)"),
                ));
            }
            '*' | '?' | '~' | ':' => {
                return Err(bad(
                    position,
                    format!("« {c} » doit suivre le début d'un mot"),
                    format!("“{c}” must follow the beginning of a word"),
                ));
            }
            _ => word(&mut chars, position)?,
        };
        out.push((position, lexeme));
    }
    Ok(out)
}

fn number(chars: &mut Chars<'_>) -> String {
    std::iter::from_fn(|| chars.next_if(|(_, c)| c.is_ascii_digit() || *c == '.'))
        .map(|(_, c)| c)
        .take(8)
        .collect()
}

fn phrase(chars: &mut Chars<'_>, position: usize) -> Result<Lexeme, BadQuery> {
    chars.next();
    let mut text = String::new();
    loop {
        match chars.next() {
            None => {
                return Err(bad(
                    position,
                    "ce guillemet n'est pas fermé",
                    "this quotation mark is not closed",
                ));
            }
            Some((_, '"')) => break,
            Some((_, '\\')) => text.extend(chars.next().map(|(_, c)| c)),
            Some((_, c)) => text.push(c),
        }
    }
    let mut slop = 0;
    if chars.next_if(|(_, c)| *c == '~').is_some() {
        slop = number(chars).parse().unwrap_or(1).min(20);
    }
    Ok(Lexeme::Phrase { text, slop })
}

fn word(chars: &mut Chars<'_>, position: usize) -> Result<Lexeme, BadQuery> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut escaped = false;
    while let Some((at, c)) = chars.next_if(|(_, c)| !ends_word(*c)) {
        let literal = match c {
            '\\' => {
                escaped = true;
                chars.next().map(|(_, c)| c).ok_or_else(|| {
                    bad(at + 1, "« \\ » n'est suivi de rien", "nothing follows “\\”")
                })?
            }
            '*' | '?' => {
                pieces.push(if c == '*' { Piece::Any } else { Piece::One });
                continue;
            }
            ':' => {
                return match pieces.as_slice() {
                    [Piece::Text(name)] => Ok(Lexeme::Field(name.clone())),
                    _ => Err(bad(
                        at + 1,
                        "« : » doit suivre le nom d'un champ",
                        "“:” must follow the name of a field",
                    )),
                };
            }
            '~' => {
                let errors = number(chars).parse().unwrap_or(2.0_f32).clamp(0.0, 2.0);
                return match pieces.as_slice() {
                    // Old Lucene wrote a likeness below 1; any of those is two errors.
                    [Piece::Text(text)] => Ok(Lexeme::Fuzzy {
                        text: text.clone(),
                        errors: if errors >= 1.0 || errors == 0.0 { errors as u8 } else { 2 },
                    }),
                    _ => Err(bad(
                        at + 1,
                        "« ~ » et un joker ne vont pas ensemble",
                        "“~” and a wildcard do not go together",
                    )),
                };
            }
            c => c,
        };
        match pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(literal),
            _ => pieces.push(Piece::Text(literal.to_string())),
        }
    }
    if pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).count() > MOST_WILDCARDS {
        return Err(bad(position, "ce mot a trop de jokers", "this word has too many wildcards"));
    }
    Ok(match pieces.as_slice() {
        [Piece::Text(text)] if !escaped => match text.as_str() {
            "AND" => Lexeme::And,
            "OR" => Lexeme::Or,
            "NOT" => Lexeme::Not,
            _ => Lexeme::Word(pieces),
        },
        _ => Lexeme::Word(pieces),
    })
}

/// What cannot be inside a word without `\`. A hyphen can: `Cauchy-Schwarz`.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '[' | ']' | '{' | '}' | '^')
}

/// Turns lexemes into clauses.
struct Parser<'p> {
    fields: &'p Fields,
    lexemes: &'p [(usize, Lexeme)],
    at: usize,
    /// How many clauses there were, and how many that look through all words.
    clauses: usize,
    open: usize,
    /// The position after the last character.
    end: usize,
}

impl Parser<'_> {
    fn position(&self) -> usize {
        self.lexemes.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    /// Clauses up to a closing parenthesis or the end.
    fn list(&mut self, depth: usize) -> Result<Clause, BadQuery> {
        if depth > DEEPEST {
            return Err(bad(
                self.position(),
                "trop de parenthèses les unes dans les autres",
                "too many parentheses inside each other",
            ));
        }
        let mut clauses: Vec<(Occur, Clause)> = Vec::new();
        let mut and = false;
        while let Some((at, lexeme)) = self.lexemes.get(self.at) {
            let mut occur = if and { Occur::Must } else { Occur::Should };
            match lexeme {
                Lexeme::Close => break,
                Lexeme::And | Lexeme::Or => {
                    let name = if *lexeme == Lexeme::And { "AND" } else { "OR" };
                    let Some((last, _)) = clauses.last_mut() else {
                        return Err(bad(
                            *at,
                            format!("« {name} » n'a rien à sa gauche"),
                            format!("nothing stands before “{name}”"),
                        ));
                    };
                    if *lexeme == Lexeme::And && *last == Occur::Should {
                        *last = Occur::Must;
                    }
                    and = *lexeme == Lexeme::And;
                    self.at += 1;
                    if matches!(
                        self.lexemes.get(self.at),
                        None | Some((_, Lexeme::Close | Lexeme::And | Lexeme::Or))
                    ) {
                        return Err(bad(
                            *at,
                            format!("« {name} » n'a rien à sa droite"),
                            format!("nothing stands after “{name}”"),
                        ));
                    }
                    continue;
                }
                Lexeme::Plus => {
                    occur = Occur::Must;
                    self.at += 1;
                }
                Lexeme::Minus | Lexeme::Not => {
                    occur = Occur::MustNot;
                    self.at += 1;
                }
                _ => {}
            }
            clauses.push((occur, self.clause(depth)?));
            and = false;
        }
        match clauses.len() {
            0 => Err(bad(
                self.position(),
                "il n'y a rien entre ces parenthèses",
                "there is nothing between these parentheses",
            )),
            _ => Ok(Box::new(BooleanQuery::new(clauses))),
        }
    }

    fn clause(&mut self, depth: usize) -> Result<Clause, BadQuery> {
        let position = self.position();
        self.clauses += 1;
        if self.clauses > MOST_CLAUSES {
            return Err(bad(
                position,
                format!("plus de {MOST_CLAUSES} mots"),
                format!("more than {MOST_CLAUSES} words"),
            ));
        }
        let lexeme = self.lexemes.get(self.at).map(|(_, lexeme)| lexeme.clone());
        self.at += 1;
        let clause = match lexeme {
            Some(Lexeme::Open) => {
                let inner = self.list(depth + 1)?;
                if !matches!(self.lexemes.get(self.at), Some((_, Lexeme::Close))) {
                    return Err(bad(
                        position,
                        "cette parenthèse n'est pas fermée",
                        "this parenthesis is not closed",
                    ));
                }
                self.at += 1;
                inner
            }
            Some(Lexeme::Field(name)) => {
                let fields = self.field(position, &name)?;
                match self.lexemes.get(self.at) {
                    Some((
                        _,
                        Lexeme::Open
                        | Lexeme::Phrase { .. }
                        | Lexeme::Word(_)
                        | Lexeme::Fuzzy { .. },
                    )) => {}
                    _ => {
                        return Err(bad(
                            position,
                            format!("rien ne suit « {name}: »"),
                            format!("nothing follows “{name}:”"),
                        ));
                    }
                }
                let narrowed = self.fields.only(fields);
                let mut inner = Parser { fields: &narrowed, ..*self };
                let clause = inner.clause(depth)?;
                (self.at, self.clauses, self.open) = (inner.at, inner.clauses, inner.open);
                clause
            }
            Some(Lexeme::Phrase { text, slop }) => self.phrase(&text, slop),
            Some(Lexeme::Fuzzy { text, errors }) => {
                self.open(position)?;
                or(words(&text).map(|word| self.fields.fuzzy(word.raw, errors)).collect())
            }
            Some(Lexeme::Word(pieces)) => match pieces.as_slice() {
                [Piece::Text(text)] => self.phrase(text, 0),
                [Piece::Text(text), Piece::Any] => {
                    self.open(position)?;
                    self.prefix(text)
                }
                pieces => {
                    self.open(position)?;
                    self.pattern(position, pieces)?
                }
            },
            _ => {
                return Err(bad(position, "un mot est attendu ici", "a word is expected here"));
            }
        };
        match self.lexemes.get(self.at) {
            Some((_, Lexeme::Boost(boost))) => {
                self.at += 1;
                Ok(boosted(clause, *boost))
            }
            _ => Ok(clause),
        }
    }

    /// Counts a clause that looks through all words of the index.
    fn open(&mut self, position: usize) -> Result<(), BadQuery> {
        self.open += 1;
        if self.open > MOST_OPEN {
            return Err(bad(
                position,
                format!("plus de {MOST_OPEN} mots avec un joker ou « ~ »"),
                format!("more than {MOST_OPEN} words with a wildcard or “~”"),
            ));
        }
        Ok(())
    }

    fn field(&self, position: usize, name: &str) -> Result<Field, BadQuery> {
        Ok(match name {
            "titre" | "litteral" | "nom" | "title" => self.fields.title,
            "description" => self.fields.description,
            "texte" | "text" => self.fields.body,
            _ => {
                return Err(bad(
                    position,
                    format!(
                        "« {name} » n'est pas un champ (titre, litteral, nom, description, texte) ; écrire « \\: » pour le signe"
                    ),
                    format!(
                        "“{name}” is not a field (titre, litteral, nom, description, texte); write “\\:” for the sign itself"
                    ),
                ));
            }
        })
    }

    /// One word, or several that stand together.
    fn phrase(&self, text: &str, slop: u32) -> Clause {
        let words: Vec<Word<'_>> = words(text).collect();
        match words.as_slice() {
            [] => Box::new(EmptyQuery),
            [word] => self.fields.word(word.raw),
            words => self.fields.phrase(words, slop),
        }
    }

    /// `gau*`; of `Cauchy-Schw*` the first words are whole.
    fn prefix(&self, text: &str) -> Clause {
        let words: Vec<Word<'_>> = words(text).collect();
        let Some((last, before)) = words.split_last() else { return Box::new(EmptyQuery) };
        let prefix = self.fields.prefix(last.raw);
        if before.is_empty() {
            return prefix;
        }
        let mut all: Vec<(Occur, Clause)> =
            before.iter().map(|word| (Occur::Must, self.fields.word(word.raw))).collect();
        all.push((Occur::Must, prefix));
        Box::new(BooleanQuery::new(all))
    }

    /// `m?tri*e`.
    fn pattern(&self, position: usize, pieces: &[Piece]) -> Result<Clause, BadQuery> {
        let mut pattern = String::new();
        for piece in pieces {
            match piece {
                Piece::Any => pattern.push_str(".*"),
                Piece::One => pattern.push('.'),
                // What is no letter is in no word; letters mean themselves in a pattern.
                Piece::Text(text) => {
                    pattern.extend(fold(text).chars().filter(|c| c.is_alphanumeric()));
                }
            }
        }
        if !pattern.starts_with(char::is_alphanumeric) {
            return Ok(Box::new(EmptyQuery));
        }
        let patterns = self.fields.texts().map(|(field, score)| {
            Some(constant(RegexQuery::from_pattern(&pattern, field).ok()?, score))
        });
        let patterns: Option<Vec<Clause>> = patterns.collect();
        patterns.map(or).ok_or_else(|| {
            bad(position, "ce mot a trop de jokers", "this word has too many wildcards")
        })
    }
}

//! Search over titles, descriptions and the text of the documents, by tantivy, in French.

use crate::Graph;
use mqd_model::{Label, Node, NodeId};
use std::collections::BTreeMap;
use tantivy::{
    Index, IndexReader, TantivyDocument, Term,
    collector::{Count, TopDocs},
    doc,
    query::{
        BooleanQuery, BoostQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery,
    },
    schema::{
        Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
        Value as _,
    },
    snippet::SnippetGenerator,
    tokenizer::{
        AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
        StopWordFilter, TextAnalyzer, TokenStream,
    },
};

/// What elision and single letters leave of words: no one searches for them.
const ELIDED: &[&str] =
    &["l", "d", "qu", "n", "s", "j", "m", "t", "c", "jusqu", "lorsqu", "puisqu", "quoiqu"];
/// A query longer than this, or with more parts, is refused.
const MAX_QUERY: usize = 1_000;
const MAX_PARTS: usize = 64;
const MAX_DEPTH: usize = 10;

/// A query that cannot be read, with what to do in French.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fr}")]
pub struct BadQuery {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

fn bad(fr: &str, en: &str) -> BadQuery {
    BadQuery { fr: fr.to_owned(), en: en.to_owned() }
}

/// One found node.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The node.
    pub node: NodeId,
    /// Its score; higher is better.
    pub score: f32,
    /// Escaped HTML with `<mark>` around what was found; empty when nothing of the text was.
    pub snippet: String,
}

/// What a search gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// How many nodes were found in all.
    pub total: usize,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
    /// Other words that would find something.
    pub suggestions: Vec<String>,
}

/// Which nodes to look among.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Labels; empty is all.
    pub labels: Vec<String>,
    /// Kinds (`typeDoc` …); empty is all.
    pub kinds: Vec<String>,
}

/// The search index of one state of the maquis.
pub struct Search {
    reader: IndexReader,
    fields: Fields,
    /// Folded title words with how they are written, for suggestions.
    words: BTreeMap<String, String>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    label: Field,
    kind: Field,
    title: Field,
    description: Field,
    body: Field,
    /// Title, description and body unstemmed, for prefixes and typing errors.
    exact: Field,
}

fn stemmed() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(60))
        .filter(LowerCaser)
        .filter(StopWordFilter::remove(ELIDED.iter().map(|word| (*word).to_owned())))
        .filter(Stemmer::new(Language::French))
        .filter(AsciiFoldingFilter)
        .build()
}

fn folded() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(60))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

fn tokens(mut analyzer: TextAnalyzer, text: &str) -> Vec<String> {
    let mut stream = analyzer.token_stream(text);
    let mut out = Vec::new();
    while stream.advance() {
        out.push(stream.token().text.clone());
    }
    out
}

impl Search {
    /// Indexes a graph; `text` gives the plain text of a document.
    ///
    /// # Errors
    /// What tantivy says when memory cannot be had.
    pub fn build(
        graph: &Graph,
        text: &dyn Fn(&Node) -> Option<String>,
    ) -> Result<Self, tantivy::TantivyError> {
        let mut schema = Schema::builder();
        let french = |stored: bool| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("fr")
                .set_index_option(IndexRecordOption::WithFreqsAndPositions);
            let options = TextOptions::default().set_indexing_options(indexing);
            if stored { options.set_stored() } else { options }
        };
        let exact = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("exact")
                .set_index_option(IndexRecordOption::WithFreqs),
        );
        let fields = Fields {
            id: schema.add_i64_field("id", STORED),
            label: schema.add_text_field("label", STRING),
            kind: schema.add_text_field("kind", STRING),
            title: schema.add_text_field("title", french(false)),
            description: schema.add_text_field("description", french(true)),
            body: schema.add_text_field("body", french(true)),
            exact: schema.add_text_field("exact", exact),
        };
        let index = Index::create_in_ram(schema.build());
        index.tokenizers().register("fr", stemmed());
        index.tokenizers().register("exact", folded());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 30 << 20)?;
        let mut words = BTreeMap::new();
        for label in Label::ALL {
            for node in graph.nodes(label) {
                let title = node.title();
                let description = node.text("description").unwrap_or_default();
                let body = text(node).unwrap_or_default();
                for word in title
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| word.chars().count() > 3)
                {
                    words
                        .entry(mqd_model::literal::fold(word))
                        .or_insert_with(|| word.to_lowercase());
                }
                writer.add_document(doc!(
                    fields.id => node.id,
                    fields.label => label.name(),
                    fields.kind => node.kind(),
                    fields.title => title,
                    fields.description => description,
                    fields.body => body.as_str(),
                    fields.exact => title,
                    fields.exact => description,
                    fields.exact => body.as_str(),
                ))?;
            }
        }
        writer.commit()?;
        let reader = index.reader()?;
        Ok(Self { reader, fields, words })
    }

    /// Nodes for a Lucene-like query, best first: words are OR-ed, `gau*` is a prefix, `mot~` allows
    /// a typing error, `"a b"` is a phrase, `+ - AND OR NOT ( )` work.
    ///
    /// # Errors
    /// [`BadQuery`] for a query that cannot be read.
    pub fn lucene(
        &self,
        query: &str,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<(NodeId, f32)>, BadQuery> {
        let query = Parser::new(self, query)?.whole()?;
        let (hits, _) = self.run(&self.scoped(query, scope), limit, 0);
        Ok(hits.into_iter().map(|(id, score, _)| (id, score)).collect())
    }

    /// Nodes for what a person types: all forms of the words, the last one as far as it is typed,
    /// with typing errors allowed where little is found.
    #[must_use]
    pub fn search(&self, text: &str, scope: &Scope, limit: usize, offset: usize) -> Hits {
        let text: String = text.chars().take(MAX_QUERY).collect();
        let words: Vec<String> = tokens(folded(), &text)
            .into_iter()
            .filter(|word| !ELIDED.contains(&word.as_str()))
            .take(MAX_PARTS)
            .collect();
        if words.is_empty() {
            return Hits::default();
        }
        let strict = self.typed(&text, &words, false);
        let mut query = self.scoped(strict, scope);
        let (mut hits, mut total) = self.run(&query, limit, offset);
        let mut suggestions = Vec::new();
        if total < 3 {
            suggestions = self.suggest(&words);
            query = self.scoped(self.typed(&text, &words, true), scope);
            (hits, total) = self.run(&query, limit, offset);
        }
        let generator =
            SnippetGenerator::create(&self.reader.searcher(), &query, self.fields.body).ok();
        let hits = hits
            .into_iter()
            .map(|(node, score, document)| {
                let snippet = generator
                    .as_ref()
                    .map(|generator| snippet(generator, &document))
                    .unwrap_or_default();
                Hit { node, score, snippet }
            })
            .collect();
        Hits { total, hits, suggestions }
    }

    /// Every word must be found, in any of the fields and forms.
    fn typed(&self, text: &str, words: &[String], fuzzy: bool) -> Box<dyn Query> {
        let last_is_open = text.ends_with(|c: char| c.is_alphanumeric());
        let mut all: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let mut any: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, self.word(word))];
            let exact = Term::from_field_text(self.fields.exact, word);
            any.push((
                Occur::Should,
                Box::new(TermQuery::new(exact.clone(), IndexRecordOption::WithFreqs)),
            ));
            if index + 1 == words.len() && last_is_open && word.chars().count() >= 2 {
                any.push((
                    Occur::Should,
                    Box::new(BoostQuery::new(
                        Box::new(FuzzyTermQuery::new_prefix(exact.clone(), 0, true)),
                        0.5,
                    )),
                ));
            }
            if fuzzy && word.chars().count() > 3 {
                let distance = if word.chars().count() > 7 { 2 } else { 1 };
                any.push((
                    Occur::Should,
                    Box::new(BoostQuery::new(
                        Box::new(FuzzyTermQuery::new(exact, distance, true)),
                        0.3,
                    )),
                ));
            }
            all.push((Occur::Must, Box::new(BooleanQuery::new(any))));
        }
        Box::new(BooleanQuery::new(all))
    }

    /// A word in its stemmed form: the title counts most.
    fn word(&self, word: &str) -> Box<dyn Query> {
        let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for stem in tokens(stemmed(), word) {
            for (field, boost) in
                [(self.fields.title, 4.0), (self.fields.description, 2.0), (self.fields.body, 1.0)]
            {
                let term = TermQuery::new(
                    Term::from_field_text(field, &stem),
                    IndexRecordOption::WithFreqs,
                );
                any.push((Occur::Should, Box::new(BoostQuery::new(Box::new(term), boost))));
            }
        }
        if any.is_empty() { Box::new(EmptyQuery) } else { Box::new(BooleanQuery::new(any)) }
    }

    fn scoped(&self, query: Box<dyn Query>, scope: &Scope) -> Box<dyn Query> {
        let mut all: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, query)];
        for (field, values) in
            [(self.fields.label, &scope.labels), (self.fields.kind, &scope.kinds)]
        {
            if !values.is_empty() {
                let any = values
                    .iter()
                    .map(|value| {
                        let term = TermQuery::new(
                            Term::from_field_text(field, value),
                            IndexRecordOption::Basic,
                        );
                        (Occur::Should, Box::new(term) as Box<dyn Query>)
                    })
                    .collect();
                // The scope decides, it does not score.
                all.push((
                    Occur::Must,
                    Box::new(BoostQuery::new(Box::new(BooleanQuery::new(any)), 0.0)),
                ));
            }
        }
        Box::new(BooleanQuery::new(all))
    }

    fn run(
        &self,
        query: &dyn Query,
        limit: usize,
        offset: usize,
    ) -> (Vec<(NodeId, f32, TantivyDocument)>, usize) {
        let searcher = self.reader.searcher();
        let top = TopDocs::with_limit(limit.clamp(1, 10_000))
            .and_offset(offset.min(100_000))
            .order_by_score();
        // The index is in memory: what can fail on a disk cannot here.
        let Ok((found, total)) = searcher.search(query, &(top, Count)) else {
            return (Vec::new(), 0);
        };
        let hits = found
            .into_iter()
            .filter_map(|(score, address)| {
                let document: TantivyDocument = searcher.doc(address).ok()?;
                let id = document.get_first(self.fields.id)?.as_i64()?;
                Some((id, score, document))
            })
            .collect();
        (hits, total)
    }

    /// Title words near the words that were typed.
    fn suggest(&self, words: &[String]) -> Vec<String> {
        let mut near: Vec<(usize, &String)> = Vec::new();
        for word in
            words.iter().filter(|word| word.chars().count() > 3 && !self.words.contains_key(*word))
        {
            near.extend(self.words.iter().filter_map(|(folded, written)| {
                let distance = distance(word, folded, 2)?;
                Some((distance, written))
            }));
        }
        near.sort();
        near.dedup_by(|a, b| a.1 == b.1);
        near.into_iter().take(5).map(|(_, written)| written.clone()).collect()
    }
}

/// Edit distance when it is at most `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|d| *d <= most)
}

fn snippet(generator: &SnippetGenerator, document: &TantivyDocument) -> String {
    let snippet = generator.snippet_from_doc(document);
    let text = snippet.fragment();
    let mut out = String::with_capacity(text.len() + 32);
    let mut at = 0;
    for range in snippet.highlighted() {
        if range.start < at {
            continue;
        }
        escape(text.get(at..range.start).unwrap_or_default(), &mut out);
        out.push_str("<mark>");
        escape(text.get(range.clone()).unwrap_or_default(), &mut out);
        out.push_str("</mark>");
        at = range.end;
    }
    escape(text.get(at..).unwrap_or_default(), &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// Reads a Lucene-like query.
struct Parser<'s> {
    search: &'s Search,
    tokens: Vec<Lexeme>,
    at: usize,
    parts: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Lexeme {
    Open,
    Close,
    Plus,
    Minus,
    And,
    Or,
    Not,
    Phrase(String),
    Word { text: String, prefix: bool, fuzzy: bool },
}

impl<'s> Parser<'s> {
    fn new(search: &'s Search, query: &str) -> Result<Self, BadQuery> {
        if query.len() > MAX_QUERY {
            return Err(bad("La recherche est trop longue.", "The query is too long."));
        }
        Ok(Self { search, tokens: lex(query)?, at: 0, parts: 0 })
    }

    fn whole(mut self) -> Result<Box<dyn Query>, BadQuery> {
        if self.tokens.is_empty() {
            return Err(bad("La recherche est vide.", "The query is empty."));
        }
        let query = self.list(0)?;
        if self.at < self.tokens.len() {
            return Err(bad(
                "Une parenthèse fermante est de trop.",
                "There is an unmatched closing parenthesis.",
            ));
        }
        Ok(query)
    }

    /// Clauses up to a closing parenthesis.
    fn list(&mut self, depth: usize) -> Result<Box<dyn Query>, BadQuery> {
        if depth > MAX_DEPTH {
            return Err(bad(
                "Trop de parenthèses sont imbriquées.",
                "Parentheses are nested too deep.",
            ));
        }
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut joined_by_and = false;
        while let Some(token) = self.tokens.get(self.at).cloned() {
            let mut occur = if joined_by_and { Occur::Must } else { Occur::Should };
            match token {
                Lexeme::Close => break,
                Lexeme::And => {
                    // `a AND b`: both must be there.
                    match clauses.last_mut() {
                        Some((last, _)) if *last == Occur::Should => *last = Occur::Must,
                        Some(_) => {}
                        None => {
                            return Err(bad(
                                "« AND » n'a rien à sa gauche.",
                                "Nothing stands before AND.",
                            ));
                        }
                    }
                    joined_by_and = true;
                    self.at += 1;
                    continue;
                }
                Lexeme::Or => {
                    if clauses.is_empty() {
                        return Err(bad(
                            "« OR » n'a rien à sa gauche.",
                            "Nothing stands before OR.",
                        ));
                    }
                    joined_by_and = false;
                    self.at += 1;
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
            joined_by_and = false;
        }
        if joined_by_and {
            return Err(bad("« AND » n'a rien à sa droite.", "Nothing stands after AND."));
        }
        match clauses.len() {
            0 => Err(bad("Une parenthèse est vide.", "There is an empty group.")),
            _ => Ok(Box::new(BooleanQuery::new(clauses))),
        }
    }

    fn clause(&mut self, depth: usize) -> Result<Box<dyn Query>, BadQuery> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(bad("La recherche a trop de mots.", "The query has too many words."));
        }
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        let fields = &self.search.fields;
        match token {
            Some(Lexeme::Open) => {
                let inner = self.list(depth + 1)?;
                if self.tokens.get(self.at) != Some(&Lexeme::Close) {
                    return Err(bad(
                        "Une parenthèse n'est pas fermée.",
                        "A parenthesis is not closed.",
                    ));
                }
                self.at += 1;
                Ok(inner)
            }
            Some(Lexeme::Phrase(text)) => {
                let stems = tokens(stemmed(), &text);
                Ok(match stems.len() {
                    0 => Box::new(EmptyQuery),
                    1 => self.search.word(&text),
                    _ => {
                        let any = [fields.title, fields.description, fields.body]
                            .into_iter()
                            .map(|field| {
                                let terms = stems
                                    .iter()
                                    .map(|stem| Term::from_field_text(field, stem))
                                    .collect();
                                (Occur::Should, Box::new(PhraseQuery::new(terms)) as Box<dyn Query>)
                            })
                            .collect();
                        Box::new(BooleanQuery::new(any))
                    }
                })
            }
            Some(Lexeme::Word { text, prefix, fuzzy }) => {
                let folded = tokens(folded(), &text).join("");
                let term = Term::from_field_text(fields.exact, &folded);
                Ok(if folded.is_empty() {
                    Box::new(EmptyQuery)
                } else if prefix {
                    Box::new(FuzzyTermQuery::new_prefix(term, 0, true))
                } else if fuzzy {
                    Box::new(FuzzyTermQuery::new(term, 1, true))
                } else {
                    self.search.word(&text)
                })
            }
            _ => Err(bad(
                "Un mot manque après un opérateur.",
                "A word is missing after an operator.",
            )),
        }
    }
}

fn lex(query: &str) -> Result<Vec<Lexeme>, BadQuery> {
    let mut out = Vec::new();
    let mut chars = query.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' => out.push(Lexeme::Open),
            ')' => out.push(Lexeme::Close),
            '+' => out.push(Lexeme::Plus),
            '-' | '!' => out.push(Lexeme::Minus),
            '"' => {
                let mut text = String::new();
                let mut closed = false;
                for c in chars.by_ref() {
                    if c == '"' {
                        closed = true;
                        break;
                    }
                    text.push(c);
                }
                if !closed {
                    return Err(bad(
                        "Un guillemet n'est pas fermé.",
                        "A quotation mark is not closed.",
                    ));
                }
                out.push(Lexeme::Phrase(text));
            }
            '&' | '|' => {
                if chars.peek() == Some(&c) {
                    chars.next();
                    out.push(if c == '&' { Lexeme::And } else { Lexeme::Or });
                }
            }
            c if c.is_whitespace() => {}
            c if matches!(c, '[' | ']' | '{' | '}' | '^' | ':' | '/' | '\\') => {
                return Err(bad(
                    &format!("Le signe « {c} » n'a pas de sens ici."),
                    &format!("The character {c} has no meaning here."),
                ));
            }
            '*' | '?' | '~' => {
                return Err(bad(
                    "Un joker doit suivre le début d'un mot.",
                    "A wildcard must follow the beginning of a word.",
                ));
            }
            c => {
                let mut text = String::from(c);
                let (mut prefix, mut fuzzy) = (false, false);
                while let Some(&next) = chars.peek() {
                    match next {
                        '*' => {
                            prefix = true;
                            chars.next();
                            break;
                        }
                        '~' => {
                            fuzzy = true;
                            chars.next();
                            while chars.peek().is_some_and(char::is_ascii_digit) {
                                chars.next();
                            }
                            break;
                        }
                        c if c.is_whitespace() || "()\"+!&|[]{}^:/\\?".contains(c) => break,
                        c => {
                            text.push(c);
                            chars.next();
                        }
                    }
                }
                out.push(match text.as_str() {
                    "AND" => Lexeme::And,
                    "OR" => Lexeme::Or,
                    "NOT" => Lexeme::Not,
                    _ => Lexeme::Word { text, prefix, fuzzy },
                });
            }
        }
    }
    Ok(out)
}

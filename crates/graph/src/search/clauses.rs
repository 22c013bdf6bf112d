//! The fields of the index, and the queries that words become.

use super::{
    Scope,
    suggest::Near,
    tokens::{is_stem, stem_term},
    words::{Word, fold, stems},
};
use mqd_model::Node;
use std::collections::HashMap;
use tantivy::{
    Searcher, TantivyDocument, TantivyError, Term,
    query::{
        BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
        Query, TermQuery,
    },
    schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
};

/// Name of the tokenizer.
pub(super) const FRENCH: &str = "french";
/// Name of the field of node ids.
pub(super) const ID: &str = "id";

pub(super) type Clause = Box<dyn Query>;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    id: Field,
    label: Field,
    kind: Field,
    uuid: Field,
    /// The whole title, folded, as one term.
    whole: Field,
    pub(super) title: Field,
    pub(super) description: Field,
    pub(super) body: Field,
    /// The only text to look in, if not all.
    only: Option<Field>,
}

impl Fields {
    pub(super) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let text = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(FRENCH)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        );
        let fields = Self {
            id: schema.add_i64_field(ID, FAST),
            label: schema.add_text_field("label", STRING),
            kind: schema.add_text_field("kind", STRING),
            uuid: schema.add_text_field("uuid", STRING),
            whole: schema.add_text_field("whole", STRING),
            title: schema.add_text_field("title", text.clone()),
            description: schema.add_text_field("description", text.clone().set_stored()),
            body: schema.add_text_field("body", text.set_stored()),
            only: None,
        };
        (schema.build(), fields)
    }

    pub(super) fn document(&self, node: &Node, body: &str) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_i64(self.id, node.id);
        if let Some(label) = node.label() {
            document.add_text(self.label, label.name());
        }
        document.add_text(self.kind, node.kind());
        if let Some(uuid) = node.uuid {
            document.add_text(self.uuid, uuid.to_string());
        }
        document.add_text(self.whole, whole(node.title()));
        document.add_text(self.title, node.title());
        for (field, text) in
            [(self.description, node.text("description").unwrap_or_default()), (self.body, body)]
        {
            if !text.is_empty() {
                document.add_text(field, text);
            }
        }
        document
    }

    /// The words of all texts, folded, with in how many texts each is.
    pub(super) fn counts(&self, searcher: &Searcher) -> Result<HashMap<String, u32>, TantivyError> {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for segment in searcher.segment_readers() {
            for (field, _) in self.texts() {
                let index = segment.inverted_index(field)?;
                let mut terms = index.terms().stream()?;
                while let Some((term, info)) = terms.next() {
                    match std::str::from_utf8(term) {
                        Ok(word) if !is_stem(word) => {
                            *counts.entry(word.to_owned()).or_default() += info.doc_freq;
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(counts)
    }

    /// The same, looking in one text only.
    pub(super) fn only(self, text: Field) -> Self {
        Self { only: Some(text), ..self }
    }

    /// The texts to look in, with what a word found there counts.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Field, f32)> + use<> {
        let only = self.only;
        [(self.title, 4.0), (self.description, 1.5), (self.body, 1.0)]
            .into_iter()
            .filter(move |(field, _)| only.is_none_or(|only| only == *field))
    }

    /// A word in any of its forms; the title counts most, and there the form that was typed.
    pub(super) fn word(&self, raw: &str) -> Clause {
        let (stem, plain) = stems(raw);
        let mut any = Vec::new();
        if self.only.is_none_or(|only| only == self.title) {
            any.push(boosted(term(self.title, &fold(raw)), 2.0));
        }
        for stem in [Some(stem), plain].into_iter().flatten() {
            let stem = stem_term(&stem);
            any.extend(self.texts().map(|(field, boost)| boosted(term(field, &stem), boost)));
        }
        or(any)
    }

    /// Words that begin so.
    pub(super) fn prefix(&self, raw: &str) -> Clause {
        self.like(raw, |term| FuzzyTermQuery::new_prefix(term, 0, true))
    }

    /// Words at most so many typing errors away.
    pub(super) fn fuzzy(&self, raw: &str, errors: u8) -> Clause {
        self.like(raw, |term| FuzzyTermQuery::new(term, errors, true))
    }

    fn like(&self, raw: &str, query: impl Fn(Term) -> FuzzyTermQuery) -> Clause {
        let folded = fold(raw);
        let one = |(field, score)| constant(query(Term::from_field_text(field, &folded)), score);
        or(self.texts().map(one).collect())
    }

    /// These words one after the other, with `slop` words between them at most.
    pub(super) fn phrase(&self, words: &[Word<'_>], slop: u32) -> Clause {
        let (written, plain): (Vec<_>, Vec<_>) = words.iter().map(|word| stems(word.raw)).unzip();
        let plain: Vec<&String> = plain
            .iter()
            .zip(&written)
            .map(|(plain, stem)| plain.as_ref().unwrap_or(stem))
            .collect();
        let mut any = Vec::new();
        for (field, boost) in self.texts() {
            let phrase = |stems: &mut dyn Iterator<Item = &String>| {
                let terms = stems.map(|stem| Term::from_field_text(field, &stem_term(stem)));
                let mut phrase = PhraseQuery::new(terms.collect());
                phrase.set_slop(slop);
                boosted(Box::new(phrase), boost)
            };
            any.push(phrase(&mut written.iter()));
            if !plain.iter().copied().eq(&written) {
                any.push(phrase(&mut plain.iter().copied()));
            }
        }
        or(any)
    }

    /// What a person typed. `open`: the last word may go on. `near`: what each word may have been
    /// meant for, if typing errors are forgiven. `all`: every word must be there, else one will do.
    pub(super) fn typed(
        &self,
        words: &[Word<'_>],
        open: bool,
        near: &[Vec<Near>],
        all: bool,
    ) -> Clause {
        let mut clauses: Vec<(Occur, Clause)> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let mut any = vec![self.word(word.raw)];
            if let Some(sign) = word.sign {
                any.push(self.word(&sign.to_string()));
            }
            if open && index + 1 == words.len() {
                any.extend(self.goes_on(&fold(word.raw)));
            }
            for near in near.get(index).into_iter().flatten() {
                // Each error halves what the word counts, and any is worse than none.
                let score = 0.5_f32.powi(i32::try_from(near.errors).unwrap_or(i32::MAX)) * 0.5;
                any.extend(
                    self.texts()
                        .map(|(field, boost)| boosted(term(field, &near.folded), boost * score)),
                );
            }
            clauses.push((if all { Occur::Must } else { Occur::Should }, or(any)));
        }
        // A title that is just this, or has the words side by side, comes first.
        let title = whole(&words.iter().map(|word| word.raw).collect::<Vec<_>>().join(" "));
        clauses.push((Occur::Should, boosted(term(self.whole, &title), 10.0)));
        if words.len() > 1 {
            clauses.push((Occur::Should, boosted(self.phrase(words, 1), 2.0)));
        }
        let typed: Clause = Box::new(BooleanQuery::new(clauses));
        // A uuid, pasted: its parts are words that are found nowhere.
        let uuid = words.iter().map(|word| word.raw.to_lowercase()).collect::<Vec<_>>().join("-");
        if uuid.len() == 36 { or(vec![term(self.uuid, &uuid), typed]) } else { typed }
    }

    /// Longer words that begin so. One letter begins too many words to say anything; two do so in
    /// titles only.
    fn goes_on(&self, folded: &str) -> Vec<Clause> {
        let fields = match folded.chars().count() {
            0..2 => 0,
            2 => 1,
            _ => 3,
        };
        let one = |(field, score)| {
            let term = Term::from_field_text(field, folded);
            constant(FuzzyTermQuery::new_prefix(term, 0, true), score)
        };
        self.texts().take(fields).map(one).collect()
    }

    /// Only nodes of these labels and kinds. The scope decides, it does not score.
    pub(super) fn scoped(&self, query: Clause, scope: &Scope) -> Clause {
        let mut all = vec![(Occur::Must, query)];
        for (field, values) in [(self.label, &scope.labels), (self.kind, &scope.kinds)] {
            if !values.is_empty() {
                let any = or(values.iter().map(|value| term(field, value)).collect());
                all.push((Occur::Must, boosted(Box::new(ConstScoreQuery::new(any, 1.0)), 0.0)));
            }
        }
        if all.len() == 1 {
            return all.remove(0).1;
        }
        Box::new(BooleanQuery::new(all))
    }
}

/// A title as one term: folded, its words apart by one space.
fn whole(title: &str) -> String {
    super::words::words(title).map(|word| fold(word.raw)).collect::<Vec<_>>().join(" ")
}

pub(super) fn term(field: Field, text: &str) -> Clause {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

pub(super) fn boosted(query: Clause, boost: f32) -> Clause {
    Box::new(BoostQuery::new(query, boost))
}

pub(super) fn constant(query: impl Query, score: f32) -> Clause {
    Box::new(ConstScoreQuery::new(Box::new(query), score))
}

/// Any of these.
pub(super) fn or(mut any: Vec<Clause>) -> Clause {
    match any.len() {
        0 => Box::new(EmptyQuery),
        1 => any.remove(0),
        _ => Box::new(BooleanQuery::new(any.into_iter().map(|q| (Occur::Should, q)).collect())),
    }
}

//! Search over titles, descriptions and the text of the documents, in French, by tantivy.
//!
//! An index is made of one state of the graph, whole and in memory, and swapped like the graph
//! itself: nodes are put in by the French order of their titles, so that equal scores come out in
//! that order.

mod clauses;
mod lucene;
mod snippet;
mod suggest;
mod tokens;
mod words;

pub use lucene::BadQuery;

use crate::{Collator, Graph};
use clauses::Fields;
use mqd_model::{Label, Node, NodeId};
use snippet::{InText, Wanted, snippet};
use std::ops::Range;
use suggest::{Near, Spelling, Vocabulary};
use tantivy::{
    DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, TantivyError,
    collector::{Count, TopDocs},
    directory::RamDirectory,
    query::Query,
    schema::Value as _,
    tokenizer::TokenizerManager,
};

/// What a person types beyond this is not looked at.
const LONGEST: usize = 400;
const MOST_WORDS: usize = 16;
/// With fewer results than this, typing errors are forgiven.
const FEW: usize = 3;
/// Memory that tantivy sets up its tables for; it takes more when it needs more.
const BUDGET: usize = 50 << 20;

/// One found node.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The node.
    pub node: NodeId,
    /// Its score; higher is better.
    pub score: f32,
    /// Escaped HTML with `<mark>` around what was found, formulas as MathML where they are known; the
    /// beginning of the text or description when only the title was found.
    pub snippet: String,
}

/// Gives excerpts the formulas of a node's text that touch a range of its bytes, in order: where they
/// are in the text, and their MathML. Gets the text that was indexed, so that it can give nothing when
/// the text is another by now.
pub type Formulas<'f> = dyn Fn(NodeId, &str, Range<usize>) -> Vec<(Range<usize>, String)> + 'f;

/// What a search gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// How many nodes were found in all.
    pub total: usize,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
    /// What was typed with other words that would find something.
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

/// The index could not be made: there is no memory for it.
#[derive(Debug, thiserror::Error)]
#[error("the search index cannot be built: {0}")]
pub struct BuildError(#[from] TantivyError);

/// The search index of one state of the maquis.
pub struct Search {
    reader: IndexReader,
    fields: Fields,
    vocabulary: Vocabulary,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("nodes", &self.len()).finish_non_exhaustive()
    }
}

impl Search {
    /// Indexes a graph; `text` gives the plain text of a document, formulas included.
    ///
    /// # Errors
    /// [`BuildError`] when memory cannot be had.
    pub fn build(
        graph: &Graph,
        text: &dyn Fn(&Node) -> Option<String>,
    ) -> Result<Self, BuildError> {
        let (schema, fields) = Fields::schema();
        let tokenizers = TokenizerManager::default();
        tokenizers.register(clauses::FRENCH, tokens::French::default());
        // One segment keeps documents in the order in which they are put in.
        let mut writer = Index::builder()
            .schema(schema)
            .tokenizers(tokenizers)
            .single_segment_index_writer::<TantivyDocument>(RamDirectory::create(), BUDGET)?;
        let mut nodes: Vec<(Vec<u8>, &Node)> = Label::ALL
            .into_iter()
            .flat_map(|label| graph.nodes(label))
            .map(|node| (Collator::french().key(node.title()), node))
            .collect();
        nodes.sort_by(|(a, m), (b, n)| a.cmp(b).then(m.id.cmp(&n.id)));
        let mut spelling = Spelling::default();
        for (_, node) in nodes {
            spelling.learn(node.title());
            writer.add_document(fields.document(node, &text(node).unwrap_or_default()))?;
        }
        let reader: IndexReader =
            writer.finalize()?.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let vocabulary = Vocabulary::new(fields.counts(&reader.searcher())?, spelling);
        Ok(Self { reader, fields, vocabulary })
    }

    /// How many nodes are indexed.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.reader.searcher().num_docs()).unwrap_or(usize::MAX)
    }

    /// Whether no node is indexed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nodes for a Lucene query, best first: words are OR-ed, `gau*` is a prefix, `mot~` allows
    /// typing errors, `"a b"` is a phrase, `+ - AND OR NOT ( )` work.
    ///
    /// # Errors
    /// [`BadQuery`] for a query that cannot be read or asks for too much.
    pub fn lucene(
        &self,
        query: &str,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<(NodeId, f32)>, BadQuery> {
        let query = self.fields.scoped(lucene::parse(query, &self.fields)?, scope);
        let searcher = self.reader.searcher();
        let (found, _) = run(&searcher, &*query, limit, 0);
        Ok(found.into_iter().filter_map(|(score, at)| Some((id(&searcher, at)?, score))).collect())
    }

    /// Nodes for what a person types: all the words in any of their forms, the last one as far as
    /// it is typed; typing errors are forgiven where little is found, and where nothing is, some of
    /// the words will do.
    #[must_use]
    pub fn search(&self, typed: &str, scope: &Scope, limit: usize, offset: usize) -> Hits {
        self.search_showing(typed, scope, limit, offset, &|_, _, _| Vec::new())
    }

    /// The same, with formulas in the excerpts instead of their text.
    #[must_use]
    pub fn search_showing(
        &self,
        typed: &str,
        scope: &Scope,
        limit: usize,
        offset: usize,
        formulas: &Formulas<'_>,
    ) -> Hits {
        let end = typed.char_indices().nth(LONGEST).map_or(typed.len(), |(end, _)| end);
        let typed = &typed[..end];
        let words: Vec<_> = words::words(typed).take(MOST_WORDS).collect();
        if words.is_empty() {
            return Hits::default();
        }
        let mut wanted: Vec<Wanted> = words.iter().map(|word| Wanted::new(word.raw)).collect();
        if let Some(last) = wanted.last_mut() {
            // A space after the last word says that it is whole.
            last.prefix = !typed.ends_with(char::is_whitespace);
        }
        let open = wanted.last().is_some_and(|last| last.prefix);
        let searcher = self.reader.searcher();
        let ask = |near: &[Vec<Near>], all| {
            let query = self.fields.scoped(self.fields.typed(&words, open, near, all), scope);
            run(&searcher, &*query, limit, offset)
        };
        let (mut found, mut total) = ask(&[], true);
        let mut suggestions = Vec::new();
        if total < FEW {
            let near: Vec<Vec<Near>> = words
                .iter()
                .enumerate()
                .map(|(index, word)| {
                    let open = open && index + 1 == words.len();
                    self.vocabulary.near(&words::fold(word.raw), open)
                })
                .collect();
            suggestions = self.vocabulary.suggest(&words, &near);
            if near.iter().any(|near| !near.is_empty()) {
                (found, total) = ask(&near, true);
            }
            if total == 0 && words.len() > 1 {
                (found, total) = ask(&near, false);
            }
            for (wanted, near) in wanted.iter_mut().zip(near) {
                wanted.near = near.into_iter().map(|near| near.folded).collect();
            }
        }
        let hit = |(score, at)| {
            let node = id(&searcher, at)?;
            let document: TantivyDocument = searcher.doc(at).ok()?;
            let text = |field| document.get_first(field).and_then(|v| v.as_str()).unwrap_or("");
            let (body, description) = (text(self.fields.body), text(self.fields.description));
            let of_body = |within| formulas(node, body, within);
            let texts: [(_, &InText<'_>); 2] = [(body, &of_body), (description, &|_| Vec::new())];
            Some(Hit { node, score, snippet: snippet(&texts, &wanted) })
        };
        Hits { total, hits: found.into_iter().filter_map(hit).collect(), suggestions }
    }
}

/// The best of what a query finds, and how much it finds in all.
fn run(
    searcher: &Searcher,
    query: &dyn Query,
    limit: usize,
    offset: usize,
) -> (Vec<(f32, DocAddress)>, usize) {
    if limit == 0 {
        return (Vec::new(), searcher.search(query, &Count).unwrap_or_default());
    }
    let top = TopDocs::with_limit(limit.min(10_000)).and_offset(offset.min(100_000));
    // Tantivy's bit sets want a document at least.
    if searcher.num_docs() == 0 {
        return (Vec::new(), 0);
    }
    // The index is in memory: what can fail on a disk cannot here.
    searcher.search(query, &(top.order_by_score(), Count)).unwrap_or_default()
}

fn id(searcher: &Searcher, at: DocAddress) -> Option<NodeId> {
    let ids = searcher.segment_reader(at.segment_ord).fast_fields().i64(clauses::ID).ok()?;
    ids.first(at.doc_id)
}

#[cfg(test)]
mod tests;

//! The index of all concepts, as at the end of a book.

use super::prelude::*;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

super::question!("concepts");

/// Every concept, in French order.
#[derive(Deserialize)]
pub(crate) struct Data {
    pub(crate) concepts: Vec<Concept>,
}

/// A concept as indexes and the glossary need it.
#[derive(Deserialize)]
pub(crate) struct Concept {
    uuid: Option<String>,
    litteral: Option<String>,
    #[serde(rename = "typeConcept")]
    kind: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) adresse: String,
    #[serde(rename = "documentsINDEXEConnection")]
    indexed: Count,
    #[serde(rename = "documentsEVALConnection")]
    evaluated: Count,
    #[serde(rename = "documentsConnection")]
    documented: Count,
    #[serde(rename = "prerequisConnection")]
    requires: Count,
    #[serde(rename = "requisParConnection")]
    required: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

impl Concept {
    pub(crate) fn title(&self) -> &str {
        self.litteral.as_deref().unwrap_or_default()
    }

    pub(crate) fn uuid(&self) -> Option<&str> {
        self.uuid.as_deref()
    }

    /// Whether it lies on a chain of prerequisites.
    pub(crate) fn requires(&self) -> bool {
        self.requires.total_count + self.required.total_count > 0
    }

    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    fn documents(&self) -> usize {
        self.indexed.total_count + self.evaluated.total_count + self.documented.total_count
    }
}

/// A line of the index: the concept, what to print, whether it is a sub-entry, and its kind where
/// another concept has the same name.
struct Entry<'c> {
    concept: &'c Concept,
    text: &'c str,
    sub: bool,
    same: bool,
}

#[derive(Template)]
#[template(path = "concepts/concepts.html")]
struct View<'v> {
    p: Frame,
    letters: Vec<(char, Vec<Entry<'v>>)>,
    kinds: Vec<(String, usize, bool, String)>,
    total: usize,
}

/// Every concept; several views share the answer.
pub(crate) async fn all(ctx: &Ctx) -> Result<Arc<Data>, SiteError> {
    ctx.ask_shared::<Data>(&QUESTION, json!({})).await
}

/// « anneau!intègre » is the sub-entry « intègre » of « anneau »; so is « anneau, intègre » where
/// the index has an entry « anneau ».
fn levels<'t>(title: &'t str, mains: &HashSet<&str>) -> (&'t str, Option<&'t str>) {
    if title.contains('$') {
        return (title, None);
    }
    let comma = || title.split_once(", ").filter(|(head, _)| mains.contains(head));
    title.split_once('!').or_else(comma).map_or((title, None), |(head, sub)| (head, Some(sub)))
}

/// `GET /vues/listeconcepts`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data = all(&ctx).await?;
    let chosen = ctx.param("genre");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for concept in &data.concepts {
        *counts.entry(concept.kind()).or_default() += 1;
    }
    if chosen.is_some_and(|kind| !counts.contains_key(kind)) {
        return Err(SiteError::NotFound);
    }
    let mut kinds = vec![(
        ctx.lang.t("index.all").to_owned(),
        data.concepts.len(),
        chosen.is_none(),
        ctx.with(&[("genre", None)]),
    )];
    kinds.extend(counts.iter().filter(|(kind, _)| !kind.is_empty()).map(|(kind, n)| {
        let href = ctx.with(&[("genre", Some(kind))]);
        (text::kinds(ctx.lang, kind), *n, chosen == Some(kind), href)
    }));
    let mut letters: BTreeMap<char, Vec<Entry<'_>>> = BTreeMap::new();
    let mut shown: Vec<&Concept> =
        data.concepts.iter().filter(|c| chosen.is_none_or(|kind| c.kind() == kind)).collect();
    let mains: HashSet<&str> =
        shown.iter().filter(|c| c.kind() == "index Latex").map(|c| c.title()).collect();
    let mut names: HashMap<String, usize> = HashMap::new();
    for concept in &shown {
        *names.entry(mqd_model::literal::fold(concept.title())).or_default() += 1;
    }
    // Sub-entries follow their main entry; the order is French already.
    shown.sort_by_cached_key(|c| {
        let (head, sub) = levels(c.title(), &mains);
        (mqd_model::literal::fold(head), sub.is_some())
    });
    let mut total = 0;
    let mut main = "";
    for concept in shown {
        total += 1;
        let title = concept.title();
        let (head, sub) = levels(title, &mains);
        let under = sub.filter(|_| head == main);
        main = head;
        letters.entry(text::initial(title)).or_default().push(Entry {
            concept,
            text: under.unwrap_or(title),
            sub: under.is_some(),
            same: names.get(&mqd_model::literal::fold(title)).is_some_and(|n| *n > 1),
        });
    }
    let title = ctx.lang.t("menu.concepts");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("index.lead"))
        .crumb(title, "/vues/listeconcepts");
    Page::html(&View { p, letters: letters.into_iter().collect(), kinds, total })
}

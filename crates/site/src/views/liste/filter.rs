//! The filters and the order of a list, read from the address and written back to it.

use super::{Item, Theme};
use crate::{SiteError, ctx::Ctx, frame::Link, text};
use mqd_model::literal::fold;
use std::collections::BTreeMap;

/// In which order the entries stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Title,
    Date,
    Theme,
    Concept,
    Level,
    Answer,
    Kind,
}

/// The orders by their names in the address; the first needs none.
pub(super) const ORDERS: [(&str, Order); 7] = [
    ("titre", Order::Title),
    ("date", Order::Date),
    ("theme", Order::Theme),
    ("concept", Order::Concept),
    ("niveau", Order::Level),
    ("corrige", Order::Answer),
    ("genre", Order::Kind),
];

/// What the reader asked for.
pub(super) struct Filter<'c> {
    pub(super) words: &'c str,
    /// With (`Some(true)`) or without an answer.
    pub(super) answer: Option<bool>,
    pub(super) since: &'c str,
    pub(super) until: &'c str,
    pub(super) order: Order,
    kind: Option<&'c str>,
    theme: Option<&'c str>,
    concept: Option<&'c str>,
    level: Option<&'c str>,
    folded: Vec<String>,
}

/// One value of a filter: as the address has it, as people read it, how many entries have it.
pub(super) struct Value {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) count: usize,
    pub(super) chosen: bool,
}

/// A filter by one value among those that the other filters leave.
pub(super) struct Facet {
    /// Its parameter in the address.
    pub(super) name: &'static str,
    /// The keys of its name and of « all of them ».
    pub(super) label: &'static str,
    pub(super) all: &'static str,
    pub(super) values: Vec<Value>,
}

impl<'c> Filter<'c> {
    /// Reads the address. `kinds` says whether the list holds several kinds of documents.
    pub(super) fn read(ctx: &'c Ctx, kinds: bool) -> Result<Self, SiteError> {
        let one_of = |parameter, allowed: &str| SiteError::BadParameter {
            parameter,
            reason: ctx.lang.f("error.values", allowed),
        };
        let answer = match ctx.param("corrige") {
            None => None,
            Some("avec") => Some(true),
            Some("sans") => Some(false),
            Some(_) => return Err(one_of("corrige", "avec, sans")),
        };
        let order = match ctx.param("tri") {
            None => Order::Title,
            Some(name) => {
                let known = ORDERS.iter().find(|(known, _)| *known == name);
                let names = || ORDERS.map(|(name, _)| name).join(", ");
                known.map(|(_, order)| *order).ok_or_else(|| one_of("tri", &names()))?
            }
        };
        let day = |parameter: &'static str| match ctx.param(parameter) {
            None => Ok(""),
            Some(day) if day.parse::<jiff::civil::Date>().is_ok() && day.len() == 10 => Ok(day),
            Some(_) => Err(SiteError::BadParameter {
                parameter,
                reason: ctx.lang.t("error.day").to_owned(),
            }),
        };
        let words = ctx.param("mots").unwrap_or_default();
        let folded = fold(words).split_whitespace().map(str::to_owned).collect();
        Ok(Self {
            words,
            answer,
            since: day("depuis")?,
            until: day("jusque")?,
            order,
            kind: ctx.param("genre").filter(|_| kinds),
            theme: ctx.param("theme"),
            concept: ctx.param("concept"),
            level: ctx.param("niveau"),
            folded,
        })
    }

    pub(super) fn keeps(&self, item: &Item) -> bool {
        self.keeps_but(item, "")
    }

    /// Whether the item passes every filter but one.
    fn keeps_but(&self, item: &Item, but: &str) -> bool {
        let has = |wanted: &str, mut of: Box<dyn Iterator<Item = &Theme> + '_>| {
            of.any(|c| c.uuid.as_deref() == Some(wanted))
        };
        let day = item.date.as_deref().and_then(|date| date.get(..10)).unwrap_or_default();
        (but == "genre" || self.kind.is_none_or(|kind| item.kind() == kind))
            && (but == "theme" || self.theme.is_none_or(|t| has(t, Box::new(item.themes()))))
            && (but == "concept" || self.concept.is_none_or(|c| has(c, Box::new(item.concepts()))))
            && (but == "niveau" || self.level.is_none_or(|l| item.niveau.as_deref() == Some(l)))
            && self.answer.is_none_or(|wanted| wanted == item.a_corrige)
            && (self.since.is_empty() || day >= self.since)
            && (self.until.is_empty() || !day.is_empty() && day <= self.until)
            && (self.folded.is_empty() || self.has_words(item))
    }

    fn has_words(&self, item: &Item) -> bool {
        let description = item.description.as_deref().unwrap_or_default();
        let text = fold(&format!("{} {description}", item.title()));
        self.folded.iter().all(|word| text.contains(word))
    }

    /// Titles come sorted from the API; entries that are equal otherwise keep that order, and
    /// those without what they are sorted by come last.
    pub(super) fn sort(&self, items: &mut [&Item]) {
        let first = |theme: Option<&Theme>| {
            let name = theme.and_then(|t| t.litteral.as_deref()).map(fold);
            (name.is_none(), name)
        };
        match self.order {
            Order::Title => {}
            Order::Date => items.sort_by(|a, b| b.date.cmp(&a.date)),
            Order::Theme => items.sort_by_cached_key(|item| first(item.themes().next())),
            Order::Concept => items.sort_by_cached_key(|item| first(item.concepts().next())),
            Order::Level => {
                items.sort_by_cached_key(|i| (i.niveau.is_none(), i.niveau.as_deref().map(fold)));
            }
            Order::Answer => items.sort_by_key(|item| !item.a_corrige),
            Order::Kind => items.sort_by_cached_key(|item| fold(item.kind())),
        }
    }

    /// The filters by value that this list can have, with their counts.
    pub(super) fn facets(&self, ctx: &Ctx, items: &[Item], kinds: bool) -> Vec<Facet> {
        let facet = |name,
                     label,
                     all,
                     chosen: Option<&str>,
                     of: &dyn Fn(&Item) -> Vec<(String, String)>| {
            // By name as people sort it, then by value.
            let mut counts: BTreeMap<(String, String), (String, usize)> = BTreeMap::new();
            for item in items.iter().filter(|item| self.keeps_but(item, name)) {
                for (value, name) in of(item) {
                    counts.entry((fold(&name), value)).or_insert((name, 0)).1 += 1;
                }
            }
            let values = counts
                .into_iter()
                .map(|((_, value), (name, count))| {
                    let chosen = chosen == Some(value.as_str());
                    Value { value, name, count, chosen }
                })
                .collect();
            Facet { name, label, all, values }
        };
        let named = |themes: &mut dyn Iterator<Item = &Theme>| {
            let mut out: Vec<(String, String)> = Vec::new();
            for theme in themes {
                let Some(uuid) = theme.uuid.clone() else { continue };
                if !out.iter().any(|(known, _)| *known == uuid) {
                    out.push((uuid, theme.name()));
                }
            }
            out
        };
        let kind = |item: &Item| vec![(item.kind().to_owned(), text::kinds(ctx.lang, item.kind()))];
        let level = |item: &Item| {
            item.niveau.iter().map(|l| (l.clone(), text::french(l))).collect::<Vec<_>>()
        };
        let mut facets = Vec::new();
        if kinds {
            facets.push(facet("genre", "list.kind", "list.all-kinds", self.kind, &kind));
        }
        facets.push(facet("theme", "list.theme", "list.all-themes", self.theme, &|item| {
            named(&mut item.themes())
        }));
        facets.push(facet("concept", "list.concept", "list.all-concepts", self.concept, &|item| {
            named(&mut item.concepts())
        }));
        facets.push(facet("niveau", "list.level", "list.all-levels", self.level, &level));
        facets.retain(|facet| !facet.values.is_empty());
        facets
    }

    /// The filters in force, each with the address that lifts it.
    pub(super) fn chips(&self, ctx: &Ctx, items: &[Item]) -> Vec<Link> {
        let named = |uuid: &str| {
            let mut all = items.iter().flat_map(|i| i.themes().chain(i.concepts()));
            let found = all.find(|theme| theme.uuid.as_deref() == Some(uuid));
            found.map_or_else(|| uuid.to_owned(), Theme::name)
        };
        let answer = |with| ctx.lang.t(if with { "list.with" } else { "list.without" }).to_owned();
        let day = |key: &str, day: &str| ctx.lang.f(key, ctx.lang.day(day));
        let quoted = |words: &str| format!("«\u{a0}{words}\u{a0}»");
        [
            ("mots", Some(self.words).filter(|w| !w.is_empty()).map(quoted)),
            ("genre", self.kind.map(|kind| text::kinds(ctx.lang, kind))),
            ("theme", self.theme.map(named)),
            ("concept", self.concept.map(named)),
            ("niveau", self.level.map(text::french)),
            ("corrige", self.answer.map(answer)),
            ("depuis", Some(self.since).filter(|d| !d.is_empty()).map(|d| day("list.from", d))),
            ("jusque", Some(self.until).filter(|d| !d.is_empty()).map(|d| day("list.to", d))),
        ]
        .into_iter()
        .filter_map(|(name, text)| {
            Some(Link { text: text?, href: ctx.with(&[(name, None)]), current: true })
        })
        .collect()
    }
}

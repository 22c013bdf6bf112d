//! The filters of a list, read from the address and written back to it.

use super::{Item, Theme};
use crate::{SiteError, ctx::Ctx, frame::Link, text};
use mqd_model::literal::fold;
use std::collections::BTreeMap;

/// What the reader asked for.
pub(super) struct Filter<'c> {
    /// The kind, where the address names it.
    pub(super) genre: Option<&'c str>,
    pub(super) words: &'c str,
    pub(super) theme: Option<&'c str>,
    /// With (`Some(true)`) or without an answer.
    pub(super) answer: Option<bool>,
    pub(super) by_date: bool,
    folded: Vec<String>,
}

impl<'c> Filter<'c> {
    pub(super) fn read(ctx: &'c Ctx) -> Result<Self, SiteError> {
        let one_of = |parameter, allowed: &str| SiteError::BadParameter {
            parameter,
            reason: format!("valeurs possibles : {allowed}"),
        };
        let answer = match ctx.param("corrige") {
            None => None,
            Some("avec") => Some(true),
            Some("sans") => Some(false),
            Some(_) => return Err(one_of("corrige", "avec, sans")),
        };
        let by_date = match ctx.param("tri") {
            None | Some("titre") => false,
            Some("date") => true,
            Some(_) => return Err(one_of("tri", "titre, date")),
        };
        let words = ctx.param("mots").unwrap_or_default();
        let folded = fold(words).split_whitespace().map(str::to_owned).collect();
        Ok(Self {
            genre: ctx.param("genre"),
            words,
            theme: ctx.param("theme"),
            answer,
            by_date,
            folded,
        })
    }

    pub(super) fn keeps(&self, item: &Item) -> bool {
        self.keeps_but_theme(item)
            && self.theme.is_none_or(|t| item.themes().any(|c| c.uuid.as_deref() == Some(t)))
    }

    fn keeps_but_theme(&self, item: &Item) -> bool {
        if self.answer.is_some_and(|wanted| wanted != item.a_corrige) {
            return false;
        }
        if self.folded.is_empty() {
            return true;
        }
        let text =
            fold(&format!("{} {}", item.title(), item.description.as_deref().unwrap_or_default()));
        self.folded.iter().all(|word| text.contains(word))
    }

    /// The newest first, where dates are asked for; titles come sorted from the API.
    pub(super) fn sort(&self, items: &mut [&Item]) {
        if self.by_date {
            items.sort_by(|a, b| b.date.cmp(&a.date));
        }
    }

    /// The themes of the documents that the other filters keep: uuid, name, count, chosen.
    pub(super) fn themes(&self, items: &[Item]) -> Vec<(String, String, usize, bool)> {
        let mut counts: BTreeMap<String, (&Theme, usize)> = BTreeMap::new();
        for item in items.iter().filter(|item| self.keeps_but_theme(item)) {
            let mut seen: Vec<&str> = Vec::new();
            for theme in item.themes() {
                let Some(uuid) = theme.uuid.as_deref() else { continue };
                if seen.contains(&uuid) {
                    continue;
                }
                seen.push(uuid);
                let name = fold(theme.litteral.as_deref().unwrap_or_default());
                counts.entry(format!("{name}\0{uuid}")).or_insert((theme, 0)).1 += 1;
            }
        }
        counts
            .into_values()
            .filter_map(|(theme, count)| {
                let uuid = theme.uuid.clone()?;
                let name = text::plain(&text::entry(theme.litteral.as_deref().unwrap_or_default()));
                let chosen = self.theme == Some(uuid.as_str());
                Some((uuid, name, count, chosen))
            })
            .collect()
    }

    /// The filters in force, each with the address that lifts it.
    pub(super) fn chips(&self, ctx: &Ctx, items: &[Item]) -> Vec<Link> {
        let chip = |text: String, name: &str| Link {
            text,
            href: ctx.with(&[(name, None)]),
            current: true,
        };
        let mut chips = Vec::new();
        if !self.words.is_empty() {
            chips.push(chip(format!("«\u{a0}{}\u{a0}»", self.words), "mots"));
        }
        if let Some(uuid) = self.theme {
            let theme = items
                .iter()
                .flat_map(Item::themes)
                .find(|t| t.uuid.as_deref() == Some(uuid))
                .and_then(|t| t.litteral.as_deref());
            chips.push(chip(text::plain(theme.unwrap_or(uuid)), "theme"));
        }
        if let Some(answer) = self.answer {
            let text = if answer { ctx.lang.t("list.with") } else { ctx.lang.t("list.without") };
            chips.push(chip(text.to_owned(), "corrige"));
        }
        chips
    }
}

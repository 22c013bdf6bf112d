//! The project's pages and journals: Markdown with formulas, a front matter, no raw HTML.

use crate::text::{formula, french, slug};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use serde::Deserialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One page or journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Article {
    /// Its part of the address.
    pub(crate) slug: String,
    pub(crate) english: bool,
    pub(crate) title: String,
    pub(crate) date: Option<String>,
    pub(crate) description: String,
    pub(crate) html: String,
    /// Level, anchor and text of its headings.
    pub(crate) headings: Vec<(u8, String, String)>,
}

/// A journal: entries in order, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Journal {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) entries: Vec<Article>,
}

/// Every Markdown text of the site, read once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Library {
    pub(crate) pages: Vec<Article>,
    /// Pages of the same slugs in English: the files `<slug>.en.md`.
    pub(crate) english: Vec<Article>,
    pub(crate) journals: Vec<Journal>,
}

/// What is wrong with a Markdown file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}: {1}")]
    Read(PathBuf, io::Error),
    #[error("{0}:1: the file must open with a front matter between two lines « +++ »")]
    NoFrontMatter(PathBuf),
    #[error("{0}: front matter: {1}")]
    FrontMatter(PathBuf, toml::de::Error),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    #[serde(default)]
    date: Option<toml::Value>,
    #[serde(default)]
    description: String,
}

/// Pages that come first in the menu, in this order; others follow by title.
const FIRST: [&str; 6] = ["projet", "principes", "depots", "graphe", "site", "maintenance"];

impl Library {
    /// Reads the folders. A file with a fault is left out and logged: one bad page must not keep
    /// the others from their readers.
    pub(crate) fn read(pages: Option<&Path>, journals: Option<&Path>) -> Self {
        let mut library = Self::default();
        let mut faults = Vec::new();
        if let Some(dir) = pages {
            let (english, french) =
                articles(dir, &mut faults).into_iter().partition(|page| page.english);
            (library.english, library.pages) = (english, french);
            library.pages.retain(|page| page.slug != "etat" && page.slug != "journal");
            library.pages.sort_by_key(|page| {
                let rank = FIRST.iter().position(|slug| *slug == page.slug);
                (rank.unwrap_or(FIRST.len()), mqd_model::literal::fold(&page.title))
            });
        }
        for dir in journals.map(|dir| list(dir, &mut faults)).unwrap_or_default() {
            if dir.is_dir() {
                library.journals.push(journal(&dir, &mut faults));
            }
        }
        for fault in faults {
            tracing::error!("a page is left out: {fault}");
        }
        library
    }

    pub(crate) fn page(&self, slug: &str) -> Option<&Article> {
        self.pages.iter().find(|page| page.slug == slug)
    }

    /// The page in English, where there is one.
    pub(crate) fn in_english<'l>(&'l self, page: &'l Article) -> &'l Article {
        self.english.iter().find(|other| other.slug == page.slug).unwrap_or(page)
    }

    pub(crate) fn journal(&self, slug: &str) -> Option<&Journal> {
        self.journals.iter().find(|journal| journal.slug == slug)
    }
}

fn list(dir: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    match fs::read_dir(dir) {
        Ok(entries) => {
            let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            faults.push(Fault::Read(dir.to_owned(), error));
            Vec::new()
        }
    }
}

fn articles(dir: &Path, faults: &mut Vec<Fault>) -> Vec<Article> {
    let mut out = Vec::new();
    for path in list(dir, faults) {
        if path.extension().is_some_and(|e| e == "md") {
            match article(&path) {
                Ok(article) => out.push(article),
                Err(fault) => faults.push(fault),
            }
        }
    }
    out
}

/// A journal's folder; an optional `index.md` gives its title and description.
fn journal(dir: &Path, faults: &mut Vec<Fault>) -> Journal {
    let name = stem(dir);
    let mut entries = articles(dir, faults);
    let index = entries.iter().position(|e| e.slug == "index").map(|at| entries.remove(at));
    entries.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| b.slug.cmp(&a.slug)));
    let mut letters = name.chars();
    let capitalised: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    Journal {
        slug: slug(&name),
        title: index.as_ref().map_or(capitalised.replace('-', " "), |i| i.title.clone()),
        description: index.map(|i| i.description).unwrap_or_default(),
        entries,
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

fn article(path: &Path) -> Result<Article, Fault> {
    let text = fs::read_to_string(path).map_err(|e| Fault::Read(path.to_owned(), e))?;
    let (front, body) = split(&text).ok_or_else(|| Fault::NoFrontMatter(path.to_owned()))?;
    let front: FrontMatter =
        toml::from_str(front).map_err(|e| Fault::FrontMatter(path.to_owned(), e))?;
    let english = path.to_string_lossy().ends_with(".en.md");
    let (html, headings) = render(body, english);
    let name = stem(path);
    let name = name.strip_suffix(".en").unwrap_or(&name);
    // `2026-03-01-titre`: the day may be in the name alone.
    let named = name.get(..10).filter(|d| d.parse::<jiff::civil::Date>().is_ok());
    let date = match front.date {
        Some(toml::Value::String(date)) => Some(date),
        Some(date) => Some(date.to_string()),
        None => named.map(str::to_owned),
    };
    Ok(Article {
        slug: slug(name),
        english,
        title: if english { front.title } else { french(&front.title) },
        date,
        description: front.description,
        html,
        headings,
    })
}

/// The front matter and the body.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches('\u{feff}').strip_prefix("+++")?;
    let (front, body) = rest.split_once("\n+++")?;
    Some((front, body.trim_start_matches('+')))
}

/// Markdown as HTML, with its headings.
pub(crate) fn render(text: &str, english: bool) -> (String, Vec<(u8, String, String)>) {
    let options = Options::ENABLE_MATH
        | Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH;
    let mut headings: Vec<(u8, String, String)> = Vec::new();
    let mut heading: Option<(u8, String, Vec<Event<'_>>)> = None;
    let mut events = Vec::new();
    let mut code = false;
    for event in Parser::new_ext(text, options) {
        let event = match event {
            // Raw HTML is shown, not obeyed.
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            Event::InlineMath(tex) => Event::InlineHtml(formula(&tex, false).into()),
            Event::DisplayMath(tex) => Event::InlineHtml(formula(&tex, true).into()),
            Event::Text(text) if !code && !english => Event::Text(french(&text).into()),
            Event::Start(Tag::CodeBlock(kind)) => {
                code = true;
                Event::Start(Tag::CodeBlock(kind))
            }
            Event::End(TagEnd::CodeBlock) => {
                code = false;
                Event::End(TagEnd::CodeBlock)
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Image { link_type, dest_url: safe(dest_url), title, id })
            }
            event => event,
        };
        match (&mut heading, event) {
            (None, Event::Start(Tag::Heading { level, .. })) => {
                heading = Some((depth(level), String::new(), Vec::new()));
            }
            (Some(_), Event::End(TagEnd::Heading(_))) => {
                if let Some((level, title, inside)) = heading.take() {
                    let base = match slug(&title) {
                        empty if empty.is_empty() => "section".to_owned(),
                        some => some,
                    };
                    let same = headings.iter().filter(|(_, id, _)| id.starts_with(&base)).count();
                    let id = if same == 0 { base } else { format!("{base}-{}", same + 1) };
                    events.push(Event::InlineHtml(format!("<h{level} id=\"{id}\">").into()));
                    events.extend(inside);
                    events.push(Event::InlineHtml(format!("</h{level}>\n").into()));
                    headings.push((level, id, title));
                }
            }
            (Some((_, title, inside)), event) => {
                if let Event::Text(text) | Event::Code(text) = &event {
                    title.push_str(text);
                }
                inside.push(event);
            }
            (None, event) => events.push(event),
        }
    }
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events.into_iter());
    (out, headings)
}

/// A page has one `h1`, its title; what its author wrote as first level comes second.
fn depth(level: HeadingLevel) -> u8 {
    (level as u8).clamp(2, 6)
}

/// An address that a link may lead to: the web, mail, or a place of this site.
fn safe(address: CowStr<'_>) -> CowStr<'_> {
    let lower = address.trim_start().to_ascii_lowercase();
    let scheme = lower.find(':').filter(|colon| lower[..*colon].find(['/', '?', '#']).is_none());
    let allowed = match scheme {
        Some(colon) => matches!(&lower[..colon], "http" | "https" | "mailto"),
        None => !address.chars().any(char::is_control),
    };
    if allowed { address } else { CowStr::Borrowed("#") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn raw_html_and_hostile_links_are_defused() {
        for (markdown, forbidden) in [
            ("<script>alert(1)</script>", "<script"),
            ("a <img src=x onerror=alert(1)> b", "<img"),
            ("[x](javascript:alert(1))", "javascript"),
            ("[x](JaVaScript:alert(1))", "JaVa"),
            ("![x](data:text/html,a)", "data:"),
        ] {
            let (html, _) = render(markdown, false);
            assert!(!html.contains(forbidden), "{markdown} became {html}");
        }
        assert!(render("[x](/projet/site#a:b)", false).0.contains("/projet/site#a:b"));
    }

    #[test]
    fn headings_get_anchors_that_differ() {
        let (html, headings) = render("# Un titre\n\n## Un titre\n\ntexte : suite", false);
        let ids: Vec<_> = headings.iter().map(|(l, id, _)| (*l, id.as_str())).collect();
        assert_eq!(ids, [(2, "un-titre"), (2, "un-titre-2")]);
        assert!(html.contains("<h2 id=\"un-titre\">Un titre</h2>"), "{html}");
        assert!(html.contains("texte\u{a0}: suite"));
    }

    #[test]
    fn pages_and_journals_are_read_and_faults_leave_one_file_out() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("pages/site.md", "+++\ntitle = \"Le site\"\n+++\nBonjour");
        write("pages/principes.md", "+++\ntitle = \"Principes\"\n+++\nBonjour");
        write("pages/site.en.md", "+++\ntitle = \"The site\"\n+++\nHello: you");
        write("pages/mauvais.md", "sans en-tête");
        write("journaux/graphe/2026-01-02-un.md", "+++\ntitle = \"Un\"\n+++\n$x$");
        write(
            "journaux/graphe/2026-02-03-deux.md",
            "+++\ntitle = \"Deux\"\ndate = 2026-02-03\n+++\n",
        );
        let library =
            Library::read(Some(&dir.path().join("pages")), Some(&dir.path().join("journaux")));
        let slugs: Vec<_> = library.pages.iter().map(|p| p.slug.as_str()).collect();
        assert_eq!(slugs, ["principes", "site"]);
        let english = library.in_english(&library.pages[1]);
        assert_eq!(
            (english.title.as_str(), english.html.as_str()),
            ("The site", "<p>Hello: you</p>\n")
        );
        assert_eq!(library.in_english(&library.pages[0]).title, "Principes");
        let journal = library.journal("graphe").unwrap();
        assert_eq!(journal.title, "Graphe");
        let dates: Vec<_> = journal.entries.iter().map(|e| e.date.as_deref()).collect();
        assert_eq!(dates, [Some("2026-02-03"), Some("2026-01-02")]);
    }

    #[test]
    fn a_fault_names_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("page.md");
        fs::write(&path, "+++\ntitel = \"x\"\n+++\n").unwrap();
        let message = article(&path).unwrap_err().to_string();
        assert!(message.contains("page.md") && message.contains("titel"), "{message}");
    }
}

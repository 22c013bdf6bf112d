//! What the page of a document reads from the API.

use crate::nodes::Neighbourhood;
use crate::text;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Data {
    pub(super) noeud: Option<Found>,
    pub(super) voisinage: Option<Neighbourhood>,
}

#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) adresse: String,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// A document. Every field may be missing: the node may have another label.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) uuid: Option<String>,
    pub(super) titre: Option<String>,
    pub(super) type_doc: Option<String>,
    pub(super) niveau: Option<String>,
    pub(super) changement: Option<String>,
    pub(super) date: Option<String>,
    pub(super) description: Option<String>,
    pub(super) depot: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) a_corrige: bool,
    pub(super) url: Option<String>,
    pub(super) url_src: Option<String>,
    pub(super) url_enon: Option<String>,
    pub(super) url_corr: Option<String>,
    pub(super) url_src_enon: Option<String>,
    pub(super) url_src_corr: Option<String>,
    pub(super) parties: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part {
    pub(super) role: String,
    pub(super) url_source: Option<String>,
    pub(super) url_pdf: Option<String>,
    pub(super) html: String,
    pub(super) tdm: Vec<Heading>,
    pub(super) index: Vec<IndexEntry>,
    pub(super) remarques: Vec<Remark>,
}

#[derive(Deserialize)]
pub(super) struct Heading {
    pub(super) niveau: u8,
    pub(super) ancre: String,
    pub(super) numero: Option<String>,
    pub(super) html: String,
}

#[derive(Deserialize)]
pub(super) struct IndexEntry {
    pub(super) chemin: Vec<String>,
    pub(super) ancre: String,
}

#[derive(Deserialize)]
pub(super) struct Remark {
    pub(super) gravite: String,
    pub(super) fichier: String,
    pub(super) ligne: u32,
    pub(super) message: String,
}

impl Content {
    pub(super) fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &str {
        self.type_doc.as_deref().unwrap_or_default()
    }

    pub(super) fn of(&self, role: &str) -> impl Iterator<Item = &Part> {
        self.parties.iter().filter(move |p| p.role == role)
    }

    /// What comes first: the statement, or the whole.
    pub(super) fn first(&self) -> impl Iterator<Item = &Part> {
        self.parties.iter().filter(|p| matches!(p.role.as_str(), "ENONCE" | "ENTIER"))
    }

    /// Hints and answers.
    pub(super) fn rest(&self) -> impl Iterator<Item = &Part> {
        self.parties.iter().filter(|p| !matches!(p.role.as_str(), "ENONCE" | "ENTIER"))
    }

    /// What sets the anchors of a part apart: the first part keeps its own.
    fn prefix(&self, part: &Part) -> String {
        match self.parties.iter().position(|p| std::ptr::eq(p, part)) {
            None | Some(0) => String::new(),
            Some(at) => format!("p{at}-"),
        }
    }

    /// The HTML of a part with anchors that no other part of the page has. The title at its head is
    /// left out: the page has it already.
    pub(super) fn scoped(&self, part: &Part) -> String {
        let description = self.description.as_deref().unwrap_or_default();
        let html = text::without_title(&part.html, self.title(), description);
        match self.prefix(part).as_str() {
            "" => html.into_owned(),
            prefix => text::scoped(&html, prefix),
        }
    }

    pub(super) fn has_answer(&self) -> bool {
        self.of("CORRIGE").next().is_some() && self.first().next().is_some()
    }

    /// The addresses of its PDFs: role and address.
    pub(super) fn pdfs(&self) -> Vec<(&str, &str)> {
        let mut out: Vec<(&str, &str)> = self
            .parties
            .iter()
            .filter_map(|p| Some((p.role.as_str(), p.url_pdf.as_deref()?)))
            .collect();
        for (role, url) in
            [("ENTIER", &self.url), ("ENONCE", &self.url_enon), ("CORRIGE", &self.url_corr)]
        {
            if let Some(url) = url.as_deref().filter(|u| web(u))
                && !out.iter().any(|(r, u)| *r == role || *u == url)
            {
                out.push((role, url));
            }
        }
        out
    }

    /// Where its LaTeX is kept in public: role and address.
    pub(super) fn sources(&self) -> Vec<(&str, &str)> {
        let mut out: Vec<(&str, &str)> = self
            .parties
            .iter()
            .filter_map(|p| Some((p.role.as_str(), p.url_source.as_deref()?)))
            .collect();
        for (role, url) in [
            ("ENTIER", &self.url_src),
            ("ENONCE", &self.url_src_enon),
            ("CORRIGE", &self.url_src_corr),
        ] {
            if let Some(url) = url.as_deref().filter(|u| web(u))
                && !out.iter().any(|(r, u)| *r == role || *u == url)
            {
                out.push((role, url));
            }
        }
        out
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = &Heading> {
        let title = text::letters(self.title());
        let own = move |h: &&Heading| text::letters(&text::bare(&h.html)) != title;
        self.first().flat_map(|p| &p.tdm).filter(own)
    }

    /// How deep a heading stands below the highest of the document: 1 to 3.
    pub(super) fn depth(&self, heading: &Heading) -> u8 {
        let top = self.headings().map(|h| h.niveau).min().unwrap_or(1);
        (heading.niveau - top.min(heading.niveau) + 1).min(3)
    }

    /// Its index entries in French order, each with its first place.
    pub(super) fn index(&self) -> Vec<(String, String)> {
        let mut entries: Vec<(String, String)> = self
            .parties
            .iter()
            .flat_map(|p| p.index.iter().map(move |e| (p, e)))
            .map(|(p, e)| (e.chemin.join(", "), format!("{}{}", self.prefix(p), e.ancre)))
            .collect();
        entries.sort_by_cached_key(|(text, _)| mqd_model::literal::fold(text));
        entries.dedup_by(|a, b| a.0 == b.0);
        entries
    }

    /// Its figures that have a caption: anchor and caption, in the order of the text.
    pub(super) fn figures(&self) -> Vec<(String, String)> {
        let found = |part: &Part| {
            let own = text::figures(&part.html);
            let prefix = self.prefix(part);
            own.into_iter().map(move |(id, caption)| (format!("{prefix}{id}"), caption))
        };
        self.first().flat_map(found).collect()
    }

    pub(super) fn remarks(&self) -> impl Iterator<Item = &Remark> {
        self.parties.iter().flat_map(|p| &p.remarques).filter(|r| r.gravite != "info")
    }

    /// The first characters of the commit.
    pub(super) fn short_commit(&self) -> &str {
        self.commit.as_deref().map_or("", |c| c.get(..8).unwrap_or(c))
    }

    /// A sentence about it.
    pub(super) fn summary(&self) -> String {
        match self.description.as_deref() {
            Some(text) if !text.trim().is_empty() => text.to_owned(),
            _ => text::french(self.kind()),
        }
    }
}

/// Whether an address of the maquis may become a link.
fn web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://") || url.starts_with('/')
}

//! The static export: the whole site as files that any static host serves.
//!
//! Pages are asked of the same router that serves them, and the links of each page lead to the
//! next. A host of files knows no queries, so an address with one, `/vues/problemes?page=2`, is
//! written `/vues/problemes/-/page=2` (see [`crate::ctx`]). Search works without a server: through
//! the index that Pagefind makes of the articles, otherwise through a list of our own.

mod files;
mod index;

use crate::{
    GraphSource, Lang, SiteConfig, SiteError, SiteState, ctx::Ctx, feeds, router, views::Document,
};
use axum::{Router, body::Body};
use files::{Folder, Out, Put};
use http::{Request, StatusCode};
use std::{
    collections::{BTreeSet, VecDeque},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// How to export.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// What the pages depend on beside the maquis: the commits of the dépôts, say. While it, the
    /// maquis and the site stay the same, an export has nothing to do.
    pub fingerprint: String,
    /// Makes every page anew, whatever the fingerprint says.
    pub force: bool,
    /// Makes Pagefind's index of all texts; without it search looks at titles and descriptions.
    pub full_text: bool,
    /// Pages made at the same time; 0 for one a processor.
    pub jobs: usize,
}

/// What an export did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Pages made.
    pub pages: usize,
    /// Files of the site, pages among them.
    pub files: usize,
    /// Files that were new or changed.
    pub written: usize,
    /// Files of an earlier export that are gone.
    pub removed: usize,
    /// Whether nothing had changed, so that nothing was made.
    pub unchanged: bool,
    /// Whether the search index is Pagefind's.
    pub pagefind: bool,
    /// Addresses that pages name and that did not answer.
    pub broken: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
    /// The folder holds files that no export wrote.
    #[error("{0} is not empty and no export wrote it: choose an empty folder")]
    NotOurs(PathBuf),
    /// The maquis does not answer.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A page failed.
    #[error("the page {path} answers {status}")]
    Page {
        /// Its address.
        path: String,
        /// What it answered.
        status: StatusCode,
    },
}

static VERSION: Document =
    Document { name: "version", text: "query Version { maquis { version } }" };

/// Writes the whole site below `out`.
///
/// # Errors
/// [`ExportError`] when a file cannot be written, the maquis does not answer or a page fails.
pub async fn export(
    state: SiteState,
    out: &Path,
    options: &ExportOptions,
) -> Result<Report, ExportError> {
    let start = Instant::now();
    let state = state.for_files();
    // Asked for anew: a remote maquis tells its version only from time to time by itself.
    let data: serde_json::Value = state.ask(&VERSION, serde_json::json!({})).await?;
    let version = data["maquis"]["version"].as_str().unwrap_or_default();
    let fingerprint = fingerprint(&state, version, options);
    let mut out = Out::open(out)?;
    if !options.force && out.is_made_of(&fingerprint) {
        let files = out.len();
        return Ok(Report { files, unchanged: true, took: start.elapsed(), ..Report::default() });
    }
    let router = router(state.clone());
    let mut report = Report::default();
    let mut wanted = Wanted::default();
    let ctx = Ctx::new(state.clone(), Lang::Fr.prefix(), None);
    // A document is converted once for all its pages when they are made one after the other.
    for (path, _) in feeds::every_page(&ctx).await? {
        for lang in Lang::ALL {
            wanted.add(&lang.href(&path));
        }
    }
    for lang in Lang::ALL {
        wanted.add(&lang.href("/vues/index.json"));
    }
    for path in ["/atom.xml", "/sitemap.xml", "/robots.txt", "/opensearch.xml", "/404"] {
        wanted.add(path);
    }
    for journal in &state.library().journals {
        wanted.add(&format!("/projet/journal/{}/atom.xml", journal.slug));
    }
    let index = options.full_text.then(index::Index::new);
    make(&router, &mut wanted, &mut out, &mut report, options, index.as_ref()).await?;
    for asset in crate::assets::all() {
        out.write(&format!("assets/{}", asset.path), &asset.bytes)?;
    }
    if let Some(index) = index {
        report.pagefind = index.write(&mut out).await?;
    }
    report.removed = out.finish(&fingerprint)?;
    (report.files, report.written) = (out.len(), out.written());
    report.took = start.elapsed();
    Ok(report)
}

/// Addresses to ask for, each once.
#[derive(Default)]
struct Wanted {
    seen: BTreeSet<String>,
    next: VecDeque<String>,
}

impl Wanted {
    fn add(&mut self, path: &str) {
        if self.seen.insert(path.to_owned()) {
            self.next.push_back(path.to_owned());
        }
    }

    /// Adds what a page names; what lies below the page comes next.
    fn add_from(&mut self, page: &str, path: &str) {
        let below = path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/'));
        if !below {
            self.add(path);
        } else if self.seen.insert(path.to_owned()) {
            self.next.push_front(path.to_owned());
        }
    }
}

async fn make(
    router: &Router,
    wanted: &mut Wanted,
    out: &mut Out,
    report: &mut Report,
    options: &ExportOptions,
    index: Option<&index::Index>,
) -> Result<(), ExportError> {
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let jobs = if options.jobs == 0 { processors } else { options.jobs };
    let mut running = JoinSet::new();
    loop {
        while running.len() < jobs * 2 {
            let Some(path) = wanted.next.pop_front() else { break };
            let (router, folder) = (router.clone(), out.folder());
            let keep = options.full_text;
            running.spawn(async move { page(router, &folder, path, keep).await });
        }
        let Some(done) = running.join_next().await else { return Ok(()) };
        // A task only ends early when it panics, which the router catches.
        let Ok(done) = done else { continue };
        match done? {
            Made::Gone(path) => report.broken.push(path),
            Made::Moved => {}
            Made::File { path, put, html, links, article } => {
                if let (Some(index), Some(article)) = (index, article) {
                    index.add(article).await;
                }
                report.pages += usize::from(html);
                for link in links {
                    wanted.add_from(&path, &link);
                }
                if let Some(put) = put {
                    out.add(put);
                }
            }
        }
    }
}

/// What became of an address.
enum Made {
    /// Nothing answers there.
    Gone(String),
    /// It leads elsewhere, which a host of files cannot say.
    Moved,
    /// Its file is in its place.
    File {
        path: String,
        put: Option<Put>,
        html: bool,
        links: Vec<String>,
        /// What of it goes into the search index.
        article: Option<index::Article>,
    },
}

async fn page(
    router: Router,
    folder: &Folder,
    path: String,
    keep: bool,
) -> Result<Made, ExportError> {
    let (status, html, body) = fetch(router, &path).await;
    match status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND if path.ends_with("/404") => {}
        // What a text links to may be gone.
        StatusCode::NOT_FOUND => return Ok(Made::Gone(path)),
        StatusCode::PERMANENT_REDIRECT => return Ok(Made::Moved),
        status => return Err(ExportError::Page { path, status }),
    }
    let put = folder.put(&file_name(&path, html), &body)?;
    let Some(text) = html.then(|| std::str::from_utf8(&body).ok()).flatten() else {
        return Ok(Made::File { path, put, html, links: Vec::new(), article: None });
    };
    let links = links(text);
    // Other dispositions of a page (`/-/vue=cote`) hold the same text.
    let article = (keep && !path.contains("/-/")).then(|| index::Article::of(&path, text));
    let article = article.flatten();
    Ok(Made::File { path, put, html, links, article })
}

async fn fetch(router: Router, path: &str) -> (StatusCode, bool, bytes::Bytes) {
    let request = Request::builder().uri(uri(path)).body(Body::empty());
    let Ok(request) = request else {
        return (StatusCode::NOT_FOUND, false, bytes::Bytes::new());
    };
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let media_type = response.headers().get(http::header::CONTENT_TYPE);
    let html = media_type.is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    // Bodies are made in memory.
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    (status, html, body)
}

/// The address that the router knows.
fn uri(path: &str) -> String {
    match path.split_once("/-/") {
        Some((path, query)) => {
            let path = if path.is_empty() { "/" } else { path };
            format!("{path}?{}", query.trim_end_matches('/'))
        }
        None => path.to_owned(),
    }
}

/// The file of an address: a folder with an index, so that addresses stay as they are.
fn file_name(path: &str, html: bool) -> String {
    if let Some(folder) = path.strip_suffix("/404") {
        return format!("{folder}/404.html").trim_start_matches('/').to_owned();
    }
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let path = decoded.trim_matches('/');
    match (html, path.is_empty()) {
        (true, true) => "index.html".to_owned(),
        (true, false) => format!("{path}/index.html"),
        (false, _) => path.to_owned(),
    }
}

/// The addresses of this site that a page names.
fn links(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    // One pass over the page for both attributes: most of what an export reads is its own pages.
    for at in memchr::memmem::find_iter(html.as_bytes(), b"=\"/") {
        if ![" href", " src"].iter().any(|name| html[..at].ends_with(name)) {
            continue;
        }
        let rest = &html[at + 2..];
        let Some(end) = rest.find('"') else { continue };
        let link = rest[..end].split('#').next().unwrap_or_default();
        let known = ["/assets/", "/graphql", "//", "/api/"].iter().any(|p| link.starts_with(p));
        if !known && !link.is_empty() && !link.contains('?') {
            out.push(link.replace("&amp;", "&"));
        }
    }
    out
}

/// Equal fingerprints mean equal sites.
fn fingerprint(state: &SiteState, version: &str, options: &ExportOptions) -> String {
    let mut hash = blake3::Hasher::new();
    let config = format!("{:?}", state.config());
    let library = format!("{:?}", state.library());
    let pagefind = options.full_text.to_string();
    let parts = [env!("CARGO_PKG_VERSION"), version, &options.fingerprint, &config, &library];
    for part in parts.into_iter().chain([pagefind.as_str()]) {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    for asset in crate::assets::all() {
        hash.update(asset.path.as_bytes());
    }
    hash.finalize().to_hex().to_string()
}

impl SiteState {
    /// The same site for a host of files: no limits, no queries in addresses, no page cache.
    fn for_files(&self) -> Self {
        let config = SiteConfig {
            rate: crate::RateLimit { per_second: 0, burst: 0 },
            cache_bytes: 0,
            ..self.config().clone()
        };
        let source: Arc<dyn GraphSource> = Arc::clone(self.source());
        Self::build(config, source, self.files().cloned(), None, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_files() {
        for (path, asked, file) in [
            ("/", "/", "index.html"),
            ("/vues/problemes", "/vues/problemes", "vues/problemes/index.html"),
            (
                "/vues/problemes/-/page=2",
                "/vues/problemes?page=2",
                "vues/problemes/-/page=2/index.html",
            ),
            ("/404", "/404", "404.html"),
        ] {
            assert_eq!(uri(path), asked);
            assert_eq!(file_name(path, true), file);
        }
        assert_eq!(file_name("/atom.xml", false), "atom.xml");
    }

    #[test]
    fn links_of_this_site_are_followed_and_no_others() {
        let html = r#"<a href="/a#b"> <img src="/figures/d/x.svg"> <a href="https://e.fr/"> <a href="//e.fr"> <a href="/assets/x.css">"#;
        assert_eq!(links(html), ["/a", "/figures/d/x.svg"]);
    }
}

//! The search index of an export: Pagefind's, over the articles of the site.

use super::files::Out;
use crate::export::ExportError;
use pagefind::{
    api::{PagefindIndex, SyntheticFile},
    options::PagefindServiceConfig,
};
use std::path::{Component, Path};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};

/// Where the index is, in the folder of the site.
const FOLDER: &str = "pagefind";

/// Articles that may wait for the index: it reads them in a thread of its own, beside those that
/// make pages.
const WAITING: usize = 256;

/// An article for the index.
pub(super) struct Article {
    path: String,
    html: String,
}

impl Article {
    /// What is indexed of a page; `None` when it is no article.
    pub(super) fn of(path: &str, html: &str) -> Option<Self> {
        html.contains("data-pagefind-body")
            .then(|| Self { path: path.to_owned(), html: parted(&article(html)) })
    }
}

/// The index while pages are put in.
pub(super) struct Index {
    articles: mpsc::Sender<Article>,
    files: JoinHandle<Option<Vec<SyntheticFile>>>,
}

impl Index {
    pub(super) fn new() -> Self {
        let (articles, mut waiting) = mpsc::channel(WAITING);
        let runtime = Handle::current();
        let files = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let mut index = PagefindIndex::new(Some(options())).inspect_err(refused).ok()?;
                while let Some(Article { path, html }) = waiting.recv().await {
                    let added = index.add_html_file(None, Some(path), html).await;
                    let _ = added.inspect_err(refused);
                }
                index.get_files().await.inspect_err(refused).ok()
            })
        });
        Self { articles, files }
    }

    /// Puts an article in.
    pub(super) async fn add(&self, article: Article) {
        // Nobody receives when there is no index, which `write` tells.
        let _ = self.articles.send(article).await;
    }

    /// Writes the index; `false` when there is none.
    pub(super) async fn write(self, out: &mut Out) -> Result<bool, ExportError> {
        drop(self.articles);
        let Ok(Some(files)) = self.files.await.inspect_err(refused) else { return Ok(false) };
        for file in files {
            // Pages of an interface of its own are no part of the site.
            if name(&file.filename).is_some_and(|name| !name.contains("-ui.")) {
                let name = name(&file.filename).unwrap_or_default();
                out.write(&format!("{FOLDER}/{name}"), &file.contents)?;
            }
        }
        Ok(true)
    }
}

fn options() -> PagefindServiceConfig {
    // What is a tool of the page is no text to find.
    PagefindServiceConfig::builder()
        .exclude_selectors(
            [".no-print", ".over", ".meta", ".bar", ".cite", ".remarks"].map(String::from).into(),
        )
        .include_characters("∑∫√≤≥≠∈∀∃∞→".to_owned())
        .build()
}

/// What of a page is indexed, without the frame around it and with formulas as their text: most of a
/// page is MathML, and reading its tags took most of the time of an export.
fn article(html: &str) -> String {
    let between = |open: &str, close: &str| {
        let start = html.find(open)?;
        let length = html[start..].find(close)? + close.len();
        Some(&html[start..start + length])
    };
    let language = between("<html", ">").unwrap_or("<html>");
    let title = between("<title>", "</title>").unwrap_or_default();
    let mut rest = between("<main", "</main>").unwrap_or(html);
    let mut out = String::with_capacity(rest.len());
    out.extend([language, "<head>", title, "</head><body>"]);
    while let Some(at) = rest.find("<math") {
        let (before, formula) = rest.split_at(at);
        let Some(end) = formula.find("</math>").map(|end| end + "</math>".len()) else { break };
        out.extend([before, &crate::text::untagged(&formula[..end])]);
        rest = &formula[end..];
    }
    out.extend([rest, "</body></html>"]);
    out
}

/// What is elided before a vowel, without its apostrophe.
const ELIDED: [&str; 15] = [
    "l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu",
    "quelqu",
];

/// The page with a space after elided words: Pagefind takes « l’intégrale » for one word, and who
/// searches types « intégrale ». The script that shows what was found joins them again.
fn parted(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 64);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '’', '\'', '&']) {
        let (before, sign) = rest.split_at(at);
        out.push_str(before);
        let whole = match sign.as_bytes()[0] {
            // What stands in a tag is no text.
            b'<' => sign.find('>').map_or(sign.len(), |end| end + 1),
            b'&' if sign.starts_with("&#39;") => 5,
            b'&' => 1,
            _ => sign.chars().next().map_or(1, char::len_utf8),
        };
        let (sign, after) = sign.split_at(whole);
        out.push_str(sign);
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if !sign.starts_with('<')
            && sign != "&"
            && ELIDED.iter().any(|elided| elided.eq_ignore_ascii_case(word))
            && after.starts_with(|c: char| c.is_alphabetic() || c == '<')
        {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Says why there is no index: the search of the export then uses our own list.
fn refused(error: &impl std::fmt::Display) {
    tracing::warn!("Pagefind: {error}");
}

/// The name of a file below the folder of the index.
fn name(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .skip_while(|part| *part == FOLDER)
        .collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_their_text_without_the_frame() {
        let page = "<!doctype html><html lang=\"fr\"><head><title>Un</title><script>x</script></head>\
            <body><nav>menu</nav><main id=\"contenu\" data-pagefind-body><h1>Un</h1><p>Si <math><semantics>\
            <mrow><mi>x</mi><mo>&lt;</mo><mi>y</mi></mrow><annotation encoding=\"application/x-tex\">\\frac\
            </annotation></semantics></math> alors</p></main><footer>pied</footer></body></html>";
        let expected = "<html lang=\"fr\"><head><title>Un</title></head><body><main id=\"contenu\" \
            data-pagefind-body><h1>Un</h1><p>Si x&lt;y alors</p></main></body></html>";
        assert_eq!(article(page), expected);
    }

    #[test]
    fn elided_words_stand_apart_and_nothing_else_changes() {
        for (html, indexed) in [
            ("L’intégrale d'une suite", "L’ intégrale d' une suite"),
            ("jusqu&#39;à <em>l’<b>axe</b></em>", "jusqu&#39; à <em>l’ <b>axe</b></em>"),
            ("<a title=\"l'axe\">aujourd’hui</a>", "<a title=\"l'axe\">aujourd’hui</a>"),
            ("f’(x) &amp; d' &l", "f’(x) &amp; d' &l"),
            ("l’", "l’"),
            ("a <", "a <"),
        ] {
            assert_eq!(parted(html), indexed);
        }
    }
}

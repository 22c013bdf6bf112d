//! What every page has around its content: title, menus, breadcrumbs, footer, what machines read.

use crate::{Lang, SiteConfig, SiteState, assets, ctx::Ctx, security::THEME_SCRIPT, text};
use serde_json::Value;
use std::{borrow::Borrow, fmt::Display};

/// A count, however deep the references that templates put around it.
pub(crate) trait Count {
    fn count(&self) -> usize;
}

impl Count for usize {
    fn count(&self) -> usize {
        *self
    }
}

impl<C: Count> Count for &C {
    fn count(&self) -> usize {
        (**self).count()
    }
}

/// A link with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) current: bool,
}

/// Previous and next page of a series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) previous: Option<Link>,
    pub(crate) next: Option<Link>,
    pub(crate) up: Option<Link>,
}

/// What the base template needs. Views fill it through its setters.
pub(crate) struct Frame {
    pub(crate) lang: Lang,
    state: SiteState,
    /// Plain text.
    pub(crate) title: String,
    pub(crate) description: String,
    /// Path without prefix.
    pub(crate) path: String,
    /// The query that belongs to the canonical address, with its question mark.
    query: String,
    pub(crate) crumbs: Vec<Link>,
    pub(crate) notice: Option<String>,
    pub(crate) json_ld: Option<String>,
    pub(crate) article: bool,
    pub(crate) noindex: bool,
    pub(crate) series: Series,
    pub(crate) search: String,
    pub(crate) scripts: Vec<&'static str>,
    pub(crate) version: &'static str,
}

impl Frame {
    pub(crate) fn new(ctx: &Ctx, title: impl AsRef<str>) -> Self {
        let address = ctx.with(&[]);
        let own = ctx.href(&ctx.path);
        let query = address.strip_prefix(own.trim_end_matches('/')).unwrap_or_default();
        let query = query.trim_start_matches('/');
        let query = match query.strip_prefix("-/") {
            Some(_) => format!("/{query}"),
            None => query.to_owned(),
        };
        Self {
            lang: ctx.lang,
            state: ctx.state.clone(),
            title: text::plain(title.as_ref()),
            description: ctx.config().description.clone(),
            path: ctx.path.clone(),
            query,
            crumbs: Vec::new(),
            notice: ctx.state.source().asleep().then(|| ctx.lang.t("error.remembered").to_owned()),
            json_ld: None,
            article: false,
            noindex: false,
            series: Series::default(),
            search: String::new(),
            scripts: Vec::new(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Says in a sentence what the page is about.
    pub(crate) fn describe(mut self, description: &str) -> Self {
        let plain = text::plain(description);
        if !plain.trim().is_empty() {
            self.description = text::clip(plain.trim(), 200);
        }
        self
    }

    /// Adds a step to the breadcrumbs.
    pub(crate) fn crumb(mut self, text: impl Into<String>, path: &str) -> Self {
        let href = self.h(path);
        self.crumbs.push(Link { text: text::plain(&text.into()), href, current: false });
        self
    }

    /// Describes the page to search engines. The JSON cannot close its script element.
    pub(crate) fn json_ld(mut self, value: &Value) -> Self {
        self.json_ld = Some(value.to_string().replace('<', "\\u003c"));
        self
    }

    /// Adds a script of `assets/js`.
    pub(crate) fn script(mut self, name: &'static str) -> Self {
        self.scripts.push(name);
        self
    }

    /// Whether the page is for a host of files: forms that need a server are left out.
    pub(crate) fn files_only(&self) -> bool {
        self.state.files_only()
    }

    /// The content security policy of a page that no server sends.
    pub(crate) fn files_policy(&self) -> String {
        crate::security::files_policy()
    }

    /// The configuration of the site.
    pub(crate) fn config(&self) -> &SiteConfig {
        self.state.config()
    }

    // What templates call.

    /// A text of the catalogue.
    pub(crate) fn t<'k>(&self, key: &'k str) -> &'k str {
        self.lang.t(key)
    }

    /// A text with a value in it.
    pub(crate) fn f(&self, key: &str, value: impl Display) -> String {
        self.lang.f(key, value)
    }

    /// A text with a count.
    pub(crate) fn n(&self, key: &str, count: impl Count) -> String {
        self.lang.n(key, count.count())
    }

    /// A number as this language writes it.
    pub(crate) fn number(&self, number: impl Count) -> String {
        self.lang.number(number.count())
    }

    /// An address in this language.
    pub(crate) fn h(&self, path: impl AsRef<str>) -> String {
        self.lang.href(path.as_ref())
    }

    /// A day as people write it.
    pub(crate) fn day(&self, iso: impl AsRef<str>) -> String {
        self.lang.day(iso.as_ref())
    }

    /// The language of a link's text, where it is not that of the page: titles of nodes are French.
    pub(crate) fn tongue(&self, link: &Link) -> &'static str {
        let path = link.href.strip_prefix(self.lang.prefix()).unwrap_or_default();
        let node = ["/document/", "/concept/", "/evenement/", "/site/"].iter().any(|node| {
            // Not the pages below it, which have names of the interface.
            path.strip_prefix(node).is_some_and(|rest| !rest.contains(['/', '?']))
        });
        if node && self.lang != Lang::Fr { " lang=\"fr\"" } else { "" }
    }

    /// The name of a kind of node.
    pub(crate) fn kind(&self, kind: impl AsRef<str>) -> String {
        text::kind(self.lang, kind.as_ref())
    }

    /// The same in the plural.
    pub(crate) fn kinds(&self, kind: impl AsRef<str>) -> String {
        text::kinds(self.lang, kind.as_ref())
    }

    /// A title or description as HTML, in the language of its author.
    pub(crate) fn rich(&self, text: impl AsRef<str>) -> String {
        match self.lang {
            Lang::Fr => text::rich(text.as_ref()),
            Lang::En => format!("<span lang=\"fr\">{}</span>", text::rich(text.as_ref())),
        }
    }

    /// The title of a node as HTML: index entries show their levels.
    pub(crate) fn name(&self, title: impl AsRef<str>) -> String {
        self.rich(text::entry(title.as_ref()))
    }

    /// What a change touched, in this language.
    pub(crate) fn change(&self, change: impl AsRef<str>) -> String {
        text::change(self.lang, change.as_ref())
    }

    /// The address of an asset.
    pub(crate) fn asset(&self, name: impl AsRef<str>) -> String {
        assets::href(name.as_ref())
    }

    /// An icon of the sprite below, drawn in the colour of the text.
    pub(crate) fn icon(&self, name: &str) -> String {
        crate::icons::icon(name)
    }

    pub(crate) fn theme_script(&self) -> &'static str {
        THEME_SCRIPT
    }

    /// The address of this page for ever, with the site's own host where it is known.
    pub(crate) fn canonical(&self) -> String {
        format!("{}{}{}", self.config().base_url, self.h(&self.path), self.query)
    }

    /// The same page in another language.
    pub(crate) fn in_lang(&self, lang: impl Borrow<Lang>) -> String {
        format!("{}{}", lang.borrow().href(&self.path), self.query)
    }

    /// The menu of views.
    pub(crate) fn views_menu(&self) -> Vec<Link> {
        self.menu(
            "vues",
            &[
                ("menu.problemes", "/vues/problemes"),
                ("menu.feuilles", "/vues/feuillesexercices"),
                ("menu.exercices", "/vues/exercices"),
                ("menu.cours", "/vues/listecours"),
                ("menu.semaines", "/vues/semaines"),
                ("menu.rapidexo", "/vues/rapidexo"),
                ("menu.concepts", "/vues/listeconcepts"),
                ("menu.glossaire", "/vues/glossaire"),
                ("menu.documents", "/vues/documents"),
                ("menu.recents", "/vues/nouveautes"),
                ("menu.maquis", "/vues/maquis"),
                ("menu.recherche", "/vues/recherche"),
            ],
        )
    }

    /// The menu of the project's pages: those that the owner wrote, then the journals and the
    /// state of the maquis.
    pub(crate) fn project_menu(&self) -> Vec<Link> {
        let library = self.state.library();
        let pages = library.pages.iter().map(|page| {
            let path = format!("/projet/{}", page.slug);
            let page = if self.lang == Lang::En { library.in_english(page) } else { page };
            Link { text: page.title.clone(), href: self.h(&path), current: self.path == path }
        });
        let mut links: Vec<Link> = pages.collect();
        let mut rest = vec![("menu.etat", "/projet/etat")];
        if !library.journals.is_empty() {
            rest.insert(0, ("menu.journaux", "/projet/journal"));
        }
        links.extend(self.menu("projet", &rest));
        links
    }

    fn menu(&self, menu: &str, entries: &[(&str, &str)]) -> Vec<Link> {
        let own = entries.iter().map(|(key, path)| Link {
            text: self.t(key).to_owned(),
            href: self.h(path),
            current: self.path == *path,
        });
        let added = self.config().menus.iter().filter(|link| link.menu == menu).map(|link| Link {
            text: link.text.clone(),
            href: self.h(&link.url),
            current: self.path == link.url,
        });
        own.chain(added).collect()
    }
}

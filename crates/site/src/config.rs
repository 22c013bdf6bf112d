//! What the owner of a site decides: names, licence, menus, folders of pages, limits.

use serde::Deserialize;
use std::path::PathBuf;

/// The public configuration of a site. Every field has a default, so `SiteConfig::default()` is a
/// site that works.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteConfig {
    /// Name of the site.
    pub title: String,
    /// One sentence under the name on the home page, and the description for search engines.
    pub description: String,
    /// Who signs the documents; used in citations.
    pub author: String,
    /// The address under which readers see the site, without a slash at its end. Empty: canonical
    /// addresses, feeds and the sitemap use addresses relative to the host.
    pub base_url: String,
    /// Under what licence the documents are published.
    pub licence: Licence,
    /// Who or what is thanked in the footer.
    pub credits: Vec<Credit>,
    /// Links added to the menus.
    pub menus: Vec<MenuLink>,
    /// Folder of the project's Markdown pages, `<slug>.md`.
    pub pages: Option<PathBuf>,
    /// Folder of the journals, `<journal>/<date>-<slug>.md`.
    pub journals: Option<PathBuf>,
    /// How many requests one address may make.
    pub rate: RateLimit,
    /// Whether a trusted proxy stands before the server and names the caller in its headers.
    pub trust_proxy: bool,
    /// Bytes of the page cache.
    pub cache_bytes: u64,
    /// Pages ask `/watch.js` to load them anew when a source changes: `serve --watch` alone.
    #[serde(skip)]
    pub watch: bool,
    /// Error pages tell their cause: for development only, so no configuration file sets it.
    #[serde(skip)]
    pub verbose: bool,
}

impl Default for SiteConfig {
    fn default() -> Self {
        Self {
            title: "Maquis documentaire".to_owned(),
            description: "Problèmes, exercices et cours de mathématiques, reliés en un maquis."
                .to_owned(),
            author: String::new(),
            base_url: String::new(),
            licence: Licence::default(),
            credits: Vec::new(),
            menus: Vec::new(),
            pages: None,
            journals: None,
            rate: RateLimit::default(),
            trust_proxy: false,
            verbose: false,
            cache_bytes: 20 << 20,
            watch: false,
        }
    }
}

/// The licence of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its name, as the footer shows it.
    pub name: String,
    /// Its text.
    pub url: String,
}

impl Default for Licence {
    fn default() -> Self {
        Self {
            name: "CC BY 4.0".to_owned(),
            url: "https://creativecommons.org/licenses/by/4.0/deed.fr".to_owned(),
        }
    }
}

/// A line of the credits in the footer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// What is shown.
    pub text: String,
    /// Where it leads, if anywhere.
    #[serde(default)]
    pub url: Option<String>,
}

/// A link that the owner adds to a menu.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuLink {
    /// `vues` or `projet`.
    pub menu: String,
    /// What is shown.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A token bucket for each address. This machine itself is not limited, except by way of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Requests a second in the long run; 0 lifts the limit.
    pub per_second: u32,
    /// Requests at once.
    pub burst: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        // A reader who opens twenty tabs is welcome; a loop without end is not.
        Self { per_second: 50, burst: 400 }
    }
}

//! What the owner of a site decides: names, licence, menus, folders of pages, limits.

use http::HeaderName;
use serde::Deserialize;
use std::{path::PathBuf, str::FromStr};

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
    /// Whether a trusted proxy stands before the server, and where it names the reader.
    pub trust_proxy: TrustProxy,
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
            trust_proxy: TrustProxy::Nobody,
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

/// Whom the server believes when a header says for whom a request was passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum TrustProxy {
    /// Nobody: anyone can write such a header. `false` in the configuration.
    #[default]
    Nobody,
    /// The proxy that wrote the last entry of `X-Forwarded-For`. `true` in the configuration.
    Forwarded,
    /// The proxies that write the reader's address into this header of their own. For chains of
    /// them, whose last entry of `X-Forwarded-For` names but another proxy.
    Header(HeaderName),
}

impl TrustProxy {
    /// Whether there is such a proxy.
    pub(crate) fn any(&self) -> bool {
        *self != Self::Nobody
    }
}

/// How the configuration file says it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Flag(bool),
    Text(String),
}

impl TryFrom<Written> for TrustProxy {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Flag(flag) => flag.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

impl FromStr for TrustProxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(Self::Forwarded),
            "false" | "0" => Ok(Self::Nobody),
            // Every such header has a dash, and no attempt at yes or no has one.
            name if name.contains('-') => match name.parse::<HeaderName>() {
                // Its name alone would not say which of its entries is meant.
                Ok(name) if name == "x-forwarded-for" => Ok(Self::Forwarded),
                Ok(name) => Ok(Self::Header(name)),
                Err(_) => Err(format!("« {name} » is no name of a header")),
            },
            _ => Err("`true`, `false` or the name of a header such as `do-connecting-ip`".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_trusted_only_in_clear_words() {
        let header = |name| TrustProxy::Header(HeaderName::from_static(name));
        for (text, wanted) in [
            ("true", Some(TrustProxy::Forwarded)),
            ("0", Some(TrustProxy::Nobody)),
            ("X-Forwarded-For", Some(TrustProxy::Forwarded)),
            ("DO-Connecting-IP", Some(header("do-connecting-ip"))),
            ("yes", None),
            ("", None),
            ("do connecting-ip", None),
        ] {
            assert_eq!(text.parse().ok(), wanted, "{text}");
        }
        let read = |line: &str| toml::from_str::<SiteConfig>(line).map(|site| site.trust_proxy);
        assert_eq!(read("trust_proxy = true").ok(), Some(TrustProxy::Forwarded));
        assert_eq!(
            read("trust_proxy = \"cf-connecting-ip\"").ok(),
            Some(header("cf-connecting-ip"))
        );
        assert!(read("trust_proxy = 3").is_err() && read("trust_proxy = \"oui\"").is_err());
    }
}

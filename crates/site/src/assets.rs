//! Style sheets, scripts, fonts and icons: part of the program, served under names that hold the
//! hash of their content, so that a browser keeps them for ever.

use crate::compress::{self, Encoding};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

#[derive(RustEmbed)]
#[folder = "assets"]
struct Embedded;

/// The parts of the style sheet in the order of the cascade; `tokens.css` documents the design.
const STYLES: [&str; 11] = [
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/base.css"),
    mqd_math::CSS,
    include_str!("../assets/css/layout.css"),
    include_str!("../assets/css/lists.css"),
    include_str!("../assets/css/document.css"),
    include_str!("../assets/css/tex.css"),
    include_str!("../assets/css/picture.css"),
    include_str!("../assets/css/sheet.css"),
    include_str!("../assets/css/phone.css"),
    include_str!("../assets/css/print.css"),
];

/// One file as it is served.
pub(crate) struct Asset {
    /// `css/site.3f….css`
    pub(crate) path: String,
    media_type: &'static str,
    pub(crate) bytes: Bytes,
    /// Compressed once, at the first request; `None` for what would not get smaller.
    packed: OnceLock<Packed>,
}

#[derive(Default)]
struct Packed {
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl Asset {
    fn packed(&self, encoding: Encoding) -> Option<Bytes> {
        // Fonts are compressed already.
        if self.media_type.starts_with("font/") {
            return None;
        }
        let packed = self.packed.get_or_init(|| Packed {
            brotli: compress::smaller(&self.bytes, compress::brotli(&self.bytes, 11)),
            gzip: compress::smaller(&self.bytes, compress::gzip(&self.bytes)),
        });
        match encoding {
            Encoding::Brotli => packed.brotli.clone(),
            Encoding::Gzip => packed.gzip.clone(),
            Encoding::Plain => None,
        }
    }
}

struct Assets {
    by_name: HashMap<String, usize>,
    by_path: HashMap<String, usize>,
    all: Vec<Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut assets = Assets { by_name: HashMap::new(), by_path: HashMap::new(), all: Vec::new() };
    // Fonts and pictures first: the style sheet names them by their hashed paths.
    let mut names: Vec<Cow<'static, str>> = Embedded::iter().collect();
    names.sort();
    for name in names {
        // The parts of the style sheet are joined below; licences are for who reads the source.
        if name.starts_with("css/") || name.ends_with(".txt") || name.ends_with(".md") {
            continue;
        }
        let Some(file) = Embedded::get(&name) else { continue };
        assets.add(&name, Bytes::from(file.data.into_owned()));
    }
    let mut css: String = STYLES.iter().map(|part| compact(part)).collect();
    for asset in &assets.by_name {
        css = css.replace(
            &format!("url(/{})", asset.0),
            &format!("url(/assets/{})", assets.all[*asset.1].path),
        );
    }
    assets.add("css/site.css", Bytes::from(css));
    assets
});

impl Assets {
    fn add(&mut self, name: &str, bytes: Bytes) {
        let hash = blake3::hash(&bytes).to_hex();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!("{stem}.{}.{extension}", &hash[..10]);
        self.by_name.insert(name.to_owned(), self.all.len());
        self.by_path.insert(path.clone(), self.all.len());
        self.all.push(Asset {
            path,
            media_type: media_type(extension),
            bytes,
            packed: OnceLock::new(),
        });
    }
}

fn media_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

/// Leaves out comments and the white space at the start of lines.
fn compact(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).fold(
        String::with_capacity(out.len()),
        |mut css, line| {
            css.push_str(line);
            css.push('\n');
            css
        },
    )
}

/// The address of an asset by its name in `assets/`; `css/site.css` is the whole style sheet.
pub(crate) fn href(name: &str) -> String {
    let assets = &*ASSETS;
    let path = assets.by_name.get(name).map_or(name, |at| &assets.all[*at].path);
    format!("/assets/{path}")
}

/// Every asset, for the export.
pub(crate) fn all() -> &'static [Asset] {
    &ASSETS.all
}

/// `GET /assets/{path}`
pub(crate) async fn serve(Path(path): Path<String>, asked: HeaderMap) -> Response {
    let assets = &*ASSETS;
    let Some(asset) = assets.by_path.get(&path).map(|at| &assets.all[*at]) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let encoding = compress::preferred(asked.get(header::ACCEPT_ENCODING));
    let packed = asset.packed(encoding);
    let name = packed.is_some().then(|| encoding.name()).flatten();
    let mut response = packed.unwrap_or_else(|| asset.bytes.clone()).into_response();
    let headers = response.headers_mut();
    if let Some(name) = name {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_style_sheet_names_exists() {
        let css = ASSETS.by_name.get("css/site.css").map(|at| &ASSETS.all[*at].bytes);
        let css = String::from_utf8_lossy(css.map_or(&[], |b| b));
        let mut named = 0;
        for part in css.split("url(").skip(1) {
            let path = part.split(')').next().unwrap_or_default();
            let path = path.strip_prefix("/assets/").unwrap_or(path);
            assert!(ASSETS.by_path.contains_key(path), "the style sheet names {path}");
            named += 1;
        }
        assert!(named >= 3, "the fonts are gone from the style sheet");
    }

    #[test]
    fn scripts_are_light() {
        let weight: usize = ASSETS
            .all
            .iter()
            .filter(|a| a.path.starts_with("js/") && !a.path.contains("maquis"))
            .map(|a| a.bytes.len())
            .sum();
        assert!(weight <= 30_000, "{weight} bytes of script before compression");
    }
}

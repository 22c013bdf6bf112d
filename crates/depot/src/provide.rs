//! The contents of documents out of scanned dépôts: converted on demand, the latest kept.

use crate::{
    compile::pictures,
    contents::{Content, Contents, Figure, Heading, IndexEntry, Part, Remark, Role},
    fields,
    manifest::{Kind, Publish, Role as FileRole},
    plan::{address, main_text},
    scan::{Item, Scan},
};
use arc_swap::ArcSwap;
use mqd_model::{Node, OWNER_KEY};
use mqd_tex::{Convert, FigureInfo, Label, Preamble, Severity, Sources, convert};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Serves the contents of scanned dépôts. A later scan takes the place of the former one.
pub struct DepotContents(ArcSwap<State>, AtomicU64);

struct State {
    scans: Vec<Scan>,
    by_cle: HashMap<String, (usize, usize)>,
    /// Converted contents that were asked for lately, by scan and item.
    contents: moka::sync::Cache<(usize, usize), Arc<Content>>,
    preambles: Mutex<HashMap<(usize, String), Arc<Preamble>>>,
    figures: moka::sync::Cache<(String, String), Option<Arc<Figure>>>,
}

impl std::fmt::Debug for DepotContents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DepotContents").field("depots", &self.0.load().scans.len()).finish()
    }
}

/// Bytes of converted documents that are kept. A conversion takes about a millisecond, and pages are
/// kept themselves: more would cost memory for nothing.
const CONTENTS: u64 = 8 << 20;
/// Bytes of pictures that are kept.
const FIGURES: u64 = 16 << 20;

/// About what a part holds in memory; a heading or an entry of the index is some words long.
fn weight(part: &Part) -> usize {
    part.html.len()
        + part.text.len()
        + part.latex.len()
        + size_of_val(part.formulas.as_slice())
        + 256 * (part.toc.len() + part.index.len() + part.remarks.len() + 1)
}

/// The text and nothing of the buffer it grew in.
fn fitting(mut text: String) -> String {
    text.shrink_to_fit();
    text
}

impl State {
    fn new(scans: Vec<Scan>) -> Self {
        let by_cle = scans
            .iter()
            .enumerate()
            .flat_map(|(s, scan)| {
                scan.items.iter().enumerate().map(move |(i, item)| (scan.cle(item), (s, i)))
            })
            .collect();
        let contents = moka::sync::Cache::builder()
            .max_capacity(CONTENTS)
            .weigher(|_, content: &Arc<Content>| {
                u32::try_from(content.parts.iter().map(weight).sum::<usize>()).unwrap_or(u32::MAX)
            })
            .build();
        let figures = moka::sync::Cache::builder()
            .max_capacity(FIGURES)
            .weigher(|_, figure: &Option<Arc<Figure>>| {
                figure
                    .as_ref()
                    .map_or(1, |figure| u32::try_from(figure.bytes.len()).unwrap_or(u32::MAX))
            })
            .build();
        Self { scans, by_cle, contents, preambles: Mutex::default(), figures }
    }

    fn preamble(&self, scan: usize, path: Option<&str>) -> Arc<Preamble> {
        let Some(path) = path else { return Arc::default() };
        let mut preambles = self.preambles.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(preambles.entry((scan, path.to_owned())).or_insert_with(|| {
            let text = self.scans[scan].files.text(path).cloned().unwrap_or_default();
            Arc::new(Preamble::read(
                &[&text],
                &DepotSources { scan: &self.scans[scan], from: path },
            ))
        }))
    }

    fn convert(&self, at: (usize, usize)) -> Content {
        let scan = &self.scans[at.0];
        let item = &scan.items[at.1];
        let kind = scan.kind(item);
        let preamble = self.preamble(at.0, preamble_of(scan, kind));
        let sources = part_sources(scan, item);
        let several = sources.len() > 1;
        let mut labels: HashMap<String, Label> = HashMap::new();
        let parts = sources
            .into_iter()
            .map(|(role, path, latex)| {
                let id_prefix = match (several, role) {
                    (false, _) | (_, Role::Body) => "",
                    (_, Role::Statement) => "e-",
                    (_, Role::Hint) => "i-",
                    (_, Role::Answer) => "c-",
                };
                let options = Convert {
                    preamble: Arc::clone(&preamble),
                    id_prefix: id_prefix.to_owned(),
                    heading_shift: u8::from(several),
                    labels: Arc::new(labels.clone()),
                };
                let document =
                    convert(&latex, &path, &options, &DepotSources { scan, from: &path });
                labels.extend(document.labels);
                let (own, before) = (path.clone(), lines_before(scan, &path, &latex));
                Part {
                    role,
                    source_url: scan
                        .manifest
                        .source_address
                        .as_ref()
                        .and_then(|template| address(template, scan, &path)),
                    pdf_url: match role {
                        Role::Body => scan.pdf(item, Publish::Whole),
                        Role::Statement => scan.pdf(item, Publish::Statement),
                        Role::Answer => scan.pdf(item, Publish::Answer),
                        Role::Hint => None,
                    },
                    path,
                    latex: latex.to_string(),
                    html: fitting(document.html),
                    text: fitting(document.text),
                    formulas: document.formulas,
                    toc: document
                        .headings
                        .into_iter()
                        .map(|h| Heading {
                            level: h.level,
                            id: h.id,
                            number: h.number,
                            html: h.html,
                        })
                        .collect(),
                    index: document
                        .index
                        .into_iter()
                        .map(|entry| IndexEntry { path: entry.path, id: entry.id })
                        .collect(),
                    remarks: document
                        .diagnostics
                        .into_iter()
                        .filter(|diagnostic| diagnostic.severity != Severity::Info)
                        .map(|diagnostic| Remark {
                            severity: if diagnostic.severity == Severity::Error {
                                "error"
                            } else {
                                "warning"
                            },
                            line: diagnostic.line + if diagnostic.file == own { before } else { 0 },
                            file: diagnostic.file,
                            column: diagnostic.column,
                            message: format!("{} : {}", diagnostic.construct, diagnostic.message),
                        })
                        .collect(),
                }
            })
            .collect();
        Content { depot: scan.manifest.name.clone(), commit: scan.files.commit.clone(), parts }
    }
}

/// How many lines of a file stand before a part of it, so that remarks name the lines of the file.
fn lines_before(scan: &Scan, path: &str, part: &str) -> u32 {
    let whole = scan.files.text(path).map_or("", |text| text);
    // Pieces that were put together are found by the first.
    let first = part.split("\n\n").next().unwrap_or_default();
    let before = whole.find(part).or_else(|| whole.find(first)).map_or("", |at| &whole[..at]);
    u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The preamble of the documents of a kind.
pub(crate) fn preamble_of<'s>(scan: &'s Scan, kind: &'s Kind) -> Option<&'s str> {
    kind.preamble.as_deref().or_else(|| scan.manifest.preambles.first().map(String::as_str))
}

/// The sources of an item by role, statement first.
#[must_use]
pub fn part_sources(scan: &Scan, item: &Item) -> Vec<(Role, String, Arc<str>)> {
    let role = |role: FileRole| match role {
        FileRole::Body => Some(Role::Body),
        FileRole::Statement => Some(Role::Statement),
        FileRole::Hint => Some(Role::Hint),
        FileRole::Answer => Some(Role::Answer),
        FileRole::Wrapper => None,
    };
    let kind = scan.kind(item);
    let mut out: Vec<(Role, String, Arc<str>)> = Vec::new();
    let cut = kind.split.is_some() || !kind.parts.is_empty();
    if let (true, Some(text)) = (cut, main_text(scan, item)) {
        let path = item.files.first().map(|(_, path)| path.clone()).unwrap_or_default();
        out.extend(
            fields::parts_of(&text, kind)
                .into_iter()
                .filter_map(|(r, part)| Some((role(r)?, path.clone(), part.into()))),
        );
    }
    for (r, path) in &item.files {
        let Some(r) = role(*r) else { continue };
        if out.iter().all(|(have, _, _)| *have != r)
            && (out.is_empty() || !matches!(r, Role::Body | Role::Statement))
        {
            out.extend(scan.files.text(path).map(|text| (r, path.clone(), Arc::clone(text))));
        }
    }
    let order = |role: &Role| match role {
        Role::Body => 0,
        Role::Statement => 1,
        Role::Hint => 2,
        Role::Answer => 3,
    };
    out.sort_by_key(|(role, _, _)| order(role));
    out
}

impl DepotContents {
    /// Serves these dépôts.
    #[must_use]
    pub fn new(scans: Vec<Scan>) -> Self {
        Self(ArcSwap::from_pointee(State::new(scans)), AtomicU64::new(1))
    }

    /// Serves a later reading of the dépôts.
    pub fn replace(&self, scans: Vec<Scan>) {
        self.0.store(Arc::new(State::new(scans)));
        self.1.fetch_add(1, Ordering::Release);
    }
}

impl Contents for DepotContents {
    fn content(&self, node: &Node) -> Option<Arc<Content>> {
        let state = self.0.load();
        let at = *state.by_cle.get(node.text(OWNER_KEY)?)?;
        if state.scans[at.0].items[at.1].files.is_empty() {
            return None;
        }
        Some(state.contents.get_with(at, || Arc::new(state.convert(at))))
    }

    fn generation(&self) -> u64 {
        self.1.load(Ordering::Acquire)
    }

    fn figure(&self, depot: &str, path: &str) -> Option<Arc<Figure>> {
        let state = self.0.load();
        let scan = state.scans.iter().find(|scan| scan.manifest.name == depot)?;
        if let Some(name) = path.strip_prefix(pictures::FOLDER)
            && !scan.files.files.contains_key(path)
        {
            let bytes = scan.pictures.read(depot, name.strip_prefix('/')?)?;
            return Some(Arc::new(Figure { media_type: "image/svg+xml", bytes }));
        }
        // Only a file that was listed is served: no path can lead elsewhere.
        let file = scan.files.files.get(path)?;
        state.figures.get_with((depot.to_owned(), path.to_owned()), || {
            let bytes = scan.files.bytes(&file.path).ok()?;
            let figure = match path.rsplit('.').next()? {
                "pdf" => Figure {
                    media_type: "image/svg+xml",
                    bytes: mqd_pdf::figure::to_svg(bytes, 0).ok()?.svg.into_bytes(),
                },
                "svg" => Figure { media_type: "image/svg+xml", bytes },
                "png" => Figure { media_type: "image/png", bytes },
                "jpg" | "jpeg" => Figure { media_type: "image/jpeg", bytes },
                "gif" => Figure { media_type: "image/gif", bytes },
                _ => return None,
            };
            Some(Arc::new(figure))
        })
    }
}

/// The files of a dépôt as a source at `from` names them.
pub struct DepotSources<'s> {
    /// The dépôt.
    pub scan: &'s Scan,
    /// Path of the source that names them.
    pub from: &'s str,
}

impl Sources for DepotSources<'_> {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.scan.files.find(self.from, path, &["", ".tex"])?.text.clone()
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        let file = self.scan.files.find(
            self.from,
            path,
            &["", ".pdf", ".svg", ".png", ".jpg", ".jpeg"],
        )?;
        let ending = file.path.rsplit('.').next()?;
        if !matches!(ending, "pdf" | "svg" | "png" | "jpg" | "jpeg" | "gif") {
            return None;
        }
        let size = (ending == "pdf")
            .then(|| media_box(&self.scan.files.bytes(&file.path).ok()?))
            .flatten();
        let encoded: String = file.path.split('/').map(encode).collect::<Vec<_>>().join("/");
        Some(FigureInfo { src: format!("/figures/{}/{encoded}", self.scan.manifest.name), size })
    }

    fn block(&self, hash: &str) -> Option<String> {
        self.scan.pictures.address(&self.scan.manifest.name, self.from, hash)
    }
}

/// Percent-encodes a part of a path.
pub(crate) fn encode(part: &str) -> String {
    part.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Width and height of the first page of a PDF, when its page tree is not compressed.
fn media_box(pdf: &[u8]) -> Option<(f32, f32)> {
    let at = pdf.windows(9).position(|window| window == b"/MediaBox")?;
    let rest = &pdf[at + 9..(at + 120).min(pdf.len())];
    let open = rest.iter().position(|byte| *byte == b'[')?;
    let close = rest.iter().position(|byte| *byte == b']')?;
    let text = std::str::from_utf8(rest.get(open + 1..close)?).ok()?;
    let numbers: Vec<f32> =
        text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [x0, y0, x1, y1] = numbers[..] else { return None };
    let (width, height) = (x1 - x0, y1 - y0);
    (width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite())
        .then_some((width, height))
}

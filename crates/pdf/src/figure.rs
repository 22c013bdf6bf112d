//! PDF figures to SVG, in pure Rust.
//!
//! A hostile figure may panic the interpreter or keep it busy: each is drawn in a thread of its own
//! that is given up after a while, and there are never more than a few of those.

use hayro_svg::{
    RenderCache, SvgRenderSettings, convert, hayro_interpret::InterpreterSettings,
    hayro_syntax::Pdf,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// A picture made of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Svg {
    /// The SVG document.
    pub svg: String,
    /// Width in PDF points (1/72 inch).
    pub width: f32,
    /// Height in PDF points.
    pub height: f32,
}

/// Why a figure cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// The bytes are no PDF, or a broken or encrypted one.
    #[error("the figure is not a PDF that can be read")]
    NotPdf,
    /// There is no such page.
    #[error("the figure has no page {0}")]
    NoPage(usize),
    /// It takes too long or grows too large.
    #[error("the figure is too complicated to be shown")]
    TooLarge,
}

/// Largest SVG that is returned, in bytes.
const MAX_SVG: usize = 8 << 20;
/// Longest time for a figure.
const MAX_TIME: Duration = Duration::from_secs(5);
/// Most figures that are drawn at the same time, those that were given up included.
const MAX_DRAWING: usize = 16;

/// How many figures are being drawn.
static DRAWING: AtomicUsize = AtomicUsize::new(0);

/// Counts a figure for as long as its thread lives, also when that panics.
struct Drawing;

impl Drawing {
    fn begin() -> Option<Self> {
        let place = (DRAWING.fetch_add(1, Ordering::Relaxed) < MAX_DRAWING).then_some(Self);
        if place.is_none() {
            DRAWING.fetch_sub(1, Ordering::Relaxed);
        }
        place
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        DRAWING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Draws a page (from 0) of a PDF as SVG with a transparent background.
///
/// # Errors
/// [`FigureError`] for what is no PDF or is too large.
pub fn to_svg(pdf: impl Into<Arc<Vec<u8>>>, page: usize) -> Result<Svg, FigureError> {
    let bytes: Arc<Vec<u8>> = pdf.into();
    let (send, receive) = mpsc::channel();
    // All places are taken only where figures are given up one after the other, or by far too many
    // at once; the latter soon make room.
    let start = Instant::now();
    let drawing = loop {
        match Drawing::begin() {
            Some(drawing) => break drawing,
            None if start.elapsed() > MAX_TIME => return Err(FigureError::TooLarge),
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    thread::Builder::new()
        .name("figure".into())
        .stack_size(16 << 20)
        .spawn(move || {
            let _drawing = drawing;
            let _ = send.send(draw(bytes, page));
        })
        .map_err(|_| FigureError::TooLarge)?;
    match receive.recv_timeout(MAX_TIME) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(FigureError::TooLarge),
        // The thread is gone without an answer: it panicked.
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(FigureError::NotPdf),
    }
}

fn draw(bytes: Arc<Vec<u8>>, page: usize) -> Result<Svg, FigureError> {
    let pdf = Pdf::new(bytes).map_err(|_| FigureError::NotPdf)?;
    let pages = pdf.pages();
    let page = pages.get(page).ok_or(FigureError::NoPage(page))?;
    let (width, height) = page.render_dimensions();
    let settings = SvgRenderSettings { bg_color: [0, 0, 0, 0] };
    let svg = convert(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
    if svg.len() > MAX_SVG {
        return Err(FigureError::TooLarge);
    }
    Ok(Svg { svg: with_own_ids(&svg), width, height })
}

/// The SVG with identifiers that no other one has: several may stand in one page.
fn with_own_ids(svg: &str) -> String {
    let own = &blake3::hash(svg.as_bytes()).to_hex()[..10];
    svg.replace(" id=\"", &format!(" id=\"p{own}-"))
        .replace("href=\"#", &format!("href=\"#p{own}-"))
        .replace("url(#", &format!("url(#p{own}-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A page with a line, written by hand.
    const LINE: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 50]/Contents 4 0 R>>endobj\n4 0 obj<</Length 22>>stream\n0 0 m 100 50 l 1 w S\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

    #[test]
    fn a_page_is_drawn_and_what_is_none_is_refused() {
        let svg = to_svg(LINE.to_vec(), 0).expect("a page");
        assert_eq!((svg.width, svg.height), (100.0, 50.0));
        assert!(svg.svg.contains("<path"), "{}", svg.svg);
        assert_eq!(to_svg(LINE.to_vec(), 1), Err(FigureError::NoPage(1)));
        for bytes in [&b""[..], b"%PDF-1.4\n", b"<svg/>", &[0; 1000]] {
            assert!(to_svg(bytes.to_vec(), 0).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn two_pictures_can_stand_in_one_page() {
        let first = with_own_ids(
            "<g id=\"a\"/><use xlink:href=\"#a\" fill=\"url(#b)\" stroke=\"#00ff00\"/>",
        );
        let second = with_own_ids("<g id=\"a\"/>");
        let id = |svg: &str| svg.split('"').nth(1).unwrap_or_default().to_owned();
        assert_ne!(id(&first), id(&second));
        assert!(first.contains(&format!("href=\"#{}\"", id(&first))), "{first}");
        assert!(first.contains("stroke=\"#00ff00\""), "{first}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_figures_end(at in 0..LINE.len(), byte in any::<u8>(), cut in 0..LINE.len()) {
            let mut damaged = LINE.to_vec();
            damaged[at] = byte;
            let _ = to_svg(damaged.clone(), 0);
            damaged.truncate(cut);
            let _ = to_svg(damaged, 0);
        }
    }
}

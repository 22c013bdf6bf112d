//! PDF figures to SVG, in pure Rust.

use hayro_svg::{
    RenderCache, SvgRenderSettings, convert, hayro_interpret::InterpreterSettings,
    hayro_syntax::Pdf,
};
use std::{sync::Arc, sync::mpsc, thread, time::Duration};

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

/// Draws a page (from 0) of a PDF as SVG with a transparent background.
///
/// # Errors
/// [`FigureError`] for what is no PDF or is too large.
pub fn to_svg(pdf: impl Into<Arc<Vec<u8>>>, page: usize) -> Result<Svg, FigureError> {
    let bytes: Arc<Vec<u8>> = pdf.into();
    let (send, receive) = mpsc::channel();
    // A hostile figure may panic the interpreter or keep it busy: it runs in a thread of its own,
    // and we stop waiting.
    thread::Builder::new()
        .name("figure".into())
        .stack_size(16 << 20)
        .spawn(move || {
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
    if svg.len() > MAX_SVG { Err(FigureError::TooLarge) } else { Ok(Svg { svg, width, height }) }
}

//! QR codes, drawn with rules so that LaTeX needs no package for them.

use qrcode::{Color, EcLevel, QrCode};

/// Side of the code in millimetres, and of the smallest module that a phone reads without trouble.
const SIDE: f64 = 26.0;
const MODULE: f64 = 0.4;
/// A code has to stand in so many modules of white.
const MARGIN: usize = 4;

/// A QR code as a LaTeX picture; `None` when the text is too long for one.
pub(crate) fn latex(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let unit = (SIDE / width as f64).max(MODULE);
    let side = width + 2 * MARGIN;
    let mut out = format!(
        "\\par\\nopagebreak\\begingroup\\noindent\\hfill{{\\footnotesize Corrigés : }}\
         \\setlength{{\\unitlength}}{{{unit:.4}mm}}\
         \\begin{{picture}}({side},{side})(-{MARGIN},-{MARGIN})\n"
    );
    for (row, line) in colors.chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let dark = line[column..].iter().take_while(|c| **c == Color::Dark).count();
            if dark > 0 {
                let y = width - 1 - row;
                out.push_str(&format!(
                    "\\put({column},{y}){{\\rule{{{dark}\\unitlength}}{{1.02\\unitlength}}}}"
                ));
            }
            column += dark.max(1);
        }
        out.push('\n');
    }
    out.push_str("\\end{picture}\\par\\endgroup\n");
    Some(out)
}

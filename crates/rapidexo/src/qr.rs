//! QR codes, drawn with rules so that LaTeX needs no package for them.

use qrcode::{Color, EcLevel, QrCode};

/// Side of the code in millimetres.
const SIDE: f64 = 28.0;

/// A QR code as a LaTeX picture; `None` when the text is too long for one.
pub(crate) fn latex(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let unit = SIDE / width as f64;
    let mut out = format!(
        "\\par\\noindent\\begingroup\\setlength{{\\unitlength}}{{{unit:.4}mm}}\
         \\begin{{picture}}({width},{width})\n"
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
    out.push_str("\\end{picture}\\endgroup\n");
    Some(out)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader makes of the rules, each module some pixels wide as on a photograph.
    fn read(picture: &str) -> String {
        const PIXELS: usize = 4;
        let number = |text: &str| text.parse::<usize>().expect("a number");
        let (_, rest) = picture.split_once("\\begin{picture}(").expect("a picture");
        let side = number(rest.split(',').next().unwrap_or_default());
        let mut dark = vec![false; side * side];
        for put in picture.split("\\put(").skip(1) {
            let (place, rest) = put.split_once("){\\rule{").expect("a rule");
            let (x, y) = place.split_once(',').expect("a place");
            let length = number(rest.split('\\').next().unwrap_or_default());
            let row = side - 1 - (number(y) + MARGIN);
            let start = row * side + number(x) + MARGIN;
            dark[start..start + length].fill(true);
        }
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(side * PIXELS, side * PIXELS, |x, y| {
                if dark[y / PIXELS * side + x / PIXELS] { 0 } else { 255 }
            });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one code");
        grids[0].decode().expect("a code that reads").1
    }

    #[test]
    fn a_code_reads_as_what_was_written() {
        let sheet =
            "https://maquis.example/vues/rapidexo/corriges?c=1f0c2d9e8a&g=k7f3q2ab&t=Calcul.10";
        let long = format!("{sheet}&x={}", "Calcul.7.11.14-18_".repeat(60));
        for text in [sheet, "x", &long] {
            assert_eq!(read(&latex(text).expect("a code")), text);
        }
        assert_eq!(latex(&"x".repeat(4000)), None);
    }
}

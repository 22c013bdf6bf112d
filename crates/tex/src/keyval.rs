//! `key=value, key={a, b}` as packages read it.

/// The keys and values of an options text; braces protect commas. A key alone has an empty value.
pub(crate) fn parse(options: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in options.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&options[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&options[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            let value = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).unwrap_or(value);
            (key.trim(), value)
        })
        .collect()
}

/// A length in CSS pixels, `\linewidth` and its like counting as a line of 680 pixels.
pub(crate) fn length(text: &str) -> Option<f32> {
    const LINE: f32 = 680.0;
    let text = text.trim();
    for line in ["\\linewidth", "\\textwidth", "\\columnwidth", "\\hsize", "\\textheight"] {
        if let Some(factor) = text.strip_suffix(line) {
            let factor = factor.trim();
            return if factor.is_empty() {
                Some(LINE)
            } else {
                factor.parse::<f32>().ok().map(|f| f * LINE)
            };
        }
    }
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f32 = text[..split].trim().replace(',', ".").parse().ok()?;
    // CSS: 96 pixels an inch.
    let factor = match text[split..].trim() {
        "cm" => 96.0 / 2.54,
        "mm" => 9.6 / 2.54,
        "in" => 96.0,
        "pt" => 96.0 / 72.27,
        "bp" | "truept" => 96.0 / 72.0,
        "em" => 16.0,
        "ex" => 7.0,
        "pc" => 16.0,
        "sp" => 96.0 / 72.27 / 65_536.0,
        "px" => 1.0,
        _ => return None,
    };
    let pixels = number * factor;
    pixels.is_finite().then_some(pixels.clamp(-10_000.0, 10_000.0))
}

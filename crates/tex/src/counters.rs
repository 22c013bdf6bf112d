//! LaTeX counters and their printed forms.

/// Prints a number as `\arabic`, `\alph`, `\Alph`, `\roman`, `\Roman` or `\fnsymbol` does.
pub(crate) fn print(style: &str, value: i64) -> Option<String> {
    Some(match style {
        "arabic" => value.to_string(),
        "alph" => letter(value, 'a'),
        "Alph" => letter(value, 'A'),
        "roman" => roman(value),
        "Roman" => roman(value).to_uppercase(),
        "fnsymbol" => usize::try_from(value)
            .ok()
            .and_then(|n| ["", "*", "†", "‡", "§", "¶", "‖"].get(n).copied())
            .map_or_else(|| value.to_string(), str::to_owned),
        _ => return None,
    })
}

/// LaTeX stops at z; we go on with aa, as alphabets of spreadsheets do.
fn letter(value: i64, first: char) -> String {
    let mut rest = match u32::try_from(value) {
        Ok(value) if value > 0 => value,
        _ => return value.to_string(),
    };
    let mut letters = Vec::new();
    while rest > 0 && letters.len() < 8 {
        rest -= 1;
        letters.push(char::from_u32(u32::from(first) + rest % 26).unwrap_or(first));
        rest /= 26;
    }
    letters.into_iter().rev().collect()
}

fn roman(value: i64) -> String {
    const PARTS: &[(i64, &str)] = &[
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..4000).contains(&value) {
        return value.to_string();
    }
    let (mut rest, mut out) = (value, String::new());
    for (size, text) in PARTS {
        while rest >= *size {
            out.push_str(text);
            rest -= size;
        }
    }
    out
}

/// What `\thename` prints when no preamble says otherwise, as TeX to expand.
pub(crate) fn default_form(counter: &str) -> String {
    match counter {
        "enumii" => "\\alph{enumii}".to_owned(),
        "enumiii" => "\\roman{enumiii}".to_owned(),
        "enumiv" => "\\Alph{enumiv}".to_owned(),
        "part" => "\\Roman{part}".to_owned(),
        "subsection" => "\\thesection.\\arabic{subsection}".to_owned(),
        "subsubsection" => "\\thesubsection.\\arabic{subsubsection}".to_owned(),
        "paragraph" => "\\thesubsubsection.\\arabic{paragraph}".to_owned(),
        "ExePart" => "\\Roman{ExePart}".to_owned(),
        "subparagraph" => "\\theparagraph.\\arabic{subparagraph}".to_owned(),
        other => format!("\\arabic{{{other}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::print;

    #[test]
    fn numbers_in_every_style() {
        for (style, value, wanted) in [
            ("arabic", 12, "12"),
            ("alph", 1, "a"),
            ("alph", 26, "z"),
            ("alph", 27, "aa"),
            ("Alph", 3, "C"),
            ("roman", 4, "iv"),
            ("Roman", 1949, "MCMXLIX"),
            ("roman", 0, "0"),
            ("alph", -1, "-1"),
            ("fnsymbol", 2, "†"),
        ] {
            assert_eq!(print(style, value).as_deref(), Some(wanted));
        }
        assert_eq!(print("other", 1), None);
    }
}

//! Text in TeX to Unicode: accents, ligatures, named letters, French quotes.

use crate::reader::{Cursor, Token};
use unicode_normalization::char::compose;

/// Commands of one character or name that put an accent on what follows, and their combining marks.
const ACCENTS: &[(&str, char)] = &[
    ("'", '\u{301}'),
    ("`", '\u{300}'),
    ("^", '\u{302}'),
    ("\"", '\u{308}'),
    ("~", '\u{303}'),
    ("=", '\u{304}'),
    (".", '\u{307}'),
    ("u", '\u{306}'),
    ("v", '\u{30c}'),
    ("H", '\u{30b}'),
    ("c", '\u{327}'),
    ("k", '\u{328}'),
    ("r", '\u{30a}'),
    ("d", '\u{323}'),
    ("b", '\u{331}'),
    ("t", '\u{361}'),
];

/// Commands that stand for a text of their own.
const LETTERS: &[(&str, &str)] = &[
    ("oe", "œ"),
    ("OE", "Œ"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("ss", "ß"),
    ("o", "ø"),
    ("O", "Ø"),
    ("l", "ł"),
    ("L", "Ł"),
    ("i", "ı"),
    ("j", "ȷ"),
    ("aa", "å"),
    ("AA", "Å"),
    ("S", "§"),
    ("P", "¶"),
    ("og", "«\u{a0}"),
    ("fg", "\u{a0}»"),
    ("guillemotleft", "«"),
    ("guillemotright", "»"),
    ("guillemetleft", "«"),
    ("guillemetright", "»"),
    ("dots", "…"),
    ("ldots", "…"),
    ("textellipsis", "…"),
    ("textendash", "–"),
    ("textemdash", "—"),
    ("textquoteright", "’"),
    ("textquoteleft", "‘"),
    ("textquotedblleft", "“"),
    ("textquotedblright", "”"),
    ("textbackslash", "\\"),
    ("textasciitilde", "~"),
    ("textasciicircum", "^"),
    ("textunderscore", "_"),
    ("textless", "<"),
    ("textgreater", ">"),
    ("textbar", "|"),
    ("textbraceleft", "{"),
    ("textbraceright", "}"),
    ("textdegree", "°"),
    ("degre", "°"),
    ("degres", "°"),
    ("texteuro", "€"),
    ("euro", "€"),
    ("eurologo", "€"),
    ("decofourleft", "❧"),
    ("decofourright", "☙"),
    ("decoone", "❦"),
    ("floweroneleft", "❧"),
    ("floweroneright", "☙"),
    ("starredbullet", "✪"),
    ("lefthand", "☞"),
    ("righthand", "☜"),
    ("pounds", "£"),
    ("copyright", "©"),
    ("textregistered", "®"),
    ("texttrademark", "™"),
    ("textbullet", "•"),
    ("dag", "†"),
    ("ddag", "‡"),
    ("LaTeX", "LaTeX"),
    ("TeX", "TeX"),
    ("LaTeXe", "LaTeX2e"),
    ("ier", "er"),
    ("iere", "re"),
    ("ieme", "e"),
    ("iers", "ers"),
    ("ieres", "res"),
    ("iemes", "es"),
    ("no", "n°\u{a0}"),
    ("No", "N°\u{a0}"),
    ("nos", "n°\u{a0}"),
    ("Nos", "N°\u{a0}"),
    ("primo", "1°\u{a0}"),
    ("secundo", "2°\u{a0}"),
    ("tertio", "3°\u{a0}"),
    ("quarto", "4°\u{a0}"),
    ("fsecundo", "2°)\u{a0}"),
    ("ftertio", "3°)\u{a0}"),
    ("fquarto", "4°)\u{a0}"),
    ("EURtm", "€"),
    ("smiley", "☺"),
    ("frownie", "☹"),
    ("phone", "☎"),
    ("Telefon", "☎"),
    ("Letter", "✉"),
    ("danger", "⚠"),
    ("warning", "⚠"),
    ("Pointinghand", "☞"),
    ("HandRight", "☞"),
    ("Checkedbox", "☑"),
    ("CheckedBox", "☑"),
    ("XBox", "☒"),
    ("Square", "□"),
    ("male", "♂"),
    ("female", "♀"),
    ("Stopsign", "⛔"),
    ("Coffeecup", "☕"),
    ("ScissorRight", "✂"),
    ("Writinghand", "✍"),
    ("Lightning", "↯"),
    ("Smiley", "☺"),
    ("Frowny", "☹"),
    ("Heart", "♥"),
    ("Yinyang", "☯"),
    ("Peacedove", "🕊"),
    ("Football", "⚽"),
    ("Bicycle", "🚲"),
    ("Mundus", "🌐"),
    ("Mobilefone", "📱"),
    ("ComputerMouse", "🖱"),
    ("Keyboard", "⌨"),
    ("Crossedbox", "☒"),
    ("HollowBox", "☐"),
    ("Biohazard", "☣"),
    ("Radioactivity", "☢"),
    ("Industry", "🏭"),
    ("Email", "✉"),
    ("Info", "ℹ"),
    ("HandLeft", "☜"),
    ("HandCuffLeft", "☜"),
    ("HandCuffRight", "☞"),
    ("cmark", "✓"),
    ("xmark", "✗"),
    ("up", ""),
    ("%", "%"),
    ("&", "&"),
    ("$", "$"),
    ("#", "#"),
    ("_", "_"),
    ("{", "{"),
    ("}", "}"),
    ("-", "\u{ad}"),
    (" ", " "),
    (",", "\u{202f}"),
    (";", " "),
    (":", " "),
    ("!", ""),
    ("/", ""),
    ("\\", " "),
    ("@", ""),
    ("quad", "\u{2003}"),
    ("qquad", "\u{2003}\u{2003}"),
    ("enspace", "\u{2002}"),
    ("thinspace", "\u{202f}"),
    ("newline", " "),
    ("par", " "),
    ("noindent", ""),
    ("textcopyright", "©"),
    ("textpm", "±"),
    ("texttimes", "×"),
    ("textdiv", "÷"),
    ("textonehalf", "½"),
    ("textonequarter", "¼"),
    ("textthreequarters", "¾"),
    ("textonesuperior", "¹"),
    ("texttwosuperior", "²"),
    ("textthreesuperior", "³"),
    ("textmu", "µ"),
    ("textperthousand", "‰"),
    ("textsection", "§"),
    ("textparagraph", "¶"),
    ("textcelsius", "°C"),
    ("textohm", "Ω"),
    ("textordmasculine", "º"),
    ("textordfeminine", "ª"),
    ("textdagger", "†"),
    ("textdaggerdbl", "‡"),
    ("textasteriskcentered", "*"),
    ("textperiodcentered", "·"),
    ("textquotesingle", "'"),
    ("textasciigrave", "`"),
    ("textasciiacute", "´"),
    ("textquotedbl", "\""),
    ("textnumero", "№"),
    ("textleftarrow", "←"),
    ("textrightarrow", "→"),
    ("textuparrow", "↑"),
    ("textdownarrow", "↓"),
    ("textminus", "−"),
    ("textinterrobang", "‽"),
    ("textexclamdown", "¡"),
    ("textquestiondown", "¿"),
    ("flq", "‹"),
    ("frq", "›"),
    ("flqq", "«"),
    ("frqq", "»"),
    ("glqq", "„"),
    ("grqq", "“"),
    ("guilsinglleft", "‹"),
    ("guilsinglright", "›"),
    ("dj", "đ"),
    ("DJ", "Đ"),
    ("th", "þ"),
    ("TH", "Þ"),
    ("dh", "ð"),
    ("DH", "Ð"),
    ("ng", "ŋ"),
    ("NG", "Ŋ"),
    ("Euro", "€"),
    ("fprimo", "1°\u{a0}"),
    ("circonflexe", "^"),
    ("tild", "~"),
    ("at", "@"),
    ("checkmark", "✓"),
    ("checked", "✓"),
    ("mars", "♂"),
    ("venus", "♀"),
    ("sun", "☼"),
    ("AmS", "AMS"),
    ("AmSTeX", "AMS-TeX"),
    ("AmSLaTeX", "AMS-LaTeX"),
    ("dagger", "†"),
    ("ddagger", "‡"),
    ("maltese", "✠"),
    ("textreferencemark", "※"),
    ("textopenbullet", "◦"),
    ("textbigcircle", "◯"),
    ("textmusicalnote", "♪"),
    ("textvisiblespace", "␣"),
    ("slash", "/"),
    ("nobreakspace", "\u{a0}"),
    ("nobreak", ""),
    ("null", ""),
    ("relax", ""),
    ("protect", ""),
    ("xspace", ""),
    ("ignorespaces", ""),
    ("unskip", ""),
];

/// The character that an accent command makes of a base, if `command` is one.
#[must_use]
pub(crate) fn accent(command: &str, base: &str) -> Option<String> {
    let mark = ACCENTS.iter().find(|(name, _)| *name == command)?.1;
    let base = base.trim();
    let base = match base {
        "\\i" | "ı" => "i",
        "\\j" | "ȷ" => "j",
        other => other,
    };
    let mut chars = base.chars();
    let Some(first) = chars.next() else {
        // Over nothing the accent is a sign of its own: `2\^{}3`, in code.
        let alone = match command {
            "^" => "^",
            "~" => "~",
            "`" => "`",
            "\"" => "¨",
            "'" => "´",
            _ => "",
        };
        return Some(alone.to_owned());
    };
    let mut out = match compose(first, mark) {
        Some(composed) => composed.to_string(),
        None => format!("{first}{mark}"),
    };
    out.push_str(chars.as_str());
    Some(out)
}

/// The sign of `\ding{n}`: the codes of the font Zapf Dingbats.
pub(crate) fn ding(code: u32) -> Option<char> {
    const OTHERS: &[(u32, char)] = &[
        (37, '☎'),
        (42, '☛'),
        (43, '☞'),
        (72, '★'),
        (108, '●'),
        (110, '■'),
        (115, '▲'),
        (116, '▼'),
        (117, '◆'),
        (119, '◗'),
        (168, '♣'),
        (169, '♦'),
        (170, '♥'),
        (171, '♠'),
        (213, '→'),
        (214, '↔'),
        (215, '↕'),
    ];
    if let Some((_, sign)) = OTHERS.iter().find(|(other, _)| *other == code) {
        return Some(*sign);
    }
    match code {
        33..=126 => char::from_u32(0x2701 + code - 33),
        161..=167 => char::from_u32(0x2761 + code - 161),
        172..=181 => char::from_u32(0x2460 + code - 172),
        182..=254 => char::from_u32(0x2776 + code - 182),
        _ => None,
    }
}

/// The sign of an icon of Font Awesome, by the name of its command or of its file, where Unicode has it.
pub(crate) fn icon(name: &str) -> Option<&'static str> {
    // `triangle-exclamation` and `TriangleExclamation` are one.
    let plain: String =
        name.chars().take(40).filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let find =
        |wanted: &str| ICONS.iter().find(|(names, _)| names.split(' ').any(|name| name == wanted));
    // Outlined ones end with `o`, others with their style.
    let found = find(&plain).or_else(|| {
        find(plain.strip_suffix('o').or_else(|| plain.strip_suffix("alt")).unwrap_or_default())
    });
    found.map(|(_, sign)| *sign)
}

/// Icons: names without hyphens and capitals, and the sign.
const ICONS: &[(&str, &str)] = &[
    ("cog cogs gear gears", "⚙"),
    ("wrench", "🔧"),
    ("hammer", "🔨"),
    ("warning exclamationtriangle triangleexclamation", "⚠"),
    ("exclamation exclamationcircle circleexclamation", "❗"),
    ("lightbulb", "💡"),
    ("pencil edit pencilsquare pentosquare", "✏"),
    ("pen penfancy", "🖋"),
    ("check", "✓"),
    ("checkcircle circlecheck", "✔"),
    ("checksquare squarecheck", "☑"),
    ("times xmark remove close", "✗"),
    ("timescircle circlexmark", "✖"),
    ("square", "□"),
    ("circle", "●"),
    ("circleo", "○"),
    ("star", "★"),
    ("staro", "☆"),
    ("heart", "♥"),
    ("thumbsup thumbsoup", "👍"),
    ("thumbsdown thumbsodown", "👎"),
    ("handpointright handoright", "☞"),
    ("handpointleft handoleft", "☜"),
    ("handstop handstopo hand handpaper stop", "✋"),
    ("arrowright longarrowright longarrowaltright", "→"),
    ("arrowleft longarrowleft", "←"),
    ("arrowup longarrowup", "↑"),
    ("arrowdown longarrowdown", "↓"),
    ("book", "📕"),
    ("bookopen bookreader", "📖"),
    ("bookmark", "🔖"),
    ("laptop laptopcode", "💻"),
    ("desktop", "🖥"),
    ("keyboard", "⌨"),
    ("home house", "🏠"),
    ("envelope", "✉"),
    ("phone", "☎"),
    ("clock", "🕒"),
    ("hourglass hourglasshalf hourglass1 hourglass2 hourglass3", "⌛"),
    ("stopwatch", "⏱"),
    ("calendar", "📅"),
    ("search magnifyingglass", "🔍"),
    ("question questioncircle circlequestion", "❓"),
    ("info infocircle circleinfo", "ℹ"),
    ("bomb", "💣"),
    ("bug", "🐛"),
    ("coffee mughot", "☕"),
    ("comment comments commentdots commenting", "💬"),
    ("eye", "👁"),
    ("flag", "⚑"),
    ("flago", "⚐"),
    ("fire", "🔥"),
    ("flask", "⚗"),
    ("gift", "🎁"),
    ("graduationcap", "🎓"),
    ("key", "🔑"),
    ("lock", "🔒"),
    ("unlock", "🔓"),
    ("music", "♫"),
    ("paperclip", "📎"),
    ("play playcircle circleplay", "▶"),
    ("plus", "+"),
    ("minus", "−"),
    ("print", "🖨"),
    ("puzzlepiece", "🧩"),
    ("rocket", "🚀"),
    ("save floppydisk", "💾"),
    ("scissors cut", "✂"),
    ("smile facesmile", "☺"),
    ("frown facefrown", "☹"),
    ("meh facemeh", "😐"),
    ("sun", "☀"),
    ("moon", "☾"),
    ("cloud", "☁"),
    ("snowflake", "❄"),
    ("trash", "🗑"),
    ("trophy", "🏆"),
    ("university institution buildingcolumns", "🏛"),
    ("user", "👤"),
    ("users usergroup", "👥"),
    ("video videocamera", "🎥"),
    ("volumeup volumehigh", "🔊"),
    ("bell", "🔔"),
    ("ban", "🚫"),
    ("bolt flash", "⚡"),
    ("bullhorn", "📢"),
    ("camera", "📷"),
    ("car", "🚗"),
    ("dice", "🎲"),
    ("globe", "🌐"),
    ("link chain", "🔗"),
    ("percent", "%"),
    ("euro eurosign", "€"),
    ("file filetext filelines", "📄"),
    ("folder", "📁"),
    ("recycle", "♻"),
    ("balancescale scalebalanced", "⚖"),
    ("skull", "💀"),
    ("microphone", "🎤"),
    ("mobile mobilephone", "📱"),
];

/// The text that a command without arguments stands for.
#[must_use]
pub(crate) fn letter(command: &str) -> Option<&'static str> {
    LETTERS.iter().find(|(name, _)| *name == command).map(|(_, text)| *text)
}

/// TeX text as Unicode. Formulas and unknown commands lose their dollars and names; arguments stay.
#[must_use]
pub fn to_unicode(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut cursor = Cursor::new(source);
    while let Some(token) = cursor.next() {
        match token {
            Token::Char('~') => out.push('\u{a0}'),
            Token::Char('$') | Token::Open | Token::Close => {}
            Token::Char('`') if cursor.peek() == Some(Token::Char('`')) => {
                cursor.next();
                out.push('“');
            }
            Token::Char('\'') if cursor.peek() == Some(Token::Char('\'')) => {
                cursor.next();
                out.push('”');
            }
            Token::Char('\'') => out.push('’'),
            Token::Char('`') => out.push('‘'),
            Token::Char('-') if cursor.rest().starts_with("--") => {
                cursor.next();
                cursor.next();
                out.push('—');
            }
            Token::Char('-') if cursor.rest().starts_with('-') => {
                cursor.next();
                out.push('–');
            }
            Token::Char(c) => out.push(c),
            Token::Space => out.push(' '),
            Token::Paragraph => out.push_str("\n\n"),
            Token::Command(name) => {
                if let Some((_, mark)) = ACCENTS.iter().find(|(accent, _)| *accent == name) {
                    let base = cursor.argument().unwrap_or_default();
                    if base.starts_with('\\') {
                        cursor.skip_space();
                    }
                    let base = to_unicode_base(base);
                    match accent(name, &base) {
                        Some(text) => out.push_str(&text),
                        None => out.push(*mark),
                    }
                } else if let Some(text) = letter(name) {
                    out.push_str(text);
                    if name.chars().all(char::is_alphabetic) {
                        cursor.skip_space();
                    }
                }
            }
        }
    }
    out
}

/// The base of an accent: a letter, or a command for a dotless one.
fn to_unicode_base(base: &str) -> String {
    match base.trim() {
        "\\i" => "i".to_owned(),
        "\\j" => "j".to_owned(),
        text => text.chars().filter(|c| !matches!(c, '\\' | '{' | '}')).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_in_every_form() {
        for (tex, wanted) in [
            (r"\'etudier", "étudier"),
            (r"{\'e}tude", "étude"),
            (r"\'{e}", "é"),
            (r"\' e", "é"),
            (r"\^\i le", "îl e".replace(' ', "").as_str()),
            (r"\c{c}a", "ça"),
            (r"\c ca", "ça"),
            (r"\`A", "À"),
            (r#"na\"{\i}f"#, "naïf"),
            (r"c\oe ur", "cœur"),
            (r"c{\oe}ur", "cœur"),
            (r"\og mot\fg", "«\u{a0}mot\u{a0}»"),
            (r"a~b", "a\u{a0}b"),
            (r"1\ier", "1er"),
            (r"50\,\%", "50\u{202f}%"),
            ("l'``x''", "l’“x”"),
            ("a -- b", "a – b"),
        ] {
            assert_eq!(to_unicode(tex), wanted, "{tex}");
        }
    }
}

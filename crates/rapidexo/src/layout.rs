//! How a sheet looks on paper and what stands in its header.

use crate::SheetError;

/// Paper and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// A4, two columns.
    #[default]
    A4,
    /// A5, one column.
    A5,
}

/// Size and shape of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Letters {
    /// As the class has them.
    #[default]
    Usual,
    /// Large print, one column.
    Large,
    /// For dyslexic readers: no serifs, wider lines, nothing justified or hyphenated.
    Dys,
}

/// How a sheet looks on paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Title, class and date of the header.
    pub title: String,
    /// The class it is for.
    pub class: String,
    /// The date, as it is printed.
    pub date: String,
    /// Paper and columns.
    pub paper: Paper,
    /// Letters.
    pub letters: Letters,
    /// Room for each answer, in millimetres.
    pub room: u32,
    /// A line for the student's name.
    pub name: bool,
    /// Shuffled variants, 1 for none.
    pub variants: Variants,
    /// A QR code that leads to the answers.
    pub qr: bool,
    /// Without the paths of the exercises.
    pub plain: bool,
}

/// How many variants a sheet has: 1 to 26, a letter each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variants(u8);

impl Default for Variants {
    fn default() -> Self {
        Self(1)
    }
}

impl Variants {
    /// So many variants; `None` outside 1 to 26.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        u8::try_from(number).ok().filter(|n| (1..=26).contains(n)).map(Self)
    }

    /// How many.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// The letter of each; none where there is one variant only.
    pub fn letters(self) -> impl Iterator<Item = Option<char>> {
        (0..self.0).map(move |n| (self.0 > 1).then(|| char::from(b'A' + n)))
    }
}

/// A field of the header is no longer than this.
const LONGEST_FIELD: usize = 120;
/// More room for an answer than this is a page of its own.
const MOST_ROOM: u32 = 200;

impl Layout {
    /// The parameters of addresses that a layout reads.
    pub const PARAMETERS: [&'static str; 10] = [
        "titre",
        "classe",
        "date",
        "papier",
        "lettres",
        "place",
        "nom",
        "variantes",
        "qr",
        "sobre",
    ];

    /// Sets what a parameter says; `false` when it is none of a layout.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<bool, SheetError> {
        let bad = |reason: &str| Err(SheetError::parameter(name, reason));
        match name {
            "titre" => self.title = field(name, value)?,
            "classe" => self.class = field(name, value)?,
            "date" => self.date = field(name, value)?,
            "papier" => {
                self.paper = match value {
                    "a4" => Paper::A4,
                    "a5" => Paper::A5,
                    _ => return bad("« a4 » ou « a5 » est attendu"),
                }
            }
            "lettres" => {
                self.letters = match value {
                    "normales" => Letters::Usual,
                    "grandes" => Letters::Large,
                    "dys" => Letters::Dys,
                    _ => return bad("« normales », « grandes » ou « dys » est attendu"),
                }
            }
            "place" => match value.parse() {
                Ok(room) if room <= MOST_ROOM => self.room = room,
                _ => return bad("un nombre de millimètres de 0 à 200 est attendu"),
            },
            "variantes" => match value.parse().ok().and_then(Variants::new) {
                Some(variants) => self.variants = variants,
                None => return bad("un nombre de 1 à 26 est attendu"),
            },
            "nom" => self.name = flag(name, value)?,
            "qr" => self.qr = flag(name, value)?,
            "sobre" => self.plain = flag(name, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The parameters that say what is not usual.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let mut text = |name, value: &str| {
            if !value.is_empty() {
                out.push((name, value.to_owned()));
            }
        };
        text("titre", &self.title);
        text("classe", &self.class);
        text("date", &self.date);
        text("papier", if self.paper == Paper::A5 { "a5" } else { "" });
        text(
            "lettres",
            match self.letters {
                Letters::Usual => "",
                Letters::Large => "grandes",
                Letters::Dys => "dys",
            },
        );
        let number = |number: u32| if number == 0 { String::new() } else { number.to_string() };
        text("place", &number(self.room));
        text("nom", if self.name { "1" } else { "" });
        if self.variants.get() > 1 {
            out.push(("variantes", self.variants.get().to_string()));
        }
        if self.qr {
            out.push(("qr", "1".to_owned()));
        }
        if self.plain {
            out.push(("sobre", "1".to_owned()));
        }
        out
    }
}

fn flag(name: &str, value: &str) -> Result<bool, SheetError> {
    match value {
        "1" | "on" | "oui" => Ok(true),
        "0" | "non" => Ok(false),
        _ => Err(SheetError::parameter(name, "« 1 » ou « 0 » est attendu")),
    }
}

/// A line of text of the header.
fn field(name: &str, value: &str) -> Result<String, SheetError> {
    if value.chars().any(char::is_control) {
        return Err(SheetError::parameter(name, "une seule ligne de texte est attendue"));
    }
    let value = value.trim();
    if value.chars().count() > LONGEST_FIELD {
        return Err(SheetError::parameter(name, "au plus 120 signes"));
    }
    Ok(value.to_owned())
}

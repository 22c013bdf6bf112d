//! A sheet as pages show it: plain data, the same in this process and over HTTP.

use crate::{Address, Edit, Exercises, Place, Sheet, SheetError, Sheets};
use base64::Engine as _;
use serde::{Deserialize, Serialize};

/// A dépôt and its themes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepotView {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Its current version, as addresses have it.
    pub version: String,
    /// Its themes.
    pub themes: Vec<ThemeView>,
}

/// A theme and how many exercises it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeView {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// How many exercises it has.
    pub count: usize,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetView {
    /// Its address, whole: it will mean this very sheet for ever.
    pub address: String,
    /// The address that lists its exercises one by one.
    pub listed: String,
    /// Its dépôt.
    pub depot: DepotView,
    /// Title, class and date of its header.
    pub title: String,
    /// The class it is for.
    pub class: String,
    /// The date, as it is printed.
    pub date: String,
    /// Its seed.
    pub seed: String,
    /// Shuffled variants.
    pub variants: u8,
    /// Its exercises, in order.
    pub items: Vec<ItemView>,
}

/// An exercise of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemView {
    /// Its theme.
    pub theme: String,
    /// Its number in the theme, from 1.
    pub number: usize,
    /// Its name in the theme.
    pub name: String,
    /// Path of its statement in the dépôt.
    pub path: String,
    /// Its statement as HTML.
    pub statement: String,
    /// Its hint as HTML.
    pub hint: Option<String>,
    /// Its answer as HTML.
    pub answer: Option<String>,
}

/// A LaTeX source of a sheet, or a picture that it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    /// Its path; sources name pictures by it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub base64: String,
}

/// The exercises of one theme, a page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueView {
    /// The dépôt.
    pub depot: DepotView,
    /// The theme.
    pub theme: ThemeView,
    /// The exercises of this page.
    pub items: Vec<ItemView>,
    /// Number of pages.
    pub pages: usize,
}

/// Exercises on one page of a catalogue.
const PER_PAGE: usize = 50;

impl Exercises {
    fn depot_view(&self) -> DepotView {
        DepotView {
            name: self.depot.clone(),
            title: self.title.clone(),
            version: self.short_version(),
            themes: (0..self.themes.len()).map(|theme| self.theme_view(theme)).collect(),
        }
    }

    fn theme_view(&self, theme: usize) -> ThemeView {
        let theme = &self.themes[theme];
        ThemeView {
            name: theme.name.clone(),
            title: theme.title.clone(),
            count: theme.exercises.len(),
        }
    }

    fn item_view(&self, place: Place) -> ItemView {
        let theme = &self.themes[place.theme];
        let exercise = &theme.exercises[place.exercise];
        let html = self.html(place);
        ItemView {
            theme: theme.name.clone(),
            number: place.exercise + 1,
            name: exercise.name.clone(),
            path: exercise.path.clone(),
            statement: html.statement.clone(),
            hint: html.hint.clone(),
            answer: html.answer.clone(),
        }
    }
}

impl Sheet {
    /// The sheet as pages show it.
    #[must_use]
    pub fn view(&self) -> SheetView {
        let layout = &self.address.layout;
        SheetView {
            address: self.address.to_string(),
            listed: self.address_of(&self.places).to_string(),
            depot: self.exercises.depot_view(),
            title: layout.title.clone(),
            class: layout.class.clone(),
            date: layout.date.clone(),
            seed: self.address.seed.clone(),
            variants: layout.variants.get(),
            items: self.places.iter().map(|place| self.exercises.item_view(*place)).collect(),
        }
    }
}

impl SourceView {
    /// The sources of a sheet; the statements come first.
    #[must_use]
    pub fn of(sheet: &Sheet, base: Option<&str>) -> Vec<Self> {
        let view = |(name, bytes): (String, bytes::Bytes)| Self {
            media_type: match name.rsplit('.').next() {
                Some("tex") => "application/x-tex",
                Some("pdf") => "application/pdf",
                Some("png") => "image/png",
                Some("jpg" | "jpeg") => "image/jpeg",
                _ => "application/octet-stream",
            }
            .to_owned(),
            base64: base64::engine::general_purpose::STANDARD.encode(bytes),
            name,
        };
        sheet.files(base).into_iter().map(view).collect()
    }
}

impl Sheets {
    /// The dépôts and their themes.
    #[must_use]
    pub fn depots(&self) -> Vec<DepotView> {
        self.libraries().iter().map(|library| library.current().depot_view()).collect()
    }

    /// The whole address of the sheet that a form asks for: its seed and version are filled in. On
    /// top of the parameters of addresses, `k.<theme>` is how many of a theme (or its weight, with
    /// `n`) and `l.<theme>` a list of numbers and names.
    ///
    /// # Errors
    /// [`SheetError`] when the form asks for what is not there.
    pub fn start(&self, pairs: &[(String, String)]) -> Result<Address, SheetError> {
        let plain = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut address = Address::from_pairs(plain)?;
        for (name, value) in pairs {
            let value = value.trim();
            if let Some(theme) = name.strip_prefix("k.") {
                let count: u32 = match value {
                    "" => 0,
                    text => text.parse().map_err(|_| {
                        let text: String = text.chars().take(40).collect();
                        SheetError::parameter(theme, format!("« {text} » n’est pas un nombre"))
                    })?,
                };
                if count > 0 {
                    address.ask.themes.retain(|(name, _)| name != theme);
                    address.ask.themes.push((theme.to_owned(), count));
                }
            } else if let Some(theme) = name.strip_prefix("l.") {
                let picks = crate::Pick::list(value)?;
                if !picks.is_empty() {
                    address.ask.listed.push(crate::Group { theme: theme.to_owned(), picks });
                }
            }
        }
        if address.seed.is_empty() {
            address.seed = crate::random::fresh_seed();
        }
        Ok(self.sheet(address)?.address)
    }

    /// The address of a changed sheet.
    ///
    /// # Errors
    /// [`SheetError`] when the address or the change cannot be read or done.
    pub fn edit(&self, address: Address, edit: &str) -> Result<Address, SheetError> {
        self.sheet(address)?.edit(&Edit::parse(edit)?)
    }

    /// A page of the exercises of a theme, from 1.
    ///
    /// # Errors
    /// [`SheetError`] when there is no such dépôt, theme or page.
    pub fn catalogue(
        &self,
        depot: Option<&str>,
        theme: &str,
        page: usize,
    ) -> Result<CatalogueView, SheetError> {
        let exercises = self.library(depot)?.current();
        let at = exercises.theme(theme)?;
        let count = exercises.themes[at].exercises.len();
        let pages = count.div_ceil(PER_PAGE).max(1);
        if page == 0 || page > pages {
            return Err(SheetError::parameter("page", format!("de 1 à {pages}")));
        }
        let range = (page - 1) * PER_PAGE..(page * PER_PAGE).min(count);
        let item = |exercise| exercises.item_view(Place { theme: at, exercise });
        Ok(CatalogueView {
            depot: exercises.depot_view(),
            theme: exercises.theme_view(at),
            items: range.map(item).collect(),
            pages,
        })
    }
}

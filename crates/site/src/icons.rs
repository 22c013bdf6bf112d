//! The icons: small drawings on a grid of 24, in lines of the colour of the text.

/// Names and drawings. A new icon is one line here.
const ICONS: &[(&str, &str)] = &[
    ("search", "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3 20 20"),
    ("theme", "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17"),
    ("pdf", "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 15.5h6"),
    ("source", "M9 7 4 12l5 5M15 7l5 5-5 5"),
    ("check", "M5 12.5 10 17.5 19 7"),
    ("left", "M15 5 8 12l7 7"),
    ("right", "M9 5l7 7-7 7"),
    ("up", "M5 15l7-7 7 7"),
    (
        "graph",
        "M6 6m-2.2 0a2.2 2.2 0 1 0 4.4 0 2.2 2.2 0 1 0-4.4 0M18 8m-2.2 0a2.2 2.2 0 1 0 4.4 0 2.2 2.2 0 1 0-4.4 0M10 18m-2.2 0a2.2 2.2 0 1 0 4.4 0 2.2 2.2 0 1 0-4.4 0M8.2 6.4l7.6 1.2M6.8 8.1l2.5 7.8M16.5 9.7l-5 6.6",
    ),
    ("leaf", "M5 19C5 9 11 4 20 4c0 9-5 15-12 15M5 21c1-6 4-10 9-12"),
    ("pages", "M12 6C10 4.5 7 4 3 4v14c4 0 7 .5 9 2 2-1.5 5-2 9-2V4c-4 0-7 .5-9 2zM12 6v14"),
    ("print", "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z"),
    ("feed", "M5 12a7 7 0 0 1 7 7M5 5a14 14 0 0 1 14 14M6 18m-1 0a1 1 0 1 0 2 0 1 1 0 1 0-2 0"),
    ("path", "M5 19h5a3.5 3.5 0 0 0 0-7H9a3.5 3.5 0 0 1 0-7h9M15 2l3 3-3 3"),
    (
        "link",
        "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17",
    ),
    ("close", "M6 6l12 12M18 6 6 18"),
];

/// An icon as HTML, hidden from screen readers: the text beside it says what it means.
pub(crate) fn icon(name: &str) -> String {
    let drawing = ICONS.iter().find(|(n, _)| *n == name).map_or("", |(_, d)| *d);
    format!(
        r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{drawing}"/></svg>"#
    )
}

/// The emblem of the site: a bush of leaves.
pub(crate) const EMBLEM: &str = r#"<svg class="leaf" viewBox="0 0 32 32" aria-hidden="true"><path d="M15.2 29V17.5C9 17 5.600 13.700 5 7.500c6 .3 9.500 2.800 10.600 7.400C16 8.500 19.300 4.700 26.500 3c.6 7.900-2.700 12.400-9.700 13.600v3c1.300-3.300 4-5 8.700-5.400-.2 5.300-3 8.300-8.700 8.900V29z"/></svg>"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_an_icon_draws() {
        let mut names: Vec<_> = ICONS.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ICONS.len());
        assert!(icon("search").contains("M10.5"));
    }
}

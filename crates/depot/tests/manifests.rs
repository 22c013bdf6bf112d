//! Wrong manifests: each is refused with its place and with what was expected.
#![allow(clippy::unwrap_used)]

use mqd_depot::manifest::Manifest;
use std::path::Path;

/// A manifest that is right, to be spoiled by each case.
const GOOD: &str = r#"[depot]
name = "exos"

[[table]]
name = "themes"
file = "themes.csv"
separator = ";"
key = "code"
columns = ["code", "theme"]

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = "Exercice {nom}"
key = "{nom}"
files.statement = "E{nom}.tex"
fields.libelle = { table = "themes", key = "{nom}", column = "theme" }
description = "{libelle}"

[[kind.link]]
relation = "EVALUE"
to = "theme"
key = "{nom}"

[[kind]]
name = "theme"
label = "Concept"
type = "thème feuille exercices"
title = "{theme}"
key = "{code}"
table = "themes"
"#;

#[test]
fn the_right_one_is_taken() {
    let manifest = Manifest::parse(Path::new("depot.toml"), GOOD).unwrap();
    assert_eq!((manifest.name.as_str(), manifest.kinds.len()), ("exos", 2));
}

#[test]
fn wrong_ones_say_where_and_what_was_expected() {
    let mut out = String::new();
    for (from, to) in [
        ("name = \"exos\"", "name = \"Mes exos\""),
        ("name = \"exos\"", ""),
        ("name = \"exos\"", "nom = \"exos\""),
        ("[depot]", "[dépot"),
        ("separator = \";\"", "separator = \";;\""),
        ("key = \"code\"", "key = \"cod\""),
        ("file = \"themes.csv\"", "rows = { a = \"b\" }\nfile = \"themes.csv\""),
        ("label = \"Document\"", "label = \"Documents\""),
        ("title = \"Exercice {nom}\"", "title = \"Exercice {nome}\""),
        ("title = \"Exercice {nom}\"", "title = \"Exercice {nom\""),
        ("title = \"Exercice {nom}\"", "title = \"Exercice {nom|grand}\""),
        ("files.statement = \"E{nom}.tex\"", "files.enonce = \"E{nom}.tex\""),
        ("files.statement = \"E{nom}.tex\"", "files.answer = \"E{nom}.tex\""),
        ("files.statement = \"E{nom}.tex\"", "files.statement = \"E{nom:chiffres}.tex\""),
        ("column = \"theme\"", "colum = \"theme\""),
        ("table = \"themes\", key", "table = \"theme\", key"),
        ("description = \"{libelle}\"", "props.titre = \"{libelle}\""),
        ("relation = \"EVALUE\"", "relation = \"EVALUER\""),
        ("relation = \"EVALUE\"", "relation = \"PRECEDE\""),
        ("to = \"theme\"", "to = \"thema\""),
        ("to = \"theme\"", ""),
        ("to = \"theme\"\nkey = \"{nom}\"", "to = \"theme\""),
        ("to = \"theme\"", "to = \"theme\"\neach = { section = \"(\" }"),
        ("to = \"theme\"", "to = \"theme\"\neach = { }"),
        ("table = \"themes\"\n", "table = \"themes\"\nname2 = 1\n"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let error = match Manifest::parse(Path::new("depot.toml"), &text) {
            Ok(_) => panic!("« {to} » is taken"),
            Err(error) => error,
        };
        out.push_str(&format!("{from} → {to}\n    {error}\n"));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_manifest_that_is_not_there_or_no_text_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("depot.toml");
    assert!(Manifest::load(&file).unwrap_err().to_string().contains("depot.toml"));
    std::fs::write(&file, b"\xff\xfe").unwrap();
    assert!(Manifest::load(&file).unwrap_err().to_string().contains("depot.toml"));
}

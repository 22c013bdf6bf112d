//! Search over a small maquis of our own.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::tests::{graph, node};
use mqd_model::Label;
use proptest::prelude::*;
use std::{sync::LazyLock, time::Instant};

/// Titles by id, some with a description, some with a text.
static SMALL: LazyLock<Search> = LazyLock::new(|| {
    let document =
        |id, kind, title| node(id, Label::Document, &[("typeDoc", kind), ("titre", title)]);
    let concept = |id, literal| {
        node(id, Label::Concept, &[("typeConcept", "index Latex"), ("litteral", literal)])
    };
    let mut described = document(4, "problème", "Endomorphismes cycliques");
    described.props.insert("description".into(), "Matrices compagnons et réduction".into());
    let nodes = vec![
        document(1, "cours", "Dérivation"),
        document(2, "cours", "Intégrale de Gauss"),
        document(3, "exercice", "Une série de Gauss"),
        described,
        concept(5, "théorème de Rolle"),
        concept(6, "théorème de Cauchy-Schwarz"),
        concept(7, "éventail"),
        concept(8, "Espace vectoriel"),
        concept(9, "gauchissement"),
        node(10, Label::Evenement, &[("typeEvt", "DS"), ("nom", "DS 3")]),
        concept(11, "eventail"),
    ];
    let texts = |node: &Node| {
        Some(match node.id {
            1 => "La dérivée d'une fonction <f> est nulle <en> tout extremum : c'est le théorème de Rolle.",
            2 => r"On calcule ∫ exp(-x²) dx, soit \sqrt{\pi}. Le carré de l'intégrale est une intégrale double.",
            3 => "Étudier la somme ∑ ln(n)/n et ses dérivées.",
            _ => return None,
        }
        .to_owned())
    };
    Search::build(&graph(nodes, &[]), &texts).unwrap()
});

fn lucene(query: &str) -> Result<Vec<NodeId>, BadQuery> {
    let found = SMALL.lucene(query, &Scope::default(), 100)?;
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

#[test]
fn lucene_queries_find_what_lucene_finds() {
    // Best first where the order is certain; equal scores in French order of titles.
    let table: &[(&str, &[NodeId])] = &[
        ("rolle", &[5, 1]),
        ("ROLLE", &[5, 1]),
        ("derivee", &[3, 1]),
        ("gau*", &[9, 2, 3]),
        ("gauss", &[2, 3]),
        ("gauss rolle", &[5, 2, 3, 1]),
        ("+gauss +série", &[3]),
        ("gauss AND série", &[3]),
        ("gauss && série", &[3]),
        ("gauss -série", &[2]),
        ("gauss NOT série", &[2]),
        ("gauss AND NOT série", &[2]),
        ("gauss !série", &[2]),
        ("-gauss", &[]),
        ("\"théorème de rolle\"", &[5, 1]),
        ("\"rolle théorème\"", &[]),
        ("\"théorème rolle\"~1", &[5, 1]),
        ("cauchy-schwarz", &[6]),
        ("schwarz-cauchy", &[]),
        ("Cauchy-Schw*", &[6]),
        ("(gauss OR rolle) AND (série || théorème)", &[5, 3, 1]),
        ("sch?arz", &[6]),
        ("s*warz", &[6]),
        ("rote~", &[5, 1]),
        ("role~1", &[5, 1]),
        ("rote~1", &[]),
        ("titre:rolle", &[5]),
        ("texte:rolle", &[1]),
        ("texte:(rolle gauss)", &[1]),
        ("rolle^2 OR gauss^0.1", &[5, 1, 2, 3]),
        ("eventail", &[11, 7]),
        ("∑", &[3]),
        ("∫ -∑", &[2]),
        ("l'intégrale", &[2]),
        ("\\(gauss\\) -s\\érie", &[2]),
        ("\\AND", &[]),
        ("a & b", &[]),
        ("…", &[]),
        ("…*", &[]),
        ("…*a", &[]),
    ];
    for (query, expected) in table {
        let mut found = lucene(query).unwrap_or_else(|bad| panic!("{query}: {bad}"));
        let mut expected = expected.to_vec();
        if expected.len() > 2 {
            // Which of many is best is a matter of scores, not of the language.
            found.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn malformed_queries_are_told_where() {
    let table: &[(&str, usize)] = &[
        ("", 1),
        ("   ", 1),
        ("\"a b", 1),
        ("(a", 1),
        ("a)", 2),
        ("()", 2),
        ("a ()", 4),
        ("AND a", 1),
        ("a AND", 3),
        ("a AND OR b", 3),
        ("(a AND) b", 4),
        ("OR", 1),
        ("+", 2),
        ("a -", 4),
        ("NOT NOT a", 5),
        ("*", 1),
        ("a *b", 3),
        ("?a", 1),
        ("a [b TO c]", 3),
        ("a^", 2),
        ("a^x", 2),
        ("^2", 1),
        ("auteur:x", 1),
        ("titre:", 1),
        ("titre: AND a", 1),
        (":a", 1),
        ("a\\", 2),
        ("a*b~", 4),
        ("a?b?c?d?e?f", 1),
    ];
    for (query, position) in table {
        let bad = lucene(query).expect_err(query);
        assert_eq!(bad.position, *position, "{query}: {bad}");
        assert!(bad.fr.contains("caractère") && bad.en.contains("character"), "{bad:?}");
    }
}

#[test]
fn queries_that_ask_for_too_much_are_refused() {
    let deep = format!("{}a{}", "(".repeat(400), ")".repeat(400));
    let long = "a ".repeat(501);
    let many = "a ".repeat(400);
    let open = "ab* ".repeat(20);
    for query in [deep, long, many, open] {
        let started = Instant::now();
        assert!(lucene(&query).is_err(), "{query}");
        assert!(started.elapsed().as_millis() < 500, "{query}");
    }
}

fn search(typed: &str) -> Vec<NodeId> {
    SMALL.search(typed, &Scope::default(), 20, 0).hits.iter().map(|hit| hit.node).collect()
}

#[test]
fn a_person_finds_what_a_person_means() {
    let table: &[(&str, &[NodeId])] = &[
        ("", &[]),
        ("  ", &[]),
        ("theoreme de rolle", &[5, 1]),
        ("Théorème de rol", &[5, 1]),
        ("matrice", &[4]),
        ("derivation", &[1, 3]),
        ("éventail", &[11, 7]),
        // Every word counts …
        ("gauss somme", &[3]),
        // … with typing errors, even in a word not yet whole …
        ("theoreme de roole", &[5, 1]),
        ("cauhcy", &[6]),
        ("espce vectroiel", &[8]),
        ("endomrophi", &[4]),
        // … and in formulas.
        ("∑", &[3]),
        (r"\sum", &[3]),
        ("∑ ln", &[3]),
        ("sqrt pi", &[2]),
        ("√", &[2]),
        ("00000000-0000-0000-0000-000000000008", &[8]),
        ("<script>", &[]),
    ];
    for (typed, expected) in table {
        assert_eq!(search(typed), *expected, "{typed}");
    }
}

#[test]
fn some_words_will_do_where_all_find_nothing() {
    assert_eq!(search("éventail zzzzzz"), [11, 7]);
}

#[test]
fn the_title_itself_comes_first_and_the_word_goes_on_while_it_is_typed() {
    assert_eq!(search("gau")[0], 9, "the only title that begins so");
    assert_eq!(search("gauss ")[..2], [2, 3], "a space ends the word");
    assert_eq!(search("ga").len(), 3);
}

#[test]
fn snippets_are_marked_and_suggestions_are_near() {
    let hits = SMALL.search("rolle", &Scope::default(), 20, 0);
    let course = hits.hits.iter().find(|hit| hit.node == 1).unwrap();
    assert_eq!(
        course.snippet,
        "…nulle &lt;en&gt; tout extremum : c&#39;est le théorème de <mark>Rolle</mark>."
    );
    let hits = SMALL.search("theoreme de role", &Scope::default(), 20, 0);
    assert_eq!(hits.suggestions, ["theoreme de rolle"]);
    assert_eq!(hits.total, 2);
    assert!(hits.hits.iter().any(|hit| hit.snippet.contains("<mark>Rolle</mark>")));
    let hits = SMALL.search("compagnon", &Scope::default(), 20, 0);
    assert_eq!(hits.hits[0].snippet, "Matrices <mark>compagnons</mark> et réduction");
}

#[test]
fn a_scope_and_a_page_narrow_what_is_found() {
    let scope = |labels: &[&str], kinds: &[&str]| Scope {
        labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
    };
    let ids = |scope: &Scope, limit, offset| {
        let hits = SMALL.search("gauss", scope, limit, offset);
        (hits.hits.iter().map(|hit| hit.node).collect::<Vec<_>>(), hits.total)
    };
    assert_eq!(ids(&scope(&[], &[]), 10, 0), (vec![2, 3], 2));
    assert_eq!(ids(&scope(&[], &["exercice"]), 10, 0), (vec![3], 1));
    assert_eq!(ids(&scope(&["Document"], &["exercice", "cours"]), 10, 0), (vec![2, 3], 2));
    assert_eq!(ids(&scope(&["Concept"], &["cours"]), 10, 0).1, 0);
    assert_eq!(ids(&scope(&[], &[]), 1, 1), (vec![3], 2));
    assert_eq!(ids(&scope(&[], &[]), 0, 0), (vec![], 2));
    assert_eq!(ids(&scope(&[], &[]), 5, usize::MAX), (vec![], 2));
    let found = SMALL.lucene("gauss", &scope(&["Document"], &["cours"]), 10).unwrap();
    assert_eq!(found.len(), 1);
    let all = SMALL.lucene("gauss", &Scope::default(), 10).unwrap();
    assert!((found[0].1 - all[0].1).abs() < 1e-6, "a scope does not score");
}

#[test]
fn an_empty_maquis_has_an_empty_index() {
    let search = Search::build(&graph(vec![], &[]), &|_| None).unwrap();
    assert!(search.is_empty());
    assert_eq!(search.search("a", &Scope::default(), 10, 0), Hits::default());
    assert_eq!(search.lucene("a*", &Scope::default(), 10).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_query_panics(text in "[-a-c \"()+*?~^:&|!\\\\\\[{AND∑é'/0-9.]{0,40}|\\PC{0,60}") {
        if let Err(bad) = lucene(&text) {
            prop_assert!(bad.position >= 1 && bad.position <= text.chars().count() + 1);
        }
        let hits = SMALL.search(&text, &Scope::default(), 5, 0);
        prop_assert!(hits.hits.len() <= hits.total.min(5));
    }
}

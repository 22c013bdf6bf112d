//! Lists: filters, sorts, pages.

use super::{concept, graph, node};
use crate::{
    Collation, Collator, CountTest, Direction, Filter, Graph, Key, List, Quantifier, Step, TextTest,
};
use mqd_model::{Label, Node, Rel};
use proptest::prelude::*;

const DOCS: Step = Step { rel: Rel::Indexe, direction: Direction::In, label: Label::Document };

/// Three concepts; the first is indexed by two courses, the second by a problem without title.
fn small() -> Graph {
    graph(
        vec![
            concept(1, "éventail"),
            concept(2, "Zorn"),
            node(3, Label::Concept, &[("typeConcept", "discipline")]),
            node(4, Label::Document, &[("typeDoc", "cours"), ("titre", "Ordres")]),
            node(5, Label::Document, &[("typeDoc", "cours"), ("titre", "Ensembles")]),
            node(6, Label::Document, &[("typeDoc", "problème")]),
        ],
        &[(4, "INDEXE", 1), (5, "INDEXE", 1), (6, "INDEXE", 2), (4, "REFERENCE", 5)],
    )
}

fn property(name: &str, test: TextTest) -> Filter {
    Filter::Property(name.into(), test)
}

fn eq(name: &str, text: &str) -> Filter {
    property(name, TextTest::Eq(Some(text.into())))
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn related(quantifier: Quantifier, filter: Filter) -> Filter {
    Filter::Related(DOCS, quantifier, Box::new(filter))
}

fn passing(graph: &Graph, label: Label, filter: Filter) -> Vec<i64> {
    let list = List { filter: Some(filter), ..List::default() };
    graph.list(label, &list).0.iter().map(|node| node.id).collect()
}

#[test]
fn filters_mean_what_they_mean_in_the_database() {
    use TextTest::*;
    let any = || Filter::And(vec![]);
    let table: Vec<(Filter, &[i64])> = vec![
        (any(), &[1, 2, 3]),
        (Filter::Or(vec![]), &[1, 2, 3]),
        (not(any()), &[]),
        (property("litteral", Eq(None)), &[3]),
        (not(property("litteral", Eq(None))), &[1, 2]),
        (eq("litteral", "Zorn"), &[2]),
        // Unknown for the one without literal: it passes neither the test nor its contrary.
        (not(eq("litteral", "Zorn")), &[1]),
        (not(property("litteral", Contains("x".into()))), &[1, 2]),
        (property("litteral", In(vec![Some("Zorn".into()), Some("a".into())])), &[2]),
        (not(property("litteral", In(vec![]))), &[1, 2]),
        (not(property("litteral", In(vec![None]))), &[]),
        (property("litteral", StartsWith("é".into())), &[1]),
        (property("litteral", EndsWith("rn".into())), &[2]),
        (property("litteral", Contains("e".into())), &[1]),
        (Filter::Or(vec![eq("litteral", "Zorn"), eq("typeConcept", "discipline")]), &[2, 3]),
        (Filter::And(vec![eq("litteral", "Zorn"), eq("typeConcept", "discipline")]), &[]),
        (Filter::Id(Eq(Some("2".into()))), &[2]),
        (Filter::Id(Eq(Some("+2".into()))), &[]),
        (Filter::Id(Eq(Some("4".into()))), &[]),
        (Filter::Id(In(vec![Some("1".into()), Some("3".into())])), &[1, 3]),
        (Filter::Uuid(EndsWith("0003".into())), &[3]),
        (related(Quantifier::Some, eq("typeDoc", "cours")), &[1]),
        (related(Quantifier::None, eq("typeDoc", "cours")), &[2, 3]),
        (related(Quantifier::Single, eq("titre", "Ordres")), &[1]),
        (related(Quantifier::Single, any()), &[2]),
        // As the library writes it: some pass, and none is known to fail.
        (related(Quantifier::All, eq("typeDoc", "cours")), &[1]),
        (related(Quantifier::All, any()), &[1, 2]),
        (related(Quantifier::All, eq("titre", "Ordres")), &[]),
        (Filter::Count(DOCS, Box::new(any()), CountTest::Eq(0)), &[3]),
        (Filter::Count(DOCS, Box::new(any()), CountTest::Gte(1)), &[1, 2]),
        (Filter::Count(DOCS, Box::new(any()), CountTest::Gt(1)), &[1]),
        (Filter::Count(DOCS, Box::new(any()), CountTest::Lt(2)), &[2, 3]),
        (Filter::Count(DOCS, Box::new(eq("typeDoc", "cours")), CountTest::Lte(0)), &[2, 3]),
    ];
    let graph = small();
    for (filter, expected) in table {
        assert_eq!(passing(&graph, Label::Concept, filter.clone()), expected, "{filter:?}");
    }
}

#[test]
fn the_index_by_kind_gives_what_the_filter_gives() {
    let graph = small();
    assert_eq!(passing(&graph, Label::Document, eq("typeDoc", "cours")), [4, 5]);
    assert_eq!(passing(&graph, Label::Document, eq("typeDoc", "roman")), [0; 0]);
    assert_eq!(passing(&graph, Label::Document, eq("typeDoc", "")), [0; 0]);
    assert_eq!(graph.kinds(Label::Document), [("cours", 2), ("problème", 1)]);
}

#[test]
fn absence_is_the_greatest_and_accents_go_the_way_that_was_asked_for() {
    let graph = small();
    let sorted = |descending, collation| -> Vec<i64> {
        let sort = vec![(Key::Property("litteral".into()), descending)];
        let list = List { sort, collation, ..List::default() };
        graph.list(Label::Concept, &list).0.iter().map(|node| node.id).collect()
    };
    assert_eq!(sorted(false, Collation::Code), [2, 1, 3]);
    assert_eq!(sorted(true, Collation::Code), [3, 1, 2]);
    assert_eq!(sorted(false, Collation::French), [1, 2, 3]);
    assert_eq!(sorted(true, Collation::French), [3, 2, 1]);
}

#[derive(Debug, Clone)]
struct Spec {
    texts: Vec<(Option<String>, Option<String>)>,
    relations: Vec<(i64, i64)>,
}

fn specs() -> impl Strategy<Value = Spec> {
    let text = || prop::option::of("[aeéEzZ]{0,2}");
    let texts = prop::collection::vec((text(), text()), 1..12);
    let relations = prop::collection::vec((0_i64..12, 0_i64..12), 0..20);
    (texts, relations).prop_map(|(texts, relations)| Spec { texts, relations })
}

/// All nodes are concepts, some without texts, joined by REQUIERT.
fn made(spec: &Spec) -> Graph {
    let nodes = spec.texts.iter().enumerate().map(|(id, (literal, description))| {
        let mut texts = Vec::new();
        texts.extend(literal.as_deref().map(|text| ("litteral", text)));
        texts.extend(description.as_deref().map(|text| ("description", text)));
        node(id as i64, Label::Concept, &texts)
    });
    let relations: Vec<(i64, &str, i64)> =
        spec.relations.iter().map(|(from, to)| (*from, "REQUIERT", *to)).collect();
    graph(nodes.collect(), &relations)
}

fn naive_order(a: Option<&str>, b: Option<&str>, collation: Collation) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) => match collation {
            Collation::Code => a.cmp(b),
            Collation::French => Collator::french().compare(a, b),
        },
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

proptest! {
    #[test]
    fn pages_are_slices_of_the_sorted_list(
        spec in specs(),
        descending in prop::array::uniform2(any::<bool>()),
        french in any::<bool>(),
        offset in 0_usize..14,
        limit in prop::option::of(0_usize..14),
        part in prop::option::of("[aeé]"),
        keys in 1_usize..3,
    ) {
        let graph = made(&spec);
        let collation = if french { Collation::French } else { Collation::Code };
        let keys = &["description", "litteral"][..keys];
        let list = List {
            filter: part.clone().map(|part| property("litteral", TextTest::Contains(part))),
            sort: keys.iter().zip(descending)
                .map(|(key, down)| (Key::Property((*key).into()), down)).collect(),
            collation, offset, limit,
        };
        let mut expected: Vec<&Node> = graph.nodes(Label::Concept)
            .filter(|node| part.as_ref().is_none_or(|part|
                node.text("litteral").is_some_and(|text| text.contains(part.as_str()))))
            .collect();
        // A stable sort by the last key first.
        for (key, down) in keys.iter().zip(descending).collect::<Vec<_>>().into_iter().rev() {
            expected.sort_by(|a, b| {
                let order = naive_order(a.text(key), b.text(key), collation);
                if down { order.reverse() } else { order }
            });
        }
        let total = expected.len();
        let expected: Vec<i64> = expected.iter().map(|node| node.id)
            .skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
        let (page, found) = graph.list(Label::Concept, &list);
        prop_assert_eq!(page.iter().map(|node| node.id).collect::<Vec<_>>(), expected);
        prop_assert_eq!(found, total);
    }

    #[test]
    fn quantifiers_agree_with_their_definition(spec in specs(), part in "[aeé]") {
        let graph = made(&spec);
        let step = Step { rel: Rel::Requiert, direction: Direction::Out, label: Label::Concept };
        let inner = property("litteral", TextTest::Contains(part.clone()));
        let count = spec.texts.len() as i64;
        for id in 0..count {
            // One truth for each relation that starts here.
            let truths: Vec<Option<bool>> = spec.relations.iter()
                .filter(|(from, to)| *from == id && *to < count)
                .map(|(_, to)| spec.texts[*to as usize].0.as_ref().map(|text| text.contains(&part)))
                .collect();
            let pass = truths.iter().filter(|truth| **truth == Some(true)).count();
            let fail = truths.iter().filter(|truth| **truth == Some(false)).count();
            for (quantifier, expected) in [
                (Quantifier::Some, pass > 0),
                (Quantifier::None, pass == 0),
                (Quantifier::Single, pass == 1),
                (Quantifier::All, pass > 0 && fail == 0),
            ] {
                let filter = Filter::Related(step, quantifier, Box::new(inner.clone()));
                prop_assert_eq!(filter.holds(&graph, graph.node(id).unwrap()), expected);
            }
        }
    }
}

//! The consistency rules of the maquis, each as data: a name, a sentence in French and a function
//! that returns the offending nodes in linear time.

mod checks;
mod cycles;
mod facts;

pub use facts::Facts;

use crate::{NodeId, RelationId, Snapshot};

/// One rule of the maquis.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, for people and scripts.
    pub name: &'static str,
    /// Its code in the errors of the API; never changes.
    pub code: &'static str,
    /// What it asks for, in French.
    pub sentence: &'static str,
    /// What it asks for, in English.
    pub english: &'static str,
    /// Finds what breaks it, in time linear in the size of the maquis.
    pub check: fn(&Facts<'_>) -> Vec<Breach>,
}

/// One place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The nodes concerned; along a cycle, in its order.
    pub nodes: Vec<NodeId>,
    /// The relations concerned, when the rule is about relations.
    pub relations: Vec<RelationId>,
    /// What is wrong here, in French, with the names of the nodes.
    pub detail: String,
}

/// Every rule, in the order in which a person should mend what breaks them.
pub static RULES: &[Rule] = &[
    Rule {
        name: "label-connu",
        code: "UNKNOWN_LABEL",
        sentence: "Chaque nœud porte un label du modèle : Document, Concept, Evenement ou SiteWeb.",
        english: "Every node has a label of the model: Document, Concept, Evenement or SiteWeb.",
        check: checks::known_label,
    },
    Rule {
        name: "uuid-présent",
        code: "NO_UUID",
        sentence: "Chaque nœud a un uuid.",
        english: "Every node has a uuid.",
        check: checks::has_uuid,
    },
    Rule {
        name: "uuid-unique",
        code: "UUID_TAKEN",
        sentence: "Deux nœuds n'ont jamais le même uuid.",
        english: "No two nodes have the same uuid.",
        check: checks::unique_uuid,
    },
    Rule {
        name: "intitulé-non-vide",
        code: "EMPTY_TITLE",
        sentence: "Le titre d'un document, le littéral d'un concept, le nom d'un évènement ou d'un site est un texte non vide.",
        english: "The title, literal or name of a node is a non-empty text.",
        check: checks::titled,
    },
    Rule {
        name: "type-connu",
        code: "UNKNOWN_KIND",
        sentence: "Le type d'un document, d'un concept ou d'un évènement est l'un de ceux du modèle.",
        english: "The kind of a document, concept or event is one that the model knows.",
        check: checks::known_kind,
    },
    Rule {
        name: "clé-unique",
        code: "DUPLICATE_KEY",
        sentence: "Deux nœuds d'un même label n'ont jamais à la fois le même type et le même intitulé.",
        english: "No two nodes of one label have both the same kind and the same title.",
        check: checks::unique_key,
    },
    Rule {
        name: "triplet-valide",
        code: "FORBIDDEN_TRIPLE",
        sentence: "Chaque relation joint des labels entre lesquels le modèle la permet.",
        english: "Every relation joins labels between which the model allows it.",
        check: checks::valid_triples,
    },
    Rule {
        name: "relation-unique",
        code: "DUPLICATE_RELATION",
        sentence: "Deux nœuds sont joints au plus une fois, dans un sens, par une relation d'un type donné.",
        english: "Two nodes are joined at most once, one way, by a relation of a given type.",
        check: checks::no_parallel,
    },
    Rule {
        name: "indexe-une-fois",
        code: "INDEXED_TWICE",
        sentence: "Un document n'indexe un concept qu'une fois.",
        english: "A document indexes a concept once.",
        check: checks::indexed_once,
    },
    Rule {
        name: "spécialise-unique",
        code: "SECOND_SPECIALISE",
        sentence: "Un concept spécialise au plus un concept.",
        english: "A concept specialises at most one concept.",
        check: checks::one_specialise,
    },
    Rule {
        name: "spécialise-même-type",
        code: "SPECIALISE_KINDS",
        sentence: "Un concept ne spécialise qu'un concept du même type.",
        english: "A concept only specialises a concept of its own kind.",
        check: checks::specialise_kinds,
    },
    Rule {
        name: "porte-sur",
        code: "PORTE_SUR_KINDS",
        sentence: "PORTE_SUR va d'un résultat mathématique à un objet mathématique.",
        english: "PORTE_SUR goes from a mathematical result to a mathematical object.",
        check: checks::porte_sur,
    },
    Rule {
        name: "outil-de",
        code: "OUTIL_DE_KINDS",
        sentence: "OUTIL_DE joint deux résultats mathématiques.",
        english: "OUTIL_DE joins two mathematical results.",
        check: checks::outil_de,
    },
    Rule {
        name: "requiert-sans-cycle",
        code: "REQUIERT_CYCLE",
        sentence: "Rien ne se requiert soi-même, ni directement ni de proche en proche.",
        english: "Nothing requires itself, directly or through others.",
        check: cycles::check,
    },
];

/// One place where a rule is broken, with the rule.
#[derive(Debug, Clone)]
pub struct Offence {
    /// The rule.
    pub rule: &'static Rule,
    /// The nodes concerned; along a cycle, in its order.
    pub nodes: Vec<NodeId>,
    /// The relations concerned, when the rule is about relations.
    pub relations: Vec<RelationId>,
    /// What is wrong here, in French, with the names of the nodes.
    pub detail: String,
}

/// Everything that breaks a rule, rule by rule, in linear time.
#[must_use]
pub fn check(snapshot: &Snapshot) -> Vec<Offence> {
    let facts = Facts::new(snapshot);
    let offence =
        |rule, Breach { nodes, relations, detail }| Offence { rule, nodes, relations, detail };
    RULES
        .iter()
        .flat_map(|rule| (rule.check)(&facts).into_iter().map(move |breach| offence(rule, breach)))
        .collect()
}

#[cfg(test)]
mod tests;

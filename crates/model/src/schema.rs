//! The tables of the model. A new property, label or relation is one line here; stores, the
//! GraphQL schema, filters, mutations and the consistency rules follow from it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropKind {
    /// A text.
    Text,
    /// A date, given as ISO 8601 text by the API and never set through it.
    Date,
}

/// One property of a label.
#[derive(Debug, Clone, Copy)]
pub struct PropSpec {
    /// Name in the database and in the API.
    pub name: &'static str,
    /// What it holds.
    pub kind: PropKind,
    /// What it is, in French, as the API documents it.
    pub help: &'static str,
}

/// One label of the model.
#[derive(Debug)]
pub struct LabelSpec {
    /// Name in the database and in the API.
    pub name: &'static str,
    /// Name of the list in the API.
    pub plural: &'static str,
    /// The property that tells the kinds of this label apart (`typeDoc`, …).
    pub kind: &'static str,
    /// The property that names a node (`titre`, `litteral`, `nom`). `(kind, title)` is unique.
    pub title: &'static str,
    /// The values that `kind` may take.
    pub kinds: &'static [&'static str],
    /// Its properties, `kind` and `title` among them.
    pub props: &'static [PropSpec],
}

const fn text(name: &'static str, help: &'static str) -> PropSpec {
    PropSpec { name, kind: PropKind::Text, help }
}

const fn date(name: &'static str, help: &'static str) -> PropSpec {
    PropSpec { name, kind: PropKind::Date, help }
}

/// The labels of the maquis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Label {
    /// A document: course, exercise, problem, sheet, book, programme …
    Document,
    /// A concept: theme, index entry, mathematical object or result, discipline …
    Concept,
    /// An event of the school year: week of oral exams, test, homework …
    Evenement,
    /// A web site.
    SiteWeb,
}

/// All labels with their properties.
pub static LABELS: [LabelSpec; 4] = [
    LabelSpec {
        name: "Document",
        plural: "documents",
        kind: "typeDoc",
        title: "titre",
        kinds: &[
            "cours",
            "exercice",
            "liste exercices",
            "liste rapidexo",
            "rapidexo",
            "livre problèmes",
            "problème",
            "programme",
            "sujet dossier ADS",
            "livre",
            "article scientifique",
        ],
        props: &[
            text("titre", "Titre du document"),
            date("date", "Dernière modification (ISO 8601)"),
            text("typeDoc", "Type du document"),
            text("description", "Description en une phrase"),
            text("niveau", "Niveau, tel que l'auteur le dit"),
            text("changement", "Ce que la dernière modification a touché"),
            text("url", "Adresse du PDF"),
            text("urlSrc", "Adresse de la source LaTeX"),
            text("urlEnon", "Adresse du PDF de l'énoncé"),
            text("urlCorr", "Adresse du PDF du corrigé"),
            text("urlSrcEnon", "Adresse de la source de l'énoncé"),
            text("urlSrcCorr", "Adresse de la source du corrigé"),
        ],
    },
    LabelSpec {
        name: "Concept",
        plural: "concepts",
        kind: "typeConcept",
        title: "litteral",
        kinds: &[
            "thème feuille exercices",
            "index Latex",
            "objet mathématique",
            "résultat mathématique",
            "association d'objets mathématiques",
            "discipline",
        ],
        props: &[
            text("litteral", "Nom du concept"),
            text("typeConcept", "Type du concept"),
            text("discipline", "Discipline"),
            text("description", "Description"),
        ],
    },
    LabelSpec {
        name: "Evenement",
        plural: "evenements",
        kind: "typeEvt",
        title: "nom",
        kinds: &["question de cours", "DM", "DS", "semaine de colle"],
        props: &[
            text("nom", "Nom de l'évènement"),
            text("typeEvt", "Type de l'évènement"),
            text("description", "Description"),
        ],
    },
    LabelSpec {
        name: "SiteWeb",
        plural: "sitesweb",
        kind: "typeSiteWeb",
        title: "nom",
        kinds: &[],
        props: &[
            text("nom", "Nom du site"),
            text("typeSiteWeb", "Type du site"),
            text("description", "Description"),
            text("url", "Adresse du site"),
        ],
    },
];

impl Label {
    /// All labels, in the order of [`LABELS`].
    pub const ALL: [Self; 4] = [Self::Document, Self::Concept, Self::Evenement, Self::SiteWeb];

    /// Its line of the table.
    #[must_use]
    pub fn spec(self) -> &'static LabelSpec {
        &LABELS[self as usize]
    }

    /// Its name in the database and in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }
}

/// A name that the model does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » is not a name of the model")]
pub struct UnknownName(pub String);

impl FromStr for Label {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|label| label.name() == name)
            .ok_or_else(|| UnknownName(name.to_owned()))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! relation_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $out:literal, $in:literal;)*) => {
        /// The relation types of the maquis.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rel { $($(#[$doc])* $variant,)* }

        impl Rel {
            /// All relation types.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the database and in the API.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The verb from its start to its end, in French.
            #[must_use]
            pub fn verb(self) -> &'static str {
                match self { $(Self::$variant => $out),* }
            }

            /// The verb from its end to its start, in French.
            #[must_use]
            pub fn verb_back(self) -> &'static str {
                match self { $(Self::$variant => $in),* }
            }
        }
    };
}

relation_types! {
    /// A concept appears in another.
    ApparaitDans = "APPARAIT_DANS", "apparaît dans", "fait apparaître";
    /// The start holds the end.
    Contient = "CONTIENT", "contient", "est contenu dans";
    /// A document documents a concept.
    Documente = "DOCUMENTE", "documente", "est documenté par";
    /// A document or event evaluates a concept.
    Evalue = "EVALUE", "évalue", "est évalué par";
    /// A document indexes a concept.
    Indexe = "INDEXE", "indexe", "est indexé par";
    /// A concept intervenes in a document.
    IntervientDans = "INTERVIENT_DANS", "intervient dans", "fait intervenir";
    /// A result is a tool of another.
    OutilDe = "OUTIL_DE", "est un outil de", "a pour outil";
    /// A result is about an object.
    PorteSur = "PORTE_SUR", "porte sur", "est l'objet de";
    /// A document cites another.
    Reference = "REFERENCE", "cite", "est cité par";
    /// The start needs the end.
    Requiert = "REQUIERT", "requiert", "est requis par";
    /// The start is a special case of the end.
    Specialise = "SPECIALISE", "spécialise", "est spécialisé par";
    /// An event uses a document.
    Utilise = "UTILISE", "utilise", "est utilisé par";
}

impl FromStr for Rel {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|rel| rel.name() == name)
            .ok_or_else(|| UnknownName(name.to_owned()))
    }
}

impl fmt::Display for Rel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One relation that the model allows, with the field each end has for it in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triple {
    /// Label of the start.
    pub from: Label,
    /// Relation type.
    pub rel: Rel,
    /// Label of the end.
    pub to: Label,
    /// Field of the start that lists the ends.
    pub field: &'static str,
    /// Field of the end that lists the starts.
    pub field_back: &'static str,
}

const fn triple(
    from: Label,
    rel: Rel,
    to: Label,
    field: &'static str,
    field_back: &'static str,
) -> Triple {
    Triple { from, rel, to, field, field_back }
}

/// Every valid triple. The fields of the contract (`concepts`, `conceptsEVAL`, `conceptsINDEXE`,
/// `evenements`, `contenants`, `documents`, `sousevenements`) are among them.
pub static TRIPLES: [Triple; 16] = {
    use Label::{Concept, Document, Evenement};
    use Rel::*;
    [
        triple(Concept, ApparaitDans, Concept, "apparaitDans", "faitApparaitre"),
        triple(Document, Contient, Document, "contenus", "contenants"),
        triple(Evenement, Contient, Evenement, "sousevenements", "surevenements"),
        triple(Concept, Contient, Concept, "contenus", "contenants"),
        triple(Document, Documente, Concept, "concepts", "documents"),
        triple(Document, Evalue, Concept, "conceptsEVAL", "documentsEVAL"),
        triple(Evenement, Evalue, Concept, "concepts", "evenementsEVAL"),
        triple(Document, Indexe, Concept, "conceptsINDEXE", "documentsINDEXE"),
        triple(Concept, IntervientDans, Document, "intervientDans", "intervenants"),
        triple(Concept, OutilDe, Concept, "outilDe", "outils"),
        triple(Concept, PorteSur, Concept, "porteSur", "resultats"),
        triple(Document, Reference, Document, "references", "citePar"),
        triple(Concept, Requiert, Concept, "prerequis", "requisPar"),
        triple(Document, Requiert, Concept, "prerequis", "documentsREQUIERT"),
        triple(Concept, Specialise, Concept, "specialise", "specialisations"),
        triple(Evenement, Utilise, Document, "documents", "evenements"),
    ]
};

/// The line of the table for a triple, if the model allows it.
#[must_use]
pub fn valid_triple(from: Label, rel: Rel, to: Label) -> Option<&'static Triple> {
    TRIPLES.iter().find(|t| t.from == from && t.rel == rel && t.to == to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_labels_is_in_the_order_of_the_enum() {
        for label in Label::ALL {
            assert_eq!(label.name().parse::<Label>(), Ok(label));
            let spec = label.spec();
            for name in [spec.kind, spec.title] {
                assert!(spec.props.iter().any(|p| p.name == name), "{label}.{name}");
            }
        }
    }

    #[test]
    fn a_field_of_a_label_means_one_relation() {
        let mut seen = HashSet::new();
        for t in &TRIPLES {
            assert!(seen.insert((t.from, t.field)), "{}.{}", t.from, t.field);
            assert!(seen.insert((t.to, t.field_back)), "{}.{}", t.to, t.field_back);
        }
        for label in Label::ALL {
            for p in label.spec().props {
                assert!(!seen.contains(&(label, p.name)), "{label}.{}", p.name);
            }
        }
    }
}

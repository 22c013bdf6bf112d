//! The views: a folder each, with one GraphQL document, one template, and what joins them.

pub(crate) mod chemin;
pub(crate) mod concept;
pub(crate) mod concepts;
pub(crate) mod document;
pub(crate) mod erreur;
pub(crate) mod etat;
pub(crate) mod evenement;
pub(crate) mod feuilles;
pub(crate) mod feuilleter;
pub(crate) mod glossaire;
pub(crate) mod home;
pub(crate) mod liste;
pub(crate) mod maquis;
pub(crate) mod parcours;
pub(crate) mod projet;
pub(crate) mod rapidexo;
pub(crate) mod recents;
pub(crate) mod recherche;
pub(crate) mod redirect;
pub(crate) mod semaines;
pub(crate) mod siteweb;
pub(crate) mod source;
pub(crate) mod voisinage;

/// What the code of a view starts with.
pub(crate) mod prelude {
    pub(crate) use super::Document;
    pub(crate) use crate::{
        SiteError,
        ctx::Ctx,
        frame::{Frame, Link, Series},
        nodes::{self, Group, Neighbourhood, NodeLink},
        page::Page,
        text,
    };
    pub(crate) use askama::Template;
    pub(crate) use serde::Deserialize;
    pub(crate) use serde_json::json;
    pub(crate) type Answer = Result<Page, SiteError>;
}

/// A view's question to the API.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Declares the GraphQL document of a view: the file of its own name beside it.
macro_rules! question {
    ($name:literal) => {
        pub(crate) static QUESTION: $crate::views::Document =
            $crate::views::Document { name: $name, text: include_str!(concat!($name, ".graphql")) };
    };
}
pub(crate) use question;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use std::collections::BTreeSet;

    /// Every question of the site.
    static QUESTIONS: &[&Document] = &[
        &chemin::QUESTION,
        &concept::QUESTION,
        &concepts::QUESTION,
        &document::QUESTION,
        &etat::QUESTION,
        &evenement::QUESTION,
        &feuilles::QUESTION,
        &feuilleter::QUESTION,
        &home::QUESTION,
        &liste::QUESTION,
        &maquis::QUESTION,
        &parcours::QUESTION,
        &rapidexo::QUESTION,
        &recents::QUESTION,
        &recherche::QUESTION,
        &redirect::QUESTION,
        &semaines::QUESTION,
        &siteweb::QUESTION,
        &source::QUESTION,
        &voisinage::QUESTION,
    ];

    #[test]
    fn questions_are_graphql_with_names_of_their_own() {
        let mut names = BTreeSet::new();
        for question in QUESTIONS {
            let parsed =
                parse_query(question.text).unwrap_or_else(|e| panic!("{}: {e}", question.name));
            let DocumentOperations::Multiple(operations) = parsed.operations else {
                panic!("{}: the operation has no name", question.name);
            };
            assert_eq!(operations.len(), 1, "{}", question.name);
            let name = operations.keys().next().unwrap().to_string();
            assert!(names.insert(name), "{}", question.name);
        }
    }
}

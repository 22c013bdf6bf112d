//! What a change of a source touched, in words: the parts of each document are kept as
//! fingerprints, so that the next run can tell an answer that was added from a corrected statement.

use crate::{
    manifest::Role,
    scan::{Item, Scan},
};
use mqd_model::{Node, Props, Value};
use std::collections::BTreeMap;

/// Property of documents: one fingerprint a part, « statement 1f2e… ».
pub(crate) const PRINTS: &str = "mqd_empreintes";
/// Property of documents: what the last change touched, in French.
pub(crate) const CHANGE: &str = "changement";
/// What a new document says of its change.
pub(crate) const NEW: &str = "nouveau document";

/// The fingerprints of an item's parts.
pub(crate) fn prints(scan: &Scan, item: &Item) -> Option<Value> {
    let kind = scan.kind(item);
    let print = |role: Role, text: &str| {
        format!("{} {}", role.name(), &blake3::hash(text.as_bytes()).to_hex()[..16])
    };
    let mut out: Vec<String> = Vec::new();
    if !kind.parts.is_empty() || item.cut.is_some() {
        let text = crate::plan::main_text(scan, item)?;
        let parts = crate::fields::parts_of(&text, kind);
        out.extend(parts.iter().map(|(role, text)| print(*role, text)));
        if parts.is_empty() {
            out.push(print(Role::Body, &text));
        }
    } else {
        let files = item.files.iter().filter(|(role, _)| *role != Role::Wrapper);
        out.extend(files.filter_map(|(role, path)| Some(print(*role, scan.files.text(path)?))));
    }
    out.sort();
    (!out.is_empty()).then(|| out.into_iter().collect())
}

/// What the new properties of a document change, in words; `None` when no reader would see it.
pub(crate) fn sentence(node: &Node, new: &Props) -> Option<String> {
    let parse = |value: &Value| -> BTreeMap<String, String> {
        let pairs = value.as_strings().into_iter().filter_map(|print| print.split_once(' '));
        pairs.map(|(role, hash)| (role.to_owned(), hash.to_owned())).collect()
    };
    let mut said: Vec<String> = Vec::new();
    // Without earlier fingerprints there is nothing to compare with.
    if let (Some(before), Some(after)) = (node.props.get(PRINTS), new.get(PRINTS)) {
        let (before, after) = (parse(before), parse(after));
        for role in Role::ALL {
            let (name, e) = match role {
                Role::Body => ("texte", ""),
                Role::Statement => ("énoncé", ""),
                Role::Hint => ("indication", "e"),
                Role::Answer => ("corrigé", ""),
                Role::Wrapper => continue,
            };
            let verb = match (before.get(role.name()), after.get(role.name())) {
                (None, Some(_)) => "ajouté",
                (Some(_), None) => "retiré",
                (Some(a), Some(b)) if a != b => "modifié",
                _ => continue,
            };
            said.push(format!("{name} {verb}{e}"));
        }
    }
    for (prop, words) in [
        ("titre", "titre modifié"),
        ("description", "description modifiée"),
        ("niveau", "niveau modifié"),
    ] {
        if new.get(prop).is_some_and(|value| node.props.get(prop).is_some_and(|old| old != value)) {
            said.push(words.to_owned());
        }
    }
    (!said.is_empty()).then(|| said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_it_touched() {
        let props = |prints: &[&str], title: &str| {
            let prints: Value = prints.iter().map(|print| (*print).to_owned()).collect();
            Props::from([(PRINTS.to_owned(), prints), ("titre".to_owned(), Value::from(title))])
        };
        let node = Node {
            id: 1,
            uuid: None,
            labels: vec!["Document".to_owned()],
            props: props(&["statement a", "hint b"], "Un"),
        };
        for (prints, title, expected) in [
            (&["statement a", "hint b"][..], "Un", None),
            (&["statement x", "hint b"], "Un", Some("énoncé modifié")),
            (&["statement a", "answer c"], "Un", Some("indication retirée, corrigé ajouté")),
            (&["statement a", "hint b"], "Deux", Some("titre modifié")),
        ] {
            assert_eq!(sentence(&node, &props(prints, title)).as_deref(), expected);
        }
    }
}

//! What a publication must do: upload what is new, delete what is ours and no longer wanted, touch
//! nothing else. Pure.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file that is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its path in the space.
    pub key: String,
    /// The dépôt that it comes from.
    pub depot: String,
    /// Digest of its bytes.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// What we put in a space; kept there, so that whoever publishes next knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// By path in the space.
    pub objects: BTreeMap<String, Entry>,
}

/// One thing that we put in a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The dépôt that it comes from.
    pub depot: String,
    /// Digest of its bytes.
    pub hash: String,
    /// Said before the upload: it may be there, half-way or not at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// What a publication must do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// To upload.
    pub put: Vec<Object>,
    /// To delete.
    pub delete: Vec<String>,
    /// Already there.
    pub unchanged: usize,
    /// Somebody else's file stands at this place; it is left alone.
    pub foreign: Vec<String>,
}

/// Compares what is wanted with what is in a space (`there`: sizes by path). Only the dépôts that
/// are `covered` lose files; `replace` takes over files that somebody else put at our places.
#[must_use]
pub fn plan(
    wanted: &[Object],
    owned: &Owned,
    there: &BTreeMap<String, u64>,
    covered: impl Fn(&str) -> bool,
    replace: bool,
) -> Plan {
    let mut plan = Plan::default();
    for object in wanted {
        match owned.objects.get(&object.key) {
            Some(entry)
                if !entry.pending
                    && entry.hash == object.hash
                    && there.get(&object.key) == Some(&object.size) =>
            {
                plan.unchanged += 1;
            }
            None if there.contains_key(&object.key) && !replace => {
                plan.foreign.push(object.key.clone());
            }
            _ => plan.put.push(object.clone()),
        }
    }
    let keys: std::collections::BTreeSet<&str> =
        wanted.iter().map(|object| object.key.as_str()).collect();
    plan.delete = owned
        .objects
        .iter()
        .filter(|(key, entry)| !keys.contains(key.as_str()) && covered(&entry.depot))
        .map(|(key, _)| key.clone())
        .collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, hash: &str) -> Object {
        Object { key: key.into(), depot: "d".into(), hash: hash.into(), size: 1 }
    }

    fn owned(list: &[(&str, &str, bool)]) -> Owned {
        let objects = list.iter().map(|(key, hash, pending)| {
            let depot = key.split('/').next().unwrap_or_default().to_owned();
            ((*key).to_owned(), Entry { depot, hash: (*hash).to_owned(), pending: *pending })
        });
        Owned { objects: objects.collect() }
    }

    #[test]
    fn only_what_is_ours_is_touched() {
        let wanted =
            [object("d/a", "1"), object("d/b", "2"), object("d/c", "1"), object("d/p", "1")];
        let owned = owned(&[
            ("d/a", "1", false),
            ("d/b", "1", false),
            ("d/p", "1", true),
            ("d/old", "1", false),
            ("e/other", "1", false),
        ]);
        let there = ["d/a", "d/b", "d/c", "d/p", "d/old", "d/foreign", "e/other"]
            .map(|key| (key.to_owned(), 1))
            .into();
        let made = plan(&wanted, &owned, &there, |depot| depot == "d", false);
        assert_eq!(made.put, [object("d/b", "2"), object("d/p", "1")]);
        assert_eq!(made.delete, ["d/old"]);
        assert_eq!((made.unchanged, made.foreign), (1, vec!["d/c".to_owned()]));
        let made = plan(&wanted, &owned, &there, |_| true, true);
        assert_eq!(made.put.len(), 3);
        assert_eq!(made.delete, ["d/old", "e/other"]);
    }

    #[test]
    fn what_was_lost_or_cut_short_is_sent_again() {
        let owned = owned(&[("d/a", "1", false)]);
        for there in [BTreeMap::new(), BTreeMap::from([("d/a".to_owned(), 0)])] {
            let made = plan(&[object("d/a", "1")], &owned, &there, |_| true, false);
            assert_eq!(made.put.len(), 1, "{there:?}");
        }
    }
}

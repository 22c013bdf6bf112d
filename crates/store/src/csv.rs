//! A way in from spreadsheets and other databases: nodes and relations as CSV.
//!
//! The nodes' file has a column `id` (any text, only to name the node in the other file), a column
//! `labels` (several separated by `;`), maybe a column `uuid`, and one column a property. The
//! relations' file has `start`, `end` (ids of the nodes' file), `type`, and properties. The headers
//! of neo4j-admin (`:ID`, `:LABEL`, `:START_ID`, `:END_ID`, `:TYPE`) say the same. A property may
//! name its kind after a colon, as in `rang:int`: `string` (the default), `int`, `float`, `boolean`,
//! `date`, `datetime`, `localdatetime`, `time`, `localtime`, `duration`, and `string[]` (separated by
//! `;`). An empty cell is an absent property. The separator is a comma, or a semicolon when the
//! header has no comma.

use crate::{Error, temporal};
use mqd_model::{
    Change, ChangeSet, NewNode, NewRelation, NodeId, NodeRef, Props, Snapshot, Temporal, Uuid,
    Value,
};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

/// Reads both files into one change set that creates everything.
///
/// # Errors
/// [`Error::Line`] naming the file and line that are wrong; [`Error::Io`].
pub fn read(nodes: &Path, relations: Option<&Path>) -> Result<ChangeSet, Error> {
    let mut changes = Vec::new();
    let mut ids: HashMap<String, Uuid> = HashMap::new();
    let mut uuids = HashSet::new();
    let table = Table::open(nodes, &[&["id", ":ID"], &["labels", ":LABEL"]])?;
    for row in &table.rows {
        let id = row.cell(table.fixed[0]);
        if id.is_empty() {
            return Err(row.wrong("the cell of the column « id » is empty"));
        }
        let labels: Vec<String> = split(row.cell(table.fixed[1])).map(str::to_owned).collect();
        if labels.is_empty() {
            return Err(row.wrong("the node has no label"));
        }
        let mut props = table.props(row)?;
        let uuid = match props.remove("uuid") {
            Some(Value::String(text)) => {
                text.parse().map_err(|_| row.wrong(&format!("« {text} » is no uuid")))?
            }
            _ => Uuid::new_v4(),
        };
        if !uuids.insert(uuid) {
            return Err(row.wrong(&format!("the uuid {uuid} is there twice")));
        }
        if ids.insert(id.to_owned(), uuid).is_some() {
            return Err(row.wrong(&format!("the id « {id} » is there twice")));
        }
        changes.push(Change::CreateNode(NewNode { uuid, labels, props }));
    }
    if let Some(relations) = relations {
        let names: [&[&str]; 3] =
            [&["start", ":START_ID"], &["end", ":END_ID"], &["type", ":TYPE"]];
        let table = Table::open(relations, &names)?;
        for row in &table.rows {
            let end = |at: usize| {
                let id = row.cell(table.fixed[at]);
                ids.get(id).map(|uuid| NodeRef::Uuid(*uuid)).ok_or_else(|| {
                    row.wrong(&format!("no node of {} has the id « {id} »", nodes.display()))
                })
            };
            let kind = row.cell(table.fixed[2]).to_owned();
            if kind.is_empty() {
                return Err(row.wrong("the relation has no type"));
            }
            changes.push(Change::CreateRelation(NewRelation {
                from: end(0)?,
                kind,
                to: end(1)?,
                props: table.props(row)?,
            }));
        }
    }
    Ok(ChangeSet::new(changes))
}

/// Keeps what is not there yet: nodes whose uuid the graph has stay as they are, and so do relations
/// between the same nodes with the same type. Returns how many changes were left out.
pub fn keep_new(changes: &mut ChangeSet, there: &Snapshot) -> usize {
    let ids: HashMap<Uuid, NodeId> =
        there.nodes.iter().filter_map(|node| Some((node.uuid?, node.id))).collect();
    let relations: HashSet<(NodeId, &str, NodeId)> =
        there.relations.iter().map(|r| (r.from, r.kind.as_str(), r.to)).collect();
    let id = |node: &NodeRef| match node {
        NodeRef::Uuid(uuid) => ids.get(uuid).copied(),
        NodeRef::Id(id) => Some(*id),
    };
    let before = changes.changes.len();
    changes.changes.retain(|change| match change {
        Change::CreateNode(node) => !ids.contains_key(&node.uuid),
        Change::CreateRelation(new) => match (id(&new.from), id(&new.to)) {
            (Some(from), Some(to)) => !relations.contains(&(from, new.kind.as_str(), to)),
            _ => true,
        },
        _ => true,
    });
    before - changes.changes.len()
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Int,
    Float,
    Bool,
    Moment(Temporal),
}

const KINDS: [(&str, Kind); 12] = [
    ("string", Kind::Text),
    ("string[]", Kind::Texts),
    ("int", Kind::Int),
    ("long", Kind::Int),
    ("float", Kind::Float),
    ("boolean", Kind::Bool),
    ("date", Kind::Moment(Temporal::Date)),
    ("datetime", Kind::Moment(Temporal::DateTime)),
    ("localdatetime", Kind::Moment(Temporal::LocalDateTime)),
    ("time", Kind::Moment(Temporal::Time)),
    ("localtime", Kind::Moment(Temporal::LocalTime)),
    ("duration", Kind::Moment(Temporal::Duration)),
];

struct Table<'p> {
    /// Where the columns that every table has are, in the order they were asked for.
    fixed: Vec<usize>,
    props: Vec<(usize, String, Kind)>,
    rows: Vec<Row<'p>>,
}

struct Row<'p> {
    path: &'p Path,
    line: u64,
    record: ::csv::StringRecord,
}

impl Row<'_> {
    fn cell(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default().trim()
    }

    fn wrong(&self, detail: &str) -> Error {
        wrong(self.path, self.line, detail)
    }
}

fn wrong(path: &Path, line: u64, detail: impl ToString) -> Error {
    Error::Line { path: path.to_owned(), line, detail: detail.to_string() }
}

fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty())
}

impl<'p> Table<'p> {
    fn open(path: &'p Path, fixed: &[&[&str]]) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|e| Error::io(path, e))?;
        let text = std::str::from_utf8(&bytes).map_err(|e| {
            let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            wrong(path, line, "not UTF-8: save the table as CSV in UTF-8")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default();
        let separator = if header.contains(',') { b',' } else { b';' };
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| {
                wrong(path, e.position().map_or(1, ::csv::Position::line), e.to_string())
            })?;
            let line = record.position().map_or(1, ::csv::Position::line);
            rows.push(Row { path, line, record });
        }
        if rows.is_empty() {
            return Err(wrong(path, 1, "the table is empty: its first line names the columns"));
        }
        let header = rows.remove(0);
        let names: Vec<&str> = header.record.iter().map(str::trim).collect();
        let place = |wanted: &&[&str]| {
            names
                .iter()
                .position(|name| wanted.iter().any(|w| w.eq_ignore_ascii_case(name)))
                .ok_or_else(|| {
                    wrong(path, 1, format!("there is no column « {} »", wanted.join(" » or « ")))
                })
        };
        let fixed = fixed.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let mut props: Vec<(usize, String, Kind)> = Vec::new();
        for (at, column) in names.iter().enumerate().filter(|(at, _)| !fixed.contains(at)) {
            let (name, kind) = column.split_once(':').unwrap_or((column, "string"));
            let kind =
                KINDS.iter().find(|(k, _)| k.eq_ignore_ascii_case(kind)).ok_or_else(|| {
                    let known: Vec<_> = KINDS.iter().map(|(k, _)| *k).collect();
                    wrong(
                        path,
                        1,
                        format!("« {kind} » is no kind of property: {}", known.join(", ")),
                    )
                })?;
            if name.is_empty() || props.iter().any(|(_, other, _)| other == name) {
                return Err(wrong(
                    path,
                    1,
                    format!("the column « {column} » has no name, or the name of another"),
                ));
            }
            props.push((at, name.to_owned(), kind.1));
        }
        Ok(Self { fixed, props, rows })
    }

    fn props(&self, row: &Row<'_>) -> Result<Props, Error> {
        let mut props = Props::new();
        for (at, name, kind) in &self.props {
            let cell = row.cell(*at);
            if cell.is_empty() {
                continue;
            }
            let value = value(*kind, cell).ok_or_else(|| {
                row.wrong(&format!("« {cell} » does not fit the column « {name} »"))
            })?;
            props.insert(name.clone(), value);
        }
        Ok(props)
    }
}

fn value(kind: Kind, cell: &str) -> Option<Value> {
    Some(match kind {
        Kind::Text => cell.into(),
        Kind::Texts => split(cell).map(str::to_owned).collect(),
        Kind::Int => Value::Int(cell.parse().ok()?),
        // A spreadsheet has no infinities; `inf` in a cell is a mistake.
        Kind::Float => Value::Float(cell.parse().ok().filter(|x: &f64| x.is_finite())?),
        Kind::Bool => Value::Bool(cell.to_ascii_lowercase().parse().ok()?),
        Kind::Moment(temporal) => {
            temporal::parse(temporal, cell)?;
            Value::Temporal { temporal, iso: cell.to_owned() }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn import(nodes: &str, relations: &str) -> Result<ChangeSet, Error> {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["nodes.csv", "relations.csv"].map(|name| folder.path().join(name));
        fs::write(&paths[0], nodes).unwrap();
        fs::write(&paths[1], relations).unwrap();
        read(&paths[0], (!relations.is_empty()).then_some(&paths[1]))
    }

    #[test]
    fn nodes_and_relations_become_a_change_set_that_a_store_takes() {
        let changes = import(
            "\u{feff}id,labels,litteral,rang:int,jour:date,mots:string[]\n\
             a,Concept,\"limite, à l'infini\",2,2026-09-01,un;deux\n\
             b,Concept;Ancien,dérivée,,,\n",
            ":START_ID;:END_ID;:TYPE;poids:float\nb;a;REQUIERT;0.5\n",
        )
        .unwrap();
        let store = crate::Store::memory();
        store.apply(&changes).unwrap();
        let seen = store.load().unwrap();
        assert_eq!(seen.nodes[0].title(), "limite, à l'infini");
        assert_eq!(seen.nodes[0].props["rang"], Value::Int(2));
        assert_eq!(seen.nodes[0].props["mots"].as_strings(), ["un", "deux"]);
        assert_eq!(seen.nodes[1].labels, ["Ancien", "Concept"]);
        assert_eq!(seen.nodes[1].props.len(), 1);
        let link = &seen.relations[0];
        assert_eq!((link.from, link.kind.as_str(), link.to), (2, "REQUIERT", 1));
        assert_eq!(link.props["poids"], Value::Float(0.5));
    }

    #[test]
    fn importing_again_adds_only_what_is_new() {
        let uuid = "0192f0c4-0000-7000-8000-000000000001";
        let nodes = format!("id,labels,uuid,litteral\na,Concept,{uuid},suite\n");
        let store = crate::Store::memory();
        store.apply(&import(&nodes, "").unwrap()).unwrap();
        let more = format!("{nodes}b,Concept,,limite\n");
        let mut changes = import(&more, "start,end,type\nb,a,REQUIERT\n").unwrap();
        assert_eq!(keep_new(&mut changes, &store.load().unwrap()), 1);
        store.apply(&changes).unwrap();
        let mut again = import(&nodes, "start,end,type\na,a,REQUIERT\n").unwrap();
        assert_eq!(keep_new(&mut again, &store.load().unwrap()), 1);
        assert_eq!(store.load().unwrap().nodes.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let good = "id,labels\na,Concept\n";
        for (nodes, relations, line, why) in [
            ("", "", 1, "empty"),
            ("id,litteral\na,b\n", "", 1, "« labels »"),
            ("id,labels,x:nombre\n", "", 1, "no kind of property"),
            ("id,labels,x,x:int\n", "", 1, "name of another"),
            ("id,labels\na,Concept\na,Concept\n", "", 3, "there twice"),
            ("id,labels\n,Concept\n", "", 2, "empty"),
            ("id,labels\na,\n", "", 2, "no label"),
            ("id,labels,n:int\na,C,trois\n", "", 2, "« trois »"),
            ("id,labels,n:float\na,C,inf\n", "", 2, "« inf »"),
            ("id,labels,d:date\na,C,01/09/2026\n", "", 2, "« 01/09/2026 »"),
            ("id,labels,uuid\na,C,x\n", "", 2, "no uuid"),
            ("id,labels\na,C,de trop\n", "", 2, "3 fields"),
            (good, "start,end,type\na,z,REQUIERT\n", 2, "« z »"),
            (good, "start,end,type\na,a,\n", 2, "no type"),
        ] {
            let error = import(nodes, relations).unwrap_err();
            let Error::Line { line: at, detail, .. } = &error else { panic!("{error}") };
            assert!(*at == line && detail.contains(why), "{nodes:?} {relations:?}: {error}");
        }
    }
}

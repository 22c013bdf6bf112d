//! Writing to Neo4j: batched, parameterised statements inside one transaction.
//!
//! The statements are these constants; values only travel as parameters. The one part that Cypher
//! takes no parameter for before 5.26 (labels and relation types) goes through
//! [`super::convert::quoted`].

use super::{
    convert::{ID, UUID, quoted, send_props},
    load::{inner_candidates, plain_uuid},
    plan::{Inner, Known, Names, Op, Target},
};
use crate::Error;
use mqd_model::{NodeId, Props, RelationId, Snapshot};
use neo4j::{Neo4jError, ValueReceive, ValueSend, driver::Record, transaction::Transaction};
use std::collections::{BTreeMap, HashMap};

/// Rows sent with one statement: large enough to forget the round trip, small enough for a server
/// with a few hundred megabytes.
const BATCH: usize = 5_000;

/// Takes the lock that makes our writers wait for one another, and says the last id given.
const BEGIN: &str = "MERGE (m:MqdMeta {cle: 'maquis'}) \
     SET m.ecritures = coalesce(m.ecritures, 0) + 1, m.ecrit = timestamp() RETURN coalesce(m.dernier_id, -1)";
const END: &str = "MATCH (m:MqdMeta {cle: 'maquis'}) SET m.dernier_id = $last";
const LARGEST: &str =
    "MATCH (n) RETURN coalesce(max(id(n)), -1), coalesce(max(toInteger(n.mqd_id)), -1)";
const RESOLVE: &str = "MATCH (n) WHERE NOT n:MqdMeta \
     AND (n.uuid IN $uuids OR n.mqd_id IN $ids OR id(n) IN $inner) RETURN id(n), n.uuid, n.mqd_id";
const RESOLVE_LINKS: &str = "UNWIND $ids AS id MATCH (a)-[r]->(b) WHERE id(r) = id \
     AND NOT a:MqdMeta AND NOT b:MqdMeta RETURN id(r), id(a), id(b)";
const UPDATE: &str = "UNWIND $rows AS row MATCH (n) WHERE id(n) = row.id SET n += row.props \
     RETURN count(*)";
const UPDATE_LINK: &str = "UNWIND $rows AS row MATCH ()-[r]->() WHERE id(r) = row.id \
     SET r += row.props RETURN count(*)";
const DELETE: &str = "UNWIND $ids AS id MATCH (n) WHERE id(n) = id DETACH DELETE n RETURN count(*)";
const DELETE_LINK: &str = "UNWIND $ids AS id MATCH ()-[r]->() WHERE id(r) = id DELETE r \
     RETURN count(*)";
const CLEAR: &str = "MATCH (n) WHERE NOT n:MqdMeta DETACH DELETE n";

/// Why a transaction stops: the database's reason, which may be worth a retry, or ours.
pub(super) enum Stop {
    Ours(Error),
    Theirs(Box<Neo4jError>),
}

impl From<Neo4jError> for Stop {
    fn from(error: Neo4jError) -> Self {
        Self::Theirs(Box::new(error))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

type Params = HashMap<&'static str, ValueSend>;

pub(super) struct Writer<'t, 'd, 's>(pub(super) &'t Transaction<'d, 's>);

impl Writer<'_, '_, '_> {
    fn run(&self, statement: &str, params: Params) -> Result<Vec<Record>, Stop> {
        let mut stream = self.0.query(statement).with_parameters(params).run()?;
        let records = stream.by_ref().collect::<Result<Vec<_>, _>>()?;
        stream.consume()?;
        Ok(records)
    }

    /// Takes the lock; answers the last id that was given.
    pub(super) fn begin(&self) -> Result<NodeId, Stop> {
        Ok(self.run(BEGIN, Params::new())?.first().map_or(-1, |r| ints(r)[0]))
    }

    pub(super) fn end(&self, last: NodeId) -> Result<(), Stop> {
        self.run(END, [("last", last.into())].into()).map(|_| ())
    }

    /// The largest id that any node has or was given, so that the next one is new.
    pub(super) fn largest(&self) -> Result<NodeId, Stop> {
        let records = self.run(LARGEST, Params::new())?;
        Ok(records.first().and_then(|r| ints(r).into_iter().max()).unwrap_or(-1))
    }

    pub(super) fn resolve(&self, names: &Names) -> Result<Known, Stop> {
        let mut known = Known::default();
        if !(names.ids.is_empty() && names.uuids.is_empty()) {
            let inner: Vec<i64> = names.ids.iter().copied().flat_map(inner_candidates).collect();
            let uuids = names.uuids.iter().map(|uuid| ValueSend::String(uuid.to_string()));
            let params = Params::from([
                ("ids", int_list(names.ids.iter().copied())),
                ("inner", int_list(inner)),
                ("uuids", ValueSend::List(uuids.collect())),
            ]);
            let mut found: Vec<(Inner, Option<NodeId>)> = Vec::new();
            for record in self.run(RESOLVE, params)? {
                let mut values = record.into_values();
                let (Some(ValueReceive::Integer(inner)), uuid, id) =
                    (values.next(), values.next(), values.next())
                else {
                    continue;
                };
                if let Some(ValueReceive::String(text)) = uuid
                    && let Some(uuid) = plain_uuid(&text)
                {
                    // Of two copies with one uuid, the older one has it (see `load`).
                    let owner = known.uuids.entry(uuid).or_insert(inner);
                    *owner = inner.min(*owner);
                }
                found.push((inner, id.and_then(|id| id.try_into_int().ok())));
            }
            found.sort_unstable();
            let own: HashMap<Inner, Option<NodeId>> = found.iter().copied().collect();
            let mut kept: HashMap<NodeId, Inner> = HashMap::new();
            for (inner, id) in &found {
                if let Some(id) = id {
                    kept.entry(*id).or_insert(*inner);
                }
            }
            for id in &names.ids {
                let inner = kept.get(id).copied().or_else(|| {
                    inner_candidates(*id).find(|inner| match own.get(inner) {
                        Some(None) => true,
                        // Its own `mqd_id` counts, unless another node has it too.
                        Some(Some(kept_id)) => inner != id && kept.get(kept_id) != Some(inner),
                        None => false,
                    })
                });
                known.ids.extend(inner.map(|inner| (*id, inner)));
            }
        }
        if !names.relations.is_empty() {
            let params = [("ids", int_list(names.relations.iter().copied()))].into();
            for record in self.run(RESOLVE_LINKS, params)? {
                let found = ints(&record);
                known.relations.insert(found[0], (found[1], found[2]));
            }
        }
        Ok(known)
    }

    /// Runs every step; answers the ids of the created nodes (as given in `ids`) and relations.
    pub(super) fn ops(&self, ops: &[Op<'_>], ids: &[NodeId]) -> Result<Vec<RelationId>, Stop> {
        let mut created: Vec<Inner> = vec![0; ids.len()];
        let mut links = Vec::new();
        for run in ops.chunk_by(|a, b| std::mem::discriminant(a) == std::mem::discriminant(b)) {
            let inner = |target: &Target| match target {
                Target::Old(inner) => *inner,
                Target::New(at) => created[*at],
            };
            match run[0] {
                Op::Create(..) => {
                    let mut groups: BTreeMap<Vec<String>, Vec<(usize, ValueSend)>> =
                        BTreeMap::new();
                    for op in run {
                        let Op::Create(at, node) = op else { continue };
                        let mut props = send_props(&node.props)?;
                        reserved(&node.props)?;
                        props.insert(UUID.to_owned(), node.uuid.to_string().into());
                        props.insert(ID.to_owned(), ids[*at].into());
                        let mut labels = node.labels.clone();
                        labels.sort();
                        groups.entry(labels).or_default().push((*at, ValueSend::Map(props)));
                    }
                    for (at, inner) in self.create(groups)? {
                        created[at] = inner;
                    }
                }
                Op::Relate(..) => {
                    let mut groups: BTreeMap<String, Vec<LinkRow>> = BTreeMap::new();
                    for op in run {
                        let Op::Relate(at, from, new, to) = op else { continue };
                        let props = ValueSend::Map(send_props(&new.props)?);
                        let row = (*at, inner(from), inner(to), props);
                        groups.entry(new.kind.clone()).or_default().push(row);
                    }
                    let mut made = self.relate(groups)?;
                    made.sort_unstable();
                    links.extend(made.into_iter().map(|(_, id)| id));
                }
                Op::Update(..) | Op::GiveUuid(..) => {
                    let mut rows = Vec::new();
                    for op in run {
                        let (target, props) = match op {
                            Op::Update(target, set, unset) => {
                                reserved(set)?;
                                (target, changed(set, unset)?)
                            }
                            Op::GiveUuid(target, uuid) => (
                                target,
                                HashMap::from([(UUID.to_owned(), uuid.to_string().into())]),
                            ),
                            _ => continue,
                        };
                        rows.push(row(inner(target), props));
                    }
                    self.counted(UPDATE, "rows", rows)?;
                }
                Op::Delete(_) => {
                    let ids = run.iter().filter_map(|op| match op {
                        Op::Delete(target) => Some(inner(target).into()),
                        _ => None,
                    });
                    self.counted(DELETE, "ids", ids.collect())?;
                }
                Op::UpdateLink(..) => {
                    let mut rows = Vec::new();
                    for op in run {
                        if let Op::UpdateLink(id, set, unset) = op {
                            rows.push(row(*id, changed(set, unset)?));
                        }
                    }
                    self.counted(UPDATE_LINK, "rows", rows)?;
                }
                Op::DeleteLink(_) => {
                    let ids = run.iter().filter_map(|op| match op {
                        Op::DeleteLink(id) => Some((*id).into()),
                        _ => None,
                    });
                    self.counted(DELETE_LINK, "ids", ids.collect())?;
                }
            }
        }
        Ok(links)
    }

    /// Empties the database and writes a snapshot, `_id`s included.
    pub(super) fn fill(&self, snapshot: &Snapshot) -> Result<(), Stop> {
        self.run(CLEAR, Params::new())?;
        let mut groups: BTreeMap<Vec<String>, Vec<(usize, ValueSend)>> = BTreeMap::new();
        for (at, node) in snapshot.nodes.iter().enumerate() {
            let mut props = send_props(&node.props)?;
            if let Some(uuid) = node.uuid {
                props.insert(UUID.to_owned(), uuid.to_string().into());
            }
            props.insert(ID.to_owned(), node.id.into());
            groups.entry(node.labels.clone()).or_default().push((at, ValueSend::Map(props)));
        }
        let created = self.create(groups)?;
        let inner: HashMap<NodeId, Inner> =
            created.into_iter().map(|(at, inner)| (snapshot.nodes[at].id, inner)).collect();
        let mut groups: BTreeMap<String, Vec<LinkRow>> = BTreeMap::new();
        for (at, relation) in snapshot.relations.iter().enumerate() {
            let (Some(from), Some(to)) = (inner.get(&relation.from), inner.get(&relation.to))
            else {
                continue;
            };
            let props = ValueSend::Map(send_props(&relation.props)?);
            groups.entry(relation.kind.clone()).or_default().push((at, *from, *to, props));
        }
        self.relate(groups).map(|_| ())
    }

    fn create(
        &self,
        groups: BTreeMap<Vec<String>, Vec<(usize, ValueSend)>>,
    ) -> Result<Vec<(usize, Inner)>, Stop> {
        let mut made = Vec::new();
        for (labels, rows) in groups {
            let mut pattern = String::new();
            for label in &labels {
                pattern.push(':');
                pattern.push_str(&quoted(label)?);
            }
            let statement = format!(
                "UNWIND $rows AS row CREATE (n{pattern}) SET n = row.props RETURN row.at, id(n)"
            );
            let rows =
                rows.into_iter().map(|(at, props)| map([("at", index(at)), ("props", props)]));
            made.extend(self.made(&statement, rows.collect())?);
        }
        Ok(made)
    }

    fn relate(
        &self,
        groups: BTreeMap<String, Vec<LinkRow>>,
    ) -> Result<Vec<(usize, RelationId)>, Stop> {
        let mut made = Vec::new();
        for (kind, rows) in groups {
            let kind = quoted(&kind)?;
            let statement = format!(
                "UNWIND $rows AS row MATCH (a) WHERE id(a) = row.a MATCH (b) WHERE id(b) = row.b \
                 CREATE (a)-[r:{kind}]->(b) SET r = row.props RETURN row.at, id(r)"
            );
            let rows = rows.into_iter().map(|(at, from, to, props)| {
                map([("at", index(at)), ("a", from.into()), ("b", to.into()), ("props", props)])
            });
            made.extend(self.made(&statement, rows.collect())?);
        }
        Ok(made)
    }

    fn made(&self, statement: &str, rows: Vec<ValueSend>) -> Result<Vec<(usize, i64)>, Stop> {
        let mut made = Vec::new();
        for batch in rows.chunks(BATCH) {
            let params = [("rows", ValueSend::List(batch.to_vec()))].into();
            let records = self.run(statement, params)?;
            if records.len() != batch.len() {
                return Err(Error::Changed.into());
            }
            made.extend(records.iter().map(|record| {
                let found = ints(record);
                (usize::try_from(found[0]).unwrap_or(0), found[1])
            }));
        }
        Ok(made)
    }

    /// Runs a statement that answers how many rows it touched; fewer than asked means that another
    /// program deleted some of them since they were resolved.
    fn counted(
        &self,
        statement: &str,
        name: &'static str,
        rows: Vec<ValueSend>,
    ) -> Result<(), Stop> {
        for batch in rows.chunks(BATCH) {
            let params = [(name, ValueSend::List(batch.to_vec()))].into();
            let records = self.run(statement, params)?;
            if records.first().map(|r| ints(r)[0]) != i64::try_from(batch.len()).ok() {
                return Err(Error::Changed.into());
            }
        }
        Ok(())
    }
}

/// Index, start, end and properties of a relation to create.
type LinkRow = (usize, Inner, Inner, ValueSend);

fn map<const N: usize>(entries: [(&str, ValueSend); N]) -> ValueSend {
    ValueSend::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn row(id: i64, props: HashMap<String, ValueSend>) -> ValueSend {
    map([("id", id.into()), ("props", ValueSend::Map(props))])
}

fn index(at: usize) -> ValueSend {
    ValueSend::Integer(i64::try_from(at).unwrap_or(i64::MAX))
}

fn int_list(numbers: impl IntoIterator<Item = i64>) -> ValueSend {
    ValueSend::List(numbers.into_iter().map(ValueSend::Integer).collect())
}

/// The integers of a record; anything else is 0, which no statement of ours answers.
fn ints(record: &Record) -> Vec<i64> {
    record.values().map(|value| value.as_int().unwrap_or_default()).collect()
}

/// Removing a property is setting it to null.
fn changed(set: &Props, unset: &[String]) -> Result<HashMap<String, ValueSend>, Error> {
    let mut props: HashMap<String, ValueSend> =
        unset.iter().map(|name| (name.clone(), ValueSend::Null)).collect();
    props.extend(send_props(set)?);
    Ok(props)
}

/// The two names that this back end keeps for itself.
fn reserved(props: &Props) -> Result<(), Error> {
    match [ID, UUID].into_iter().find(|name| props.contains_key(*name)) {
        Some(name) => Err(Error::Name {
            name: name.to_owned(),
            detail: "this property is kept by the store and cannot be set",
        }),
        None => Ok(()),
    }
}

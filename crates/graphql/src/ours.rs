//! Our root fields beyond the contract: one node, neighbourhoods, paths, search over everything,
//! consistency, and the types of their answers.

use crate::{
    content::simple,
    context::shared,
    inputs,
    values::{NodeValue, by_uuid, graph, interface_value, nodes},
};
use async_graphql::{
    Value,
    dynamic::{Field, FieldFuture, FieldValue, InputValue, Object, TypeRef},
};
use mqd_graph::{Around, Direction, Scope};
use mqd_model::{Label, Rel, rules};

/// The fields.
pub(crate) fn fields() -> Vec<Field> {
    vec![
        node_field(),
        around_field(),
        path_field(),
        learning_field(),
        typed_search_field(),
        consistency_field(),
        state_field(),
    ]
}

/// A number among the arguments, kept within reason.
fn count(arguments: &inputs::Arguments, name: &str, default: usize, most: usize) -> usize {
    arguments
        .get(name)
        .and_then(serde_json::Value::as_u64)
        .map_or(default, |n| usize::try_from(n).unwrap_or(most))
        .min(most)
}

fn node_field() -> Field {
    Field::new("noeud", TypeRef::named("Noeud"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let uuid =
                context.args.get("uuid").and_then(|uuid| uuid.string().ok().map(str::to_owned));
            let id = context
                .args
                .get("_id")
                .and_then(|id| id.string().ok().and_then(|id| id.parse::<i64>().ok()));
            let node = match (uuid, id) {
                (Some(uuid), _) => by_uuid(graph, &uuid),
                (None, Some(id)) => graph.node(id),
                (None, None) => None,
            };
            Ok(node.and_then(|node| interface_value(graph, node)))
        })
    })
    .argument(InputValue::new("uuid", TypeRef::named(TypeRef::ID)))
    .argument(InputValue::new("_id", TypeRef::named(TypeRef::ID)))
}

/// A neighbourhood as a value: nodes with distances, relations between uuids.
struct AroundValue {
    nodes: Vec<(NodeValue, usize)>,
    relations: Vec<Link>,
    truncated: bool,
}

#[derive(Clone)]
struct Link {
    kind: String,
    from: String,
    to: String,
}

struct NeighbourValue(NodeValue, usize);

fn around_field() -> Field {
    Field::new("voisinage", TypeRef::named("Voisinage"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let arguments = inputs::arguments(&context);
            let Some(centre) = arguments
                .get("uuid")
                .and_then(|uuid| uuid.as_str())
                .and_then(|uuid| by_uuid(graph, uuid))
            else {
                return Ok(None);
            };
            let around = Around {
                relations: arguments.get("relations").and_then(|r| r.as_array()).map(|kinds| {
                    kinds.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect()
                }),
                direction: match arguments.get("sens").and_then(|sens| sens.as_str()) {
                    Some("SORTANT") => Some(Direction::Out),
                    Some("ENTRANT") => Some(Direction::In),
                    _ => None,
                },
                depth: count(&arguments, "profondeur", 1, 6),
                limit: count(&arguments, "limite", 200, 5_000),
            };
            shared(&context)?.budget.spend(0)?;
            let Some(found) = graph.around(centre.id, &around) else { return Ok(None) };
            let uuid = |id| graph.node(id).and_then(|node| node.uuid).map(|uuid| uuid.to_string());
            let value = AroundValue {
                nodes: found
                    .nodes
                    .iter()
                    .filter(|(node, _)| node.label().is_some())
                    .map(|(node, distance)| (NodeValue::new(graph, node), *distance))
                    .collect(),
                relations: found
                    .relations
                    .iter()
                    .filter_map(|relation| {
                        Some(Link {
                            kind: relation.kind.clone(),
                            from: uuid(relation.from)?,
                            to: uuid(relation.to)?,
                        })
                    })
                    .collect(),
                truncated: found.truncated,
            };
            Ok(Some(FieldValue::owned_any(value)))
        })
    })
    .argument(InputValue::new("uuid", TypeRef::named_nn(TypeRef::ID)))
    .argument(InputValue::new("relations", TypeRef::named_nn_list(TypeRef::STRING)))
    .argument(InputValue::new("sens", TypeRef::named("Sens")))
    .argument(InputValue::new("profondeur", TypeRef::named(TypeRef::INT)).default_value(1))
    .argument(InputValue::new("limite", TypeRef::named(TypeRef::INT)).default_value(200))
}

fn path_field() -> Field {
    Field::new("cheminPrerequis", TypeRef::named_nn_list("Concept"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let arguments = inputs::arguments(&context);
            let node = |name: &str| {
                arguments
                    .get(name)
                    .and_then(|uuid| uuid.as_str())
                    .and_then(|uuid| by_uuid(graph, uuid))
            };
            let (Some(from), Some(to)) = (node("de"), node("vers")) else { return Ok(None) };
            let Some(path) = graph.prerequisite_path(from.id, to.id) else { return Ok(None) };
            let concepts = path.into_iter().filter(|node| node.label() == Some(Label::Concept));
            nodes(&context, graph, concepts)
        })
    })
    .argument(InputValue::new("de", TypeRef::named_nn(TypeRef::ID)))
    .argument(InputValue::new("vers", TypeRef::named_nn(TypeRef::ID)))
}

/// A step of a learning path.
struct StepValue(NodeValue, usize);

fn learning_field() -> Field {
    Field::new("parcours", TypeRef::named_nn_list_nn("Etape"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let concept = context.args.try_get("concept")?.string()?.to_owned();
            let steps: Vec<FieldValue<'_>> = by_uuid(graph, &concept)
                .map(|node| graph.learning_path(node.id))
                .unwrap_or_default()
                .into_iter()
                .filter(|(node, _)| node.label() == Some(Label::Concept))
                .map(|(node, depth)| {
                    FieldValue::owned_any(StepValue(NodeValue::new(graph, node), depth))
                })
                .collect();
            Ok(Some(FieldValue::list(steps)))
        })
    })
    .argument(InputValue::new("concept", TypeRef::named_nn(TypeRef::ID)))
}

/// Results of a search over everything.
struct FoundValue {
    total: usize,
    hits: Vec<HitValue>,
    suggestions: Vec<String>,
}

#[derive(Clone)]
struct HitValue {
    node: NodeValue,
    score: f32,
    snippet: String,
}

fn typed_search_field() -> Field {
    Field::new("recherche", TypeRef::named_nn("Recherche"), |context| {
        FieldFuture::new(async move {
            let shared = shared(&context)?;
            let arguments = inputs::arguments(&context);
            let text = arguments.get("mot").and_then(|mot| mot.as_str()).unwrap_or_default();
            let types: Vec<String> = arguments
                .get("types")
                .and_then(|types| types.as_array())
                .into_iter()
                .flatten()
                .filter_map(|kind| kind.as_str().map(str::to_owned))
                .collect();
            // A type is a label or a kind.
            let (labels, kinds): (Vec<String>, Vec<String>) =
                types.into_iter().partition(|name| name.parse::<Label>().is_ok());
            let search = shared.search().await?;
            let formulas = |id, indexed: &str, within| {
                let content = shared.graph.node(id).and_then(|node| shared.contents.content(node));
                // The index follows the contents a moment later: a text that changed in between
                // has its formulas elsewhere.
                let content = content.filter(|content| content.text() == indexed);
                let found = content.as_ref().map(|content| content.formulas(within));
                found.into_iter().flatten().map(|(at, mathml)| (at, mathml.to_owned())).collect()
            };
            let found = search.search_showing(
                text,
                &Scope { labels, kinds },
                count(&arguments, "limite", 20, 200),
                count(&arguments, "decalage", 0, 10_000),
                &formulas,
            );
            let hits = found
                .hits
                .into_iter()
                .filter_map(|hit| {
                    Some(HitValue {
                        node: NodeValue::new(&shared.graph, shared.graph.node(hit.node)?),
                        score: hit.score,
                        snippet: hit.snippet,
                    })
                })
                .collect();
            Ok(Some(FieldValue::owned_any(FoundValue {
                total: found.total,
                hits,
                suggestions: found.suggestions,
            })))
        })
    })
    .argument(InputValue::new("mot", TypeRef::named_nn(TypeRef::STRING)))
    .argument(InputValue::new("types", TypeRef::named_nn_list(TypeRef::STRING)))
    .argument(InputValue::new("limite", TypeRef::named(TypeRef::INT)).default_value(20))
    .argument(InputValue::new("decalage", TypeRef::named(TypeRef::INT)).default_value(0))
}

/// A finding of the consistency rules.
struct OffenceValue {
    rule: &'static str,
    sentence: &'static str,
    detail: String,
    nodes: Vec<NodeValue>,
}

fn consistency_field() -> Field {
    Field::new("coherence", TypeRef::named_nn_list_nn("Constat"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let offences: Vec<FieldValue<'_>> = rules::check(graph.snapshot())
                .into_iter()
                .map(|offence| {
                    let nodes = offence
                        .nodes
                        .iter()
                        .filter_map(|id| graph.node(*id))
                        .filter(|node| node.label().is_some())
                        .map(|node| NodeValue::new(graph, node))
                        .collect();
                    FieldValue::owned_any(OffenceValue {
                        rule: offence.rule.name,
                        sentence: offence.rule.sentence,
                        detail: offence.detail,
                        nodes,
                    })
                })
                .collect();
            Ok(Some(FieldValue::list(offences)))
        })
    })
}

/// The state of the maquis.
struct StateValue {
    version: String,
    counts: Vec<CountValue>,
}

#[derive(Clone)]
struct CountValue {
    label: &'static str,
    kind: String,
    number: usize,
}

fn state_field() -> Field {
    Field::new("maquis", TypeRef::named_nn("EtatMaquis"), |context| {
        FieldFuture::new(async move {
            let graph = graph(&context)?;
            let counts = Label::ALL
                .into_iter()
                .flat_map(|label| {
                    graph.kinds(label).into_iter().map(move |(kind, number)| CountValue {
                        label: label.name(),
                        kind: kind.to_owned(),
                        number,
                    })
                })
                .collect();
            Ok(Some(FieldValue::owned_any(StateValue {
                version: graph.version().0.clone(),
                counts,
            })))
        })
    })
}

fn node_of<T: Send + Sync + 'static>(
    name: &'static str,
    of: &'static str,
    interface: bool,
    node: fn(&T) -> &NodeValue,
) -> Field {
    Field::new(name, TypeRef::named_nn(of), move |context| {
        FieldFuture::new(async move {
            let value = node(context.parent_value.try_downcast_ref::<T>()?);
            let Some(found) = value.node() else { return Ok(None) };
            Ok(if interface {
                interface_value(&value.graph, found)
            } else {
                Some(FieldValue::owned_any(value.clone()))
            })
        })
    })
}

fn list_of<T, I>(name: &'static str, of: &'static str, items: fn(&T) -> Vec<I>) -> Field
where
    T: Send + Sync + 'static,
    I: Send + Sync + 'static,
{
    Field::new(name, TypeRef::named_nn_list_nn(of), move |context| {
        FieldFuture::new(async move {
            let items = items(context.parent_value.try_downcast_ref::<T>()?);
            shared(&context)?.budget.spend(items.len())?;
            Ok(Some(FieldValue::list(
                items.into_iter().map(FieldValue::owned_any).collect::<Vec<_>>(),
            )))
        })
    })
}

/// The verb of a relation type; a type outside the model is its own.
fn verb(kind: &str, of: fn(Rel) -> &'static str) -> &str {
    match kind.parse::<Rel>() {
        Ok(rel) => of(rel),
        Err(_) => kind,
    }
}

/// The types of their answers.
pub(crate) fn types() -> Vec<Object> {
    vec![
        simple::<AroundValue>(
            "Voisinage",
            &[(
                "tronque",
                || TypeRef::named_nn(TypeRef::BOOLEAN),
                |a| Some(Value::from(a.truncated)),
            )],
        )
        .field(list_of::<AroundValue, NeighbourValue>("noeuds", "Voisin", |a| {
            a.nodes.iter().map(|(node, distance)| NeighbourValue(node.clone(), *distance)).collect()
        }))
        .field(list_of::<AroundValue, Link>("relations", "Lien", |a| a.relations.clone())),
        simple::<NeighbourValue>(
            "Voisin",
            &[(
                "distance",
                || TypeRef::named_nn(TypeRef::INT),
                |n| Some(Value::from(i32::try_from(n.1).unwrap_or(i32::MAX))),
            )],
        )
        .field(node_of::<NeighbourValue>("noeud", "Noeud", true, |n| &n.0)),
        simple::<Link>(
            "Lien",
            &[
                (
                    "type",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |l| Some(Value::from(l.kind.as_str())),
                ),
                (
                    "verbe",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |l| Some(Value::from(verb(&l.kind, Rel::verb))),
                ),
                (
                    "verbeInverse",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |l| Some(Value::from(verb(&l.kind, Rel::verb_back))),
                ),
                ("de", || TypeRef::named_nn(TypeRef::ID), |l| Some(Value::from(l.from.as_str()))),
                ("vers", || TypeRef::named_nn(TypeRef::ID), |l| Some(Value::from(l.to.as_str()))),
            ],
        ),
        simple::<StepValue>(
            "Etape",
            &[(
                "profondeur",
                || TypeRef::named_nn(TypeRef::INT),
                |s| Some(Value::from(i32::try_from(s.1).unwrap_or(i32::MAX))),
            )],
        )
        .field(node_of::<StepValue>("concept", "Concept", false, |s| &s.0))
        .field(list_of::<StepValue, NodeValue>("documents", "Document", |s| {
            let step = mqd_graph::Step {
                rel: Rel::Documente,
                direction: Direction::In,
                label: Label::Document,
            };
            s.0.graph.related(s.0.id, step).map(|node| NodeValue::new(&s.0.graph, node)).collect()
        })),
        simple::<FoundValue>(
            "Recherche",
            &[
                (
                    "total",
                    || TypeRef::named_nn(TypeRef::INT),
                    |f| Some(Value::from(i32::try_from(f.total).unwrap_or(i32::MAX))),
                ),
                (
                    "suggestions",
                    || TypeRef::named_nn_list_nn(TypeRef::STRING),
                    |f| {
                        Some(Value::List(
                            f.suggestions.iter().map(|s| Value::from(s.as_str())).collect(),
                        ))
                    },
                ),
            ],
        )
        .field(list_of::<FoundValue, HitValue>("resultats", "Resultat", |f| f.hits.clone())),
        simple::<HitValue>(
            "Resultat",
            &[
                (
                    "score",
                    || TypeRef::named_nn(TypeRef::FLOAT),
                    |h| Some(Value::from(f64::from(h.score))),
                ),
                (
                    "extrait",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |h| Some(Value::from(h.snippet.as_str())),
                ),
            ],
        )
        .field(node_of::<HitValue>("noeud", "Noeud", true, |h| &h.node)),
        simple::<OffenceValue>(
            "Constat",
            &[
                ("regle", || TypeRef::named_nn(TypeRef::STRING), |o| Some(Value::from(o.rule))),
                (
                    "phrase",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |o| Some(Value::from(o.sentence)),
                ),
                (
                    "detail",
                    || TypeRef::named(TypeRef::STRING),
                    |o| Some(Value::from(o.detail.as_str())),
                ),
            ],
        )
        .field(Field::new("noeuds", TypeRef::named_nn_list_nn("Noeud"), |context| {
            FieldFuture::new(async move {
                let offence = context.parent_value.try_downcast_ref::<OffenceValue>()?;
                let nodes: Vec<FieldValue<'_>> = offence
                    .nodes
                    .iter()
                    .filter_map(|value| interface_value(&value.graph, value.node()?))
                    .collect();
                Ok(Some(FieldValue::list(nodes)))
            })
        })),
        simple::<StateValue>(
            "EtatMaquis",
            &[(
                "version",
                || TypeRef::named_nn(TypeRef::STRING),
                |s| Some(Value::from(s.version.as_str())),
            )],
        )
        .field(list_of::<StateValue, CountValue>("comptes", "Compte", |s| s.counts.clone())),
        simple::<CountValue>(
            "Compte",
            &[
                ("label", || TypeRef::named_nn(TypeRef::STRING), |c| Some(Value::from(c.label))),
                (
                    "genre",
                    || TypeRef::named_nn(TypeRef::STRING),
                    |c| Some(Value::from(c.kind.as_str())),
                ),
                (
                    "nombre",
                    || TypeRef::named_nn(TypeRef::INT),
                    |c| Some(Value::from(i32::try_from(c.number).unwrap_or(i32::MAX))),
                ),
            ],
        ),
    ]
}

//! Content fields of documents: parts, table of contents, index, excerpt.

use crate::{context::shared, values::parent};
use async_graphql::{
    Value,
    dynamic::{
        Enum, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder,
        TypeRef,
    },
};
use mqd_depot::contents::{Content, Heading, IndexEntry, Part, Remark, Role};
use mqd_model::Node;
use std::sync::Arc;

/// What opening a content costs, in results.
const CONTENT_COST: usize = 10;

/// A part of a content.
#[derive(Clone)]
struct PartValue(Arc<Content>, usize);

impl PartValue {
    fn part(&self) -> &Part {
        // Made with an index of the parts it holds.
        &self.0.parts[self.1]
    }
}

fn content(context: &ResolverContext<'_>) -> async_graphql::Result<Option<Arc<Content>>> {
    let shared = shared(context)?;
    // A content may be converted for this very request.
    shared.budget.spend(CONTENT_COST)?;
    shared.keep_nothing();
    Ok(parent(context)?.node().and_then(|node| shared.contents.content(node)))
}

/// Whether a document has answers; its properties tell without opening any file.
pub(crate) fn has_answers(document: &Node) -> bool {
    let roles = document.props.get(mqd_depot::plan::ROLES);
    roles.is_some_and(|roles| roles.as_strings().contains(&"answer"))
        || document.text("urlCorr").is_some()
        || document.text("urlSrcCorr").is_some()
}

/// Adds the content fields to `Document`.
pub(crate) fn document_fields(object: Object) -> Object {
    object
        .field(Field::new("depot", TypeRef::named(TypeRef::STRING), |context| {
            FieldFuture::new(async move {
                Ok(content(&context)?.map(|content| Value::from(content.depot.as_str())))
            })
        }))
        .field(Field::new("commit", TypeRef::named(TypeRef::STRING), |context| {
            FieldFuture::new(async move {
                Ok(content(&context)?.and_then(|content| content.commit.clone()).map(Value::from))
            })
        }))
        .field(
            Field::new("aCorrige", TypeRef::named_nn(TypeRef::BOOLEAN), |context| {
                FieldFuture::new(async move {
                    Ok(Some(Value::from(parent(&context)?.node().is_some_and(has_answers))))
                })
            })
            .description("Le document a un corrigé."),
        )
        .field(
            Field::new("extrait", TypeRef::named(TypeRef::STRING), |context| {
                FieldFuture::new(async move {
                    let length = context.args.try_get("longueur")?.i64().unwrap_or(300);
                    let length = usize::try_from(length).unwrap_or(300).min(5_000);
                    Ok(content(&context)?
                        .and_then(|content| excerpt(&content, length))
                        .map(Value::from))
                })
            })
            .argument(InputValue::new("longueur", TypeRef::named(TypeRef::INT)).default_value(300)),
        )
        .field(Field::new("parties", TypeRef::named_nn_list_nn("Partie"), |context| {
            FieldFuture::new(async move {
                let parts = content(&context)?.map(|content| {
                    (0..content.parts.len())
                        .map(|index| FieldValue::owned_any(PartValue(Arc::clone(&content), index)))
                        .collect::<Vec<_>>()
                });
                Ok(Some(FieldValue::list(parts.unwrap_or_default())))
            })
        }))
        .field(Field::new("tdm", TypeRef::named_nn_list_nn("Titre"), |context| {
            FieldFuture::new(async move {
                let headings = content(&context)?.map(|content| {
                    content.parts.iter().flat_map(|part| part.toc.clone()).collect::<Vec<_>>()
                });
                Ok(Some(FieldValue::list(
                    headings.unwrap_or_default().into_iter().map(FieldValue::owned_any),
                )))
            })
        }))
        .field(Field::new("index", TypeRef::named_nn_list_nn("EntreeIndex"), |context| {
            FieldFuture::new(async move {
                let entries = content(&context)?.map(|content| {
                    content.parts.iter().flat_map(|part| part.index.clone()).collect::<Vec<_>>()
                });
                Ok(Some(FieldValue::list(
                    entries.unwrap_or_default().into_iter().map(FieldValue::owned_any),
                )))
            })
        }))
}

/// The beginning of the text, cut at a word.
fn excerpt(content: &Content, length: usize) -> Option<String> {
    let text = content.parts.first()?.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= length {
        return Some(text);
    }
    let cut: String = text.chars().take(length).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    Some(format!("{} …", &cut[..end]))
}

fn part_field(name: &'static str, of: TypeRef, value: fn(&Part) -> Option<String>) -> Field {
    Field::new(name, of, move |context| {
        FieldFuture::new(async move {
            Ok(value(context.parent_value.try_downcast_ref::<PartValue>()?.part()).map(Value::from))
        })
    })
}

/// Registers the types of contents.
pub(crate) fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let text = || TypeRef::named_nn(TypeRef::STRING);
    let maybe = || TypeRef::named(TypeRef::STRING);
    let part = Object::new("Partie")
        .field(Field::new("role", TypeRef::named_nn("Role"), |context| {
            FieldFuture::new(async move {
                let role = match context.parent_value.try_downcast_ref::<PartValue>()?.part().role {
                    Role::Body => "ENTIER",
                    Role::Statement => "ENONCE",
                    Role::Hint => "INDICATION",
                    Role::Answer => "CORRIGE",
                };
                Ok(Some(Value::Enum(async_graphql::Name::new(role))))
            })
        }))
        .field(part_field("chemin", text(), |part| Some(part.path.clone())))
        .field(part_field("urlSource", maybe(), |part| part.source_url.clone()))
        .field(part_field("urlPdf", maybe(), |part| part.pdf_url.clone()))
        .field(part_field("latex", text(), |part| Some(part.latex.clone())))
        .field(part_field("html", text(), |part| Some(part.html.clone())))
        .field(part_field("texte", text(), |part| Some(part.text.clone())))
        .field(Field::new("tdm", TypeRef::named_nn_list_nn("Titre"), |context| {
            FieldFuture::new(async move {
                let headings =
                    context.parent_value.try_downcast_ref::<PartValue>()?.part().toc.clone();
                Ok(Some(FieldValue::list(headings.into_iter().map(FieldValue::owned_any))))
            })
        }))
        .field(Field::new("index", TypeRef::named_nn_list_nn("EntreeIndex"), |context| {
            FieldFuture::new(async move {
                let entries =
                    context.parent_value.try_downcast_ref::<PartValue>()?.part().index.clone();
                Ok(Some(FieldValue::list(entries.into_iter().map(FieldValue::owned_any))))
            })
        }))
        .field(Field::new("remarques", TypeRef::named_nn_list_nn("Remarque"), |context| {
            FieldFuture::new(async move {
                let remarks =
                    context.parent_value.try_downcast_ref::<PartValue>()?.part().remarks.clone();
                Ok(Some(FieldValue::list(remarks.into_iter().map(FieldValue::owned_any))))
            })
        }));
    let heading = simple::<Heading>(
        "Titre",
        &[
            ("niveau", || TypeRef::named_nn(TypeRef::INT), |h| Some(Value::from(h.level))),
            ("ancre", || TypeRef::named_nn(TypeRef::STRING), |h| Some(Value::from(h.id.as_str()))),
            (
                "numero",
                || TypeRef::named(TypeRef::STRING),
                |h| h.number.as_deref().map(Value::from),
            ),
            ("html", || TypeRef::named_nn(TypeRef::STRING), |h| Some(Value::from(h.html.as_str()))),
        ],
    );
    let entry = simple::<IndexEntry>(
        "EntreeIndex",
        &[
            (
                "chemin",
                || TypeRef::named_nn_list_nn(TypeRef::STRING),
                |e| Some(Value::List(e.path.iter().map(|p| Value::from(p.as_str())).collect())),
            ),
            ("ancre", || TypeRef::named_nn(TypeRef::STRING), |e| Some(Value::from(e.id.as_str()))),
        ],
    );
    let remark = simple::<Remark>(
        "Remarque",
        &[
            ("gravite", || TypeRef::named_nn(TypeRef::STRING), |r| Some(Value::from(r.severity))),
            (
                "fichier",
                || TypeRef::named_nn(TypeRef::STRING),
                |r| Some(Value::from(r.file.as_str())),
            ),
            ("ligne", || TypeRef::named_nn(TypeRef::INT), |r| Some(Value::from(r.line))),
            ("colonne", || TypeRef::named_nn(TypeRef::INT), |r| Some(Value::from(r.column))),
            (
                "message",
                || TypeRef::named_nn(TypeRef::STRING),
                |r| Some(Value::from(r.message.as_str())),
            ),
        ],
    );
    builder
        .register(
            Enum::new("Role").item("ENTIER").item("ENONCE").item("INDICATION").item("CORRIGE"),
        )
        .register(part)
        .register(heading)
        .register(entry)
        .register(remark)
}

/// A field of a simple object: name, type, value.
pub(crate) type SimpleField<T> = (&'static str, fn() -> TypeRef, fn(&T) -> Option<Value>);

/// An object whose fields are read off a Rust value.
pub(crate) fn simple<T: Send + Sync + 'static>(name: &str, fields: &[SimpleField<T>]) -> Object {
    fields.iter().fold(Object::new(name), |object, &(field, of, value)| {
        object.field(Field::new(field, of(), move |context| {
            FieldFuture::new(
                async move { Ok(value(context.parent_value.try_downcast_ref::<T>()?)) },
            )
        }))
    })
}

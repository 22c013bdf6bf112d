//! The inputs of mutations: what to create, update, delete, connect and disconnect, nested along
//! the relations.

use super::parts::{capital, has_relations, input, list_of, relation_fields};
use async_graphql::dynamic::{InputObject, InputValue, SchemaBuilder, TypeRef};
use mqd_model::{Label, PropKind};

/// Registers them.
pub(super) fn register(mut builder: SchemaBuilder) -> SchemaBuilder {
    builder = builder
        .register(input("StringScalarMutations", [("set", TypeRef::named(TypeRef::STRING))]));
    for label in Label::ALL {
        builder = builder
            .register(written(label, "CreateInput", TypeRef::STRING, |name| {
                TypeRef::named(format!("{name}FieldInput"))
            }))
            .register(written(label, "UpdateInput", "StringScalarMutations", |name| {
                list_of(format!("{name}UpdateFieldInput"))
            }));
        if !has_relations(label) {
            continue;
        }
        builder = builder.register(
            InputObject::new(format!("{label}ConnectWhere"))
                .field(InputValue::new("node", TypeRef::named_nn(format!("{label}Where")))),
        );
        for verb in ["Connect", "Delete", "Disconnect"] {
            let fields = relation_fields(label).map(|field| {
                let name = format!("{label}{}", capital(field.name));
                (field.name, list_of(format!("{name}{verb}FieldInput")))
            });
            builder = builder.register(input(format!("{label}{verb}Input"), fields));
        }
        for field in relation_fields(label) {
            builder =
                relation(builder, &format!("{label}{}", capital(field.name)), field.step.label);
        }
    }
    builder
}

/// The properties of a label and its relations, as an input.
fn written(label: Label, suffix: &str, text: &str, relation: fn(&str) -> TypeRef) -> InputObject {
    // Dates are computed.
    let texts = label.spec().props.iter().filter(|prop| prop.kind == PropKind::Text);
    let texts =
        texts.map(|prop| InputValue::new(prop.name, TypeRef::named(text)).description(prop.help));
    let relations = relation_fields(label).map(|field| {
        InputValue::new(field.name, relation(&format!("{label}{}", capital(field.name))))
    });
    texts.chain(relations).fold(InputObject::new(format!("{label}{suffix}")), InputObject::field)
}

/// The inputs of one relation field; `name` is that of its label and itself.
fn relation(builder: SchemaBuilder, name: &str, target: Label) -> SchemaBuilder {
    let field = |verb: &str| format!("{name}{verb}FieldInput");
    let among = || ("where", TypeRef::named(format!("{name}ConnectionWhere")));
    builder
        .register(input(
            field(""),
            [("connect", list_of(field("Connect"))), ("create", list_of(field("Create")))],
        ))
        .register(input(
            field("Update"),
            [
                ("connect", list_of(field("Connect"))),
                ("disconnect", list_of(field("Disconnect"))),
                ("create", list_of(field("Create"))),
                ("update", TypeRef::named(format!("{name}UpdateConnectionInput"))),
                ("delete", list_of(field("Delete"))),
            ],
        ))
        .register(input(
            format!("{name}UpdateConnectionInput"),
            [("node", TypeRef::named(format!("{target}UpdateInput"))), among()],
        ))
        .register(input(
            field("Connect"),
            [
                ("where", TypeRef::named(format!("{target}ConnectWhere"))),
                ("connect", list_of(format!("{target}ConnectInput"))),
            ],
        ))
        .register(input(
            field("Create"),
            [("node", TypeRef::named_nn(format!("{target}CreateInput")))],
        ))
        .register(input(
            field("Delete"),
            [among(), ("delete", TypeRef::named(format!("{target}DeleteInput")))],
        ))
        .register(input(
            field("Disconnect"),
            [among(), ("disconnect", TypeRef::named(format!("{target}DisconnectInput")))],
        ))
}

//! Refuses documents that would cost too much before anything else looks at them, in time linear
//! in their length: nesting and tokens on the text, so that no parser can be led too deep; then
//! depth, aliases and cost on what was parsed, so that no validation can be led around in fragments.

use crate::{
    inputs::relation_fields,
    limits::{Limits, NESTING},
    problem::Problem,
};
use async_graphql::{
    Value, Variables,
    parser::{
        parse_query,
        types::{
            DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType,
            Selection, SelectionSet,
        },
    },
};
use mqd_model::Label;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// A list counts as so many, unless it says that it is shorter.
const LIST: u64 = 10;
/// Selections of a document at most when each fragment is put where it is used: the library follows
/// fragments that way, also those that select nothing.
const UNFOLDED: usize = 5_000;
/// Lists inside lists of an introspection at most: types, their fields, their arguments.
const INTROSPECTED_LISTS: usize = 4;
/// Introspections in one document at most: tools ask for one, and each may give the whole schema.
const INTROSPECTIONS: usize = 4;

/// Fields that are lists of objects, besides the relations and the labels.
const LISTS: &[&str] = &[
    "edges",
    "listexos",
    "documentsvoisins",
    "conceptsvoisins",
    "feuilleexercicesdocuments",
    "exercicedocuments",
    "coursdocuments",
    "problemedocuments",
    "semaines",
    "searchpbs",
    "searchcours",
    "searchconcepts",
    "noeuds",
    "cheminPrerequis",
    "parcours",
    "resultats",
    "coherence",
    "comptes",
    "parties",
    "tdm",
    "index",
    "remarques",
];
const INTROSPECTION_LISTS: &[&str] = &[
    "types",
    "directives",
    "fields",
    "inputFields",
    "interfaces",
    "possibleTypes",
    "enumValues",
    "args",
];
/// Fields that cost more than reading a value.
const WEIGHTS: &[(&str, u64)] = &[
    ("coherence", 5_000),
    ("recherche", 1_000),
    ("searchpbs", 1_000),
    ("searchcours", 1_000),
    ("searchconcepts", 1_000),
    ("voisinage", 1_000),
    ("parcours", 1_000),
    ("cheminPrerequis", 1_000),
    ("parties", 5),
    ("tdm", 5),
    ("index", 5),
    ("extrait", 5),
];

static IS_LIST: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let relations = Label::ALL.into_iter().flat_map(relation_fields).map(|field| field.name);
    let labels = Label::ALL.into_iter().map(|label| label.spec().plural);
    LISTS.iter().copied().chain(relations).chain(labels).collect()
});

/// A document that may be executed.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) document: ExecutableDocument,
    pub(crate) mutation: bool,
    pub(crate) cost: u64,
    /// What the document calls its operation, or its first field.
    pub(crate) name: Option<String>,
}

/// Reads a document, unless its text is too long, too deep or has too many tokens.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, Problem> {
    if text.len() > limits.text {
        return Err(beyond(
            "TOO_LARGE",
            ("octets", "bytes"),
            text.len() as u64,
            limits.text as u64,
        ));
    }
    scan(text, limits)?;
    parse_query(text).map_err(|error| {
        let at = error.positions().next();
        let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
        Problem::new(
            "GRAPHQL_PARSE_FAILED",
            format!("La requête n'est pas du GraphQL (ligne {line}, colonne {column})."),
            format!("The query is not GraphQL (line {line}, column {column})."),
        )
    })
}

/// Checks a document against the limits.
pub(crate) fn check(
    document: ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
    limits: &Limits,
) -> Result<Checked, Problem> {
    let mut walk = Walk {
        document: &document,
        variables,
        fragments: HashMap::new(),
        fields: 0,
        aliases: 0,
        unfolded: 0,
    };
    let (mut mutation, mut cost, mut called) = (false, 0, None);
    for (name, definition) in document.operations.iter() {
        let definition = &definition.node;
        let size = walk.set(&definition.selection_set.node, false)?;
        walk.unfolded = walk.unfolded.saturating_add(size.unfolded);
        refuse_large(&size, &walk, limits)?;
        let chosen = match (&document.operations, operation) {
            (DocumentOperations::Multiple(_), Some(wanted)) => {
                name.is_some_and(|name| name == wanted)
            }
            _ => true,
        };
        if chosen {
            mutation |= definition.ty == OperationType::Mutation;
            cost = cost.max(size.cost);
            called = name.map(ToString::to_string).or_else(|| first_field(definition));
            if definition.ty == OperationType::Subscription {
                return Err(Problem::new(
                    "BAD_USER_INPUT",
                    "Il n'y a pas d'abonnement dans cette API.",
                    "This API has no subscriptions.",
                ));
            }
        }
    }
    // The validation also looks into fragments that no operation uses.
    let mut every = Size::default();
    for name in document.fragments.keys() {
        every.unfolded = every.unfolded.saturating_add(walk.fragment(name, false)?.unfolded);
    }
    walk.unfolded = walk.unfolded.saturating_add(every.unfolded);
    refuse_large(&every, &walk, limits)?;
    Ok(Checked { mutation, cost, name: called, document })
}

/// The operation of a document that is asked for.
pub(crate) fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Option<&'d OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(only), _) => Some(&only.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|it| &it.node),
        (DocumentOperations::Multiple(all), None) => all.values().next().map(|it| &it.node),
    }
}

/// Gives variables that a caller left out their defaults; the library forgets them in directives.
pub(crate) fn defaults(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &mut Variables,
) {
    let Some(operation) = operation(document, name) else { return };
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let Some(default) = &definition.default_value else { continue };
        let name = definition.name.node.clone();
        variables.entry(name).or_insert_with(|| default.node.clone());
    }
}

fn first_field(operation: &OperationDefinition) -> Option<String> {
    operation.selection_set.node.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => Some(field.node.name.node.to_string()),
        _ => None,
    })
}

fn beyond(code: &'static str, what: (&str, &str), found: u64, most: u64) -> Problem {
    Problem::new(
        code,
        format!("La requête est trop grande : {} ({found}, au plus {most}).", what.0),
        format!("The query is too large: {} ({found}, at most {most}).", what.1),
    )
}

fn refuse_large(size: &Size, walk: &Walk<'_>, limits: &Limits) -> Result<(), Problem> {
    let all = [
        ("TOO_DEEP", ("profondeur", "depth"), size.depth, limits.depth),
        ("TOO_MANY_FIELDS", ("champs", "fields"), walk.fields, limits.fields),
        ("TOO_MANY_ALIASES", ("alias", "aliases"), walk.aliases, limits.aliases),
        ("TOO_MANY_FIELDS", ("champs à la racine", "root fields"), size.fields, limits.root_fields),
        (
            "TOO_DEEP",
            ("listes imbriquées dans l'introspection", "nested lists of introspection"),
            size.introspected,
            INTROSPECTED_LISTS,
        ),
        ("TOO_COMPLEX", ("introspections", "introspections"), size.entries, INTROSPECTIONS),
        ("TOO_COMPLEX", ("tests de filtres", "tests of filters"), size.tests, limits.tests),
        (
            "TOO_COMPLEX",
            ("sélections, fragments dépliés", "selections, fragments unfolded"),
            walk.unfolded,
            UNFOLDED,
        ),
    ];
    for (code, what, found, most) in all {
        if found > most {
            return Err(beyond(code, what, found as u64, most as u64));
        }
    }
    if size.cost > limits.complexity {
        let what =
            ("coût estimé, où une liste multiplie", "estimated cost, where a list multiplies");
        return Err(beyond("TOO_COMPLEX", what, size.cost, limits.complexity));
    }
    Ok(())
}

/// Counts tokens and brackets of a text, whatever it is.
fn scan(text: &str, limits: &Limits) -> Result<(), Problem> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                at += bytes[at..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
                continue;
            }
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' | b'(' => {
                open += 1;
                if open > NESTING {
                    let what = ("parenthèses imbriquées", "nested brackets");
                    return Err(beyond("TOO_DEEP", what, open as u64, NESTING as u64));
                }
                at += 1;
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                at += 1;
            }
            _ => {
                let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
                at += bytes[at..].iter().take_while(word).count().max(1);
            }
        }
        tokens += 1;
        if tokens > limits.tokens {
            let what = ("jetons lexicaux", "tokens");
            return Err(beyond("TOO_MANY_TOKENS", what, tokens as u64, limits.tokens as u64));
        }
    }
    Ok(())
}

/// Where the string that begins here ends.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = start + quote.len();
    while at < bytes.len() {
        if block && bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if !block && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at..].starts_with(quote) {
            return at + quote.len();
        } else if !block && matches!(bytes[at], b'\n' | b'\r') {
            return at;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// How large a selection is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    cost: u64,
    depth: usize,
    /// Fields at its top.
    fields: usize,
    /// Lists of introspection inside one another.
    introspected: usize,
    /// How often it asks for the schema.
    entries: usize,
    /// Tests of its filters, each tried on every node of a list.
    tests: usize,
    /// Fields and fragments, those in fragments as often as these are used.
    unfolded: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.cost = self.cost.saturating_add(other.cost);
        self.depth = self.depth.max(other.depth);
        self.fields = self.fields.saturating_add(other.fields);
        self.introspected = self.introspected.max(other.introspected);
        self.entries = self.entries.saturating_add(other.entries);
        self.tests = self.tests.saturating_add(other.tests);
        self.unfolded = self.unfolded.saturating_add(other.unfolded);
    }
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// Of each fragment met, outside and inside introspection; `None` while it is being measured.
    fragments: HashMap<(&'d str, bool), Option<Size>>,
    /// Fields of the document, each once, and those with an alias.
    fields: usize,
    aliases: usize,
    /// Of all operations.
    unfolded: usize,
}

impl<'d> Walk<'d> {
    fn set(&mut self, set: &'d SelectionSet, introspection: bool) -> Result<Size, Problem> {
        let mut size = Size::default();
        for item in &set.items {
            size.unfolded = size.unfolded.saturating_add(1);
            size.add(match &item.node {
                Selection::Field(field) => self.field(&field.node, introspection)?,
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node, introspection)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, introspection)?
                }
            });
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'d str, introspection: bool) -> Result<Size, Problem> {
        match self.fragments.get(&(name, introspection)) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(Problem::new(
                    "FRAGMENT_CYCLE",
                    format!("Le fragment « {name} » s'utilise lui-même."),
                    format!("The fragment \"{name}\" uses itself."),
                ));
            }
            None => {}
        }
        // Told here, since the library walks through every use of a fragment before it validates:
        // fragments that use each other twice and end in nothing would keep it busy for ever.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Err(Problem::new(
                "GRAPHQL_VALIDATION_FAILED",
                format!("Le fragment « {name} » n'est pas défini."),
                format!("Unknown fragment: \"{name}\""),
            ));
        };
        self.fragments.insert((name, introspection), None);
        let size = self.set(&fragment.node.selection_set.node, introspection)?;
        self.fragments.insert((name, introspection), Some(size));
        Ok(size)
    }

    fn field(&mut self, field: &'d Field, introspection: bool) -> Result<Size, Problem> {
        self.fields += 1;
        self.aliases += usize::from(field.alias.is_some());
        let name = field.name.node.as_str();
        let enters = !introspection && matches!(name, "__schema" | "__type");
        let inside = self.set(&field.selection_set.node, introspection || enters)?;
        let is_list = match introspection {
            true => INTROSPECTION_LISTS.contains(&name),
            false => IS_LIST.contains(name),
        };
        let weight = WEIGHTS.iter().find(|(heavy, _)| *heavy == name).map_or(1, |(_, cost)| *cost);
        let times = if is_list { self.times(field) } else { 1 };
        let cost = inside.cost.saturating_mul(times).saturating_add(weight);
        Ok(Size {
            // The schema is short and in memory.
            cost: if enters { cost / 10 } else { cost },
            depth: inside.depth + 1,
            fields: 1,
            introspected: inside.introspected + usize::from(introspection && is_list),
            entries: inside.entries.saturating_add(usize::from(enters)),
            tests: inside.tests.saturating_add(self.tests(field)),
            unfolded: inside.unfolded,
        })
    }

    /// How many tests the filter of a list has.
    fn tests(&self, field: &Field) -> usize {
        let Some(given) = field.get_argument("where") else { return 0 };
        let variable = |name| self.variables.get(&name).cloned().ok_or(());
        given.node.clone().into_const_with(variable).map_or(0, |filter| tests(&filter))
    }

    /// How long a list counts as.
    fn times(&self, field: &Field) -> u64 {
        let asked = ["limit", "first", "limite"].into_iter().find_map(|name| {
            let given = field.get_argument(name)?.node.clone();
            let variable = |name| self.variables.get(&name).cloned().ok_or(());
            match given.into_const_with(variable) {
                Ok(Value::Number(number)) => number.as_u64(),
                _ => None,
            }
        });
        asked.unwrap_or(LIST).clamp(1, LIST)
    }
}

/// How many tests a filter has; texts of an `in` are compared faster than others.
fn tests(filter: &Value) -> usize {
    match filter {
        Value::Object(fields) => 1 + fields.values().map(tests).sum::<usize>(),
        Value::List(items) => items.len() / 16 + items.iter().map(tests).sum::<usize>(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(text: &str) -> &'static str {
        let limits = Limits::default();
        let parsed = parse(text, &limits);
        match parsed.and_then(|parsed| check(parsed, None, &Variables::default(), &limits)) {
            Ok(_) => "passes",
            Err(problem) => problem.code,
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        let bomb = |levels: usize| {
            let fragments =
                (0..levels).map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1));
            let last = format!("fragment f{levels} on Query {{ maquis {{ version }} }}");
            format!("{{ ...f0 }} {} {last}", fragments.collect::<String>())
        };
        let nested = |field: &str, levels: usize| {
            format!("{}{}{}", format!("{{ {field} ").repeat(levels), "{ a }", "}".repeat(levels))
        };
        let cases = [
            ("{ documents { titre } }".to_owned(), "passes"),
            (nested("documents", 4), "passes"),
            (nested("documents", 5), "TOO_COMPLEX"),
            (nested("documents(limit: 2)", 8), "passes"),
            (nested("noeud", 20), "TOO_DEEP"),
            (nested("noeud", 90), "TOO_DEEP"),
            ("{".repeat(100_000), "TOO_DEEP"),
            (format!("{{ a(b: {}", "[".repeat(100_000)), "TOO_DEEP"),
            ("{ a ".repeat(3), "GRAPHQL_PARSE_FAILED"),
            ("\"".repeat(50_001), "TOO_MANY_TOKENS"),
            ("a ".repeat(6_000), "TOO_MANY_TOKENS"),
            (bomb(30), "TOO_MANY_FIELDS"),
            ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".into(), "FRAGMENT_CYCLE"),
            (format!("{{ {} }}", "maquis { version } ".repeat(40)), "TOO_MANY_FIELDS"),
            (
                format!("{{ documents {{ {} }} }}", (0..200).map(|n| format!("a{n}: titre ")).collect::<String>()),
                "TOO_MANY_ALIASES",
            ),
            (format!("{{ {} }}", "coherence { regle } ".repeat(11)), "TOO_COMPLEX"),
            (format!("{{ {} }}", "a: __schema { types { name } } ".repeat(5)), "TOO_COMPLEX"),
            ("{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { name } } } } } } } } } } } }".into(), "TOO_DEEP"),
            (format!("{{ documents(where: {{ OR: [{}] }}) {{ titre }} }}", "{ titre: { contains: \"a\" } } ".repeat(150)), "TOO_COMPLEX"),
            ("subscription { a }".into(), "BAD_USER_INPUT"),
        ];
        for (text, wanted) in cases {
            assert_eq!(code(&text), wanted, "{}", text.get(..80).unwrap_or(&text));
        }
    }

    #[test]
    fn a_mutation_is_known_whatever_its_name() {
        let limits = Limits::default();
        let text = "query a { maquis { version } } mutation b { createConcepts(input: []) { info { nodesCreated } } }";
        for (operation, mutation) in [(Some("a"), false), (Some("b"), true), (None, true)] {
            let checked =
                check(parse(text, &limits).unwrap(), operation, &Variables::default(), &limits)
                    .unwrap();
            assert_eq!(checked.mutation, mutation, "{operation:?}");
        }
    }
}

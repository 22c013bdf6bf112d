//! From a manifest as it is written to one that is whole.

use super::{
    Argument, Each, FieldSource, Kind, Link, Manifest, Marker, Origin, Pattern, Place, Publish,
    Role, Rows, Split, Table, Template,
    error::suggestion,
    pattern::check_name,
    raw::{OneOrMany, RawEach, RawKind, RawLink, RawManifest, RawMarker, RawSourceTable, RawTable},
};
use globset::{Glob, GlobSet, GlobSetBuilder};
use mqd_model::{Label, Rel, schema::valid_triple};
use mqd_pdf::Engine;
use regex::Regex;
use std::{collections::HashSet, ops::Range, path::Path};
use toml::Spanned;

const MAX_FILE: u64 = 2_000_000;

pub(super) struct Wrong {
    pub span: Range<usize>,
    pub message: String,
}

type Checked<T> = Result<T, Wrong>;

fn wrong<T>(span: Range<usize>, message: impl Into<String>) -> Checked<T> {
    Err(Wrong { span, message: message.into() })
}

/// Puts the place to a message.
trait At<T> {
    fn at(self, span: Range<usize>) -> Checked<T>;
}

impl<T> At<T> for Result<T, String> {
    fn at(self, span: Range<usize>) -> Checked<T> {
        self.map_err(|message| Wrong { span, message })
    }
}

/// One of the known names, or an error that lists them.
fn one_of<T>(what: &str, name: &Spanned<String>, known: &[(&str, T)]) -> Checked<T>
where
    T: Copy,
{
    let found = known.iter().find(|(known, _)| *known == name.get_ref().as_str());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        Wrong {
            span: name.span(),
            message: format!(
                "`{}` is not {what}{}; expected {}",
                name.get_ref(),
                suggestion(name.get_ref(), &names),
                if names.is_empty() { "none: there is none".to_owned() } else { names.join(", ") }
            ),
        }
    })
}

pub(super) fn manifest(raw: RawManifest, file: &Path) -> Checked<Manifest> {
    let depot = raw.depot;
    let name = depot.name.get_ref();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return wrong(
            depot.name.span(),
            format!("`{name}` cannot name a dépôt: expected lower-case letters, digits and `-`"),
        );
    }
    let mut tables = Vec::new();
    for raw in raw.table {
        tables.push(table(raw)?);
    }
    if raw.kind.is_empty() {
        return wrong(0..0, "this manifest has no [[kind]]: nothing would come out of the dépôt");
    }
    let mut seen = HashSet::new();
    for kind in &raw.kind {
        let name = &kind.get_ref().name;
        check_name(name.get_ref()).at(name.span())?;
        if !seen.insert(name.get_ref().clone()) {
            return wrong(name.span(), format!("there are two kinds `{}`", name.get_ref()));
        }
    }
    let names: Vec<String> = raw.kind.iter().map(|k| k.get_ref().name.get_ref().clone()).collect();
    let mut links = Vec::new();
    let mut kinds = Vec::new();
    for raw in raw.kind {
        let mut raw = raw.into_inner();
        links.push(std::mem::take(&mut raw.link));
        kinds.push(kind(raw, &tables)?);
    }
    for (at, raw) in links.into_iter().enumerate() {
        let mut checked = Vec::new();
        for raw in raw {
            checked.push(link(raw, at, &kinds, &names)?);
        }
        kinds[at].links = checked;
    }
    let address = |raw: Option<Spanned<String>>, known: &[&str]| match raw {
        None => Ok(None),
        Some(text) => template(&text, Some(known)).map(Some),
    };
    Ok(Manifest {
        file: file.to_owned(),
        name: name.clone(),
        title: depot.title,
        encoding: depot.encoding,
        dates: depot.dates,
        ignore: globs(&depot.ignore)?,
        max_file: depot.max_file.unwrap_or(MAX_FILE),
        preambles: depot.preambles,
        source_address: address(raw.addresses.source, &["path", "stem", "commit", "depot"])?,
        pdf_address: address(raw.addresses.pdf, &["path", "stem", "depot"])?,
        tables,
        kinds,
    })
}

fn globs(raw: &[Spanned<String>]) -> Checked<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in raw {
        set.add(Glob::new(glob.get_ref()).map_err(|error| error.to_string()).at(glob.span())?);
    }
    set.build().map_err(|error| error.to_string()).at(0..0)
}

fn template(text: &Spanned<String>, known: Option<&[&str]>) -> Checked<Template> {
    let template = Template::new(text.get_ref()).at(text.span())?;
    if let Some(known) = known {
        for name in template.names() {
            if !known.contains(&name) {
                return wrong(
                    text.span(),
                    format!(
                        "`{{{name}}}` is unknown here{}; expected {}",
                        suggestion(name, known),
                        known.join(", ")
                    ),
                );
            }
        }
    }
    Ok(template)
}

fn templates(raw: Spanned<OneOrMany<String>>, known: Option<&[String]>) -> Checked<Vec<Template>> {
    let span = raw.span();
    let texts = raw.into_inner().0;
    if texts.is_empty() {
        return wrong(span, "expected at least one text");
    }
    let known: Option<Vec<&str>> = known.map(|names| names.iter().map(String::as_str).collect());
    texts
        .into_iter()
        .map(|text| template(&Spanned::new(span.clone(), text), known.as_deref()))
        .collect()
}

/// What the holes of a kind's templates may name; `None` when only the sources tell.
fn names_in(
    origin: Origin,
    files: &[(Role, Pattern)],
    fields: impl Iterator<Item = String>,
    tables: &[Table],
) -> Option<Vec<String>> {
    let mut names: Vec<String> = match origin {
        Origin::Files(_) => files
            .iter()
            .flat_map(|(_, pattern)| pattern.names())
            .chain(["path", "stem", "n"])
            .map(str::to_owned)
            .collect(),
        Origin::Table(table) => match &tables[table].rows {
            Rows::Inline(_) => vec!["value".to_owned()],
            Rows::File { columns: Some(columns), .. } => columns.clone(),
            Rows::File { columns: None, .. } => return None,
        },
        // Whatever the links that mention it know.
        Origin::Links => return None,
    };
    names.extend(["depot", "key"].map(str::to_owned));
    names.extend(fields);
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Some(names)
}

fn table(raw: Spanned<RawTable>) -> Checked<Table> {
    let span = raw.span();
    let raw = raw.into_inner();
    check_name(raw.name.get_ref()).at(raw.name.span())?;
    let (rows, columns) = match (raw.file, raw.rows) {
        (Some(path), None) => {
            let separator = match raw.separator {
                None => b';',
                Some(text) => match text.get_ref().as_bytes() {
                    [byte] => *byte,
                    _ => return wrong(text.span(), "a separator is one character, such as \";\""),
                },
            };
            let columns = raw.columns.clone();
            (Rows::File { path, separator, columns: raw.columns }, columns)
        }
        (None, Some(rows)) => (
            Rows::Inline(rows.into_iter().collect()),
            Some(vec!["key".to_owned(), "value".to_owned()]),
        ),
        _ => return wrong(span, "a table has either a `file` or `rows`"),
    };
    let key = match (raw.key, &columns) {
        (Some(key), Some(columns)) if !columns.contains(key.get_ref()) => {
            let known: Vec<&str> = columns.iter().map(String::as_str).collect();
            return wrong(
                key.span(),
                format!(
                    "the key `{}` is not a column; expected {}",
                    key.get_ref(),
                    known.join(", ")
                ),
            );
        }
        (Some(key), _) => key.into_inner(),
        (None, Some(columns)) if !columns.is_empty() => columns[0].clone(),
        (None, _) => return wrong(span, "expected `key`: the column that tells the rows apart"),
    };
    Ok(Table { name: raw.name.into_inner(), rows, key })
}

fn kind(raw: RawKind, tables: &[Table]) -> Checked<Kind> {
    let labels: Vec<(&str, Label)> = Label::ALL.iter().map(|l| (l.name(), *l)).collect();
    let label = one_of("a label", &raw.label, &labels)?;
    let spec = label.spec();
    if spec.kinds.is_empty() {
        if raw.kind.get_ref().is_empty() {
            return wrong(raw.kind.span(), "expected a type");
        }
    } else {
        let known: Vec<(&str, ())> = spec.kinds.iter().map(|kind| (*kind, ())).collect();
        one_of(&format!("a {}", spec.kind), &raw.kind, &known)?;
    }
    let files = file_rules(raw.files)?;
    let main =
        [Role::Statement, Role::Body].into_iter().find(|role| files.iter().any(|f| f.0 == *role));
    let table = match &raw.table {
        None => None,
        Some(name) => {
            let known: Vec<(&str, usize)> =
                tables.iter().enumerate().map(|(at, t)| (t.name.as_str(), at)).collect();
            Some(one_of("a table", name, &known)?)
        }
    };
    let origin = match (table, main) {
        (Some(table), _) => Origin::Table(table),
        (None, Some(role)) => Origin::Files(role),
        (None, None) if files.is_empty() => Origin::Links,
        (None, None) => {
            return wrong(raw.name.span(), "expected a `statement` or a `body` among its files");
        }
    };
    let split = raw.split.map(marker).transpose()?;
    let key = key(raw.key, &origin, &files, split.is_some(), tables)?;
    if !matches!(origin, Origin::Links) {
        for (role, pattern) in &files {
            // In a split file the key is known only item by item.
            if split.is_some() && Origin::Files(*role) == origin {
                continue;
            }
            // Where every file has one role, the name of the file tells one from another too.
            let built_in: &[&str] = match files.iter().all(|(other, _)| other == role) {
                true => &["stem", "path"],
                false => &[],
            };
            let missing = key
                .names()
                .find(|name| !pattern.names().contains(name) && !built_in.contains(name));
            if let Some(name) = missing {
                return wrong(
                    raw.name.span(),
                    format!(
                        "the {} files `{}` do not give `{{{name}}}`, which the key needs",
                        role.name(),
                        pattern.as_str()
                    ),
                );
            }
        }
    }
    let mut parts = Vec::new();
    for (role, raw) in raw.parts {
        parts.push((file_role(&role)?, marker(raw)?));
    }
    let fields = raw.fields.keys().map(|name| name.get_ref().clone());
    let known = names_in(origin, &files, fields, tables);
    let known = known.as_deref();
    let mut props = Vec::new();
    if let Some(description) = raw.description {
        props.push(("description".to_owned(), templates(description, known)?));
    }
    for (name, texts) in raw.props {
        let reserved = [spec.title, spec.kind, "uuid"].contains(&name.get_ref().as_str())
            || name.get_ref().starts_with("mqd_");
        if reserved {
            return wrong(name.span(), format!("`{}` cannot be set here", name.get_ref()));
        }
        check_name(name.get_ref()).at(name.span())?;
        props.push((name.into_inner(), templates(texts, known)?));
    }
    let mut fields = Vec::new();
    for (name, sources) in raw.fields {
        check_name(name.get_ref()).at(name.span())?;
        let span = sources.span();
        let mut checked = Vec::new();
        for source in sources.into_inner().0 {
            checked.push(field_source(source.0, &span, tables)?);
        }
        fields.push((name.into_inner(), checked));
    }
    if let (Some(publish), true) = (raw.publish.first(), label != Label::Document) {
        return wrong(publish.span(), "only a kind of Document has PDFs");
    }
    let publish =
        [("whole", Publish::Whole), ("statement", Publish::Statement), ("answer", Publish::Answer)];
    let engines = [Engine::Pdflatex, Engine::Xelatex, Engine::Lualatex].map(|e| (e.program(), e));
    let engine = raw.engine.map(|name| one_of("an engine", &name, &engines)).transpose()?;
    Ok(Kind {
        name: raw.name.into_inner(),
        label,
        kind: raw.kind.into_inner(),
        titles: templates(raw.title, known)?,
        props,
        key,
        origin,
        files,
        split,
        parts,
        fields,
        links: Vec::new(),
        preamble: raw.preamble,
        publish: raw
            .publish
            .iter()
            .map(|name| one_of("a PDF that is made", name, &publish))
            .collect::<Checked<_>>()?,
        engine,
        layout: raw.layout,
        shared: raw.shared.unwrap_or(label == Label::Concept),
    })
}

fn file_role(name: &Spanned<String>) -> Checked<Role> {
    let roles: Vec<(&str, Role)> = Role::ALL.iter().map(|role| (role.name(), *role)).collect();
    one_of("a role", name, &roles)
}

fn file_rules(
    raw: std::collections::BTreeMap<Spanned<String>, Spanned<OneOrMany<String>>>,
) -> Checked<Vec<(Role, Pattern)>> {
    let mut rules = Vec::new();
    for (role, patterns) in raw {
        let role = file_role(&role)?;
        let span = patterns.span();
        for pattern in patterns.into_inner().0 {
            rules.push((role, Pattern::new(&pattern).at(span.clone())?));
        }
    }
    rules.sort_by_key(|(role, _)| *role);
    Ok(rules)
}

fn key(
    raw: Option<Spanned<String>>,
    origin: &Origin,
    files: &[(Role, Pattern)],
    split: bool,
    tables: &[Table],
) -> Checked<Template> {
    if let Some(key) = raw {
        return template(&key, None);
    }
    Ok(match origin {
        Origin::Links => Template::joined(&["value"], ""),
        Origin::Table(table) => Template::joined(&[&tables[*table].key], ""),
        Origin::Files(role) => {
            let pattern = files.iter().find(|(r, _)| r == role).map(|(_, pattern)| pattern);
            let mut names = pattern.map(Pattern::names).unwrap_or_default();
            if split {
                names.push("n");
            }
            Template::joined(&names, "-")
        }
    })
}

fn marker(raw: Spanned<RawMarker>) -> Checked<Marker> {
    let span = raw.span();
    let raw = raw.into_inner();
    match raw {
        RawMarker {
            command: Some(name),
            argument,
            environment: None,
            start: None,
            end: None,
            rest: None,
        } => Ok(Marker::Command { name: bare(&name), argument: argument.unwrap_or(1).max(1) }),
        RawMarker {
            environment: Some(name),
            command: None,
            argument: None,
            start: None,
            end: None,
            rest: None,
        } => Ok(Marker::Environment(name)),
        RawMarker {
            start: Some(start),
            end,
            command: None,
            argument: None,
            environment: None,
            rest: None,
        } => Ok(Marker::Between { start, end }),
        RawMarker {
            rest: Some(true),
            start: None,
            end: None,
            command: None,
            argument: None,
            environment: None,
        } => Ok(Marker::Rest),
        _ => wrong(
            span,
            "expected one of { command = \"…\" }, { environment = \"…\" }, \
             { start = \"…\", end = \"…\" } (end may be left out), { rest = true }",
        ),
    }
}

/// A command's name without its backslash.
fn bare(name: &str) -> String {
    name.trim_start_matches('\\').to_owned()
}

fn regex(text: &str, span: &Range<usize>) -> Checked<Regex> {
    Regex::new(text)
        .map_err(|error| format!("`{text}` is not a regular expression: {error}"))
        .at(span.clone())
}

fn field_source(
    raw: RawSourceTable,
    span: &Range<usize>,
    tables: &[Table],
) -> Checked<FieldSource> {
    let argument = |name: &str| Argument {
        name: bare(name),
        number: raw.option.or(raw.argument).unwrap_or(1).max(1),
        optional: raw.option.is_some(),
    };
    let mut places = Vec::new();
    if let Some(text) = &raw.template {
        places.push(Place::Template(Template::new(text).at(span.clone())?));
    }
    if let Some(name) = &raw.command {
        places.push(Place::Command(argument(name)));
    }
    if let Some(name) = &raw.environment {
        places.push(Place::Environment(argument(name)));
    }
    if let Some((start, end)) = raw.between.clone() {
        if start.is_empty() || end.is_empty() {
            return wrong(span.clone(), "`between` needs two non-empty texts");
        }
        places.push(Place::Between(start, end));
    }
    if let Some(label) = raw.comment.clone() {
        places.push(Place::Comment(label));
    }
    if let Some(name) = &raw.table {
        let Some(table) = tables.iter().position(|table| table.name == *name) else {
            return wrong(span.clone(), format!("there is no table `{name}`"));
        };
        let (Some(key), Some(column)) = (&raw.key, raw.column.clone()) else {
            return wrong(span.clone(), "a cell of a table needs its `key` and its `column`");
        };
        places.push(Place::Table { table, key: Template::new(key).at(span.clone())?, column });
    }
    let one = places.len() == 1;
    let Some(place) = places.pop().filter(|_| one) else {
        return wrong(
            span.clone(),
            "expected a text, or one of command, environment, between, comment, table",
        );
    };
    let split = match (raw.split, raw.item) {
        (None, None) => None,
        (Some(separator), item) if !separator.is_empty() => {
            Some((separator, item.unwrap_or(1).max(1)))
        }
        _ => return wrong(span.clone(), "`item` needs a `split`: what stands between two items"),
    };
    let regex = raw.regex.map(|text| regex(&text, span)).transpose()?;
    Ok(FieldSource { place, split, regex })
}

fn link(raw: Spanned<RawLink>, at: usize, kinds: &[Kind], names: &[String]) -> Checked<Link> {
    let span = raw.span();
    let raw = raw.into_inner();
    let relations: Vec<(&str, Rel)> = Rel::ALL.iter().map(|rel| (rel.name(), *rel)).collect();
    let rel = one_of("a relation", &raw.relation, &relations)?;
    let (name, outgoing) = match (raw.to, raw.from) {
        (Some(to), None) => (to, true),
        (None, Some(from)) => (from, false),
        _ => return wrong(span, "a link has either `to` or `from`: the other kind"),
    };
    let known: Vec<(&str, usize)> =
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let other = one_of("a kind of this manifest", &name, &known)?;
    let (here, there) = (kinds[at].label, kinds[other].label);
    let (from, to) = if outgoing { (here, there) } else { (there, here) };
    if valid_triple(from, rel, to).is_none() {
        return wrong(raw.relation.span(), format!("the model has no {from} {rel} {to}"));
    }
    let each = raw.each.map(each).transpose()?;
    let key = match raw.key {
        Some(key) => template(&key, None)?,
        None if each.is_some() => match &each {
            Some(Each::Input(pattern)) => Template::joined(&pattern.names(), "-"),
            _ => Template::joined(&["value"], ""),
        },
        None => return wrong(span, "expected `key`: the key of the other one, or `each`"),
    };
    let hierarchy = match raw.hierarchy {
        None => None,
        Some(name) => {
            let rel = one_of("a relation", &name, &relations)?;
            if valid_triple(there, rel, there).is_none() {
                return wrong(name.span(), format!("the model has no {there} {rel} {there}"));
            }
            Some(rel)
        }
    };
    Ok(Link { rel, other, outgoing, key, each, hierarchy })
}

fn each(raw: Spanned<RawEach>) -> Checked<Each> {
    let span = raw.span();
    let raw = raw.into_inner();
    let split = match raw.split.as_deref() {
        None => Split::None,
        Some("sentences") => Split::Sentences,
        Some("") => return wrong(span, "`split` is empty: expected a separator or \"sentences\""),
        Some(separator) => Split::At(separator.to_owned()),
    };
    let mut found = Vec::new();
    if let Some(pattern) = raw.input {
        found.push(Each::Input(Pattern::new(&pattern).at(span.clone())?));
    }
    if raw.index == Some(true) {
        found.push(Each::Index);
    }
    if let Some(start) = raw.section {
        let until = raw.until.unwrap_or_default();
        found.push(Each::Section {
            start: regex(&start, &span)?,
            until: until.iter().map(|text| regex(text, &span)).collect::<Checked<_>>()?,
            split: split.clone(),
        });
    }
    if let Some(name) = raw.field {
        found.push(Each::Field { name, split: split.clone() });
    }
    if let Some(name) = raw.command {
        let number = raw.argument.unwrap_or(1).max(1);
        let argument = Argument { name: bare(&name), number, optional: false };
        found.push(Each::Command { argument, split: split.clone() });
    }
    if let Some(label) = raw.comment {
        found.push(Each::Comment { label, split });
    }
    let one = found.len() == 1;
    match found.pop().filter(|_| one) {
        Some(each) => Ok(each),
        None => wrong(span, "expected one of input, index, section, field, command, comment"),
    }
}

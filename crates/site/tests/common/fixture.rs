//! The nodes, relations and texts of the test maquis.

use mqd_depot::contents::{Content, Contents, Figure, Heading, IndexEntry, Part, Remark, Role};
use mqd_model::{
    Change, ChangeSet, Label, NewNode, NewRelation, Node, NodeRef, Props, Rel, Uuid, Value,
};
use mqd_store::Store;
use std::sync::Arc;

/// The uuid of the `n`th node.
pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0196_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// Nodes: number, label, kind, title, description.
const NODES: &[(u128, Label, &str, &str, &str)] = &[
    (1, Label::Concept, "thème feuille exercices", "suites", "Suites de réels"),
    (2, Label::Concept, "thème feuille exercices", "matrices", ""),
    (3, Label::Concept, "index Latex", "anneau", "Un ensemble avec deux lois : $(A,+,\\times)$"),
    (4, Label::Concept, "index Latex", "anneau!intègre", ""),
    (5, Label::Concept, "objet mathématique", "élément", ""),
    (6, Label::Concept, "index Latex", "corps", "Un anneau où l'on divise"),
    (10, Label::Document, "liste exercices", "Feuille : suites", "Sur les suites"),
    (11, Label::Document, "exercice", "Esu1", ""),
    (12, Label::Document, "exercice", "Esu2", ""),
    (13, Label::Document, "liste exercices", "Feuille : matrices", ""),
    (20, Label::Document, "problème", "Étude d'une suite", "Avec des équivalents de $u_n$"),
    (21, Label::Document, "problème", "<script>alert(1)</script>", "\"><b>méchant</b>"),
    (30, Label::Document, "cours", "Anneaux et corps", ""),
    (40, Label::Document, "programme", "Programme de la semaine 1", ""),
    (50, Label::Document, "liste rapidexo", "Calculs", ""),
    (51, Label::Document, "rapidexo", "Calculs/E1", ""),
    (60, Label::Evenement, "semaine de colle", "semaine 1", ""),
    (61, Label::Evenement, "semaine de colle", "semaine 10", ""),
    (62, Label::Evenement, "semaine de colle", "semaine 2", ""),
    (64, Label::Evenement, "DS", "Devoir 1", ""),
    (63, Label::Evenement, "question de cours", "Un corps est intègre", ""),
    (70, Label::SiteWeb, "outil", "Un site", "Pour calculer"),
];

const RELATIONS: &[(u128, Rel, u128)] = &[
    (10, Rel::Evalue, 1),
    (10, Rel::Contient, 11),
    (10, Rel::Contient, 12),
    (11, Rel::Evalue, 1),
    (12, Rel::Evalue, 1),
    (13, Rel::Evalue, 2),
    (20, Rel::Evalue, 1),
    (20, Rel::Requiert, 3),
    (30, Rel::Indexe, 3),
    (30, Rel::Indexe, 4),
    (30, Rel::Indexe, 6),
    (30, Rel::Documente, 6),
    (50, Rel::Contient, 51),
    (60, Rel::Utilise, 40),
    (60, Rel::Contient, 63),
    (63, Rel::Evalue, 6),
    (6, Rel::Requiert, 4),
    (4, Rel::Requiert, 3),
    (3, Rel::Requiert, 5),
];

/// What is content and no text of the site: titles, descriptions, texts, names.
pub fn words() -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (_, _, _, title, description) in NODES {
        let title = title.replace('!', ", ").replace('\'', "’");
        let escaped = title.replace('<', "&lt;").replace('>', "&gt;");
        out.extend([title, escaped, (*description).replace('\'', "’")]);
    }
    out.retain(|word| !word.is_empty());
    // The owner's pages and journals, addresses, and names that are the same everywhere.
    let names = "Le site|Principes|Journal des essais|Deux|Pourquoi ce site|Début|outil|alert(1)|\
                 https://|Maquis d’essai|Une autrice|Une source|CC BY|GraphQL|BibTeX|LaTeX|PDF|\
                 maquisdoc|Atom|Rapidexo|ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    out.extend(names.split('|').map(str::to_owned));
    out
}

fn props(label: Label, kind: &str, title: &str, description: &str, n: u128) -> Props {
    let spec = label.spec();
    let mut props = Props::from([
        (spec.kind.to_owned(), Value::from(kind)),
        (spec.title.to_owned(), Value::from(title)),
    ]);
    if !description.is_empty() {
        props.insert("description".to_owned(), Value::from(description));
    }
    if label == Label::Document {
        props.insert("date".to_owned(), Value::from(format!("2026-03-{:02}", n % 28 + 1)));
    }
    if matches!(kind, "problème" | "exercice" | "rapidexo") {
        props.insert("urlSrcCorr".to_owned(), Value::from("https://forge.example/blob/abc/C.tex"));
    }
    if label == Label::SiteWeb {
        props.insert("url".to_owned(), Value::from("https://calcul.example/"));
    }
    props
}

/// A store that holds the maquis.
pub fn store() -> Store {
    let nodes = NODES.iter().map(|(n, label, kind, title, description)| {
        Change::CreateNode(NewNode {
            uuid: uuid(*n),
            labels: vec![label.name().to_owned()],
            props: props(*label, kind, title, description, *n),
        })
    });
    let relations = RELATIONS.iter().map(|(from, rel, to)| {
        Change::CreateRelation(NewRelation {
            from: NodeRef::Uuid(uuid(*from)),
            kind: rel.name().to_owned(),
            to: NodeRef::Uuid(uuid(*to)),
            props: Props::new(),
        })
    });
    let store = Store::memory();
    store.apply(&ChangeSet::new(nodes.chain(relations).collect())).unwrap();
    store
}

/// A maquis of `n` more problems, each with three concepts of its own list.
pub fn large(n: u128) -> Store {
    let mut changes = Vec::new();
    let node = |number: u128, label: Label, kind: &str, title: String| {
        Change::CreateNode(NewNode {
            uuid: uuid(number),
            labels: vec![label.name().to_owned()],
            props: props(label, kind, &title, "Une description d'une ligne", number),
        })
    };
    for at in 0..n {
        changes.push(node(1_000 + at, Label::Document, "problème", format!("Problème {at}")));
        let concept = 1_000_000 + at / 3;
        if at % 3 == 0 {
            changes.push(node(concept, Label::Concept, "index Latex", format!("concept {at}")));
        }
        for back in 0..3_u128.min(at / 3 + 1) {
            changes.push(Change::CreateRelation(NewRelation {
                from: NodeRef::Uuid(uuid(1_000 + at)),
                kind: Rel::Evalue.name().to_owned(),
                to: NodeRef::Uuid(uuid(concept - back)),
                props: Props::new(),
            }));
        }
    }
    let store = store();
    store.apply(&ChangeSet::new(changes)).unwrap();
    store
}

/// The texts of the documents.
pub struct Texts;

fn part(role: Role, path: &str, html: &str) -> Part {
    Part {
        role,
        path: path.to_owned(),
        source_url: Some(format!("https://forge.example/blob/abc/{path}")),
        pdf_url: Some(format!("/pdf/essai/{}.pdf", path.trim_end_matches(".tex"))),
        latex: "\\begin{enumerate}\n  \\item $a < b$\n\\end{enumerate}\n".to_owned(),
        html: html.to_owned(),
        text: "texte".to_owned(),
        formulas: Vec::new(),
        toc: html
            .contains("<h2")
            .then(|| Heading {
                level: 1,
                id: "s1".to_owned(),
                number: Some("1".to_owned()),
                html: "Début".to_owned(),
            })
            .into_iter()
            .collect(),
        index: Vec::new(),
        remarks: Vec::new(),
    }
}

impl Contents for Texts {
    fn content(&self, node: &Node) -> Option<Arc<Content>> {
        let heading = "<h2 id=\"s1\">Début</h2><p>Soit une suite.</p>";
        let parts = match node.kind() {
            "exercice" | "rapidexo" => vec![
                part(
                    Role::Statement,
                    "E.tex",
                    "<p>Calculer. <a href=\"#r\">Voir</a> <span id=\"r\">ici</span></p>",
                ),
                part(Role::Answer, "C.tex", "<p id=\"r\">Voilà.</p>"),
            ],
            "problème" => vec![
                part(Role::Statement, "Ep.tex", heading),
                part(Role::Answer, "Cp.tex", heading),
            ],
            "cours" => {
                let mut whole = part(Role::Body, "C1.tex", heading);
                whole.index = vec![IndexEntry {
                    path: vec!["anneau".to_owned(), "intègre".to_owned()],
                    id: "s1".to_owned(),
                }];
                whole.remarks = vec![Remark {
                    severity: "warning",
                    file: "C1.tex".to_owned(),
                    line: 3,
                    column: 1,
                    message: "La commande \\foo est inconnue.".to_owned(),
                }];
                vec![whole]
            }
            "programme" => vec![part(Role::Body, "S1.tex", heading)],
            _ => return None,
        };
        let commit = Some("0123456789abcdef".to_owned());
        Some(Arc::new(Content { depot: "essai".to_owned(), commit, parts }))
    }

    fn figure(&self, _depot: &str, _path: &str) -> Option<Arc<Figure>> {
        None
    }
}

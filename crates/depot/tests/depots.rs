//! Whole runs over small dépôts, each organised in its own way, through their manifests alone.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    DepotConfig, DepotContents, Maquis, Report, contents::Contents as _, maintain, scan_all,
};
use mqd_model::{Change, ChangeSet, Label, NewNode, NewRelation, Node, NodeRef, Props, Uuid};
use mqd_store::Store;
use std::{fs, path::Path};

/// A folder with dépôts and the maquis they go to.
struct World {
    folder: tempfile::TempDir,
    maquis: Maquis,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            maquis: Maquis::open(Store::memory()).unwrap(),
        };
        for (path, text) in files {
            world.write(path, text.as_bytes());
        }
        world
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.folder.path().join(path)).unwrap();
    }

    fn depots(&self) -> Vec<DepotConfig> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| self.folder.path().join(name).join("depot.toml").exists())
            .collect();
        names.sort();
        names
            .into_iter()
            .map(|name| DepotConfig { path: name.into(), ..DepotConfig::default() })
            .collect()
    }

    fn run(&self) -> Report {
        let scans = scan_all(self.folder.path(), &self.depots()).unwrap();
        maintain(&scans, &self.maquis, false).unwrap()
    }

    fn contents(&self) -> DepotContents {
        DepotContents::new(scan_all(self.folder.path(), &self.depots()).unwrap())
    }

    fn titles(&self, label: Label) -> Vec<String> {
        self.maquis.graph().nodes(label).map(|node| node.title().to_owned()).collect()
    }

    fn node(&self, title: &str) -> Node {
        self.maquis
            .graph()
            .snapshot()
            .nodes
            .iter()
            .find(|node| node.title() == title)
            .unwrap_or_else(|| panic!("no node « {title} »"))
            .clone()
    }

    /// Relations as `title TYPE title`, sorted.
    fn relations(&self) -> Vec<String> {
        let graph = self.maquis.graph();
        let snapshot = graph.snapshot();
        let title =
            |id| snapshot.nodes.iter().find(|node| node.id == id).unwrap().title().to_owned();
        let mut out: Vec<String> = snapshot
            .relations
            .iter()
            .map(|r| format!("{} {} {}", title(r.from), r.kind, title(r.to)))
            .collect();
        out.sort();
        out
    }
}

/// Exercises in folders by chapter, French names, hints, a table of chapters in the manifest.
const CHAPTERS: &[(&str, &str)] = &[
    (
        "chapitres/depot.toml",
        r#"[depot]
name = "chapitres"
dates = "none"

[[table]]
name = "chapitres"
rows = { suites = "Suites de réels", limites = "Limites" }

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = "{chapitre} {n}"
key = "{chapitre}/{n}"
files.statement = "annee-*/{chapitre:word}/ex{n:digits}/sujet.tex"
files.hint = "annee-*/{chapitre:word}/ex{n:digits}/aide.tex"
files.answer = "annee-*/{chapitre:word}/ex{n:digits}/solution.tex"

[[kind.link]]
relation = "EVALUE"
to = "theme"
key = "{chapitre}"

[[kind]]
name = "theme"
label = "Concept"
type = "thème feuille exercices"
title = "{value}"
key = "{key}"
table = "chapitres"
"#,
    ),
    ("chapitres/annee-1/suites/ex1/sujet.tex", "Étudier $u_n=\\frac1n$."),
    ("chapitres/annee-1/suites/ex1/aide.tex", "Encadrer."),
    ("chapitres/annee-1/suites/ex1/solution.tex", "Elle tend vers $0$."),
    ("chapitres/annee-2/limites/ex12/sujet.tex", "Calculer une limite."),
    ("chapitres/annee-2/limites/notes.txt", "Ce fichier n'est pas du LaTeX."),
    ("chapitres/brouillon.tex", "Rien ne nomme ce fichier."),
];

/// One file for each theme, which holds several exercises, each with its parts between commands.
const SINGLE: &[(&str, &str)] = &[
    (
        "fiches/depot.toml",
        r#"[depot]
name = "fiches"
dates = "none"

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = ["{titre}", "{theme} {n}"]
key = "{theme}-{numero}"
files.body = "{theme:letters}.tex"
split = { environment = "exo" }
parts.statement = { command = "enonce" }
parts.hint = { command = "indication" }
parts.answer = { command = "corrige" }
fields.titre = { command = "titre" }
fields.numero = { command = "id" }

[[kind.link]]
relation = "EVALUE"
to = "notion"
each = { command = "notions", split = "," }

[[kind]]
name = "notion"
label = "Concept"
type = "objet mathématique"
title = "{value}"
"#,
    ),
    (
        "fiches/groupes.tex",
        "\\begin{exo}\\id{7}\\titre{Un sous-groupe}\\notions{groupe, sous-groupe}\n\
         \\enonce{Montrer que $2\\mathbb Z$ est un sous-groupe.}\n\
         \\indication{Penser à $0$.}\\corrige{Il contient {$0$} et \\emph{il est stable}.}\\end{exo}\n\
         \\begin{exo}\\id{9}\\notions{groupe}\\enonce{Trouver les éléments d'ordre 2.}\\end{exo}\n",
    ),
];

/// Several exercises a file, between commands of the author's own that open and close; a command
/// holds the number, the author and the date.
const OPENED: &[(&str, &str)] = &[
    (
        "banque/depot.toml",
        r#"[depot]
name = "banque"
dates = "none"

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = "Exercice {numero}"
key = "{numero}"
files.body = "fic{fiche:digits}.tex"
split = { start = '\exercice', end = '\finexercice' }
parts.statement = { start = '\enonce', end = '\finenonce' }
parts.hint = { start = '\indication', end = '\finindication' }
parts.answer = { start = '\correction', end = '\fincorrection' }
fields.numero = { command = "exercice", split = ",", item = 1 }
fields.auteur = { command = "exercice", split = ",", item = 2 }
fields.date = { command = "exercice", split = ",", item = 3 }
description = "{auteur}, {date}"

[[kind.link]]
relation = "CONTIENT"
from = "fiche"
key = "{fiche}"

[[kind]]
name = "fiche"
label = "Document"
type = "liste exercices"
title = ["{titre}", "Fiche {fiche}"]
key = "{fiche}"
files.body = "fic{fiche:digits}.tex"
fields.titre = { command = "titre" }
"#,
    ),
    (
        "banque/fic00001.tex",
        "\\titre{Récurrences}\n\\exercice{5, dupont, 1998/09/01}\n\\enonce Montrer.\n\\finenonce\n\\noindication\n\\nocorrection\n\\finexercice\n\
         \\exercice{12, durand, 2003/10/01}\n\\enonce\nCalculer.\n\\finenonce\n\\indication Penser à $n+1$.\\finindication\n\\correction\nFacile.\n\\fincorrection\n\\finexercice\n",
    ),
];

#[test]
fn a_depot_of_exercises_between_commands_works_through_its_manifest() {
    let world = World::new(OPENED);
    world.run();
    assert_eq!(world.titles(Label::Document), ["Exercice 12", "Exercice 5", "Récurrences"]);
    assert_eq!(
        world.relations(),
        ["Récurrences CONTIENT Exercice 12", "Récurrences CONTIENT Exercice 5"]
    );
    let node = world.node("Exercice 12");
    assert_eq!(node.text("description"), Some("durand, 2003/10/01"));
    let content = world.contents().content(&node).unwrap();
    let parts: Vec<&str> = content.parts.iter().map(|part| part.text.trim()).collect();
    assert_eq!(parts, ["Calculer.", "Penser à n + 1.", "Facile."]);
    // Remarks name the line of the file, not of the part.
    let text = OPENED[1].1.replace("Facile.", "Facile.\n\\inconnue");
    world.write("banque/fic00001.tex", text.as_bytes());
    let content = world.contents().content(&node).unwrap();
    let line = text.lines().position(|line| line.contains("inconnue")).unwrap() + 1;
    let lines: Vec<u32> = content.parts[2].remarks.iter().map(|remark| remark.line).collect();
    assert_eq!(lines, [u32::try_from(line).unwrap()], "{:?}", content.parts[2].remarks);
    let alone = world.contents().content(&world.node("Exercice 5")).unwrap();
    assert_eq!(alone.parts.len(), 1);
}

#[test]
fn a_depot_of_folders_works_through_its_manifest() {
    let world = World::new(CHAPTERS);
    let report = world.run();
    assert_eq!(world.titles(Label::Document), ["limites 12", "suites 1"]);
    assert_eq!(world.relations(), ["limites 12 EVALUE Limites", "suites 1 EVALUE Suites de réels"]);
    assert_eq!(
        report.ignored.iter().map(|(_, path, _)| path.as_str()).collect::<Vec<_>>(),
        ["brouillon.tex"]
    );
    let content = world.contents().content(&world.node("suites 1")).unwrap();
    let parts: Vec<&str> = content.parts.iter().map(|part| part.text.trim()).collect();
    assert_eq!(parts.len(), 3);
    assert!(parts[1].contains("Encadrer") && parts[2].contains("tend vers"), "{parts:?}");
}

#[test]
fn a_depot_of_single_files_works_through_its_manifest() {
    let world = World::new(SINGLE);
    world.run();
    assert_eq!(world.titles(Label::Document), ["Un sous-groupe", "groupes 2"]);
    assert_eq!(
        world.relations(),
        [
            "Un sous-groupe EVALUE groupe",
            "Un sous-groupe EVALUE sous-groupe",
            "groupes 2 EVALUE groupe"
        ]
    );
    let content = world.contents().content(&world.node("Un sous-groupe")).unwrap();
    let texts: Vec<&str> = content.parts.iter().map(|part| part.latex.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Montrer que $2\\mathbb Z$ est un sous-groupe.",
            "Penser à $0$.",
            "Il contient {$0$} et \\emph{il est stable}."
        ]
    );
}

#[test]
fn a_second_run_changes_nothing_and_identities_stay() {
    let world = World::new(&[CHAPTERS, SINGLE].concat());
    let first = world.run();
    assert!(first.changes.nodes_created >= 8, "{:?}", first.changes);
    let before: Vec<(i64, Option<Uuid>)> =
        world.maquis.graph().snapshot().nodes.iter().map(|n| (n.id, n.uuid)).collect();
    let again = world.run();
    assert_eq!(again.changes, mqd_model::Summary::default());
    // A changed text says so on its node; a changed title changes its node alone.
    let said = |title: &str| world.node(title).text("changement").map(str::to_owned);
    assert_eq!(said("suites 1").as_deref(), Some("nouveau document"));
    world.write("chapitres/annee-1/suites/ex1/sujet.tex", b"Autre chose.");
    assert_eq!(world.run().changes.nodes_created, 0);
    assert_eq!(said("suites 1").as_deref(), Some("énoncé modifié"));
    let file = "fiches/groupes.tex";
    let text = fs::read_to_string(world.folder.path().join(file)).unwrap();
    world.write(file, text.replace("\\titre{Un sous-groupe}", "\\titre{Les pairs}").as_bytes());
    let renamed = world.run();
    assert_eq!((renamed.changes.nodes_created, renamed.changes.nodes_deleted), (0, 0));
    assert_eq!(renamed.changes.nodes_updated, 1);
    assert_eq!(said("Les pairs").as_deref(), Some("titre modifié"));
    let after: Vec<(i64, Option<Uuid>)> =
        world.maquis.graph().snapshot().nodes.iter().map(|n| (n.id, n.uuid)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_dry_run_writes_nothing() {
    let world = World::new(CHAPTERS);
    let scans = scan_all(world.folder.path(), &world.depots()).unwrap();
    let report = maintain(&scans, &world.maquis, true).unwrap();
    assert!(!report.applied && report.changes.nodes_created == 4, "{report:?}");
    assert!(world.maquis.graph().snapshot().nodes.is_empty());
}

#[test]
fn what_people_made_stays_and_lost_links_are_told() {
    let world = World::new(CHAPTERS);
    world.run();
    let exercise = world.node("limites 12");
    let mine = Uuid::from_u128(7);
    let props = Props::from([
        ("typeConcept".to_owned(), "objet mathématique".into()),
        ("litteral".to_owned(), "epsilon".into()),
    ]);
    world
        .maquis
        .apply(&ChangeSet::new(vec![
            Change::CreateNode(NewNode { uuid: mine, labels: vec!["Concept".into()], props }),
            Change::CreateRelation(NewRelation {
                from: NodeRef::Id(exercise.id),
                kind: "EVALUE".into(),
                to: NodeRef::Uuid(mine),
                props: Props::new(),
            }),
        ]))
        .unwrap();
    assert_eq!(world.run().changes, mqd_model::Summary::default());
    assert!(world.relations().contains(&"limites 12 EVALUE epsilon".to_owned()));
    world.remove("chapitres/annee-2/limites/ex12/sujet.tex");
    let report = world.run();
    assert_eq!((report.changes.nodes_deleted, report.deleted.len()), (1, 1));
    assert!(report.remarks.iter().any(|remark| remark.contains("epsilon")), "{:?}", report.remarks);
    assert_eq!(world.node("epsilon").uuid, Some(mine));
}

#[test]
fn a_hand_made_concept_is_adopted_and_let_go() {
    let world = World::new(&[]);
    let mine = Uuid::from_u128(8);
    // Written with a straight apostrophe; the source gives a typographic one.
    let props = Props::from([
        ("typeConcept".to_owned(), "objet mathématique".into()),
        ("litteral".to_owned(), "limite d'une suite".into()),
    ]);
    world
        .maquis
        .apply(&ChangeSet::new(vec![Change::CreateNode(NewNode {
            uuid: mine,
            labels: vec!["Concept".into()],
            props,
        })]))
        .unwrap();
    for (path, text) in SINGLE {
        world.write(path, text.replace("sous-groupe}\n", "limite d'une suite}\n").as_bytes());
    }
    world.run();
    let adopted = world.maquis.graph().by_uuid(mine).unwrap().clone();
    assert_eq!(adopted.owners(), ["fiches"]);
    world.remove("fiches/groupes.tex");
    world.run();
    let left = world.maquis.graph().by_uuid(mine).unwrap().clone();
    assert!(left.owners().is_empty(), "{left:?}");
}

#[test]
fn texts_come_out_right_whatever_their_encoding() {
    let world = World::new(CHAPTERS);
    world.write("chapitres/annee-1/suites/ex2/sujet.tex", b"\xc9tudier la d\xe9riv\xe9e.");
    world.write("chapitres/annee-1/suites/ex3/sujet.tex", "\u{feff}Été à Noël.".as_bytes());
    world.write("chapitres/annee-1/suites/ex4/sujet.tex", b"\\'Etudier \\`a No\\\"el, \\c{c}a.");
    world.run();
    let contents = world.contents();
    for (title, wanted) in [
        ("suites 2", "Étudier la dérivée."),
        ("suites 3", "Été à Noël."),
        ("suites 4", "Étudier à Noël, ça."),
    ] {
        let content = contents.content(&world.node(title)).unwrap();
        assert_eq!(content.parts[0].text.trim(), wanted);
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_and_loops_are_not_followed() {
    use std::os::unix::fs::symlink;
    let world = World::new(CHAPTERS);
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "Un secret.").unwrap();
    let at = |path: &str| world.folder.path().join(path);
    fs::create_dir_all(at("chapitres/annee-1/suites/ex5")).unwrap();
    symlink(secret.path(), at("chapitres/annee-1/suites/ex5/sujet.tex")).unwrap();
    symlink(at("chapitres"), at("chapitres/annee-1/boucle")).unwrap();
    symlink(Path::new("/"), at("chapitres/annee-1/racine")).unwrap();
    world.run();
    assert!(!world.titles(Label::Document).contains(&"suites 5".to_owned()));
    assert_eq!(world.titles(Label::Document).len(), 2);
}

#[test]
fn a_figure_is_served_only_from_what_was_listed() {
    let world = World::new(CHAPTERS);
    world.write(
        "chapitres/annee-1/suites/ex1/dessin.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    );
    world.write("secret.svg", b"<svg/>");
    world.run();
    let contents = world.contents();
    let figure = contents.figure("chapitres", "annee-1/suites/ex1/dessin.svg").unwrap();
    assert_eq!(figure.media_type, "image/svg+xml");
    for path in ["../secret.svg", "annee-1/../../secret.svg", "/etc/passwd", "brouillon.tex", ""] {
        assert!(contents.figure("chapitres", path).is_none(), "{path}");
    }
    assert!(contents.figure("ailleurs", "annee-1/suites/ex1/dessin.svg").is_none());
}

#[test]
fn a_depot_that_is_left_out_keeps_its_nodes() {
    let world = World::new(&[CHAPTERS, SINGLE].concat());
    world.run();
    let before = world.maquis.graph().snapshot().nodes.len();
    let scans = scan_all(world.folder.path(), &world.depots()).unwrap();
    let some = mqd_depot::only(scans, &["fiches".to_owned()]).unwrap();
    let report = maintain(&some, &world.maquis, false).unwrap();
    assert_eq!(report.changes, mqd_model::Summary::default());
    assert_eq!(world.maquis.graph().snapshot().nodes.len(), before);
    let scans = scan_all(world.folder.path(), &world.depots()).unwrap();
    let unknown = mqd_depot::only(scans, &["fiche".to_owned()]).unwrap_err().to_string();
    assert!(unknown.contains("« fiche »") && unknown.contains("chapitres"), "{unknown}");
}

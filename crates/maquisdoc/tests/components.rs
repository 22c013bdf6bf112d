//! The four components as four processes, wired by their variables as a hosting platform does, and
//! what readers of the site see when one after another goes away.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Answer, Server, demo, fill, free_port, get, get_json, post, wait};
use serde_json::json;
use std::{collections::BTreeSet, path::Path, time::Duration};

/// Sentences of the notices (crates/site/locales/fr.toml).
const ASLEEP: &str = "Cette page montre ce qu’il disait en dernier";
const NO_SHEETS: &str = "aucune feuille ne peut être tirée";

struct Platform {
    site: Server,
    graphql: Server,
    rapidexo: Server,
    latex: Server,
}

/// Starts one component on a port that `PORT` names.
fn component(folder: &Path, name: &str, port: u16, env: &[(&str, &str)]) -> Server {
    let port = port.to_string();
    let mut all = vec![("PORT", port.as_str()), ("MQD_LOG", "error")];
    all.extend(env);
    let server = Server::start(folder, &all, &["--only", name]);
    assert!(server.url.ends_with(&format!(":{port}")), "{}: PORT is {port}", server.url);
    server
}

impl Platform {
    fn start(folder: &Path) -> Self {
        let latex = component(folder, "latex", free_port(), &[]);
        let rapidexo =
            component(folder, "rapidexo", free_port(), &[("MQD_LATEX_URL", latex.url.as_str())]);
        let graphql = component(folder, "graphql", free_port(), &[]);
        // The site knows the others by their addresses alone: it has no maquis and no dépôts.
        let alone = folder.join("seul");
        std::fs::create_dir_all(&alone).unwrap();
        let configuration = "[site]\ntitle = \"Le site seul\"\npages = \"../site/pages\"\n[site.rate]\nper_second = 0\n";
        std::fs::write(alone.join("maquisdoc.toml"), configuration).unwrap();
        let site = component(
            &alone,
            "site",
            free_port(),
            &[
                ("MQD_GRAPHQL_SERVER_URL", graphql.url.as_str()),
                ("FLASK_URL", rapidexo.url.as_str()),
                ("MQD_LATEX_URL", latex.url.as_str()),
            ],
        );
        assert!(!alone.join("data/maquis.sqlite").exists(), "the site made a maquis of its own");
        Self { site, graphql, rapidexo, latex }
    }

    fn page(&self, path: &str) -> Answer {
        get(&format!("{}{path}", self.site.url))
    }

    #[track_caller]
    fn shows(&self, path: &str, words: &[&str]) -> Answer {
        let answer = self.page(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        for word in words {
            assert!(answer.body.contains(word), "{path}: no « {word} » in {}", answer.body);
        }
        answer
    }
}

/// The local addresses that a page links to or shows.
fn links(body: &str) -> BTreeSet<String> {
    [" href=\"", " src=\""]
        .iter()
        .flat_map(|attribute| body.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| link.starts_with('/') && !link.starts_with("//"))
        .map(|link| link.split('#').next().unwrap_or_default().replace("&amp;", "&"))
        .collect()
}

#[test]
fn four_processes_are_one_platform_and_miss_each_other_gracefully() {
    let folder = demo();
    fill(folder.path(), &[]);
    let mut platform = Platform::start(folder.path());

    // Health, of each on its own.
    for server in [&platform.site, &platform.graphql, &platform.rapidexo, &platform.latex] {
        assert_eq!(get(&format!("{}/healthz", server.url)).body, "ok", "{}", server.url);
    }
    for server in [&platform.site, &platform.graphql, &platform.rapidexo] {
        let ready = get_json(&format!("{}/readyz", server.url));
        assert_eq!((&ready["ready"], &ready["stale"]), (&json!(true), &json!(false)), "{ready}");
    }

    // A walk: every page that the title page links to, and every page that those link to.
    let home = platform.shows("/", &["Le site seul", "Suites"]);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut walked = Vec::new();
    let mut next = links(&home.body);
    for _ in 0..2 {
        let now: Vec<String> =
            next.iter().filter(|link| seen.insert((*link).clone())).cloned().collect();
        next = BTreeSet::new();
        for link in now {
            let answer = platform.page(&link);
            assert!(
                matches!(answer.status, 200 | 303 | 308),
                "{link}: {} {}",
                answer.status,
                answer.body
            );
            if answer.status == 200 && answer.body.starts_with("<!") {
                next.extend(links(&answer.body));
                walked.push(link);
            }
        }
    }
    assert!(walked.len() > 60, "only {} pages", walked.len());
    let figures: Vec<_> = next.iter().filter(|link| link.starts_with("/figures/")).collect();
    assert!(!figures.is_empty(), "no picture was met: {next:?}");
    for figure in figures {
        let answer = platform.page(figure);
        assert!(
            answer.status == 200 && answer.body.contains("<svg"),
            "{figure}: {}",
            answer.status
        );
    }

    // Through the site: the API, and a sheet with its PDF, compiled by the fourth process.
    let answer = post(
        &format!("{}/graphql", platform.site.url),
        None,
        &json!({ "query": "{ maquis { version } }" }),
    );
    assert!(answer.body.contains("version"), "{}", answer.body);
    let start = platform.page("/vues/rapidexo/nouvelle?k.Calcul=2");
    assert_eq!(start.status, 303, "{}", start.body);
    let sheet = start.body;
    let page = platform.shows(&sheet, &["/api/rapidexo/"]);
    let pdf = links(&page.body).into_iter().find(|link| link.contains(".pdf")).expect("a PDF");
    let answer = platform.page(&pdf);
    assert_eq!(answer.status, 200, "{pdf}: {}", answer.body);
    assert!(answer.body.starts_with("%PDF"));

    // No compile service: sheets are still drawn and read; a PDF says in a sentence why not.
    platform.latex.kill();
    platform.shows(&sheet, &["/api/rapidexo/"]);
    let other = platform.page("/vues/rapidexo/nouvelle?k.Calcul=3").body;
    let page = platform.shows(&other, &[]);
    let pdf = links(&page.body).into_iter().find(|link| link.contains(".pdf")).unwrap();
    let answer = platform.page(&pdf);
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("le service de compilation ne répond pas"), "{}", answer.body);

    // No sheet server: a notice, the themes to read; a sheet that was seen is still there.
    platform.rapidexo.kill();
    let page = platform.shows("/vues/rapidexo", &[NO_SHEETS, "class=\"notice\""]);
    let theme = links(&page.body).into_iter().find(|link| link.starts_with("/document/"));
    assert!(theme.is_some(), "no theme to read: {}", page.body);
    platform.shows(&sheet, &[]);
    let unseen = platform.page("/vues/rapidexo/nouvelle?k.Calcul=4");
    assert_eq!(unseen.status, 200);
    assert!(unseen.body.contains(NO_SHEETS), "{}", unseen.body);
    assert!(!platform.shows("/", &[]).body.contains(NO_SHEETS));

    // No API: every page that was read is still there, with a notice; nothing fails.
    platform.graphql.kill();
    wait("the notice", Duration::from_secs(10), || {
        platform.page("/vues/listecours").body.contains(ASLEEP)
    });
    for link in walked.iter().filter(|link| *link != "/graphql") {
        let answer = platform.page(link);
        assert!(matches!(answer.status, 200 | 303), "{link}: {}", answer.status);
    }
    platform.shows("/", &[ASLEEP, "Suites"]);
    platform.shows("/projet", &["class=\"notice\""]);
    assert_eq!(get(&format!("{}/healthz", platform.site.url)).body, "ok");
    // What was never read says friendly that it cannot be shown now.
    let unseen = platform.page("/vues/recherche?q=introuvable-jusqu-ici");
    assert_eq!(unseen.status, 503);
    assert!(unseen.body.contains("<h1>Le maquis ne répond pas</h1>"), "{}", unseen.body);
    assert!(!unseen.body.contains(ASLEEP), "{}", unseen.body);

    // Back again, on the same addresses: the notices go without a restart of the site.
    let port = |server: &Server| server.url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    platform.graphql = component(folder.path(), "graphql", port(&platform.graphql), &[]);
    platform.rapidexo = component(folder.path(), "rapidexo", port(&platform.rapidexo), &[]);
    wait("the end of the notice", Duration::from_secs(10), || {
        !platform.page("/vues/listecours").body.contains(ASLEEP)
    });
    assert!(!platform.shows("/vues/rapidexo", &[]).body.contains(NO_SHEETS));
    assert_eq!(platform.page("/vues/recherche?q=introuvable-jusqu-ici").status, 200);
}

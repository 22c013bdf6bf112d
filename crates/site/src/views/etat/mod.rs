//! The state of the maquis: what it holds, and where it breaks its own rules.

use super::prelude::*;

super::question!("etat");

#[derive(Deserialize)]
struct Data {
    maquis: Maquis,
    coherence: Vec<Finding>,
}

#[derive(Deserialize)]
struct Maquis {
    version: String,
    comptes: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    label: String,
    genre: String,
    nombre: usize,
}

#[derive(Deserialize)]
struct Finding {
    regle: String,
    phrase: String,
    detail: Option<String>,
    noeuds: Vec<NodeLink>,
}

/// A rule and what breaks it.
struct Rule {
    name: String,
    phrase: String,
    findings: Vec<Finding>,
}

#[derive(Template)]
#[template(path = "etat/etat.html")]
struct View {
    p: Frame,
    maquis: Maquis,
    rules: Vec<Rule>,
    total: usize,
}

/// Findings of one rule on the page.
const SHOWN: usize = 50;

/// `GET /projet/etat`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data: Data = ctx.ask(&QUESTION, json!({})).await?;
    let total = data.coherence.len();
    let mut rules: Vec<Rule> = Vec::new();
    for finding in data.coherence {
        match rules.iter_mut().find(|rule| rule.name == finding.regle) {
            Some(rule) => rule.findings.push(finding),
            None => rules.push(Rule {
                name: finding.regle.clone(),
                phrase: finding.phrase.clone(),
                findings: vec![finding],
            }),
        }
    }
    let title = ctx.lang.t("menu.etat");
    let p = Frame::new(&ctx, title)
        .crumb(ctx.lang.t("menu.le-projet"), "/projet")
        .crumb(title, "/projet/etat");
    Page::html(&View { p, maquis: data.maquis, rules, total })
}

//! `deploy spec`: the app spec of DigitalOcean's App Platform, from the configuration. It names
//! secrets and never holds one: their values are entered on the platform.

use super::print_json;
use crate::{
    cli,
    config::{
        Settings,
        env::Env,
        vars::{self, Var},
    },
};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Variables that every deployment has, in the order of the platform of today; those of type
/// SECRET are entered on the platform.
const SECRETS: [&Var; 6] = [
    &vars::NEO4J_URL,
    &vars::NEO4J_USERNAME,
    &vars::NEO4J_PASSWORD,
    &vars::GITHUB_TOKEN,
    &vars::GITHUB_USER,
    &vars::MQD_ADMIN_TOKEN,
];

/// Variables that say something about one machine, or that the spec sets itself.
const NOT_SENT: [&Var; 11] = [
    &vars::FLASK_ENV,
    &vars::FLASK_APP,
    &vars::MQD_GRAPHQL_SERVER_URL,
    &vars::FLASK_URL,
    &vars::MQD_LATEX_URL,
    &vars::MQD_CONFIG,
    &vars::MQD_DATA,
    &vars::MQD_LISTEN,
    &vars::PORT,
    &vars::MQD_UNSANDBOXED,
    &vars::MQD_TRUST_PROXY,
];

/// Variables of the space, where files go to one; they are secrets too.
const SPACE: [&Var; 2] = [&vars::AWS_ACCESS_KEY_ID, &vars::AWS_SECRET_ACCESS_KEY];

/// The header in which the platform's own proxies name the reader; the last entry of their
/// `X-Forwarded-For` is one of themselves.
const READER: &str = "do-connecting-ip";

/// Prints the spec.
pub fn spec(settings: &Settings, options: &cli::DeploySpec) -> eyre::Result<ExitCode> {
    let env = Env::read(&settings.folder)?;
    let spec = app_spec(settings, &env, options);
    if options.json {
        print_json(&spec)?;
    } else {
        print!("{HEADING}{}", yaml(&spec));
    }
    Ok(ExitCode::SUCCESS)
}

const HEADING: &str = "\
# App spec for DigitalOcean App Platform: three services from one image. `maquisdoc deploy spec`
# prints it from your configuration; the values of the secrets are entered on the platform.
# The platform's disks are emptied at each deployment: docs/DEPLOYMENT.md says what to keep elsewhere.
";

fn app_spec(settings: &Settings, env: &Env, options: &cli::DeploySpec) -> Value {
    let mut spec = Map::new();
    spec.insert("name".to_owned(), json!(options.name));
    spec.insert("region".to_owned(), json!(options.region));
    if let Some(host) = settings.base_url.as_ref().and_then(|url| url.domain()) {
        spec.insert("domains".to_owned(), json!([{ "domain": host, "type": "PRIMARY" }]));
    }
    // Pages are to be read without JavaScript, which the platform's hiding of addresses needs.
    spec.insert("disable_email_obfuscation".to_owned(), json!(true));
    spec.insert("envs".to_owned(), Value::Array(envs(settings, env)));
    let route = |prefix: &str, component: &str| {
        json!({
            "match": { "path": { "prefix": prefix } },
            "component": { "name": component, "preserve_path_prefix": true },
        })
    };
    // Everything else reaches the other components through the site.
    let rules = [
        ("/graphql", "graphql"),
        ("/admin/refresh", "graphql"),
        ("/api/rapidexo", "rapidexo"),
        ("/hooks/github", "rapidexo"),
        ("/", "site"),
    ];
    let rules: Vec<Value> = rules.map(|(prefix, component)| route(prefix, component)).into();
    spec.insert("ingress".to_owned(), json!({ "rules": rules }));
    let service = |name: &str, size: &str| {
        json!({
            "name": name,
            "git": { "repo_clone_url": options.git, "branch": options.branch },
            "dockerfile_path": "Dockerfile",
            "run_command": format!("maquisdoc serve --only {name}"),
            "http_port": 8000,
            "instance_count": 1,
            "instance_size_slug": size,
            "health_check": { "http_path": "/healthz", "initial_delay_seconds": 20 },
            "envs": [{ "key": "PORT", "scope": "RUN_TIME", "value": "8000" }],
        })
    };
    let services = [
        service("site", "apps-s-1vcpu-0.5gb"),
        service("graphql", "apps-s-1vcpu-1gb"),
        service("rapidexo", "apps-s-1vcpu-1gb"),
    ];
    spec.insert("services".to_owned(), json!(services));
    Value::Object(spec)
}

/// The variables of the app: for all components, as the platform of today has them.
fn envs(settings: &Settings, env: &Env) -> Vec<Value> {
    let public = |name: &str, scope: &str, value: &str| json!({ "key": name, "scope": scope, "value": value });
    let secret = |name: &str| json!({ "key": name, "scope": "RUN_TIME", "type": "SECRET" });
    let mut envs = vec![public("FLASK_ENV", "RUN_TIME", "production")];
    // What the site counts its requests by.
    envs.push(public(vars::MQD_TRUST_PROXY.name, "RUN_TIME", READER));
    envs.extend(SECRETS.iter().map(|var| secret(var.name)));
    let space = !settings.file.publish.is_folder() || settings.backups.contains("://");
    let space = if space { &SPACE[..] } else { &[] };
    envs.extend(space.iter().map(|var| secret(var.name)));
    let named =
        |var: &Var| SECRETS.iter().chain(space).chain(&NOT_SENT).any(|o| o.name == var.name);
    for var in vars::ALL.iter().filter(|var| !named(var)) {
        if let Some(value) = env.get(var) {
            envs.push(if var.secret {
                secret(var.name)
            } else {
                public(var.name, "RUN_TIME", value)
            });
        }
    }
    for (var, value) in [
        (&vars::MQD_GRAPHQL_SERVER_URL, "${graphql.PRIVATE_URL}"),
        (&vars::FLASK_URL, "${rapidexo.PRIVATE_URL}"),
    ] {
        envs.push(public(var.name, "RUN_AND_BUILD_TIME", value));
    }
    envs
}

/// JSON as YAML of the plainest kind.
fn yaml(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                out.push_str(&format!("{indent}{name}:"));
                below(value, depth + 1, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                // The first line of an item stands after its dash.
                let mut inner = String::new();
                block(item, depth + 1, &mut inner);
                let (_, first) = inner.split_at(indent.len() + 2);
                out.push_str(&format!("{indent}- {first}"));
            }
        }
        scalar => out.push_str(&format!("{indent}{}\n", plain(scalar))),
    }
}

fn below(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(_) | Value::Array(_) => {
            out.push('\n');
            block(value, depth, out);
        }
        scalar => out.push_str(&format!(" {}\n", plain(scalar))),
    }
}

/// A scalar. A text that YAML could take for something else is quoted as JSON quotes it.
fn plain(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '$'));
    let harmless = |c: char| c.is_ascii_alphanumeric() || "/.-_ ${}:".contains(c);
    let word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let safe = starts_well
        && text.chars().all(harmless)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !word.contains(&text.to_ascii_lowercase().as_str());
    if safe { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_of_the_plainest_kind() {
        let value = json!({
            "a": "text", "b": "8000", "c": 8000, "d": ["x", { "e": "no", "f": ["${g.URL}"] }], "h": {},
            "i": "https://example.org/a b", "j": "a: b", "k": "été",
        });
        let wanted = "a: text\nb: \"8000\"\nc: 8000\nd:\n  - x\n  - e: \"no\"\n    f:\n      - ${g.URL}\nh:\n\
                      i: https://example.org/a b\nj: \"a: b\"\nk: \"été\"\n";
        assert_eq!(yaml(&value), wanted);
    }
}

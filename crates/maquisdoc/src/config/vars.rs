//! Every environment variable, in one table: `maquisdoc env` prints it, `docs/ENVIRONMENT.md` is
//! it, and reading a variable that is not in it does not compile.

/// One environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Var {
    /// Its name.
    pub name: &'static str,
    /// The components that read it.
    pub component: &'static str,
    /// When it must be set.
    pub required: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What it is.
    pub help: &'static str,
}

macro_rules! vars {
    ($($ident:ident: $component:literal, $required:literal, $default:literal, $secret:ident, $help:literal;)*) => {
        $(pub const $ident: Var = Var {
            name: stringify!($ident),
            component: $component,
            required: $required,
            default: $default,
            secret: vars!(@ $secret),
            help: $help,
        };)*

        /// The whole table.
        pub const ALL: &[Var] = &[$($ident),*];
    };
    (@ secret) => { true };
    (@ public) => { false };
}

vars! {
    NEO4J_URL: "graphql", "the graph is kept in Neo4j", "none: the embedded store", public,
        "Bolt address of Neo4j or Aura (`bolt://`, `bolt+s://`, `bolt+ssc://`, `neo4j://`, `neo4j+s://`)";
    NEO4J_USERNAME: "graphql", "`NEO4J_URL` is set", "`neo4j`", public, "User of that database";
    NEO4J_PASSWORD: "graphql", "`NEO4J_URL` is set", "", secret, "Password of that user";
    NEO4J_DATABASE: "graphql", "", "the server's home database", public, "Name of the database";
    MQD_GRAPHQL_SERVER_URL: "site", "the site runs without `graphql`", "in process", public,
        "Address of the GraphQL server";
    FLASK_URL: "site", "the site runs without `rapidexo`", "in process", public,
        "Address of the sheet server";
    FLASK_ENV: "all", "", "`production`", public,
        "`development`: verbose errors, pages never cached, a new start when the program, the pages or the sources change; `production`: dangerous settings are refused";
    FLASK_APP: "rapidexo", "", "", public, "Accepted so that a deployed app spec keeps working; not needed";
    GITHUB_TOKEN: "rapidexo", "a dépôt on GitHub is private or often read", "anonymous", secret,
        "Token that reads the configured repositories, used for nothing else";
    GITHUB_USER: "rapidexo", "", "", public, "Owner of the repositories that are named without one";
    GITHUB_API_URL: "rapidexo", "", "`https://api.github.com`", public, "Address of the GitHub API";
    MQD_HOOK_SECRET: "rapidexo", "GitHub's hooks are wanted", "none: `/hooks/github` is off", secret,
        "Secret under which GitHub signs what it sends to `/hooks/github`";
    MQD_ADMIN_TOKEN: "graphql", "mutations are wanted", "none: mutations are off", secret,
        "Token of mutations and of `/admin/…`";
    MQD_CONFIG: "all", "", "`maquisdoc.toml` here or in a folder above", public, "The configuration file";
    MQD_DATA: "all", "", "`data` beside the configuration file", public,
        "Folder of the embedded store, the caches and the published files";
    MQD_LISTEN: "all", "", "`127.0.0.1:8000`", public, "Address to listen on";
    PORT: "all", "", "", public, "Port to listen on, on all addresses (as hosting platforms set it)";
    MQD_REFRESH: "graphql", "", "`60`", public, "Seconds between two looks at whether the database changed; 0 never looks";
    MQD_KEEPALIVE: "graphql", "", "off", public, "Hours between two writes that keep a free Aura database awake";
    MQD_LATEX_URL: "rapidexo", "sheets are compiled elsewhere", "in process", public, "Address of the compile service";
    MQD_LATEX_ORIGINS: "latex", "", "GitHub and the sheet server", public,
        "Origins that `url=` and `git=` may fetch from, separated by commas";
    MQD_UNSANDBOXED: "latex", "", "`0`", public,
        "`1` runs TeX without bubblewrap, for trusted local sources only; refused in production";
    MQD_BASE_URL: "site", "", "`site.base_url` of the configuration file", public, "Public address of the site";
    MQD_TRUST_PROXY: "site", "a proxy stands before the site", "`site.trust_proxy` of the configuration file, else `false`", public,
        "`true`, or the header that names the reader (`do-connecting-ip`): docs/SITE.md";
    MQD_BACKUP: "doctor", "", "`backups` in the data folder", public, "Folder or `s3://` address where backups are kept";
    MQD_LOG: "all", "", "`info`", public, "What is logged (`warn`, `debug`, `mqd_site=debug` …)";
    MQD_LOG_FORMAT: "all", "", "`text`", public, "`json` for machines";
    AWS_ACCESS_KEY_ID: "maintain, backup", "files go to an S3-compatible space", "", secret, "Key of the space";
    AWS_SECRET_ACCESS_KEY: "maintain, backup", "files go to an S3-compatible space", "", secret, "Secret of the space";
    AWS_ENDPOINT_URL: "maintain, backup", "", "Amazon's", public, "Address of the S3-compatible service";
    AWS_REGION: "maintain, backup", "", "`us-east-1`", public, "Region of the space";
    AWS_ALLOW_HTTP: "maintain, backup", "", "`false`", public, "`true` allows an address of the space without TLS, for a server of one's own";
}

/// The table as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "| variable | component | required when | default | secret | what it is |\n|---|---|---|---|---|---|\n",
    );
    for var in ALL {
        let secret = if var.secret { "yes" } else { "" };
        out.push_str(&format!(
            "| `{}` | {} | {} | {} | {secret} | {} |\n",
            var.name, var.component, var.required, var.default, var.help
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ENVIRONMENT.md");
        let text = std::fs::read_to_string(path).expect("docs/ENVIRONMENT.md is there");
        assert!(
            text.contains(&super::markdown()),
            "docs/ENVIRONMENT.md is not what `maquisdoc env --markdown` prints"
        );
    }
}

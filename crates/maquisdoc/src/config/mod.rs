//! The configuration: flags over environment over `.env` over `maquisdoc.toml` over defaults.

pub mod env;
mod file;
pub mod vars;

use crate::cli;
use env::{Env, EnvError};
pub use file::File;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use url::{Host, Url};

/// A token that is shorter can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// What makes a configuration unusable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable is wrong.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// The configuration file is wrong; the message names the line.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
    /// A setting that production refuses.
    #[error(
        "production refuses {name}: {reason}; set FLASK_ENV=development on a machine of your own"
    )]
    Dangerous {
        /// The setting.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
}

/// How the platform runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Verbose errors, nothing cached.
    Development,
    /// Dangerous settings are refused.
    Production,
}

/// Where the maquis is kept.
#[derive(Debug, Clone)]
pub enum StoreAt {
    /// In a SQLite file.
    File(PathBuf),
    /// In Neo4j.
    Neo4j(Neo4j),
}

/// How Neo4j is reached.
#[derive(Debug, Clone)]
pub struct Neo4j {
    /// Bolt address.
    pub url: String,
    /// User.
    pub username: String,
    /// Password.
    pub password: SecretString,
    /// Database, when it is not the user's home database.
    pub database: Option<String>,
}

impl Neo4j {
    /// The same, as the store wants it.
    #[must_use]
    pub fn config(&self) -> mqd_store::Neo4jConfig {
        mqd_store::Neo4jConfig {
            url: self.url.clone(),
            username: self.username.clone(),
            password: mqd_store::Secret::new(self.password.expose_secret()),
            database: self.database.clone(),
        }
    }
}

/// Everything the commands need, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The configuration file, when there is one.
    pub path: Option<PathBuf>,
    /// Its folder, or the current one.
    pub folder: PathBuf,
    /// What the file says.
    pub file: File,
    /// Folder of the embedded store, caches and published files.
    pub data: PathBuf,
    /// How the platform runs.
    pub mode: Mode,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the maquis is kept.
    pub store: StoreAt,
    /// Between two looks at the store; `None` never looks.
    pub refresh: Option<Duration>,
    /// Between two writes that keep the database awake.
    pub keepalive: Option<Duration>,
    /// GraphQL elsewhere.
    pub graphql_url: Option<Url>,
    /// Sheet server elsewhere.
    pub rapidexo_url: Option<Url>,
    /// Compile service elsewhere.
    pub latex_url: Option<Url>,
    /// Origins that the compile service may fetch from, besides the defaults.
    pub latex_origins: Vec<Url>,
    /// Run TeX without a sandbox.
    pub unsandboxed: bool,
    /// Public address of the site.
    pub base_url: Option<Url>,
    /// Where backups are kept.
    pub backups: String,
    /// The variables of an S3-compatible space, by their names.
    pub space: Vec<(&'static str, SecretString)>,
    /// Token of mutations.
    pub admin_token: Option<SecretString>,
    /// GitHub.
    pub github: Github,
    /// Secret of GitHub's hooks.
    pub hook_secret: Option<SecretString>,
    /// `FLASK_APP` is set, which nothing needs.
    pub flask_app: bool,
    /// What is logged.
    pub log: String,
    /// Log lines are JSON.
    pub log_json: bool,
}

/// How GitHub is reached.
#[derive(Debug, Clone)]
pub struct Github {
    /// Address of its API.
    pub api: Url,
    /// Owner of repositories that are named without one.
    pub user: Option<String>,
    /// Token.
    pub token: Option<SecretString>,
}

/// The variables of an S3-compatible space.
const SPACE: [&vars::Var; 5] = [
    &vars::AWS_ACCESS_KEY_ID,
    &vars::AWS_SECRET_ACCESS_KEY,
    &vars::AWS_ENDPOINT_URL,
    &vars::AWS_REGION,
    &vars::AWS_ALLOW_HTTP,
];

impl Settings {
    /// The variables of the space in clear, for the client that signs with them.
    pub fn space(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.space
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.expose_secret().to_owned()))
    }

    /// Resolves the configuration.
    ///
    /// # Errors
    /// [`ConfigError`] when a variable or the file is wrong, or production refuses a setting.
    pub fn resolve(config: Option<&Path>, listen: Option<SocketAddr>) -> Result<Self, ConfigError> {
        let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let before = Env::read(&here)?;
        let path = match config
            .map(Path::to_path_buf)
            .or_else(|| before.get(&vars::MQD_CONFIG).map(PathBuf::from))
        {
            Some(path) => Some(path),
            None => {
                here.ancestors().map(|dir| dir.join("maquisdoc.toml")).find(|path| path.is_file())
            }
        };
        let folder = match &path {
            Some(path) => {
                let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
                parent.unwrap_or(&here).to_path_buf()
            }
            None => here.clone(),
        };
        let env = if folder == here { before } else { Env::read(&folder)? };
        let file = match &path {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        Self::from_parts(path, folder, file, &env, listen)
    }

    fn from_parts(
        path: Option<PathBuf>,
        folder: PathBuf,
        mut file: File,
        env: &Env,
        listen: Option<SocketAddr>,
    ) -> Result<Self, ConfigError> {
        let mode = match env.get(&vars::FLASK_ENV) {
            None | Some("production") => Mode::Production,
            Some("development") => Mode::Development,
            Some(other) => {
                let reason = format!("« {other} » is neither `development` nor `production`");
                return Err(EnvError::Bad { name: "FLASK_ENV", reason }.into());
            }
        };
        let data = folder.join(env.get(&vars::MQD_DATA).unwrap_or("data"));
        let store = match env.get(&vars::NEO4J_URL) {
            Some(url) => StoreAt::Neo4j(Neo4j {
                url: url.to_owned(),
                username: env.get(&vars::NEO4J_USERNAME).unwrap_or("neo4j").to_owned(),
                password: {
                    env.required(&vars::NEO4J_PASSWORD)?;
                    env.secret(&vars::NEO4J_PASSWORD).unwrap_or_default()
                },
                database: env.get(&vars::NEO4J_DATABASE).map(str::to_owned),
            }),
            None => StoreAt::File(data.join("maquis.sqlite")),
        };
        let listen = match (listen, env.parsed::<u16>(&vars::PORT)?) {
            (Some(listen), _) => listen,
            (None, Some(port)) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
            (None, None) => env
                .parsed(&vars::MQD_LISTEN)?
                .unwrap_or_else(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000)),
        };
        let unsandboxed = env.get(&vars::MQD_UNSANDBOXED) == Some("1");
        if unsandboxed && mode == Mode::Production {
            return Err(ConfigError::Dangerous {
                name: "MQD_UNSANDBOXED=1",
                reason: "a LaTeX source could read and write the whole machine",
            });
        }
        let admin_token = env.secret(&vars::MQD_ADMIN_TOKEN);
        let short = |token: &SecretString| token.expose_secret().len() < SHORTEST_TOKEN;
        if mode == Mode::Production && admin_token.as_ref().is_some_and(short) {
            return Err(ConfigError::Dangerous {
                name: "an MQD_ADMIN_TOKEN of fewer than 16 characters",
                reason: "whoever guesses it can change the maquis (`openssl rand -hex 24` makes one)",
            });
        }
        if let Some(trust) = env.parsed(&vars::MQD_TRUST_PROXY)? {
            file.site.trust_proxy = trust;
        }
        let refresh = env.parsed::<u64>(&vars::MQD_REFRESH)?.unwrap_or(60);
        let api = env
            .parsed::<Url>(&vars::GITHUB_API_URL)?
            .unwrap_or_else(|| Url::parse("https://api.github.com").expect("a constant address"));
        let github_token = env.secret(&vars::GITHUB_TOKEN);
        if mode == Mode::Production && github_token.is_some() && in_clear(&api) {
            return Err(ConfigError::Dangerous {
                name: "a GITHUB_API_URL without TLS beside GITHUB_TOKEN",
                reason: "the token could be read by whoever is on the way",
            });
        }
        Ok(Self {
            refresh: (refresh > 0).then(|| Duration::from_secs(refresh)),
            keepalive: env
                .parsed::<u64>(&vars::MQD_KEEPALIVE)?
                .filter(|hours| *hours > 0)
                .map(|hours| Duration::from_secs(hours * 3600)),
            graphql_url: env.parsed(&vars::MQD_GRAPHQL_SERVER_URL)?,
            rapidexo_url: env.parsed(&vars::FLASK_URL)?,
            latex_url: env.parsed(&vars::MQD_LATEX_URL)?,
            latex_origins: origins(env)?,
            base_url: env.parsed(&vars::MQD_BASE_URL)?,
            backups: env
                .get(&vars::MQD_BACKUP)
                .map_or_else(|| data.join("backups").display().to_string(), str::to_owned),
            space: SPACE.iter().filter_map(|var| Some((var.name, env.secret(var)?))).collect(),
            admin_token,
            hook_secret: env.secret(&vars::MQD_HOOK_SECRET),
            github: Github {
                api,
                user: env.get(&vars::GITHUB_USER).map(str::to_owned),
                token: github_token,
            },
            flask_app: env.get(&vars::FLASK_APP).is_some(),
            log: env.get(&vars::MQD_LOG).unwrap_or("info").to_owned(),
            log_json: env.get(&vars::MQD_LOG_FORMAT) == Some("json"),
            path,
            folder,
            file,
            data,
            mode,
            listen,
            store,
            unsandboxed,
        })
    }
}

/// Whether what is sent there leaves this machine without TLS.
fn in_clear(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !here
}

fn origins(env: &Env) -> Result<Vec<Url>, EnvError> {
    env.get(&vars::MQD_LATEX_ORIGINS)
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(|origin| {
            Url::parse(origin).map_err(|error| EnvError::Bad {
                name: vars::MQD_LATEX_ORIGINS.name,
                reason: format!("« {origin} »: {error}"),
            })
        })
        .collect()
}

/// The settings of a command.
///
/// # Errors
/// [`ConfigError`], see [`Settings::resolve`].
pub fn settings(cli: &cli::Cli) -> Result<Settings, ConfigError> {
    let listen = match &cli.command {
        cli::Command::Serve(serve) => serve.listen,
        _ => None,
    };
    Settings::resolve(cli.config.as_deref(), listen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_parts(None, PathBuf::from("."), File::default(), &Env::of(pairs), None)
    }

    #[test]
    fn defaults_are_an_embedded_store_on_loopback() {
        let settings = resolve(&[]).unwrap();
        assert!(matches!(settings.store, StoreAt::File(_)));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(settings.mode, Mode::Production);
    }

    #[test]
    fn errors_name_the_variable() {
        for (pairs, wanted) in [
            (vec![("NEO4J_URL", "bolt://localhost")], "NEO4J_PASSWORD"),
            (vec![("PORT", "http")], "PORT"),
            (vec![("FLASK_ENV", "prod")], "FLASK_ENV"),
            (vec![("FLASK_URL", "not an address")], "FLASK_URL"),
            (vec![("MQD_LATEX_ORIGINS", "https://ok.example, nope")], "MQD_LATEX_ORIGINS"),
            (vec![("MQD_UNSANDBOXED", "1")], "MQD_UNSANDBOXED"),
            (vec![("MQD_TRUST_PROXY", "oui")], "MQD_TRUST_PROXY"),
        ] {
            let message = resolve(&pairs).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn port_listens_everywhere_and_secrets_do_not_print() {
        let settings = resolve(&[
            ("PORT", "8080"),
            ("NEO4J_URL", "bolt://localhost"),
            ("NEO4J_PASSWORD", "hunter2"),
            ("GITHUB_TOKEN", "hunter2"),
            ("MQD_ADMIN_TOKEN", "hunter2-hunter2-hunter2"),
        ])
        .unwrap();
        assert_eq!(settings.listen.to_string(), "0.0.0.0:8080");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}

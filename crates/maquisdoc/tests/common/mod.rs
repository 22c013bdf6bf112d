//! The real binary, run as people run it, in folders of its own.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses some of it")]

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The folder of the repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The binary in a folder, with these variables and no others of ours.
pub fn maquisdoc(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maquisdoc"));
    command.env_clear().current_dir(folder).args(args);
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(env.iter().copied());
    command
}

/// Runs it to its end.
pub fn run(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Output {
    maquisdoc(folder, env, args).output().unwrap()
}

/// Runs it to its end, which must be good; what it prints.
pub fn ok(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> String {
    let output = run(folder, env, args);
    assert!(output.status.success(), "maquisdoc {args:?}: {}", everything(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// All that it printed.
pub fn everything(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A copy of the demonstration, without a maquis.
pub fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(ROOT).join("demo"), folder.path());
    // A test asks more of a server than any reader.
    let path = folder.path().join("maquisdoc.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{text}\n[site.rate]\nper_second = 0\n")).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            if entry.file_name() != "data" {
                fs::create_dir(&target).unwrap();
                copy(&path, &target);
            }
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// Fills the maquis of a copy of the demonstration.
pub fn fill(folder: &Path, env: &[(&str, &str)]) {
    let import = ["import", "--nodes", "maquis/noeuds.csv", "--relations", "maquis/relations.csv"];
    ok(folder, env, &import);
    ok(folder, env, &["maintain", "--no-compile"]);
}

/// A server of ours; killed when dropped.
pub struct Server {
    child: Child,
    /// Without a slash at its end.
    pub url: String,
}

impl Server {
    /// Starts `serve` on a free port and waits until it listens.
    pub fn start(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Self {
        let mut all = vec!["serve"];
        all.extend(args);
        if !env.iter().any(|(name, _)| *name == "PORT") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        let mut child = maquisdoc(folder, env, &all)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("maquisdoc: ").unwrap_or_default();
        assert!(url.starts_with("http://"), "serve {args:?} does not start: {line}");
        let url = url.trim_end_matches('/').replace("0.0.0.0", "127.0.0.1");
        Self { child, url }
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a page or an API answers.
pub struct Answer {
    pub status: u16,
    pub stale: Option<String>,
    pub body: String,
}

fn client() -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

fn answer(request: reqwest::blocking::RequestBuilder) -> Answer {
    let response = request.send().unwrap();
    let stale = response.headers().get("x-maquis-stale");
    Answer {
        status: response.status().as_u16(),
        stale: stale.map(|value| value.to_str().unwrap().to_owned()),
        body: String::from_utf8_lossy(&response.bytes().unwrap()).into_owned(),
    }
}

pub fn get(url: &str) -> Answer {
    answer(client().get(url))
}

/// The body of a page, if the server answers at all.
pub fn try_get(url: &str) -> Option<String> {
    client().get(url).send().ok()?.text().ok()
}

pub fn get_json(url: &str) -> Value {
    serde_json::from_str(&get(url).body).unwrap()
}

pub fn post(url: &str, token: Option<&str>, body: &Value) -> Answer {
    let mut request = client().post(url).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    answer(request)
}

/// A text with headers of its own.
pub fn post_text(url: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let request = client().post(url).body(body);
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
}

/// Waits until something is so.
pub fn wait(what: &str, limit: Duration, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A port where nothing listens.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The Neo4j of `scripts/neo4j`, for one test at a time.
pub struct Neo4j {
    pub url: String,
    pub password: String,
    pub folder: Option<PathBuf>,
    _guard: MutexGuard<'static, ()>,
}

static ONE: Mutex<()> = Mutex::new(());

impl Neo4j {
    /// The server, emptied; says so when there is none.
    pub fn find() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let Some(url) = variable("MQD_TEST_NEO4J_URL") else {
            eprintln!("skipped: MQD_TEST_NEO4J_URL not set (scripts/neo4j starts one)");
            return None;
        };
        let server = Self {
            url,
            password: variable("MQD_TEST_NEO4J_PASSWORD").unwrap_or_default(),
            folder: variable("MQD_TEST_NEO4J_DIR").map(PathBuf::from),
            _guard: ONE.lock().unwrap_or_else(PoisonError::into_inner),
        };
        server.cypher("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS");
        Some(server)
    }

    /// The variables of the program.
    pub fn env(&self) -> Vec<(&str, &str)> {
        vec![
            ("NEO4J_URL", &self.url),
            ("NEO4J_USERNAME", "neo4j"),
            ("NEO4J_PASSWORD", &self.password),
        ]
    }

    /// Runs a statement as a program that is not ours would.
    pub fn cypher(&self, statement: &str) {
        self.number(statement);
    }

    /// The same; the number that it answers, if it answers one.
    pub fn number(&self, statement: &str) -> Option<i64> {
        let auth = neo4j::driver::auth::AuthToken::new_basic_auth("neo4j", &self.password);
        let driver = neo4j::driver::Driver::new(
            self.url.parse().unwrap(),
            neo4j::driver::DriverConfig::new().with_auth(auth.into()),
        );
        let mut session = driver.session(neo4j::session::SessionConfig::new());
        let result = session.auto_commit(statement).run().unwrap();
        result.records.into_iter().next()?.into_values().next()?.try_into_int().ok()
    }

    /// `scripts/neo4j COMMAND`, where the server is the script's own.
    pub fn script(&self, command: &str) {
        let status = Command::new(Path::new(ROOT).join("scripts/neo4j"))
            .arg(command)
            .arg(self.folder.as_ref().unwrap())
            .status()
            .unwrap();
        assert!(status.success(), "scripts/neo4j {command}");
    }
}

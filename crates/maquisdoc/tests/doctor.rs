//! `doctor` in broken situations: it names each one rightly, changes nothing, shows no secret.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Neo4j, everything, free_port, maquisdoc, run};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

/// No output of any case may hold it.
const SECRET: &str = "hunter2-tres-secret-et-long";

/// A folder where all is well: a configuration, a maquis, a backup of just now.
fn healthy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("maquisdoc.toml"), "[site]\ntitle = \"Essai\"\n").unwrap();
    fs::write(
        folder.path().join("n.csv"),
        "id,labels,litteral,typeConcept\na,Concept,limite,index Latex\n",
    )
    .unwrap();
    common::ok(folder.path(), &[], &["import", "--nodes", "n.csv"]);
    fs::create_dir(folder.path().join("data/backups")).unwrap();
    common::ok(folder.path(), &[], &["backup", "data/backups/maquis.jsonl.zst"]);
    folder
}

/// Every file below a folder with its time and a digest of its content.
fn state(folder: &Path) -> BTreeMap<std::path::PathBuf, (SystemTime, u64)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(state(&entry.path()));
        } else {
            let modified = entry.metadata().unwrap().modified().unwrap();
            let mut hasher = DefaultHasher::new();
            fs::read(entry.path()).unwrap().hash(&mut hasher);
            found.insert(entry.path(), (modified, hasher.finish()));
        }
    }
    found
}

struct Seen {
    code: i32,
    findings: Vec<Value>,
    text: String,
}

impl Seen {
    fn named(&self, name: &str) -> &Value {
        self.findings.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{}", self.text))
    }

    /// The finding, its summary and its remedy say all of this.
    #[track_caller]
    fn says(&self, name: &str, state: &str, words: &[&str]) {
        let finding = self.named(name);
        assert_eq!(finding["state"], state, "{finding}");
        let all = format!("{} {}", finding["summary"], finding["remedy"]);
        for word in words {
            assert!(all.contains(word), "« {word} » is not in {all}");
        }
        assert!(state == "ok" || finding["remedy"].is_string(), "{finding}");
    }

    /// Nothing else is found to fail.
    #[track_caller]
    fn only(&self, name: &str) {
        for finding in &self.findings {
            let fails = finding["state"] == "failure";
            assert!(!fails || finding["name"] == name, "{finding}");
        }
    }
}

/// Looks as people and as scripts do: both say the same, nothing is changed, no secret is shown.
fn doctor(folder: &Path, env: &[(&str, &str)]) -> Seen {
    let before = state(folder);
    let json = run(folder, env, &["doctor", "--json"]);
    let text = run(folder, env, &["doctor"]);
    assert_eq!(state(folder), before, "doctor changed something");
    assert_eq!(json.status.code(), text.status.code());
    for output in [&json, &text] {
        assert!(!everything(output).contains(SECRET), "{}", everything(output));
    }
    let body: Value = serde_json::from_slice(&json.stdout).unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let findings = body["findings"].as_array().unwrap().clone();
    for finding in &findings {
        assert!(text.contains(finding["name"].as_str().unwrap()), "{text}");
    }
    assert!(text.lines().last().unwrap().starts_with("verdict: "), "{text}");
    let code = json.status.code().unwrap();
    assert_eq!(code == 2, body["verdict"] == "failure", "{body}");
    Seen { code, findings, text }
}

#[test]
fn all_is_well() {
    let folder = healthy();
    let seen = doctor(folder.path(), &[]);
    assert_eq!(seen.code, 0, "{}", seen.text);
    // One line for each server of the platform, and for what it stands on.
    for name in [
        "configuration",
        "disk",
        "clock",
        "store",
        "data",
        "backup",
        "site",
        "graphql",
        "rapidexo",
        "github",
        "latex",
        "sandbox",
        "figures",
    ] {
        seen.named(name);
    }
    // Version, size and age of the data; age of the backup.
    seen.says("store", "ok", &["SQLite 3.", "1 nodes"]);
    seen.says("data", "ok", &["last written", " s ago"]);
    seen.says("backup", "ok", &["the last backup in", " s old"]);
    seen.says("latex", "ok", &["TeX"]);
    seen.says("figures", "ok", &["drawn by asy, python3"]);
}

#[test]
fn warnings_fail_only_when_strict() {
    let folder = healthy();
    fs::remove_dir_all(folder.path().join("data/backups")).unwrap();
    let seen = doctor(folder.path(), &[]);
    assert_eq!(seen.code, 0, "{}", seen.text);
    seen.says("backup", "warning", &["no backup in", "maquisdoc backup"]);
    assert_eq!(run(folder.path(), &[], &["doctor", "--strict"]).status.code(), Some(1));
}

#[test]
fn a_wrong_password() {
    let folder = healthy();
    let Some(neo4j) = Neo4j::find() else { return };
    let env = [("NEO4J_URL", neo4j.url.as_str()), ("NEO4J_PASSWORD", SECRET)];
    let seen = doctor(folder.path(), &env);
    assert_eq!(seen.code, 2);
    seen.says("store", "failure", &["refuses the user or the password", "NEO4J_PASSWORD"]);
    seen.says("data", "warning", &["no last good graph", "MQD_DATA"]);
    seen.only("store");

    let seen = doctor(folder.path(), &neo4j.env());
    seen.says("store", "ok", &["Neo4j Kernel 5.", "community", "0 nodes"]);
    seen.says("data", "ok", &["never written by maquisdoc", "no last good graph is kept here yet"]);
    // A write of ours, and one that is a month old.
    common::ok(folder.path(), &neo4j.env(), &["import", "--nodes", "n.csv"]);
    doctor(folder.path(), &neo4j.env()).says("data", "ok", &["last written", " s ago"]);
    neo4j.cypher("MATCH (m:MqdMeta) SET m.ecrit = timestamp() - 30 * 24 * 3600 * 1000");
    doctor(folder.path(), &neo4j.env()).says("data", "ok", &["last written 30 days ago"]);
}

#[test]
fn a_wrong_port() {
    let folder = healthy();
    let url = format!("bolt://127.0.0.1:{}", free_port());
    let seen = doctor(folder.path(), &[("NEO4J_URL", &url), ("NEO4J_PASSWORD", SECRET)]);
    assert_eq!(seen.code, 2);
    seen.says("store", "failure", &["nothing listens on port", "look at the port in NEO4J_URL"]);
    seen.only("store");

    // A host that nobody knows is another story.
    let env = [("NEO4J_URL", "neo4j://absent.invalid"), ("NEO4J_PASSWORD", SECRET)];
    doctor(folder.path(), &env).says("store", "failure", &["absent.invalid", "not known"]);
    // And so is a password in the address, which must not be repeated.
    let url = format!("bolt://neo4j:{SECRET}@127.0.0.1:7687");
    let seen = doctor(folder.path(), &[("NEO4J_URL", &url), ("NEO4J_PASSWORD", SECRET)]);
    seen.says("store", "failure", &["NEO4J_URL", "user or password"]);
}

#[test]
fn tls_on_one_side_only() {
    let folder = healthy();
    let Some(neo4j) = Neo4j::find() else { return };
    for scheme in ["bolt+s://", "bolt+ssc://", "neo4j+s://"] {
        let url = neo4j.url.replace("bolt://", scheme);
        let env = [("NEO4J_URL", url.as_str()), ("NEO4J_PASSWORD", &neo4j.password)];
        let seen = doctor(folder.path(), &env);
        assert_eq!(seen.code, 2);
        seen.says("store", "failure", &["without TLS, and the address asks for TLS", "bolt://"]);
        seen.only("store");
    }
    // The other way round: a server that does not understand Bolt in clear.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("bolt://{}", deaf.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in deaf.incoming().map_while(Result::ok) {
            // What a TLS server says to what is no TLS: an alert, and no more.
            let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 0x46]);
        }
    });
    let seen = doctor(folder.path(), &[("NEO4J_URL", &url), ("NEO4J_PASSWORD", SECRET)]);
    seen.says("store", "failure", &["does not speak Bolt without TLS", "bolt+s://"]);
}

#[test]
fn an_unset_variable() {
    let folder = healthy();
    let seen = doctor(folder.path(), &[("NEO4J_URL", "bolt://127.0.0.1:7687")]);
    assert_eq!(seen.code, 2);
    seen.says("configuration", "failure", &["NEO4J_PASSWORD must be set when `NEO4J_URL` is set"]);
    // And one that is set wrongly.
    let seen = doctor(folder.path(), &[("MQD_REFRESH", "souvent")]);
    seen.says("configuration", "failure", &["MQD_REFRESH", "souvent"]);
}

#[test]
fn an_expired_github_token() {
    let folder = healthy();
    let github = answering("401 Unauthorized", "", "{\"message\":\"Bad credentials\"}");
    let env = [("GITHUB_API_URL", github.as_str()), ("GITHUB_TOKEN", SECRET)];
    let seen = doctor(folder.path(), &env);
    assert_eq!(seen.code, 2);
    seen.says("github", "failure", &["wrong or has expired", "GITHUB_TOKEN"]);
    seen.only("github");

    // A spent limit is no failure, and a good token is none either.
    let spent = answering("200 OK", "x-ratelimit-remaining: 0\r\n", "{}");
    let env = [("GITHUB_API_URL", spent.as_str()), ("GITHUB_TOKEN", SECRET)];
    doctor(folder.path(), &env).says("github", "warning", &["rate limit is spent"]);
    let good = answering("200 OK", "x-ratelimit-remaining: 4999\r\n", "{}");
    let env = [("GITHUB_API_URL", good.as_str()), ("GITHUB_TOKEN", SECRET)];
    doctor(folder.path(), &env).says("github", "ok", &["4999 calls left"]);
}

/// A server that answers everything alike.
fn answering(status: &'static str, headers: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn a_missing_tex_package() {
    let folder = healthy();
    // A tree of links to all that is needed but one file.
    let tree = tempfile::tempdir().unwrap();
    let needed = ["amsmath.sty", "geometry.sty", "fancyhdr.sty", "french.ldf", "enumitem.sty"];
    for file in needed.into_iter().chain(["mylatexformat.ltx"]) {
        let output = Command::new("kpsewhich").arg(file).output().unwrap();
        let path = String::from_utf8(output.stdout).unwrap();
        symlink(path.trim(), tree.path().join(file)).unwrap();
    }
    let inputs = tree.path().to_str().unwrap();
    let seen = doctor(folder.path(), &[("TEXINPUTS", inputs)]);
    assert_eq!(seen.code, 2);
    seen.says(
        "latex",
        "failure",
        &["TeX Live lacks stmaryrd.sty", "apt-get install texlive-science"],
    );
    seen.only("latex");
}

#[test]
fn no_tex_at_all() {
    let folder = healthy();
    let empty = tempfile::tempdir().unwrap();
    let seen = doctor(folder.path(), &[("PATH", empty.path().to_str().unwrap())]);
    seen.says("latex", "failure", &["pdflatex is not installed", "texlive-science"]);
    seen.says("sandbox", "failure", &["bubblewrap is not installed", "apt-get install bubblewrap"]);
}

#[test]
fn a_full_disk() {
    let folder = healthy();
    let data = folder.path().join("petit");
    fs::create_dir(&data).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&data).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no small file system can be mounted here (not root?)");
        return;
    }
    // Full to its last byte.
    let _ = fs::write(data.join("plein"), vec![0; 2 << 20]);
    let env = [("MQD_DATA", "petit"), ("MQD_BACKUP", "data/backups")];
    let seen = std::panic::catch_unwind(|| doctor(folder.path(), &env));
    assert!(Command::new("umount").arg(&data).status().unwrap().success());
    let seen = seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    assert_eq!(seen.code, 2);
    seen.says("disk", "failure", &["petit: 0 MB free", "the disk is full"]);
    seen.only("disk");
}

#[test]
fn a_stale_backup() {
    let folder = healthy();
    let file = fs::File::open(folder.path().join("data/backups/maquis.jsonl.zst")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(30 * 24 * 3600)).unwrap();
    let seen = doctor(folder.path(), &[]);
    seen.says("backup", "warning", &["the last backup", "is 30 days old", "no longer runs"]);
    assert_eq!(seen.code, 0);
    assert_eq!(run(folder.path(), &[], &["doctor", "--strict"]).status.code(), Some(1));
}

#[test]
fn small_things() {
    let folder = healthy();
    let env_file = folder.path().join(".env");
    fs::write(&env_file, format!("MQD_ADMIN_TOKEN={SECRET}\n")).unwrap();
    fs::set_permissions(&env_file, fs::Permissions::from_mode(0o644)).unwrap();
    let port = free_port();
    let (graphql, flask) =
        (format!("http://u:{SECRET}@127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let env = [
        ("FLASK_APP", "app.py"),
        ("MQD_GRAPHQL_SERVER_URL", graphql.as_str()),
        ("FLASK_URL", flask.as_str()),
    ];
    let seen = doctor(folder.path(), &env);
    seen.says("permissions", "warning", &[".env can be read by other users", "chmod 600"]);
    assert!(seen.named("FLASK_APP")["summary"].as_str().unwrap().contains("not needed"));
    seen.says("graphql", "failure", &["does not answer", "MQD_GRAPHQL_SERVER_URL"]);
    seen.says("rapidexo", "failure", &["does not answer", "FLASK_URL"]);
    // An address with TLS has a proxy before it, which must name the readers.
    let public = format!("https://127.0.0.1:{port}");
    let env = [("MQD_BASE_URL", public.as_str())];
    let seen = doctor(folder.path(), &env);
    seen.says("proxy", "warning", &["share the limit of one", "MQD_TRUST_PROXY"]);
    let seen = doctor(folder.path(), &[env[0], ("MQD_TRUST_PROXY", "true")]);
    assert!(!seen.text.contains("share the limit"), "{}", seen.text);
    // Where no configuration is, that is said; nothing is made.
    let empty = tempfile::tempdir().unwrap();
    let seen = doctor(empty.path(), &[]);
    seen.says("configuration", "warning", &["no maquisdoc.toml", "maquisdoc init"]);
    seen.says("store", "warning", &["is not there yet", "maquisdoc maintain"]);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    // The command line's own faults are told as everywhere.
    let output = maquisdoc(empty.path(), &[], &["doctor", "--jason"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

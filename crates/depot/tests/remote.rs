//! Remote dépôts against a server that has every fault GitHub's may have, and against git itself.
#![allow(clippy::unwrap_used)]

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode},
};
use flate2::{Compression, write::GzEncoder};
use mqd_depot::{
    DepotConfig,
    remote::{GithubAccess, RemoteError, Remotes},
};
use mqd_store::Secret;
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// What the server does next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Status(u16),
    /// The limit is spent for so many seconds.
    Limited(u64),
    /// The body ends too early.
    Truncated,
    /// The body ends too early and the answer says it is whole.
    Short,
    Garbage,
}

#[derive(Debug, Default)]
struct Script {
    commit: String,
    files: Vec<(String, Vec<u8>)>,
    /// Faults of the next answers, first come first.
    faults: Vec<Fault>,
    /// Faults of the next archives.
    archive_faults: Vec<Fault>,
    delay: Duration,
    /// Path, and whether the right token came with it.
    asked: Vec<(String, bool)>,
    /// Where archives are redirected to.
    elsewhere: Option<SocketAddr>,
}

type Shared = Arc<Mutex<Script>>;

fn tarball(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // Written as they are: some are paths that a builder would refuse.
        let name = format!("owner-depot-abc/{path}");
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, "owner-depot-abc/link", "/etc/passwd").unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

async fn answer(
    State(script): State<Shared>,
    headers: HeaderMap,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let delay = script.lock().unwrap().delay;
    tokio::time::sleep(delay).await;
    let mut script = script.lock().unwrap();
    let token = headers.get("authorization").is_some_and(|token| token == "Bearer hunter2");
    script.asked.push((path.clone(), token));
    let archive = path.contains("/tarball/") || path == "/elsewhere";
    let faults = if archive { &mut script.archive_faults } else { &mut script.faults };
    let fault = (!faults.is_empty()).then(|| faults.remove(0));
    let build = Response::builder();
    let body = if archive { tarball(&script.files) } else { script.commit.clone().into_bytes() };
    match fault {
        Some(Fault::Status(status)) => return build.status(status).body(Body::empty()).unwrap(),
        Some(Fault::Limited(seconds)) => {
            let reset = std::time::SystemTime::now()
                .duration_since(std::time::SystemTime::UNIX_EPOCH)
                .unwrap()
                .as_secs()
                + seconds;
            return build
                .status(403)
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", reset.to_string())
                .body(Body::empty())
                .unwrap();
        }
        Some(Fault::Truncated) => {
            let half = body[..body.len() / 2].to_vec();
            return build.header("content-length", body.len()).body(Body::from(half)).unwrap();
        }
        Some(Fault::Short) => {
            return build.body(Body::from(body[..body.len() - 9].to_vec())).unwrap();
        }
        Some(Fault::Garbage) => return build.body(Body::from("<html>")).unwrap(),
        None => {}
    }
    if archive
        && path != "/elsewhere"
        && let Some(elsewhere) = script.elsewhere
    {
        let location = format!("http://localhost:{}/elsewhere", elsewhere.port());
        return build.status(302).header("location", location).body(Body::empty()).unwrap();
    }
    if path.contains("/git/trees/") {
        let entry = |(n, (path, _)): (usize, &(String, Vec<u8>))| {
            format!(r#"{{"path":"{path}","mode":"100644","type":"blob","sha":"{n:040}"}}"#)
        };
        let entries: Vec<String> = script.files.iter().enumerate().map(entry).collect();
        let link = r#"{"path":"link","mode":"120000","type":"blob","sha":"x"}"#;
        let tree = format!(r#"{{"tree":[{link},{}],"truncated":false}}"#, entries.join(","));
        return build.body(Body::from(tree)).unwrap();
    }
    if let Some((_, n)) = path.split_once("/git/blobs/") {
        use base64::Engine as _;
        let bytes = &script.files[n.parse::<usize>().unwrap()].1;
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        let blob = format!(r#"{{"content":"{text}\n","encoding":"base64"}}"#);
        return build.body(Body::from(blob)).unwrap();
    }
    if !archive {
        let etag = format!("\"{}\"", script.commit);
        if headers.get("if-none-match").is_some_and(|tag| *tag == *etag) {
            return build.status(StatusCode::NOT_MODIFIED).body(Body::empty()).unwrap();
        }
        return build.header("etag", etag).body(Body::from(body)).unwrap();
    }
    build.body(Body::from(body)).unwrap()
}

/// A server of its own thread, so that the tests may block.
fn server(script: &Shared) -> SocketAddr {
    let (send, receive) = std::sync::mpsc::channel();
    let router = Router::new().fallback(answer).with_state(Arc::clone(script));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    receive.recv().unwrap()
}

struct Github {
    script: Shared,
    address: SocketAddr,
    cache: tempfile::TempDir,
}

const FIRST: &str = "1111111111111111111111111111111111111111";
const SECOND: &str = "2222222222222222222222222222222222222222";

impl Github {
    fn new() -> Self {
        let script = Shared::default();
        script.lock().unwrap().commit = FIRST.to_owned();
        let text = b"\xe9t\xe9".to_vec();
        script.lock().unwrap().files =
            vec![("depot.toml".into(), b"x".to_vec()), ("A/E1.tex".into(), text)];
        Self { address: server(&script), script, cache: tempfile::tempdir().unwrap() }
    }

    fn remotes(&self) -> Remotes {
        let access = GithubAccess {
            api: format!("http://{}/", self.address).parse().unwrap(),
            user: Some("owner".to_owned()),
            token: Some(Secret::new("hunter2")),
        };
        Remotes::new(self.cache.path(), access).unwrap()
    }

    fn sync(&self) -> Result<DepotConfig, RemoteError> {
        Ok(self.remotes().resolve(&[depot("depot")])?.remove(0))
    }

    fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    fn asked(&self) -> usize {
        self.script.lock().unwrap().asked.len()
    }
}

fn depot(name: &str) -> DepotConfig {
    DepotConfig { github: Some(name.to_owned()), ..DepotConfig::default() }
}

#[test]
fn a_repository_is_fetched_once_and_pinned() {
    let github = Github::new();
    let found = github.sync().unwrap();
    assert_eq!(found.commit.as_deref(), Some(FIRST));
    assert_eq!(std::fs::read(found.path.join("A/E1.tex")).unwrap(), b"\xe9t\xe9");
    assert!(!found.path.join("link").exists());
    assert_eq!(github.asked(), 2);
    // Unchanged: one conditional request, no archive.
    assert_eq!(github.sync().unwrap().path, found.path);
    assert_eq!(github.asked(), 3);
    github.set(|script| {
        script.commit = SECOND.to_owned();
        script.files.push(("B/E1.tex".into(), b"b".to_vec()));
    });
    let later = github.sync().unwrap();
    assert_eq!(later.commit.as_deref(), Some(SECOND));
    assert!(later.path.join("B/E1.tex").is_file() && found.path.is_dir());
}

#[test]
fn readers_do_not_notice_faults_once_warm() {
    for fault in [
        Fault::Status(401),
        Fault::Status(403),
        Fault::Status(404),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Limited(100),
        Fault::Truncated,
        Fault::Garbage,
    ] {
        let github = Github::new();
        let warm = github.sync().unwrap();
        github.set(|script| script.faults = vec![fault.clone(); 5]);
        let after = github.sync().unwrap();
        assert_eq!((after.path, after.commit), (warm.path, warm.commit), "{fault:?}");
    }
    // A server that is gone.
    let mut github = Github::new();
    let warm = github.sync().unwrap();
    github.address = "127.0.0.1:9".parse().unwrap();
    assert_eq!(github.sync().unwrap().commit, warm.commit);
}

#[test]
fn a_cold_start_says_what_is_wrong() {
    type Check = fn(&RemoteError) -> bool;
    let cases: Vec<(Fault, Check)> = vec![
        (Fault::Status(401), |e| matches!(e, RemoteError::Unauthorized { .. })),
        (Fault::Status(404), |e| matches!(e, RemoteError::NotFound { .. })),
        (Fault::Limited(90), |e| matches!(e, RemoteError::Limited { .. })),
        (Fault::Status(502), |e| matches!(e, RemoteError::Unavailable { .. })),
        (Fault::Garbage, |e| matches!(e, RemoteError::Unavailable { .. })),
    ];
    for (fault, right) in cases {
        let github = Github::new();
        github.set(|script| script.faults = vec![fault.clone(); 9]);
        let error = github.sync().unwrap_err();
        assert!(right(&error), "{fault:?}: {error}");
        let text = error.to_string();
        assert!(text.contains("owner/depot") && !text.contains("hunter2"), "{text}");
    }
}

/// A server that says nothing, and one that never stops: neither is waited for without end, and
/// readers keep what they have.
#[test]
fn answers_without_end_are_left() {
    for endless in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
                if endless {
                    let zeros = [b'0'; 1 << 16];
                    let _ = stream.read(&mut [0; 1024]);
                    let _ = stream.write_all(head);
                    while stream.write_all(&zeros).is_ok() {}
                } else {
                    silent.push(stream);
                }
            }
        });
        let mut github = Github::new();
        let warm = github.sync().unwrap();
        github.address = address;
        let patience = Duration::from_millis(if endless { 20_000 } else { 100 });
        let remotes = github.remotes().with_patience(patience);
        let after = remotes.resolve(&[depot("depot")]).unwrap().remove(0);
        assert_eq!((after.path, after.commit), (warm.path, warm.commit), "endless: {endless}");
        let error = remotes.resolve(&[depot("autre")]).unwrap_err();
        assert!(matches!(error, RemoteError::Unavailable { .. }), "{error}");
        assert_eq!(error.to_string().contains("too large"), endless, "{error}");
    }
}

#[test]
fn a_limit_is_respected() {
    let github = Github::new();
    github.sync().unwrap();
    github.set(|script| script.faults = vec![Fault::Limited(3600)]);
    github.sync().unwrap();
    let asked = github.asked();
    for _ in 0..3 {
        github.sync().unwrap();
        assert!(github.remotes().at(&depot("depot"), "3333333").is_none());
    }
    assert_eq!(github.asked(), asked, "nothing is asked before the limit ends");
}

#[test]
fn failures_that_pass_are_tried_again() {
    for fault in [Fault::Status(500), Fault::Truncated] {
        let github = Github::new();
        github.set(|script| script.faults = vec![fault.clone()]);
        assert_eq!(github.sync().unwrap().commit.as_deref(), Some(FIRST), "{fault:?}");
    }
    for fault in [Fault::Status(502), Fault::Truncated, Fault::Short, Fault::Garbage] {
        let github = Github::new();
        github.set(|script| script.archive_faults = vec![fault.clone()]);
        let found = github.sync().unwrap();
        assert!(found.path.join("A/E1.tex").is_file(), "{fault:?}");
        // Nothing is left of what was not whole.
        let left = std::fs::read_dir(found.path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 2, "{fault:?}: the checkout and its state");
    }
    let github = Github::new();
    github.set(|script| script.archive_faults = vec![Fault::Short; 9]);
    assert!(matches!(github.sync(), Err(RemoteError::Unavailable { .. })));
}

#[test]
fn a_server_without_archives_gives_trees_and_blobs() {
    let github = Github::new();
    github.set(|script| {
        script.archive_faults = vec![Fault::Status(404)];
        script.files.push(("../escaped.tex".into(), b"x".to_vec()));
    });
    let found = github.sync().unwrap();
    assert_eq!(std::fs::read(found.path.join("A/E1.tex")).unwrap(), b"\xe9t\xe9");
    assert!(!found.path.join("link").exists());
    assert!(!found.path.parent().unwrap().join("escaped.tex").exists());
}

#[test]
fn the_token_goes_to_the_api_alone() {
    let github = Github::new();
    let other = Shared::default();
    other.lock().unwrap().files = vec![("a.tex".into(), b"a".to_vec())];
    let elsewhere = server(&other);
    github.set(|script| script.elsewhere = Some(elsewhere));
    let found = github.sync().unwrap();
    assert!(found.path.join("a.tex").is_file());
    assert!(github.script.lock().unwrap().asked.iter().all(|(_, token)| *token));
    let asked = other.lock().unwrap().asked.clone();
    assert_eq!(asked, [("/elsewhere".to_owned(), false)]);
}

#[test]
fn hostile_archives_stay_in_their_folder() {
    let github = Github::new();
    github.set(|script| {
        script.files.push(("../../../escaped.tex".into(), b"x".to_vec()));
        script.files.push((".git/config".into(), b"x".to_vec()));
    });
    let found = github.sync().unwrap();
    assert!(!found.path.join(".git").exists());
    for above in found.path.ancestors().take(5) {
        assert!(!above.join("escaped.tex").exists());
    }
}

#[test]
fn former_commits_are_found_but_not_without_end() {
    let github = Github::new();
    github.sync().unwrap();
    github.set(|script| script.commit = SECOND.to_owned());
    let remotes = github.remotes();
    assert_eq!(remotes.at(&depot("depot"), "2222222").unwrap().commit, SECOND);
    let asked = github.asked();
    for n in 0..50 {
        github.set(|script| script.faults = vec![Fault::Status(422)]);
        let _ = remotes.at(&depot("depot"), &format!("{:07x}", 0xabc_0000 + n));
    }
    assert!(github.asked() - asked <= 10);
    assert!(remotes.at(&depot("depot"), "../../x").is_none());
}

#[test]
fn names_that_are_no_repositories_ask_nothing() {
    let github = Github::new();
    for name in ["a/b/c", "../x", "owner/..", "", "a b", "owner/x?y", "owner/"] {
        let found = github.remotes().resolve(&[depot(name)]);
        assert!(matches!(found, Err(RemoteError::Config(_))), "{name}");
    }
    let both = DepotConfig { git: Some("https://x.example/y".into()), ..depot("depot") };
    assert!(matches!(github.remotes().resolve(&[both]), Err(RemoteError::Config(_))));
    let branch = DepotConfig { branch: Some("--upload-pack=x".into()), ..depot("depot") };
    assert!(matches!(github.remotes().resolve(&[branch]), Err(RemoteError::Config(_))));
    assert_eq!(github.asked(), 0);
    assert!(github.remotes().is(&depot("depot"), "Owner/Depot"));
}

/// 80 ms a call: a cold start of a repository as large as a teacher's takes less than two seconds,
/// a warm one a single call.
#[test]
fn slow_answers_cost_two_calls() {
    let github = Github::new();
    github.set(|script| {
        script.delay = Duration::from_millis(80);
        script.files =
            (0..2200).map(|n| (format!("T{}/E{n}.tex", n % 9), vec![b'x'; 120])).collect();
    });
    let start = Instant::now();
    github.sync().unwrap();
    let cold = start.elapsed();
    let start = Instant::now();
    github.sync().unwrap();
    println!("cold {cold:?}, warm {:?}", start.elapsed());
    // Calls are counted, not timed: the archive and its commit once, then one conditional call.
    assert_eq!(github.asked(), 3);
}

#[test]
fn any_git_repository() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(arguments)
            .current_dir(origin.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
    git(&["init", "-q", "-b", "main"]);
    write(&origin.path().join("a.tex"), "a");
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    let access =
        GithubAccess { api: "http://127.0.0.1:9/".parse().unwrap(), user: None, token: None };
    let remotes = Remotes::new(cache.path(), access).unwrap();
    let address = format!("file://{}", origin.path().display());
    let depot = DepotConfig { git: Some(address), ..DepotConfig::default() };
    let sync = || remotes.resolve(std::slice::from_ref(&depot)).map(|mut found| found.remove(0));
    let found = sync().unwrap();
    assert_eq!(found.commit, Some(git(&["rev-parse", "HEAD"])));
    write(&origin.path().join("a.tex"), "b");
    git(&["commit", "-qam", "b"]);
    assert_eq!(sync().unwrap().commit, Some(git(&["rev-parse", "HEAD"])));
    assert_eq!(std::fs::read_to_string(found.path.join("a.tex")).unwrap(), "b");
    // Gone: the last state stays.
    std::fs::remove_dir_all(origin.path().join(".git")).unwrap();
    assert_eq!(sync().unwrap().path, found.path);
    let nowhere = DepotConfig {
        git: Some("https://me:hunter2@127.0.0.1:9/x.git".into()),
        ..DepotConfig::default()
    };
    let error = remotes.resolve(&[nowhere]).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let option = DepotConfig { git: Some("--upload-pack=x".into()), ..DepotConfig::default() };
    assert!(matches!(remotes.resolve(&[option]), Err(RemoteError::Config(_))));
}

//! Repositories compiled from a Git server, which is git's own behind our smallest HTTP server.

mod common;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use common::{bench, text};
use mqd_pdf::http::{Origin, Origins, router};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tokio::io::AsyncWriteExt as _;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(folder: &Path, said: &str) -> String {
    let main = format!(
        "\\documentclass{{article}}\\begin{{document}}{said} \\input{{parties/a}}\\end{{document}}"
    );
    std::fs::create_dir_all(folder.join("cours/parties")).expect("a folder");
    std::fs::write(folder.join("cours/a.tex"), main).expect("a file");
    std::fs::write(folder.join("cours/parties/a.tex"), "partie").expect("a file");
    std::fs::write(folder.join(".gitignore"), "*.aux").expect("a file");
    git(folder, &["add", "."]);
    git(folder, &["commit", "-qm", said]);
    git(folder, &["rev-parse", "HEAD"])
}

/// `git http-backend` as a route.
async fn backend(State(root): State<PathBuf>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| {
        parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let mut command = tokio::process::Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let mut child = command.spawn().expect("git is installed");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(&body).await.expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().await.expect("it ends").stdout;
    let end = output.windows(4).position(|w| w == b"\r\n\r\n").expect("headers");
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        response = match name {
            "Status" => response.status(value[..3].parse::<u16>().expect("a status")),
            _ => response.header(name, value),
        };
    }
    response.body(Body::from(output[end + 4..].to_vec())).expect("a response")
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_compiles_at_each_of_its_states() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = folder.path().join("cours.git");
    std::fs::create_dir(&repository).expect("a folder");
    git(&repository, &["init", "-q", "."]);
    git(&repository, &["config", "uploadpack.allowFilter", "true"]);
    git(&repository, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let first = commit(&repository, "premier");
    let second = commit(&repository, "second");
    git(&repository, &["checkout", "-qb", "été/essai"]);
    commit(&repository, "branche");
    std::os::unix::fs::symlink("/etc/passwd", repository.join("cours/lien.tex")).expect("a link");
    git(&repository, &["checkout", "-qb", "liens"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "-qm", "liens"]);
    git(&repository, &["checkout", "-q", "main"]);
    let origin = serve(Router::new().fallback(backend).with_state(folder.path().to_owned())).await;
    let origins = Origins(vec![Origin::from(&url::Url::parse(&origin).expect("an address"))]);
    let bench = bench();
    let service = serve(router(bench.compiler.clone(), origins).expect("a router")).await;
    let client = reqwest::Client::new();
    let git = format!("{origin}/cours.git");
    let ask = |more: &[(&str, &str)]| {
        let request =
            client.get(format!("{service}/compile")).query(&[("git", git.as_str())]).query(more);
        async move {
            let response = request.send().await.expect("an answer");
            (response.status().as_u16(), response.bytes().await.expect("a body"))
        }
    };
    let target = ("target", "a.tex");
    let here = ("workdir", "cours");
    for (more, wanted) in [
        (vec![], "second partie"),
        (vec![("branch", "main")], "second partie"),
        (vec![("branch", "été/essai")], "branche partie"),
        (vec![("commit", first.as_str())], "premier partie"),
        (vec![("commit", &first[..9])], "premier partie"),
        (vec![("commit", &second[..7]), ("branch", "ignored")], "second partie"),
    ] {
        let (status, body) = ask(&[&[target, here], &more[..]].concat()).await;
        assert_eq!(status, 200, "{more:?}: {}", String::from_utf8_lossy(&body));
        assert!(text(&body).contains(wanted), "{more:?}: {}", text(&body));
    }
    // A kept PDF of the same commit needs no fetch, and a new commit is seen.
    let before = bench.compiler.statistics();
    let (_, kept) = ask(&[target, here]).await;
    assert!(text(&kept).contains("second partie"));
    let (_, forced) = ask(&[target, here, ("force", "1")]).await;
    assert_eq!(kept, forced);
    let after = bench.compiler.statistics();
    assert_eq!((after.runs - before.runs, after.cached - before.cached), (1, 1));
    commit(&repository, "troisième");
    let (_, fresh) = ask(&[target, here]).await;
    assert!(text(&fresh).contains("partie") && fresh != kept, "{}", text(&fresh));
    for (more, wanted) in [
        (vec![("branch", "absente")], "cannot be fetched"),
        (vec![("commit", "0123456789")], "no commit"),
        (vec![("commit", "--output=x")], "is not a commit"),
        (vec![("branch", "--upload-pack=touch /tmp/x")], "is not a branch name"),
        (vec![("branch", "main:refs/heads/x")], "is not a branch name"),
        (vec![("branch", "liens")], "links are refused"),
    ] {
        let (status, body) = ask(&[&[target, here], &more[..]].concat()).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(status, 400, "{more:?}: {body}");
        assert!(body.contains(wanted), "{more:?}: {body}");
    }
}

//! The HTTP API: latex-online's routes and parameters, and those of ours, over real requests.

mod common;
use axum::{Router, routing::get};
use common::{bench, bench_with, text};
use mqd_pdf::http::{Origin, Origins, router};
use reqwest::{
    StatusCode,
    multipart::{Form, Part},
};
use serde_json::json;
use std::io::Write as _;

const SOURCE: &str = "\\documentclass{article}\\begin{document}Bonjour\\end{document}";

/// A served router's address.
async fn serve(router: Router) -> url::Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    url::Url::parse(&format!("http://{address}/")).expect("an address")
}

struct Service {
    bench: common::Bench,
    at: url::Url,
    client: reqwest::Client,
}

impl Service {
    async fn start(origins: &[&url::Url]) -> Self {
        Self::of(bench(), origins).await
    }

    async fn of(bench: common::Bench, origins: &[&url::Url]) -> Self {
        let origins = Origins(origins.iter().map(|url| Origin::from(*url)).collect());
        let at = serve(router(bench.compiler.clone(), origins).expect("a router")).await;
        Self { bench, at, client: reqwest::Client::new() }
    }

    fn url(&self, path: &str) -> url::Url {
        self.at.join(path).expect("an address")
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        Answer::of(self.client.get(self.url(path)).query(query)).await
    }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: bytes::Bytes,
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.expect("a body") }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What the PDF says.
    #[track_caller]
    fn pdf(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/pdf");
        text(&self.body)
    }

    #[track_caller]
    fn refused(&self, wanted: &str) {
        assert_eq!(self.status, StatusCode::BAD_REQUEST, "{}", self.text());
        assert_eq!(self.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(self.text().contains(wanted), "« {wanted} » is not in « {} »", self.text());
    }
}

/// Files as a tarball.
fn tarball(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // As a stranger would, without the checks of this library.
        header.as_gnu_mut().expect("a header").name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).expect("a file");
    }
    tar.into_inner().expect("a tarball")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}

#[tokio::test]
async fn a_text_compiles_with_every_parameter() {
    let service = Service::start(&[]).await;
    let answer = service.get("compile", &[("text", SOURCE)]).await;
    assert!(answer.pdf().contains("Bonjour"));
    for command in ["", "pdflatex", "xelatex", "lualatex"] {
        let answer = service.get("compile", &[("text", SOURCE), ("command", command)]).await;
        assert!(answer.pdf().contains("Bonjour"), "{command}");
    }
    service
        .get("compile", &[("text", SOURCE), ("command", "rm")])
        .await
        .refused("« rm » is no engine");
    // The cache serves, `force` does not use it, whatever its value.
    let before = service.bench.compiler.statistics();
    service.get("compile", &[("text", SOURCE)]).await.pdf();
    assert_eq!(service.bench.compiler.statistics().runs, before.runs);
    service.get("compile", &[("text", SOURCE), ("force", "")]).await.pdf();
    assert_eq!(service.bench.compiler.statistics().runs, before.runs + 1);
    for (name, header) in [
        ("feuille.pdf", "attachment; filename=\"feuille.pdf\""),
        ("a\"; b\r\nX: 1/é", "attachment; filename=\"a__ b__X_ 1__\""),
        ("../x", "attachment; filename=\"_x\""),
        ("", ""),
    ] {
        let answer = service.get("compile", &[("text", SOURCE), ("download", name)]).await;
        answer.pdf();
        assert_eq!(answer.header("content-disposition"), header, "{name}");
    }
    // The order of the three sources.
    let both = [("git", "x"), ("url", "http://x/"), ("text", SOURCE)];
    assert!(service.get("compile", &both).await.pdf().contains("Bonjour"));
    service.get("compile", &[]).await.refused("one of `text`, `url` or `git`");
    service.get("compile", &[("git", "http://x/")]).await.refused("`target`");
    service.get("compile", &[("text", "a"), ("text", "b")]).await.refused("text");
    // A failed run gives its place, a hint in French, and the whole log.
    let answer = service
        .get(
            "compile",
            &[("text", "\\documentclass{article}\n\\begin{document}\n\\x\n\\end{document}")],
        )
        .await;
    answer.refused("main.tex, ligne 3 : Undefined control sequence");
    answer.refused("vérifiez son orthographe");
    answer.refused("This is pdfTeX");
}

#[tokio::test]
async fn an_address_is_fetched_from_allowed_origins_only() {
    let elsewhere = serve(Router::new().route("/a.tex", get(|| async { SOURCE }))).await;
    let away = elsewhere.join("a.tex").expect("an address");
    let latin1 = b"\\documentclass{article}\\usepackage[latin1]{inputenc}\\usepackage[T1]{fontenc}\\begin{document}\xc9t\xe9\\end{document}";
    let large = move || async move { vec![b'%'; 40 << 20] };
    let sources = Router::new()
        .route("/a.tex", get(|| async { SOURCE }))
        .route("/latin1.tex", get(move || async move { latin1.to_vec() }))
        .route("/large.tex", get(large))
        .route(
            "/moved.tex",
            get(move || async move { axum::response::Redirect::temporary(away.as_str()) }),
        );
    let allowed = serve(sources).await;
    let service = Service::start(&[&allowed]).await;
    let at = |path: &str| allowed.join(path).expect("an address").to_string();
    assert!(service.get("compile", &[("url", &at("a.tex"))]).await.pdf().contains("Bonjour"));
    assert!(service.get("compile", &[("url", &at("latin1.tex"))]).await.pdf().contains("Été"));
    for (url, wanted) in [
        (at("absent.tex"), "404"),
        (at("large.tex"), "too large"),
        // A redirect would lead out of the list.
        (at("moved.tex"), "307"),
        (elsewhere.join("a.tex").expect("an address").to_string(), "nothing is fetched from"),
        ("http://169.254.169.254/latest/meta-data".to_owned(), "nothing is fetched from"),
        (format!("http://{}@evil.example/", allowed.host_str().expect("a host")), "only plain"),
        ("file:///etc/passwd".to_owned(), "only plain"),
        ("gopher://x".to_owned(), "only plain"),
        ("nothing".to_owned(), "cannot be read"),
    ] {
        service.get("compile", &[("url", &url)]).await.refused(wanted);
    }
    // A name that leads to a private address, as an attacker's DNS would make it.
    let inside = url::Url::parse(&format!("http://localhost.:{}", allowed.port().expect("a port")));
    let inside = inside.expect("an address");
    let service = Service::start(&[&inside]).await;
    let url = inside.join("a.tex").expect("an address").to_string();
    service.get("compile", &[("url", &url)]).await.refused("cannot be fetched");
    let git = [("git", inside.as_str()), ("target", "a.tex")];
    let answer = service.get("compile", &git).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    assert!(
        answer.text().contains("private address") || answer.text().contains("cannot be found"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_tarball_compiles_and_hostile_ones_are_refused() {
    let service = Service::start(&[]).await;
    let sheet: &[u8] = b"\\documentclass{article}\\begin{document}\\input{exo/E1}\\end{document}";
    let good = tarball(&[
        ("./feuilles/a.tex", sheet),
        ("feuilles/exo/E1.tex", b"Exercice \xe9l\xe9mentaire"),
        (".git/config", b"x"),
        ("feuilles/.latexmkrc", b"system('touch /tmp/x')"),
        ("feuilles/100%.pdf", b"x"),
    ]);
    let post = |query: Vec<(&'static str, &'static str)>, parts: Vec<Vec<u8>>| {
        let mut form = Form::new();
        for part in parts {
            form = form.part("file", Part::bytes(part).file_name("sources.tar.gz"));
        }
        Answer::of(service.client.post(service.url("data")).query(&query).multipart(form))
    };
    let here = vec![("target", "a.tex"), ("workdir", "feuilles")];
    assert!(post(here.clone(), vec![good.clone()]).await.pdf().contains("Exercice"));
    assert!(post(here.clone(), vec![gzip(&good)]).await.pdf().contains("Exercice"));
    let other = vec![
        ("target", "./a"),
        ("workdir", "/feuilles/"),
        ("command", "lualatex"),
        ("force", "1"),
        ("download", "a.pdf"),
    ];
    let answer = post(other, vec![good.clone()]).await;
    assert!(answer.pdf().contains("Exercice"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"a.pdf\"");
    // What is asked for wrongly.
    for (query, parts, wanted) in [
        (vec![], vec![good.clone()], "`target`"),
        (here.clone(), vec![], "multipart"),
        (here.clone(), vec![good.clone(), good.clone()], "exactly one tarball"),
        (
            here.clone(),
            vec![b"no tarball, but long enough for a header".repeat(40)],
            "cannot be read",
        ),
        (vec![("target", "absent.tex")], vec![good.clone()], "absent.tex"),
        (vec![("target", "a.tex"), ("workdir", "absent")], vec![good.clone()], "no folder"),
        (vec![("target", "../a.tex"), ("workdir", "feuilles")], vec![good.clone()], "../a.tex"),
    ] {
        post(query, parts).await.refused(wanted);
    }
    // Paths that leave the folder, links, bombs.
    let a = ("a.tex", SOURCE.as_bytes());
    let mut linked = Vec::new();
    for (kind, target) in [
        (tar::EntryType::Symlink, "/etc/passwd"),
        (tar::EntryType::Link, "/etc/passwd"),
        (tar::EntryType::Fifo, ""),
    ] {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        if kind == tar::EntryType::Fifo {
            header.set_cksum();
            tar.append_data(&mut header, "b.tex", std::io::empty()).expect("an entry");
        } else {
            tar.append_link(&mut header, "b.tex", target).expect("a link");
        }
        linked.push(tar.into_inner().expect("a tarball"));
    }
    for tarball in linked {
        post(vec![("target", "a.tex")], vec![tarball]).await.refused("links are refused");
    }
    for path in ["../../evil.tex", "/tmp/evil.tex", "a/../../evil.tex"] {
        let outside = tarball(&[a, (path, b"x")]);
        post(vec![("target", "a.tex")], vec![outside]).await.refused("is outside");
    }
    let bomb = gzip(&tarball(&[a, ("zeros", &vec![0; 100 << 20])]));
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    post(vec![("target", "a.tex")], vec![bomb]).await.refused("too large");
    let many: Vec<(String, Vec<u8>)> = (0..3_000).map(|n| (format!("f{n}"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
    post(vec![("target", "a.tex")], vec![gzip(&tarball(&many))]).await.refused("too large");
    let huge = vec![0; 60 << 20];
    let answer = post(vec![("target", "a.tex")], vec![huge]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    // No form at all.
    let answer = Answer::of(service.client.post(service.url("data?target=a.tex")).body("x")).await;
    answer.refused("boundary");
}

#[tokio::test]
async fn files_compile_as_json_and_as_a_form() {
    let service = Service::start(&[]).await;
    let main = "\\documentclass{article}\\begin{document}\\input{a/b}\\end{document}";
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode("Octets");
    let post = |body: serde_json::Value| {
        Answer::of(service.client.post(service.url("compile")).json(&body))
    };
    let answer = post(json!({ "main": "m.tex", "files": { "m.tex": main, "a/b.tex": { "base64": base64 } }, "engine": "xelatex", "force": true, "download": "x.pdf" })).await;
    assert!(answer.pdf().contains("Octets"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"x.pdf\"");
    for (body, wanted) in [
        (json!({ "main": "m.tex" }), "missing field `files`"),
        (json!({ "main": "m.tex", "files": {} }), "m.tex"),
        (json!({ "main": "m.tex", "files": {}, "shell": true }), "unknown field"),
        (json!({ "main": "m.tex", "files": { "m.tex": 1 } }), "files"),
        (json!({ "main": "m.tex", "files": { "m.tex": { "base64": "?" } } }), "not base64"),
        (json!({ "main": "m.tex", "engine": "tex", "files": {} }), "engine"),
        (
            json!({ "main": "../m.tex", "files": { "../m.tex": main } }),
            "not an acceptable file path",
        ),
        (json!([]), "files"),
    ] {
        let answer = post(body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text());
        assert!(answer.text().contains(wanted) || wanted == "files", "{body}: {}", answer.text());
    }
    let answer = Answer::of(service.client.post(service.url("compile")).body("{}")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    // As a form.
    let form = || {
        Form::new()
            .part("files", Part::text(main).file_name("m.tex"))
            .part("files", Part::bytes(b"Formulaire".to_vec()).file_name("a/b.tex"))
    };
    let send = |form: Form| Answer::of(service.client.post(service.url("compile")).multipart(form));
    let answer =
        send(form().text("main", "m.tex").text("engine", "lualatex").text("download", "f.pdf"))
            .await;
    assert!(answer.pdf().contains("Formulaire"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"f.pdf\"");
    send(form()).await.refused("the file to compile");
    send(form().text("main", "m.tex").text("shell", "1")).await.refused("no field « shell »");
    send(form().text("main", "m.tex").part("f", Part::text("x").file_name("m.tex")))
        .await
        .refused("twice");
    send(form().text("main", "m.tex").part("f", Part::text("x").file_name("../x")))
        .await
        .refused("../x");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_as_events() {
    let service = Service::start(&[]).await;
    let events = |text: &'static str| {
        Answer::of(
            service
                .client
                .get(service.url("compile"))
                .query(&[("text", text)])
                .header("accept", "text/event-stream"),
        )
    };
    let answer = events(
        "\\documentclass{article}\\begin{document}\\ref{a}\\section{b}\\label{a}\\end{document}",
    )
    .await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let names = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.strip_prefix("event: ").map(str::to_owned)).collect()
    };
    let said = answer.text();
    let told = names(&said);
    assert_eq!(told.last().map(String::as_str), Some("done"), "{told:?}");
    assert!(told.iter().any(|name| name == "running"), "{told:?}");
    assert!(said.contains("{\"pass\":2}"), "{}", &said[..200]);
    let data =
        said.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    use base64::Engine as _;
    let pdf = base64::engine::general_purpose::STANDARD.decode(data["pdf"].as_str().expect("text"));
    assert!(text(&pdf.expect("base64")).contains("1"));
    let answer =
        events("\\documentclass{article}\\begin{document}\n\\x\\end{document}").await.text();
    assert_eq!(names(&answer).last().map(String::as_str), Some("failed"));
    assert!(answer.contains("\"why\":\"errors\"") && answer.contains("\"line\":2"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_attack_the_service_answers_and_a_full_queue_says_when() {
    let bench = bench_with(|settings| {
        settings.parallel = 2;
        settings.queue = 2;
        settings.limits.time = std::time::Duration::from_secs(4);
    });
    let service = Service::of(bench, &[]).await;
    service.get("compile", &[("text", SOURCE)]).await.pdf();
    let attacks = (0..8).map(|number| {
        let text = format!("\\documentclass{{article}}\\begin{{document}}{number}\\loop\\iftrue\\repeat\\end{{document}}");
        let request = service.client.get(service.url("compile")).query(&[("text", text)]);
        tokio::spawn(Answer::of(request))
    });
    let attacks: Vec<_> = attacks.collect();
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let start = std::time::Instant::now();
    assert_eq!(service.get("version", &[]).await.status, StatusCode::OK);
    assert_eq!(service.get("healthz", &[]).await.status, StatusCode::OK);
    assert_eq!(service.get("readyz", &[]).await.status, StatusCode::OK);
    assert!(service.get("compile", &[("text", SOURCE)]).await.pdf().contains("Bonjour"));
    assert!(start.elapsed().as_secs() < 3, "{:?}", start.elapsed());
    let (mut stopped, mut refused) = (0, 0);
    for attack in attacks {
        let answer = attack.await.expect("no panic");
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            refused += 1;
            let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&seconds));
        } else {
            stopped += 1;
            answer.refused("temps permis");
        }
    }
    assert_eq!((stopped, refused), (4, 4));
}

#[tokio::test]
async fn the_description_is_true_to_the_routes() {
    let service = Service::start(&[]).await;
    let description: serde_json::Value =
        serde_json::from_slice(&service.get("openapi.json", &[]).await.body).expect("JSON");
    assert_eq!(description["openapi"], "3.1.0");
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "delete"] {
            let asked = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).expect("one");
            let answer = Answer::of(service.client.request(asked, service.url(path))).await;
            let described = methods.get(method);
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            let allowed = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(allowed, described.is_some(), "{method} {path}");
            if let Some(described) = described {
                let status = answer.status.as_str();
                assert!(described["responses"].get(status).is_some(), "{method} {path}: {status}");
            }
        }
    }
    let version: serde_json::Value =
        serde_json::from_slice(&service.get("version", &[]).await.body).expect("JSON");
    assert!(version["version"].is_string() && version["link"].is_string());
    let health: serde_json::Value =
        serde_json::from_slice(&service.get("health.json", &[]).await.body).expect("JSON");
    assert_eq!(health["health"][0]["ok"], true, "{health}");
    assert!(health["uptime"].is_u64() && health["statistics"]["runs"].is_u64());
    assert!(service.get("health", &[]).await.text().starts_with("<!doctype html>"));
}

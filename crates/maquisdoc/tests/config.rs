//! Precedence of the configuration, by the real binary: flags over the environment over `.env` over
//! `maquisdoc.toml` over defaults; and what production refuses.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ROOT, Server, everything, free_port, get, ok, post_text, run};
use std::fs;

#[test]
fn flags_over_environment_over_env_file_over_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let [flag, process, file] = [free_port(), free_port(), free_port()];
    let env_file = folder.path().join(".env");
    let listening = |env: &[(&str, &str)], args: &[&str]| {
        // Not `Server::start`, which would add a flag.
        let mut all = vec!["serve", "--only", "graphql"];
        all.extend(args);
        let mut child = common::maquisdoc(folder.path(), env, &all)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        line.trim().trim_end_matches('/').rsplit(':').next().unwrap().parse::<u16>().unwrap()
    };
    fs::write(&env_file, format!("MQD_LISTEN=127.0.0.1:{file}\n")).unwrap();
    let process_listen = format!("127.0.0.1:{process}");
    let flag_listen = format!("127.0.0.1:{flag}");
    let env = [("MQD_LISTEN", process_listen.as_str())];
    assert_eq!(listening(&env, &["--listen", &flag_listen]), flag);
    assert_eq!(listening(&env, &[]), process);
    assert_eq!(listening(&[], &[]), file);
    // PORT is what hosting platforms set; it comes before MQD_LISTEN, and after the flag.
    let port = free_port().to_string();
    let with_port = [("PORT", port.as_str()), ("MQD_LISTEN", process_listen.as_str())];
    assert_eq!(listening(&with_port, &[]).to_string(), port);
    assert_eq!(listening(&with_port, &["--listen", &flag_listen]), flag);
}

#[test]
fn environment_over_env_file_over_configuration_file_over_defaults() {
    let folder = tempfile::tempdir().unwrap();
    // `site.base_url` and MQD_BASE_URL are one setting: canonical addresses show it.
    let canonical = |env: &[(&str, &str)]| {
        let server = Server::start(folder.path(), env, &[]);
        let body = get(&server.url).body;
        let at = body.find("rel=\"canonical\"").unwrap_or_else(|| panic!("{body}"));
        let line = &body[at..at + 200];
        line.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(canonical(&[]), "/", "the default has no host");
    fs::write(
        folder.path().join("maquisdoc.toml"),
        "[site]\nbase_url = \"https://fichier.example\"\n",
    )
    .unwrap();
    assert_eq!(canonical(&[]), "https://fichier.example/");
    fs::write(folder.path().join(".env"), "MQD_BASE_URL=https://env.example\n").unwrap();
    assert_eq!(canonical(&[]), "https://env.example/");
    assert_eq!(
        canonical(&[("MQD_BASE_URL", "https://processus.example")]),
        "https://processus.example/"
    );
    // An empty variable is one that is not set.
    assert_eq!(canonical(&[("MQD_BASE_URL", "")]), "https://env.example/");

    // --config over MQD_CONFIG over the file here.
    for name in ["a", "b"] {
        let title = format!("[site]\ntitle = \"Site {name}\"\n");
        fs::write(folder.path().join(format!("{name}.toml")), title).unwrap();
    }
    let title = |env: &[(&str, &str)], args: &[&str]| {
        let server = Server::start(folder.path(), env, args);
        get(&server.url).body.split("<title>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert!(title(&[("MQD_CONFIG", "a.toml")], &[]).contains("Site a"));
    assert!(title(&[("MQD_CONFIG", "a.toml")], &["--config", "b.toml"]).contains("Site b"));
}

#[test]
fn what_is_wrong_names_its_variable_or_line_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    for (env, words) in [
        (
            vec![("NEO4J_URL", "bolt://h"), ("NEO4J_USERNAME", "u")],
            vec!["NEO4J_PASSWORD", "NEO4J_URL"],
        ),
        (vec![("PORT", "http")], vec!["PORT", "http"]),
        (vec![("FLASK_ENV", "prod")], vec!["FLASK_ENV", "development", "production"]),
        (vec![("MQD_GRAPHQL_SERVER_URL", "là-bas")], vec!["MQD_GRAPHQL_SERVER_URL"]),
        (vec![("MQD_REFRESH", "souvent")], vec!["MQD_REFRESH", "souvent"]),
        (vec![("MQD_CONFIG", "absent.toml")], vec!["absent.toml"]),
    ] {
        let output = run(folder.path(), &env, &["check"]);
        assert_eq!(output.status.code(), Some(2), "{env:?}");
        for word in words {
            assert!(everything(&output).contains(word), "{env:?}: {}", everything(&output));
        }
    }
    fs::write(folder.path().join("maquisdoc.toml"), "[site]\ntitel = \"x\"\n").unwrap();
    let said = everything(&run(folder.path(), &[], &["check"]));
    assert!(said.contains("line 2") && said.contains("titel"), "{said}");
    fs::remove_file(folder.path().join("maquisdoc.toml")).unwrap();
    fs::write(folder.path().join(".env"), "NEO4J_PASSWORD='hunter2\n").unwrap();
    let said = everything(&run(folder.path(), &[], &["check"]));
    assert!(said.contains(".env") && !said.contains("hunter2"), "{said}");
}

#[test]
fn production_refuses_what_is_dangerous_and_development_shows_more() {
    let folder = tempfile::tempdir().unwrap();
    for (env, word) in [
        (vec![("MQD_UNSANDBOXED", "1")], "MQD_UNSANDBOXED"),
        (vec![("MQD_ADMIN_TOKEN", "court")], "MQD_ADMIN_TOKEN"),
        (
            vec![("GITHUB_TOKEN", "court"), ("GITHUB_API_URL", "http://github.example")],
            "GITHUB_API_URL",
        ),
    ] {
        let output = run(folder.path(), &env, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(output.status.code(), Some(2), "{env:?}");
        let said = everything(&output);
        assert!(said.contains(word) && said.contains("FLASK_ENV=development"), "{said}");
        assert!(!said.contains("court"), "{said}");
        let mut env = env;
        env.push(("FLASK_ENV", "development"));
        drop(Server::start(folder.path(), &env, &[]));
    }
    // An error page tells its cause in development, and nothing of it in production.
    let absent = format!("http://127.0.0.1:{}/graphql", free_port());
    let page = |mode: &str| {
        let env = [("FLASK_ENV", mode), ("MQD_GRAPHQL_SERVER_URL", &absent), ("MQD_LOG", "off")];
        let server = Server::start(folder.path(), &env, &["--only", "site"]);
        let answer = get(&format!("{}/vues/listecours", server.url));
        assert_eq!(answer.status, 503);
        answer.body
    };
    assert!(page("development").contains("the GraphQL server does not answer"));
    assert!(!page("production").contains("the GraphQL server does not answer"));
}

#[test]
fn development_shows_what_was_edited_without_being_asked() {
    let folder = common::demo();
    let page = folder.path().join("site/pages").join("essai.md");
    fs::write(&page, "+++\ntitle = \"Essai\"\n+++\n\nPremier état.\n").unwrap();
    let env = [("FLASK_ENV", "development"), ("MQD_LOG", "off")];
    let server = Server::start(folder.path(), &env, &[]);
    let shown = || common::try_get(&format!("{}/projet/essai", server.url)).unwrap_or_default();
    assert!(shown().contains("Premier état"), "{}", shown());
    fs::write(&page, "+++\ntitle = \"Essai\"\n+++\n\nSecond état.\n").unwrap();
    common::wait("the edited page", std::time::Duration::from_secs(60), || {
        shown().contains("Second état")
    });
}

/// Templates are compiled into the program, so what shows them anew is the program made anew.
#[test]
fn development_starts_the_program_again_when_it_was_built_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (program, told) = (folder.path().join("maquisdoc"), folder.path().join("arguments"));
    fs::copy(env!("CARGO_BIN_EXE_maquisdoc"), &program).unwrap();
    for (mode, again) in [("production", false), ("development", true)] {
        let mut child = std::process::Command::new(&program)
            .current_dir(folder.path())
            .args(["serve", "--only", "site", "--listen", "127.0.0.1:0"])
            .envs([("FLASK_ENV", mode), ("MQD_LOG", "off"), ("MQD_DATA", "data")])
            .env_remove("NEO4J_URL")
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        let address = line.trim().trim_start_matches("maquisdoc: http://").trim_end_matches('/');
        // The new build, which tells how it was started, takes the place of the old one at once.
        let built = folder.path().join("maquisdoc.new");
        fs::write(&built, format!("#!/bin/sh\necho \"$@\" > {}\n", told.display())).unwrap();
        fs::set_permissions(&built, fs::Permissions::from_mode(0o755)).unwrap();
        let old = folder.path().join("maquisdoc.old");
        fs::rename(&program, &old).unwrap();
        fs::rename(&built, &program).unwrap();
        if again {
            let start = std::time::Instant::now();
            while !told.exists() && start.elapsed().as_secs() < 60 {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            if !told.exists() {
                child.kill().unwrap();
            }
            assert!(told.exists(), "the new program was not started");
            assert!(child.wait().unwrap().success());
            let arguments = fs::read_to_string(&told).unwrap();
            assert_eq!(arguments.trim(), format!("serve --only site --listen {address}"));
        } else {
            std::thread::sleep(std::time::Duration::from_secs(4));
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(!told.exists(), "production started something else");
        }
        fs::rename(&old, &program).unwrap();
    }
}

#[test]
fn the_table_of_variables_is_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let printed = ok(folder.path(), &[], &["env", "--markdown"]);
    let document = fs::read_to_string(format!("{ROOT}/docs/ENVIRONMENT.md")).unwrap();
    assert!(document.contains(&printed), "docs/ENVIRONMENT.md: run `maquisdoc env --markdown`");
}

/// What stands beside the pages is limited for each reader too; this machine itself is not.
#[test]
fn the_api_and_the_sheet_server_are_limited_for_each_reader() {
    let folder = tempfile::tempdir().unwrap();
    let rate = "[site.rate]\nper_second = 1\nburst = 3\n";
    fs::write(folder.path().join("maquisdoc.toml"), rate).unwrap();
    let server = Server::start(folder.path(), &[], &[]);
    let ask = |path: &str, reader: &[(&str, &str)]| -> Vec<bool> {
        let json = ("content-type", "application/json");
        let headers: Vec<_> = reader.iter().copied().chain([json]).collect();
        let body = "{\"query\": \"{ maquis { version } }\"}";
        let url = format!("{}{path}", server.url);
        (0..8).map(|_| post_text(&url, &headers, body.to_owned()).status == 429).collect()
    };
    for path in ["/graphql", "/getREFS"] {
        let refused = ask(path, &[("x-forwarded-for", "192.0.2.1")]);
        assert!(refused[7], "{path}: {refused:?}");
        let free = ask(path, &[]);
        assert!(!free.contains(&true), "{path}: {free:?}");
    }
}

//! Figures that scripts draw: made in the sandbox, located when they fail, contained when they attack.
//! Asymptote and Python are installed by `scripts/setup test`.

mod common;
use bytes::Bytes;
use common::{bench, bench_with};
use mqd_pdf::{
    Compiler, Limits,
    drawing::{Program, Script, ScriptError},
};
use std::time::Duration;

/// What a small PDF is, for scripts that write one themselves.
const WRITE: &str = "pdf = b'%PDF-1.4\\n%%EOF\\n'\n";

fn script(main: &str, files: &[(&str, &str)], outputs: &[&str]) -> Script {
    Script {
        program: Program::of(main).expect("a script"),
        main: main.to_owned(),
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Bytes::copy_from_slice(text.as_bytes())))
            .collect(),
        outputs: outputs.iter().map(|path| (*path).to_owned()).collect(),
    }
}

/// Whether a program is installed; said aloud where it is not.
fn there(compiler: &Compiler, program: Program) -> bool {
    let there = compiler.draws(program).is_some();
    if !there {
        eprintln!(
            "skipped: {} is not installed (scripts/setup test installs it)",
            program.command()
        );
    }
    there
}

#[tokio::test(flavor = "multi_thread")]
async fn asymptote_draws_with_labels_set_by_tex_and_modules_of_the_depot() {
    let bench = bench_with(|settings| settings.limits.memory = 2 << 30);
    if !there(&bench.compiler, Program::Asymptote) {
        return;
    }
    let files = [
        (
            "fig/a.asy",
            "import \"commun/style.asy\" as style; import graph;\nsize(3cm);\ndraw((0,0)--(1,1), style.trait);\nlabel(\"$\\sqrt{x}$ bien\", (0,1));\n",
        ),
        ("fig/commun/style.asy", "pen trait = red+1;"),
        ("fig/a.pdf", "de l'ancien temps"),
    ];
    let own = script("fig/a.asy", &files, &["fig/a.pdf"]);
    let (path, pdf) = bench.compiler.draw(&own).await.expect("a figure");
    assert_eq!(path, "fig/a.pdf");
    assert!(common::text(&pdf).contains("bien"), "{}", common::text(&pdf));
    let figure = mqd_pdf::figure::to_svg(pdf.to_vec(), 0).expect("a picture");
    assert!(figure.width < 120.0 && figure.svg.contains("<path"), "{}", figure.svg);

    let wrong = [("fig/a.asy", "size(3cm);\ndraw((0,0)--jamais);\n")];
    let failed = bench.compiler.draw(&script("fig/a.asy", &wrong, &["fig/a.pdf"])).await;
    match failed {
        Err(ScriptError::Failed { line: Some(2), message }) => {
            assert!(message.contains("jamais"), "{message}")
        }
        other => panic!("{other:?}"),
    }
    // A module draws nothing.
    let nothing = [("m.asy", "real f(real x) { return x; }")];
    let nothing = bench.compiler.draw(&script("m.asy", &nothing, &["m.pdf"])).await;
    assert!(matches!(nothing, Err(ScriptError::Nothing(_))), "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_draws_beside_its_data() {
    let bench = bench();
    if !there(&bench.compiler, Program::Python) {
        return;
    }
    let text = format!(
        "{WRITE}from outil import nom\nassert open('../donnees.csv').read() == '1;2'\nopen(nom, 'wb').write(pdf)\n"
    );
    let files =
        [("a/f.py", text.as_str()), ("a/outil.py", "nom = 'f.pdf'"), ("donnees.csv", "1;2")];
    let own = script("a/f.py", &files, &["a/f.png", "a/f.pdf"]);
    let (path, _) = bench.compiler.draw(&own).await.expect("a figure");
    assert_eq!(path, "a/f.pdf");

    for (what, text, line, said) in [
        ("an error", "x = 1\nraise ValueError('non')\n", Some(2), "ValueError: non"),
        ("an exit", "import sys\nsys.exit('assez')\n", None, "assez"),
    ] {
        match bench.compiler.draw(&script("f.py", &[("f.py", text)], &["f.pdf"])).await {
            Err(ScriptError::Failed { line: at, message }) => {
                assert_eq!((at, message.as_str()), (line, said), "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_attack_are_contained() {
    let bench = bench_with(|settings| {
        settings.limits = Limits { time: Duration::from_secs(4), ..common::limits() };
    });
    if !there(&bench.compiler, Program::Python) {
        return;
    }
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "%PDF-1.4 secret %%EOF").expect("a file");
    let evil = std::env::temp_dir().join(format!("mqd-evil-script-{}", std::process::id()));
    let (secret, evil) = (secret.path().display().to_string(), evil.display().to_string());
    // None of them makes a figure: what it would need is not there.
    for (what, text) in [
        ("reads a secret", format!("open('f.pdf', 'wb').write(open({secret:?}, 'rb').read())")),
        ("links to a secret", format!("import os; os.symlink({secret:?}, 'f.pdf')")),
        (
            "reads accounts",
            "open('f.pdf', 'w').write('%PDF-' + open('/etc/passwd').read() + '%%EOF')".to_owned(),
        ),
        ("speaks", "import socket; socket.create_connection(('127.0.0.1', 80), 1)".to_owned()),
        ("writes outside", format!("open({evil:?}, 'w').write('x'); open('/usr/x', 'w')")),
        ("a part of a figure", "open('f.pdf', 'w').write('%PDF-1.4')".to_owned()),
        ("an endless loop", "while True: pass".to_owned()),
        ("a fork bomb", "import os\nwhile True: os.fork()".to_owned()),
        ("a memory bomb", "x = [b'x' * 10**8 for _ in range(100)]".to_owned()),
        (
            "a disk bomb",
            "i = 0\nwhile True:\n i += 1\n open(str(i), 'wb').write(b'x' * 10**6)".to_owned(),
        ),
    ] {
        let made = bench.compiler.draw(&script("f.py", &[("f.py", &text)], &["f.pdf"])).await;
        assert!(made.is_err(), "{what}: {made:?}");
        assert!(!std::path::Path::new(&evil).exists(), "{what}");
    }
    // A folder that became a link leads nowhere.
    let text = format!(
        "import os, shutil\nos.chdir('/work')\nshutil.rmtree('a')\nos.symlink({:?}, 'a')",
        std::env::temp_dir()
    );
    let own =
        std::path::Path::new(&secret).file_name().expect("a name").to_string_lossy().into_owned();
    let made =
        bench.compiler.draw(&script("a/f.py", &[("a/f.py", &text)], &[&format!("a/{own}")])).await;
    assert!(made.is_err(), "{made:?}");
}

#[test]
fn without_a_sandbox_no_script_is_run() {
    let bench = bench_with(|settings| settings.unsandboxed = true);
    assert_eq!(bench.compiler.draws(Program::Python), None);
}

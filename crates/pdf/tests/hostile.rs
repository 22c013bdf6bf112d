//! Sources that attack: each is contained within its limits, tells nothing and leaves nothing.

mod common;
use common::{Bench, bench_with, document, job, pdf, text};
use futures::{StreamExt as _, stream};
use mqd_pdf::{Compiler, Engine, Failure, Job, Limits, Outcome, Settings};
use std::time::{Duration, Instant};

/// Limits under which an attack ends soon.
fn tight() -> Bench {
    bench_with(|settings| {
        settings.parallel = 3;
        settings.limits =
            Limits { time: Duration::from_secs(6), memory: 512 << 20, ..common::limits() };
    })
}

fn lua(code: &str) -> Job {
    let code = format!(
        "\\documentclass{{article}}\\begin{{document}}x\\directlua{{{code}}}\\end{{document}}"
    );
    Job::of_text(Engine::Lualatex, code)
}

/// A file outside of the sandbox that anybody could read, with a word that nobody knows.
struct Secret {
    file: tempfile::NamedTempFile,
    word: String,
}

impl Secret {
    fn new() -> Self {
        let word = format!("SECRET{}", uuid::Uuid::new_v4().simple());
        let file = tempfile::Builder::new().prefix("mqd-secret-").suffix(".tex").tempfile();
        let file = file.expect("a file");
        std::fs::write(file.path(), &word).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(file.path(), mode).expect("permissions");
        Self { file, word }
    }

    fn path(&self) -> String {
        self.file.path().display().to_string()
    }

    /// Whether an outcome tells it, or what `/etc/passwd` holds.
    fn is_told(&self, outcome: &Outcome) -> bool {
        let (shown, log) = match outcome {
            Outcome::Pdf { pdf, log } => (text(pdf) + &String::from_utf8_lossy(pdf), log),
            Outcome::Failed { log, .. } => (String::new(), log),
        };
        [&shown, log].iter().any(|text| text.contains(&self.word) || text.contains("root:x:0"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_is_read_or_written() {
    let bench = tight();
    let secret = Secret::new();
    let mut attacks: Vec<(&str, Job)> = Vec::new();
    let evil = std::env::temp_dir().join(format!("mqd-evil-{}", std::process::id()));
    let evil = evil.display().to_string();
    for target in [secret.path(), format!("../../../..{}", secret.path()), "/etc/passwd".to_owned()]
    {
        let with = |packages: &str, body: &str| {
            Job::of_text(
                Engine::Pdflatex,
                format!(
                    "\\documentclass{{article}}{packages}\\begin{{document}}x {body}\\end{{document}}"
                ),
            )
        };
        attacks.extend([
            ("\\input", with("", &format!("\\input{{{target}}}"))),
            ("\\openin", with("", &format!("\\newread\\r\\openin\\r={target} \\ifeof\\r\\else\\read\\r to\\l\\typeout{{\\l}}\\l\\fi"))),
            ("listings", with("\\usepackage{listings}", &format!("\\lstinputlisting{{{target}}}"))),
            ("verbatim", with("\\usepackage{verbatim}", &format!("\\verbatiminput{{{target}}}"))),
            ("\\pdffiledump", with("", &format!("\\typeout{{\\pdffiledump offset 0 length 99 {{{target}}}}}\\pdffiledump offset 0 length 99 {{{target}}}"))),
            ("attached stream", with("\\pdfcompresslevel0 ", &format!("\\immediate\\pdfobj stream file {{{target}}}\\pdfrefobj\\pdflastobj"))),
            ("lua", lua(&format!("local f=io.open('{target}') if f then tex.print(f:read('*l')) end"))),
            ("lua loader", lua(&format!("dofile('{target}')"))),
            ("xetex", Job::of_text(Engine::Xelatex, format!("\\documentclass{{article}}\\begin{{document}}x\\input{{|cat {target}}}\\end{{document}}"))),
        ]);
    }
    for command in ["cat /etc/passwd", &format!("touch {evil}")] {
        attacks.extend([
            (
                "\\write18",
                document(&format!(
                    "x\\immediate\\write18{{{command} > out.tex}}\\input{{out.tex}}"
                )),
            ),
            ("pipe", document(&format!("x\\input{{|{command}}}"))),
            ("os.execute", lua(&format!("os.execute('{command}')"))),
            (
                "io.popen",
                lua(&format!(
                    "local p=io.popen('{command}') if p then tex.print(p:read('*l')) end"
                )),
            ),
            ("os.spawn", lua(&format!("os.spawn('{command}')"))),
        ]);
    }
    attacks.extend([
        (
            "\\openout",
            document(&format!(
                "x\\newwrite\\w\\immediate\\openout\\w={evil} \\immediate\\write\\w{{x}}"
            )),
        ),
        (
            "\\openout above",
            document(&format!("x\\newwrite\\w\\immediate\\openout\\w=../../../..{evil} ")),
        ),
        (
            "lua writes",
            lua(&format!("local f=io.open('{evil}','w') if f then f:write('x') f:close() end")),
        ),
        (
            "lua links",
            lua(&format!(
                "lfs.link('/etc/passwd','m.tex',true) lfs.link('{}','main.pdf',true)",
                secret.path()
            )),
        ),
        ("lua removes", lua("os.remove('main.log') os.remove('main.pdf') lfs.mkdir('main.aux')")),
        (
            "latexmkrc",
            job(
                Engine::Pdflatex,
                "m.tex",
                &[
                    ("m.tex", b"\\documentclass{article}\\begin{document}x\\end{document}"),
                    ("latexmkrc", format!("system('touch {evil}');").as_bytes()),
                ],
            ),
        ),
    ]);
    let compiler = &bench.compiler;
    let limit = compiler.limits().time;
    let outcomes: Vec<_> = stream::iter(attacks)
        .map(|(what, job)| async move {
            let start = Instant::now();
            (what, compiler.compile(job, false).await, start.elapsed())
        })
        .buffer_unordered(3)
        .collect()
        .await;
    for (what, outcome, time) in outcomes {
        let outcome = outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(!secret.is_told(&outcome), "{what} tells a secret: {outcome:?}");
        assert!(!std::path::Path::new(&evil).exists(), "{what} writes outside");
        assert!(time < limit * 3, "{what} took {time:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_files_and_paths_outside_are_refused() {
    let bench = tight();
    let text = b"\\documentclass{article}\\begin{document}x\\end{document}";
    for path in [".latexmkrc", "../m.tex", "/tmp/m.tex", "a/../../m.tex", "pdflatex.fmt", "a\0b"] {
        let job = job(Engine::Pdflatex, "m.tex", &[("m.tex", text), (path, text)]);
        assert!(bench.compiler.compile(job, false).await.is_err(), "{path:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_and_bombs_end_at_their_limits() {
    let bench = bench_with(|settings| {
        settings.parallel = 4;
        settings.limits = Limits {
            time: Duration::from_secs(5),
            memory: 512 << 20,
            file_size: 4 << 20,
            disk: 12 << 20,
            ..common::limits()
        };
    });
    const LOOP: &str = "\\loop\\iftrue\\repeat";
    let endless_bst = b"ENTRY{}{}{} FUNCTION{f}{ {#1}{skip$}while$ } READ EXECUTE{f}";
    let attacks: Vec<(&str, Job)> = vec![
        ("empty loop", document(LOOP)),
        ("macro that calls itself", document("\\def\\x{\\x}\\x")),
        ("macro that grows", document("\\def\\x{a\\x}\\x")),
        ("endless pages", document("\\loop\\null\\newpage\\iftrue\\repeat")),
        ("endless errors", document("\\batchmode\\loop\\undefined\\iftrue\\repeat")),
        ("lua loop", lua("while true do end")),
        ("lua loop that catches errors", lua("while true do pcall(function() while true do end end) end")),
        ("loop in the preamble", Job::of_text(Engine::Pdflatex, format!("\\documentclass{{article}}{LOOP}\\begin{{document}}x\\end{{document}}"))),
        ("file that reads itself", document("\\input{main}")),
        (
            "bibliography style that loops",
            job(
                Engine::Pdflatex,
                "m.tex",
                &[("m.tex", b"\\documentclass{article}\\begin{document}\\cite{a}\\bibliographystyle{loop}\\bibliography{m}\\end{document}"), ("loop.bst", endless_bst), ("m.bib", b"@book{a,title={x}}")],
            ),
        ),
        ("memory by macros", document("\\edef\\x{xxxxxxxxxxxxxxxx}\\loop\\edef\\x{\\x\\x}\\iftrue\\repeat")),
        ("memory by lua", lua("local t={} while true do t[#t+1]=string.rep('x',1000000) end")),
        ("disk by TeX", document("\\newwrite\\w\\immediate\\openout\\w=big \\def\\x{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\\edef\\x{\\x\\x\\x\\x\\x\\x\\x\\x}\\edef\\x{\\x\\x\\x\\x\\x\\x\\x\\x}\\loop\\immediate\\write\\w{\\x}\\iftrue\\repeat")),
        ("disk by lua", lua("local i=0 while true do i=i+1 local f=io.open('f'..i,'w') f:write(string.rep('x',1000000)) f:close() end")),
        ("log", document("\\loop\\message{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\\iftrue\\repeat")),
        ("fork bomb", lua("while true do os.execute(':') io.popen('sleep 9') os.spawn('sleep 9') end")),
        ("threads of coroutines", lua("local function f() return coroutine.wrap(f)() end while true do pcall(f) end")),
    ];
    let compiler = &bench.compiler;
    let limit = compiler.limits().time;
    let start = Instant::now();
    let outcomes: Vec<_> = stream::iter(attacks)
        .map(|(what, job)| async move { (what, compiler.compile(job, false).await) })
        .buffer_unordered(4)
        .collect()
        .await;
    let turns = u32::try_from(outcomes.len().div_ceil(4)).expect("few") + 1;
    assert!(start.elapsed() < limit * turns * 2, "{:?}", start.elapsed());
    for (what, outcome) in outcomes {
        let Ok(Outcome::Failed { why, .. }) = outcome else {
            panic!("{what}: {outcome:?}");
        };
        assert_ne!(why, Failure::NoPage, "{what}");
    }
}

#[tokio::test]
async fn without_a_sandbox_only_the_operators_word_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { unsandboxed: true, ..Settings::new(folder.path()) };
    let compiler = Compiler::new(settings).expect("a compiler");
    assert!(!compiler.is_sandboxed());
    let service = mqd_pdf::http::router(compiler.clone(), mqd_pdf::http::Origins::default());
    assert!(service.is_err_and(|why| why.contains("needs a sandbox")));
    let trusted = document("Bonjour");
    assert!(text(&pdf(compiler.compile(trusted, false).await.expect("a run"))).contains("Bonjour"));
    // The attacks are real: what the sandbox keeps in tells a secret here.
    let secret = Secret::new();
    let lua = lua(&format!("local f=io.open('{}') tex.print(f:read('*l'))", secret.path()));
    let outcome = compiler.compile(lua, false).await.expect("a run");
    assert!(secret.is_told(&outcome), "{outcome:?}");
    // TeX's own locks hold there too.
    let outcome = compiler.compile(document("x\\input{/etc/passwd}"), false).await.expect("a run");
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
}

/// Compiles an endless document until it is killed; started by the test below.
#[tokio::test]
#[ignore = "the test below starts it"]
async fn a_service_that_is_killed() {
    let Ok(mark) = std::env::var("MQD_TEST_MARK") else { return };
    let bench = bench_with(|settings| settings.limits.time = Duration::from_secs(60));
    let main = format!("{mark}.tex");
    let source = b"\\documentclass{article}\\begin{document}\\loop\\iftrue\\repeat\\end{document}";
    let _ = bench.compiler.compile(job(Engine::Pdflatex, &main, &[(&main, source)]), false).await;
}

#[test]
fn a_killed_service_takes_its_runs_along() {
    let mark = format!("mqd-killed-{}", std::process::id());
    // TeX itself: bubblewrap ties its life to the service's a moment after it has started.
    let running = || {
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        let is_ours = |line: &[u8]| {
            line.starts_with(b"pdflatex") && String::from_utf8_lossy(line).contains(&mark)
        };
        processes
            .filter(|entry| std::fs::read(entry.path().join("cmdline")).is_ok_and(|l| is_ours(&l)))
            .count()
    };
    let wait_for = |wanted: fn(usize) -> bool, what: &str| {
        let start = Instant::now();
        while !wanted(running()) {
            assert!(start.elapsed() < Duration::from_secs(20), "{what}: {} processes", running());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let mut service = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_service_that_is_killed", "--ignored"])
        .env("MQD_TEST_MARK", &mark)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("this program again");
    wait_for(|count| count > 0, "TeX does not start");
    // SIGKILL: nothing in the service can clean up.
    service.kill().expect("it runs");
    service.wait().expect("it ends");
    wait_for(|count| count == 0, "TeX goes on");
}

//! How long a document takes, and that ten times the text takes ten times the time. After divan's
//! table: the median of every kind of document of $MQD_CORPUS, else of the demo, and the whole of it.

use mqd_tex::{Convert, Document, FigureInfo, NoSources, Preamble, Sources, convert};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

fn main() {
    divan::main();
    // Only when benches are run, not when they are listed or tested.
    if std::env::args().any(|arg| arg == "--bench") {
        corpus();
        hostile();
    }
}

const PREAMBLE: &str = r"\newcommand{\R}{\mathbb{R}}\newtheorem{prop}{Proposition}";
const RAPIDEXO: &str = r"Soit $f : x\mapsto\frac{1}{1+x^2}$ d\'efinie sur $\R$. Calculer $f'(x)$ et $\int_0^1 f(t)\,dt$.";
const EXERCISE: &str = r"Soit $(u_n)_{n\in\mathbb{N}}$ une suite r\'eelle telle que $u_{n+1}=\frac{1}{2}u_n+3$.
\begin{enumerate}
\item Montrer que $(u_n)$ converge vers $6$.
\item En d\'eduire \[\sum_{k=0}^{n}u_k\sim 6n.\]
\begin{prop} Si $a<b$ alors $\frac{a+b}{2}\in\left]a,b\right[$. \end{prop}
\end{enumerate}
";

fn options() -> Convert {
    Convert { preamble: Arc::new(Preamble::read(&[PREAMBLE], &NoSources)), ..Convert::default() }
}

#[divan::bench]
fn rapidexo(bencher: divan::Bencher<'_, '_>) {
    let options = options();
    bencher.bench(|| convert(divan::black_box(RAPIDEXO), "E.tex", &options, &NoSources));
}

#[divan::bench(args = [1, 10, 100])]
fn exercises(bencher: divan::Bencher<'_, '_>, times: usize) {
    let options = options();
    let source = EXERCISE.repeat(times);
    bencher.bench(|| -> Document {
        convert(divan::black_box(&source), "E.tex", &options, &NoSources)
    });
}

/// A folder whose files are all in memory.
struct Folder {
    files: std::collections::HashMap<PathBuf, Arc<str>>,
    root: PathBuf,
}

impl Folder {
    fn read(root: &Path) -> Self {
        let mut files = std::collections::HashMap::new();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "tex" || end == "pdf_t")
                    && let Ok(bytes) = std::fs::read(&path)
                {
                    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
                        error.into_bytes().iter().map(|b| *b as char).collect()
                    });
                    files.insert(path, text.into());
                }
            }
        }
        Self { files, root: root.to_path_buf() }
    }
}

impl Sources for Folder {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        let found = self.files.get(&self.root.join(path));
        found.or_else(|| self.files.get(&self.root.join(format!("{path}.tex")))).cloned()
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        Some(FigureInfo { src: path.to_owned(), size: None })
    }
}

/// Kind, folder, preamble, and which of the names are documents.
type Kind = (&'static str, &'static str, &'static str, fn(&str) -> bool);

const CORPUS: &[Kind] = &[
    ("rapidexo", "math-rapidexos", "rexopdf.tex", |name| name.starts_with(['E', 'C'])),
    ("exercise", "math-exos", "exopdf.tex", |name| {
        name.starts_with(['E', 'C']) && name.len() == 9 && name.as_bytes()[3].is_ascii_digit()
    }),
    ("problem", "math-pbs", "pbpdf.tex", |name| name.starts_with(['E', 'C'])),
    ("course", "math-cours", "courspdf.tex", |name| {
        name.starts_with('C') && name.as_bytes()[1].is_ascii_digit()
    }),
];

const DEMO: &[Kind] = &[
    ("rapidexo", "rapidexos", "preambule.tex", |name| name.starts_with(['E', 'C'])),
    ("exercise", "exercices", "preambule.tex", |name| name.contains('-')),
    ("problem", "problemes", "preambule.tex", |name| name.contains('-')),
    ("course", "cours", "commun/preambule.tex", |name| !name.starts_with("preambule")),
];

fn corpus() {
    let (base, kinds) = match std::env::var_os("MQD_CORPUS").map(PathBuf::from) {
        Some(base) if base.is_dir() => (base, CORPUS),
        _ => {
            println!("skipped: the corpus (MQD_CORPUS names no folder); the demo instead");
            (Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo"), DEMO)
        }
    };
    let mut whole = 0.0;
    for (kind, folder, preamble, is_document) in kinds {
        let folder = Folder::read(&base.join(folder));
        let texts = [&*Sources::read(&folder, preamble).unwrap_or_default()];
        let options =
            Convert { preamble: Arc::new(Preamble::read(&texts, &folder)), ..Convert::default() };
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut documents: Vec<_> =
            folder.files.iter().filter(|(path, _)| is_document(&name(path))).collect();
        documents.sort();
        let mut times: Vec<f64> = documents
            .iter()
            .map(|(path, text)| {
                // The second of two runs: a server has its tables in memory.
                let run = || {
                    let start = Instant::now();
                    divan::black_box(convert(text, &name(path), &options, &folder));
                    start.elapsed().as_secs_f64() * 1e3
                };
                run();
                run()
            })
            .collect();
        whole += times.iter().sum::<f64>();
        times.sort_by(f64::total_cmp);
        let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
        println!(
            "{kind}: {} documents, median {:.3} ms, 99 % under {:.3} ms, slowest {:.3} ms",
            times.len(),
            at(50),
            at(99),
            times.last().copied().unwrap_or_default()
        );
    }
    println!("all of them: {:.2} s", whole / 1e3);
}

/// What a hostile or broken source repeats, and that ten times of it take ten times as long.
fn hostile() {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "$",
        "$$ ",
        "\\(",
        "\\[",
        "\\begin{itemize}",
        "\\begin{itemize}\\item ",
        "\\end{itemize}",
        "\\begin{verbatim}",
        "\\begin{tikzpicture}",
        "\\begin{tabular}{cc}a&b",
        "\\begin{equation}",
        "\\begin",
        "\\textbf{",
        "\\frac{",
        "$\\frac{",
        "$\\left(",
        "\\iftrue ",
        "\\ifnum1<2 ",
        "\\ifthenelse{",
        "\\verb|",
        "\\footnote{",
        "\\item ",
        "&",
        "\\label{a}",
        "\\ref{a}",
        "\\index{a}",
        "\\printindex ",
        "\\foreach\\x in{1,...,9}{",
        "\\setbox0\\vbox\\bgroup ",
        "\\sbox{\\x}{",
        "\\csname ",
        "\\newcommand{\\x}{",
        "\\def\\x{\\x\\x}\\x ",
        "\\input{x}",
        "\\bfseries ",
        "\\[x\\]",
        "%",
        "[",
        "\\ce{",
        "\\fpeval{(",
    ];
    println!(
        "hostile sources: milliseconds for 10,000, 100,000 and 1,000,000 pieces, bytes of HTML a byte"
    );
    for piece in PIECES {
        let mut row = format!("{piece:<28}");
        for count in [10_000, 100_000, 1_000_000] {
            let source = piece.repeat(count);
            let start = Instant::now();
            let document = convert(&source, "E.tex", &Convert::default(), &NoSources);
            let time = start.elapsed().as_secs_f64() * 1e3;
            let grown = document.html.len() as f64 / source.len() as f64;
            row.push_str(&format!("{time:>10.1} ({grown:.1})"));
        }
        println!("{row}");
    }
}

//! How long a document takes, and that twice the text takes twice the time.

use mqd_tex::{Convert, Document, NoSources, Preamble, convert};
use std::sync::Arc;

fn main() {
    divan::main();
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

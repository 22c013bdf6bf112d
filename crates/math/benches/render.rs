//! How long a formula takes.

use mqd_math::{Macros, Numbering, Style, render};

fn main() {
    divan::main();
}

/// As they come in exercises, from short to long.
const FORMULAS: &[&str] = &[
    "x",
    r"x\in\R",
    r"f(x)=x^2+1",
    r"\sum_{k=1}^{n}\frac{1}{k^2}",
    r"\int_0^{+\infty}\frac{\sin t}{t}\,dt=\frac{\pi}{2}",
    r"A=\begin{pmatrix}1&2&3\\4&5&6\\7&8&9\end{pmatrix}",
    r"f(x)=\begin{cases}x^2&\text{si $x\geq 0$,}\\-x&\text{sinon.}\end{cases}",
    r"\left\lbrace\begin{aligned}x+y&=1\\2x-y&=0\\x+y+z&=\frac{1}{2}\end{aligned}\right.",
];

#[divan::bench(args = FORMULAS)]
fn formula(tex: &str) -> mqd_math::Formula {
    let macros = Macros::from_preamble(r"\newcommand{\R}{\mathbb{R}}");
    render(divan::black_box(tex), Style::Inline, &macros, &mut Numbering::default())
}

/// A one-minute exercise: five formulas.
#[divan::bench]
fn rapidexo(bencher: divan::Bencher<'_, '_>) {
    let macros = Macros::from_preamble(r"\newcommand{\R}{\mathbb{R}}");
    bencher.bench_local(|| {
        let mut numbering = Numbering::default();
        FORMULAS[..5]
            .iter()
            .map(|t| render(t, Style::Inline, &macros, &mut numbering).mathml.len())
            .sum::<usize>()
    });
}

/// Ten and a hundred times as long: the time must grow alike.
#[divan::bench(args = [1, 10, 100])]
fn linear(bencher: divan::Bencher<'_, '_>, times: usize) {
    let tex = format!(r"{}+", FORMULAS[4]).repeat(times);
    bencher.bench(|| render(&tex, Style::Inline, &Macros::new(), &mut Numbering::default()));
}

/// A chain of macros.
#[divan::bench]
fn expansion(bencher: divan::Bencher<'_, '_>) {
    let macros = Macros::from_preamble(
        r"\newcommand{\R}{\mathbb{R}}\newcommand{\f}[2]{\frac{#1}{#2}}\newcommand{\h}[1]{\f{#1}{\R}}",
    );
    bencher.bench(|| {
        let mut budget = mqd_math::Budget::for_source(100);
        macros.expand(divan::black_box(r"x\in\R,\ \h{a}+\f{b}{\h{c}}"), &mut budget).len()
    });
}

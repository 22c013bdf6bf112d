//! Writes a page of varied formulas, to be looked at in a browser:
//! `cargo run -p mqd-math --example page -- FONT.woff2 > page.html`

use mqd_math::{CSS, Macros, Numbering, Style, render};

const FORMULAS: &[(&str, &str)] = &[
    ("", r"\sum_{k=1}^{n}\frac{1}{k^2}\leq 2-\frac1n"),
    ("", r"\int_0^{+\infty}\frac{\sin t}{t}\,dt=\frac{\pi}{2}"),
    ("i", r"\sum_{k=1}^{n} k,\ \int_0^1 f,\ \lim_{x\to 0} f,\ \frac{a}{b}"),
    ("", r"\left(\frac{1+\sqrt5}{2}\right)^n+\left[\frac{a}{b}\right]+\left\{\frac ab\right\}"),
    ("", r"A=\begin{pmatrix}1&2\\3&4\end{pmatrix},\ \begin{vmatrix}a&b\\c&d\end{vmatrix}=ad-bc"),
    ("", r"f(x)=\begin{cases}x^2&\text{si $x\geq 0$,}\\-x&\text{sinon.}\end{cases}"),
    ("", r"\left\lbrace\begin{aligned}x+y&=1\\2x-y&=0\end{aligned}\right."),
    (
        "",
        r"\forall \varepsilon>0,\ \exists N\in\mathbb{N},\ \forall n\geq N,\ |u_n-\ell|<\varepsilon",
    ),
    (
        "",
        r"\vec{u}\cdot\vec{v}=\|\vec u\|\,\|\vec v\|\cos(\widehat{\vec u,\vec v}),\ \overrightarrow{AB}",
    ),
    (
        "",
        r"\overline{z_1 z_2}=\overline{z_1}\,\overline{z_2},\ \bar z,\ \widehat{ABC},\ \widetilde{AB},\ \tilde x,\ \hat x",
    ),
    (
        "",
        r"\mathbb{N}\subset\mathbb{Z}\subset\mathbb{Q}\subset\mathbb{R}\subset\mathbb{C},\ \mathcal{F},\ \mathscr{L},\ \mathfrak{S}_n,\ \mathds{1}_A",
    ),
    ("", r"\left]-\infty,\frac12\right]\cup[1,+\infty[,\ \llbracket 1,n\rrbracket"),
    ("", r"\underbrace{1+\cdots+1}_{n\text{ fois}}=\overbrace{n}^{\in\mathbb N}"),
    ("", r"u_n\xrightarrow[n\to+\infty]{}\ell,\quad A\xrightarrow{f}B"),
    ("", r"\binom{n}{k}=\frac{n!}{k!(n-k)!},\ {n\choose k},\ {a\over b}"),
    ("", r"\sqrt[3]{x},\ \sqrt{1+\sqrt{1+x}},\ \sqrt{\frac{a}{b}}"),
    ("", r"\lim_{\substack{x\to 0\\x>0}}\ln x=-\infty,\ \max_{1\leq i\leq n} a_i"),
    ("", r"\boxed{E=mc^2},\ \cancel{x},\ \xcancel{ab},\ \color{red}{x}+1"),
    ("align", r"a&=b+c\label{a}\\&=d+e+\frac{1}{2}\notag\\&=f\tag{$*$}"),
    ("gather", r"x=1\\y=2"),
    ("multline", r"a+b+c+d+e+f+g+h+i\\+j+k+l+m\\+n+o+p=0"),
    ("eqnarray", r"a&=&b\\&\leq&c"),
    ("equation", r"\iint_D f(x,y)\,dx\,dy"),
    ("align*", r"x&=1&y&=2\\x'&=3&y'&=4\\\intertext{et donc} z&=5"),
    (
        "",
        r"\begin{array}{|c|ccc|}\hline x&0&&1\\\hline f'(x)&&+&\\\hline f&0&\nearrow&1\\\hline\end{array}",
    ),
    ("", r"\left(\begin{array}{cc|c}1&2&3\\4&5&6\end{array}\right)"),
    ("", r"f'(x)=f''(x)+f^{(3)}(x),\ f'^2"),
    ("", r"{}^t\!A,\ A^{\top},\ \mathop{\mathrm{Card}}E,\ \operatorname{rg}A,\ \mathrm{Vect}(e_1)"),
    ("", r"\mathrm{d}x,\ 3{,}14,\ 1\,000,\ \num{12345.67},\ \SI{9.81}{m.s^{-2}}"),
    ("", r"x\equiv y\pmod n,\ x\bmod n,\ a\not\in A,\ a\not\mathcal{R} b"),
    ("", r"\bigcup_{i\in I}A_i\cap\bigcap_{j}B_j,\ \prod_{k=0}^{n-1}(1+x^k)"),
    ("", r"\left.\frac{dy}{dx}\right|_{x=0},\ \left\langle x\,\middle|\,y\right\rangle"),
    ("", r"\bigl(\Bigl(\biggl(\Biggl(x\Biggr)\biggr)\Bigr)\bigr)"),
    ("", r"\mathop{\mathrm{Sup}}\limits_{x\in I}|f(x)|,\ \operatorname*{arg\,max}_x f"),
    ("", r"\overset{\text{déf}}{=},\ \stackrel{f}{\longrightarrow},\ \underset{n\to\infty}{\sim}"),
    ("", r"\begin{matrix}a&\cdots&b\\\vdots&\ddots&\vdots\\c&\cdots&d\end{matrix}"),
    (
        "i",
        r"\left(\begin{smallmatrix}a&b\\c&d\end{smallmatrix}\right),\ \tfrac12,\ \nicefrac{3}{4}",
    ),
    ("", r"\systeme{2x+y=1,x-y=3}"),
    (
        "",
        r"\alpha\beta\gamma\Gamma\Delta\varphi\phi\epsilon\varepsilon\partial\nabla\ell\hbar\emptyset\varnothing",
    ),
    ("", r"\wideparen{AB},\ \overline{AB},\ \underline{x},\ \dot x,\ \ddot x,\ \mathring{A}"),
    ("", r"P(X\leq x\mid Y)=\frac{P(X\leq x,Y)}{P(Y)}"),
    ("", r"e^{i\pi}+1=0,\ x^{y^{z}},\ a_{i_{j}},\ x_1^2"),
    ("", r"\int\!\!\!\int_D,\ \oint_C,\ \int\limits_a^b"),
    ("", r"A\implies B\iff C\Rightarrow D,\ f:E\to F,\ x\mapsto x^2"),
];

fn main() {
    let font = std::env::args().nth(1).unwrap_or_default();
    println!(
        "<!doctype html><meta charset=utf-8><title>Formules</title><style>@font-face{{font-family:LM;\
         src:url('{font}')}}math{{font-family:LM,math;font-size:1.15em}}body{{columns:2;width:1500px;\
         margin:12px}}div{{break-inside:avoid;border-bottom:1px solid #ddd;padding:4px}}\
         small{{color:#666;display:block}}{CSS}</style>"
    );
    let mut numbering = Numbering::default();
    for (style, tex) in FORMULAS {
        let style = match *style {
            "" => Style::Display,
            "i" => Style::Inline,
            name => Style::Environment(name),
        };
        let found = render(tex, style, &Macros::new(), &mut numbering);
        let speech = found.speech.replace('<', "&lt;");
        println!("<div>{}<small>{speech} {:?}</small></div>", found.mathml, found.problems);
    }
}

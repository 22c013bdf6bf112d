//! Fragments that only TeX can draw, as pictures, with a real TeX in a real sandbox.

use mqd_pdf::{
    Compiler, Engine, Settings,
    picture::{Fragment, PictureError},
};

fn compiler(folder: &tempfile::TempDir) -> Compiler {
    Compiler::new(Settings::new(folder.path())).expect("TeX and bubblewrap are installed")
}

const PREAMBLE: &str = "\\documentclass[11pt]{article}\n\\usepackage{amsmath,tikz}\n\\usepackage[a4paper]{geometry}\n\\usepackage{fancyhdr}\\pagestyle{fancy}\n\\newcommand{\\R}{\\mathbf R}\n";

#[tokio::test]
async fn fragments_are_as_large_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiler = compiler(&folder);
    // Fragment, and between which sizes (in em) it is wide and high.
    for (engine, body, wide, high) in [
        (Engine::Pdflatex, "$\\R^{n_y}$", 0.9..2.2, 0.8..2.0),
        (Engine::Pdflatex, "\\[\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\]", 2.5..5.0, 2.0..3.2),
        (Engine::Pdflatex, "\\begin{align}a&=b\\label{x}\\\\c&=d\\end{align}", 2.0..4.0, 2.0..3.6),
        (
            Engine::Pdflatex,
            "\\begin{tikzpicture}\\draw[->] (0,0) -- (2,1) node[right] {$x$};\\end{tikzpicture}",
            5.0..8.0,
            2.5..4.0,
        ),
        (
            Engine::Pdflatex,
            "\\begin{tabular}{|c|c|}\\hline a & b\\\\\\hline\\end{tabular}",
            2.0..5.0,
            1.0..2.5,
        ),
        (Engine::Xelatex, "\\[\\frac{\\R}{2}\\]", 0.7..2.0, 1.5..3.0),
        (Engine::Lualatex, "\\[\\frac{\\R}{2}\\]", 0.7..2.0, 1.5..3.0),
    ] {
        let fragment = Fragment {
            engine,
            preamble: PREAMBLE.into(),
            body: body.into(),
            ..Fragment::default()
        };
        let picture = compiler.picture(&fragment).await.expect(body);
        assert!(wide.contains(&picture.width), "{body} is {} em wide", picture.width);
        assert!(high.contains(&picture.height), "{body} is {} em high", picture.height);
        assert!(
            picture.depth >= 0.0 && picture.depth < picture.height,
            "{body}: {}",
            picture.depth
        );
        assert!(picture.svg.contains("<path"), "{body} draws something");
        assert!(picture.svg.contains("em\""), "{body}: {}", &picture.svg[..200]);
        // Kept: the same without a run.
        assert_eq!(compiler.picture(&fragment).await.expect(body), picture);
    }
}

#[tokio::test]
async fn a_fragment_without_a_class_gets_one_and_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiler = compiler(&folder);
    let mut fragment = Fragment {
        preamble: "\\input{macros}\n".into(),
        body: "\\begin{tikzpicture}\\draw (0,0) circle (1) node {$\\E$};\\end{tikzpicture}".into(),
        ..Fragment::default()
    };
    fragment.files.insert("macros.tex".into(), "\\newcommand{\\E}{\\mathbb E}".into());
    let picture = compiler.picture(&fragment).await.expect("a picture");
    assert!((4.5..6.5).contains(&picture.width), "{}", picture.width);
    assert!(picture.titled("Un cercle").contains("<title>Un cercle</title>"));
}

#[tokio::test]
async fn what_cannot_be_drawn_says_why_and_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiler = compiler(&folder);
    let mut fragment = Fragment {
        preamble: PREAMBLE.into(),
        body: "$a$\n\n$\\inconnue$".into(),
        ..Fragment::default()
    };
    match compiler.picture(&fragment).await {
        Err(PictureError::Failed { diagnosis: Some(found), .. }) => {
            assert_eq!((found.file, found.line), (None, Some(3)));
            assert!(found.excerpt.contains("\\inconnue"), "{}", found.excerpt);
        }
        other => panic!("{other:?}"),
    }
    fragment.body = "\\relax".into();
    assert!(matches!(compiler.picture(&fragment).await, Err(PictureError::Empty)));
}

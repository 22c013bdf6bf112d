//! What is data: commands that only lay out, font switches, symbols of text mode, environments that
//! only TeX can draw. A new name is one line.
//!
//! Long: these are tables, one line a name.

mod layout;

use layout::LAYOUT;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether a command defines something that `mqd_math::Macros` reads.
pub(crate) fn is_definer(name: &str) -> bool {
    matches!(
        name,
        "newcommand"
            | "renewcommand"
            | "providecommand"
            | "DeclareRobustCommand"
            | "def"
            | "gdef"
            | "edef"
            | "xdef"
            | "let"
            | "DeclareMathOperator"
            | "DeclarePairedDelimiter"
            | "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "ProvideDocumentCommand"
            | "DeclareDocumentCommand"
            | "NewExpandableDocumentCommand"
            | "RenewExpandableDocumentCommand"
            | "ProvideExpandableDocumentCommand"
            | "DeclareExpandableDocumentCommand"
            | "newrobustcmd"
            | "renewrobustcmd"
            | "providerobustcmd"
            | "DeclarePairedDelimiterX"
            | "newenvironment"
            | "renewenvironment"
            | "NewDocumentEnvironment"
            | "RenewDocumentEnvironment"
            | "DeclareDocumentEnvironment"
            | "ProvideDocumentEnvironment"
    )
}

/// Whether a command declares something that a preamble holds.
pub(crate) fn is_declarer(name: &str) -> bool {
    matches!(
        name,
        "newtheorem"
            | "newmdtheoremenv"
            | "declaretheorem"
            | "newtcbtheorem"
            | "NewTcbTheorem"
            | "newtcolorbox"
            | "NewTColorBox"
            | "DeclareTColorBox"
            | "newtcbox"
            | "NewTCBox"
            | "DeclareTCBox"
            | "newmdenv"
            | "NewEnviron"
            | "newlist"
            | "newcounter"
            | "newif"
            | "lstnewenvironment"
            | "newminted"
            | "DeclareSIUnit"
            | "csdef"
            | "csgdef"
            | "@namedef"
            | "docsvlist"
            | "forcsvlist"
            | "@for"
    )
}

/// How a layout command is passed over, if it is one.
pub(crate) fn layout(name: &str) -> Option<&'static str> {
    static BY_NAME: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| LAYOUT.iter().copied().collect());
    BY_NAME.get(name).copied()
}

/// Commands with one argument that style it: element and class.
pub(crate) fn styled(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "emph" | "textit" | "textsl" => ("em", None),
        "textbf" | "structure" => ("strong", None),
        "texttt" => ("code", None),
        "textsc" | "bsc" | "bs" => ("span", Some("petites-capitales")),
        "underline" | "uline" | "uwave" | "ul" | "underbar" | "dashuline" | "dotuline"
        | "uuline" => ("u", None),
        "sout" | "st" | "cancel" | "xout" => ("s", None),
        "textsuperscript" | "up" | "fup" => ("sup", None),
        "textsubscript" => ("sub", None),
        "fbox" | "framebox" | "boxed" | "shadowbox" | "doublebox" | "ovalbox" | "tcbox"
        | "Ovalbox" | "psframebox" | "pscirclebox" | "dbox" | "dashbox" | "psovalbox"
        | "psdblframebox" | "psshadowbox" => ("span", Some("cadre")),
        "hl" => ("mark", None),
        "so" | "caps" | "textenglish" | "textfrench" | "textgerman" | "textspanish" | "textls"
        | "vtop" | "vcenter" | "textlatin" | "textgreek" | "reflectbox" | "makecell"
        | "shortstack" | "thead" | "rothead" | "textmain" | "ensuretext" | "mathmbox"
        | "textrm" | "textup" | "textmd" | "textnormal" | "textsf" | "mbox" | "hbox"
        | "makebox" | "text" | "vbox" | "smash" | "lowercase" | "MakeLowercase" | "raisebox"
        | "rlap" | "llap" | "centerline" | "leftline" | "rightline" | "noexpand"
        | "beamerbutton" | "beamergotobutton" | "invisible" | "pdftooltip" | "bname"
        | "intertext" | "mathrm" | "operatorname" | "only" | "uncover" | "onslide" | "visible"
        | "textlf" | "addstackgap" => ("span", None),
        _ => return None,
    })
}

/// Switches that style the rest of their group.
pub(crate) fn switch(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "bf" | "bfseries" => ("strong", None),
        "it" | "itshape" | "em" | "sl" | "slshape" => ("em", None),
        "tt" | "ttfamily" => ("code", None),
        "sc" | "scshape" => ("span", Some("petites-capitales")),
        "rm" | "sf" | "sffamily" => ("span", None),
        _ => return None,
    })
}

/// Drawings that are a box in the line of the text around them.
pub(crate) fn is_drawn_in_line(name: &str) -> bool {
    matches!(
        name.trim_end_matches('*'),
        "tikzpicture"
            | "picture"
            | "pspicture"
            | "pgfpicture"
            | "circuitikz"
            | "asy"
            | "xy"
            | "mfpic"
            | "forest"
            | "tikzcd"
            | "scratch"
            | "pstree"
    )
}

/// Environments that only TeX can draw.
pub(crate) fn is_drawing(name: &str) -> bool {
    is_drawn_in_line(name)
        || matches!(
            name.trim_end_matches('*'),
            "axis"
                | "CD"
                | "variations"
                | "tabvar"
                | "tableauvariations"
                | "tabsigne"
                | "scope"
                | "mplibcode"
                | "gnuplot"
                | "algorithm"
                | "algorithm2e"
                | "algorithmic"
                | "algorithmicx"
                | "postscript"
                | "luacode"
                | "pycode"
                | "sageblock"
                | "tabbing"
                | "musicabc"
                | "chemfig"
                | "overpic"
                | "psgraph"
                | "prooftree"
                | "sudoku"
                | "logicpuzzle"
                | "tkzexample"
                | "venndiagram2sets"
                | "venndiagram3sets"
                | "psmatrix"
                | "Geometrie"
                | "Scratch"
                | "algo"
                | "Algo"
                | "Algorithme"
                | "pseudocode"
                | "feynman"
                | "bytefield"
                | "karnaugh-map"
                | "sequencediagram"
                | "tikzfigure"
                | "tkzTabEnv"
                | "gmatrix"
                | "wordsearch"
                | "crossword"
                | "Puzzle"
                | "PuzzleClues"
                | "chronology"
                | "timeline"
        )
}

/// Commands that only TeX can draw, with their arguments as in [`layout`].
pub(crate) fn drawing(name: &str) -> Option<&'static str> {
    Some(match name {
        "xymatrix" | "halign" | "valign" | "settabs" => "m",
        // ProfCollege and its like compute what they draw.
        "Tableur"
        | "Propor"
        | "Pythagore"
        | "Thales"
        | "ResolEquation"
        | "Relie"
        | "Reperage"
        | "Representation"
        | "Decomposition"
        | "Fraction"
        | "Trigo"
        | "Stat"
        | "Proba"
        | "FonctionAffine"
        | "Engrenages"
        | "Ratio"
        | "Distri"
        | "Pyramide"
        | "SommeAngles"
        | "Billard"
        | "Cartographie"
        | "Labyrinthe"
        | "QuelNombre"
        | "Tortue"
        | "VueCubes"
        | "TableauDoubleEntree"
        | "Dessinalgo"
        | "ModeleBarre"
        | "Barresniveaux"
        | "CourbeEsp"
        | "tkzTabLine"
        | "tkzTabVar"
        | "dirtree"
        | "bclogo*"
        | "calculatrice"
        | "KeyStroke"
        | "ncline"
        | "nccurve"
        | "ncarc"
        | "ncbar"
        | "ncangle"
        | "ncdiag"
        | "psline"
        | "psplot"
        | "pspolygon"
        | "pscircle"
        | "psdots"
        | "pscurve"
        | "psbezier"
        | "rput"
        | "uput" => "a",
        "opadd" | "opsub" | "opmul" | "opdiv" | "opidiv" => "omm",
        "tkzTab" => "ommm",
        "scratchinline" => "m",
        "polylongdiv" | "polylonggcd" => "omm",
        "polyhornerscheme" | "polyfactorize" => "om",
        "chemfig" => "om",
        "pgfplotstabletypeset" => "om",
        "tkzTabInit" => "omm",
        "includepdf" => "om",
        _ => return None,
    })
}

/// Environments that only group or lay out what is in them: class of the box and arguments.
pub(crate) fn boxed(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name.trim_end_matches('*') {
        "center" | "centering" | "Center" => ("centre", ""),
        "flushleft" | "FlushLeft" => ("gauche", ""),
        "flushright" | "FlushRight" => ("droite", ""),
        "quote" | "quotation" | "verse" => ("citation", ""),
        "abstract" => ("resume", ""),
        "minipage" => ("minipage", "ooom"),
        "multicols" => ("multicolonnes", "m"),
        "boxedminipage" | "boxedminipage2e" => ("encadre", "om"),
        "framed" | "shaded" | "leftbar" | "Sbox" | "encadre" | "oframed" | "snugshade" => {
            ("encadre", "o")
        }
        "landscape" | "spacing" | "sloppypar" | "titlepage" | "small" | "footnotesize"
        | "scriptsize" | "tiny" | "large" | "Large" | "LARGE" | "huge" | "Huge" | "normalsize"
        | "flalignbox" | "samepage" | "otherlanguage" | "french" | "english" | "adjustwidth"
        | "subequations" | "em" | "it" | "bf" | "sl" | "sc" | "tt" | "column" | "columns"
        | "onehalfspace" | "doublespace" | "singlespace" | "group" | "changemargin"
        | "linenumbers" | "parbox" | "appendices" | "threeparttable" | "adjustbox"
        | "savenotes" | "EnvFullwidth" | "fullwidth" | "raggedright" | "raggedleft" | "paracol"
        | "justify" | "sideways" | "turn" | "rotate" | "overprint" | "overlayarea" | "onlyenv"
        | "uncoverenv" | "visibleenv" | "invisibleenv" | "altenv" | "tablenotes"
        | "measuredfigure" | "subappendices" | "multicolpar" | "hyphenrules" | "color"
        | "varwidth" | "textblock" | "tcbinvclipframe" | "copieexamen" | "examcopy" | "bibdiv"
        | "biblist" | "ThreePartTable" | "Form" => {
            let arguments = match name.trim_end_matches('*') {
                "turn" | "rotate" | "hyphenrules" | "color" => "m",
                "overprint" | "tablenotes" | "columns" | "copieexamen" | "examcopy" => "o",
                "varwidth" => "om",
                "textblock" => "md",
                "spacing" | "otherlanguage" | "column" | "paracol" | "adjustbox" => "m",
                "adjustwidth" | "changemargin" | "overlayarea" => "mm",
                _ => "",
            };
            ("groupe", arguments)
        }
        _ => return None,
    })
}

/// Statements that many documents use without defining them (packages, or a fragment without its
/// preamble): environment, printed name.
pub(crate) fn usual_statement(name: &str) -> Option<&'static str> {
    Some(match name.trim_end_matches('*') {
        "theorem" | "theoreme" | "thm" | "theo" | "Theoreme" | "Theorem" => "Théorème",
        "proposition" | "prop" | "Proposition" => "Proposition",
        "lemma" | "lemme" | "lem" | "Lemme" => "Lemme",
        "corollary" | "corollaire" | "cor" | "coro" | "Corollaire" => "Corollaire",
        "definition" | "defi" | "defn" | "Definition" | "df" => "Définition",
        "remark" | "remarque" | "rem" | "rmq" | "Remarque" => "Remarque",
        "remarques" | "remarks" | "Remarques" => "Remarques",
        "example" | "exemple" | "ex" | "exple" | "Exemple" => "Exemple",
        "exemples" | "examples" | "Exemples" => "Exemples",
        "notation" | "nota" | "Notation" => "Notation",
        "propriete" | "property" | "Propriete" | "prt" => "Propriété",
        "axiome" | "axiom" => "Axiome",
        "conjecture" => "Conjecture",
        "methode" | "Methode" => "Méthode",
        "exercise" | "exercice" | "exo" | "Exercice" | "Exercise" | "question" | "questionmult"
        | "questionmultx" | "Exo" | "EXO" | "exercices" | "exercicecorrige" => "Exercice",
        "problem" | "probleme" | "Probleme" => "Problème",
        "solution" | "sol" | "corrige" | "Solution" | "answer" | "reponse" | "correction"
        | "Corrige" | "Answer" | "solutionorbox" | "solutionorlines" | "onlysolution"
        | "Reponse" | "solutionbox" | "corrigé" => "Solution",
        "hint" | "indication" | "Indication" => "Indication",
        "enonce" | "Enonce" => "Énoncé",
        "vocabulaire" => "Vocabulaire",
        "attention" | "warning" => "Attention",
        "claim" | "affirmation" => "Affirmation",
        "fact" => "Fait",
        "application" | "Application" => "Application",
        "applications" => "Applications",
        "consequence" | "csq" => "Conséquence",
        "consequences" => "Conséquences",
        "rappel" | "Rappel" => "Rappel",
        "rappels" | "Rappels" => "Rappels",
        "objectif" => "Objectif",
        "objectifs" | "Objectifs" => "Objectifs",
        "savoirfaire" | "Savoirfaire" => "Savoir-faire",
        "convention" => "Convention",
        "contrexemple" | "contreexemple" | "counterexample" => "Contre-exemple",
        "astuce" => "Astuce",
        "aide" => "Aide",
        "commentaire" | "commentaires" => "Commentaire",
        "proprietes" | "Proprietes" => "Propriétés",
        "definitions" => "Définitions",
        "interpretation" => "Interprétation",
        "principe" => "Principe",
        "loi" => "Loi",
        "experience" => "Expérience",
        "activite" => "Activité",
        _ => return None,
    })
}

/// The statements that beamer defines.
pub(crate) fn is_theorem_of_beamer(name: &str) -> bool {
    matches!(
        name,
        "theorem"
            | "corollary"
            | "definition"
            | "definitions"
            | "fact"
            | "example"
            | "examples"
            | "lemma"
            | "problem"
            | "solution"
    )
}

/// An accent over the letter that follows.
pub(crate) fn is_accent(name: &str) -> bool {
    matches!(
        name,
        "'" | "`"
            | "^"
            | "\""
            | "~"
            | "="
            | "."
            | "u"
            | "v"
            | "H"
            | "c"
            | "k"
            | "r"
            | "d"
            | "b"
            | "t"
    )
}

/// A counter that LaTeX itself defines.
pub(crate) fn is_usual_counter(name: &str) -> bool {
    matches!(
        name,
        "part"
            | "chapter"
            | "section"
            | "subsection"
            | "subsubsection"
            | "paragraph"
            | "subparagraph"
            | "enumi"
            | "enumii"
            | "enumiii"
            | "enumiv"
            | "figure"
            | "table"
            | "equation"
            | "footnote"
            | "page"
    )
}

/// Commands of formulas that people write in text by mistake, or that symbols fonts give.
pub(crate) fn is_mathematical(name: &str) -> bool {
    matches!(
        name,
        "mathbb"
            | "mathcal"
            | "mathbf"
            | "mathrm"
            | "mathscr"
            | "mathfrak"
            | "frac"
            | "dfrac"
            | "sqrt"
            | "sum"
            | "int"
            | "geq"
            | "leq"
            | "geqslant"
            | "leqslant"
            | "neq"
            | "in"
            | "infty"
            | "alpha"
            | "beta"
            | "gamma"
            | "delta"
            | "epsilon"
            | "varepsilon"
            | "lambda"
            | "mu"
            | "pi"
            | "omega"
            | "theta"
            | "phi"
            | "varphi"
            | "rightarrow"
            | "Rightarrow"
            | "leftarrow"
            | "Leftarrow"
            | "Leftrightarrow"
            | "leftrightarrow"
            | "leftrightarrows"
            | "longrightarrow"
            | "mapsto"
            | "to"
            | "times"
            | "cdot"
            | "cdots"
            | "circ"
            | "bullet"
            | "star"
            | "square"
            | "Box"
            | "blacksquare"
            | "forall"
            | "exists"
            | "implies"
            | "iff"
            | "subset"
            | "cup"
            | "cap"
            | "emptyset"
            | "varnothing"
            | "pm"
            | "approx"
            | "sim"
            | "equiv"
            | "triangle"
            | "triangleright"
            | "blacktriangleright"
            | "diamond"
            | "Diamond"
            | "clubsuit"
            | "heartsuit"
            | "spadesuit"
            | "diamondsuit"
            | "hookrightarrow"
            | "uparrow"
            | "downarrow"
            | "nearrow"
            | "searrow"
            | "left"
            | "right"
            | "overline"
            | "overrightarrow"
            | "vec"
            | "llbracket"
            | "rrbracket"
            | "lbrace"
            | "rbrace"
            | "langle"
            | "rangle"
            | "prime"
            | "partial"
            | "nabla"
            | "ell"
            | "lozenge"
            | "blacklozenge"
            | "bigstar"
            | "Longrightarrow"
    )
}

/// Environments whose content is text as it stands.
pub(crate) fn is_verbatim(name: &str) -> bool {
    matches!(
        name,
        "verbatim"
            | "verbatim*"
            | "Verbatim"
            | "Verbatim*"
            | "BVerbatim"
            | "LVerbatim"
            | "SaveVerbatim"
            | "Highlighting"
            | "lstlisting"
            | "minted"
            | "alltt"
            | "verbatimtab"
            | "listing"
            | "semiverbatim"
            | "boxedverbatim"
            | "lstcode"
            | "ConsolePythontex"
            | "ConsolePiton"
            | "sageexample"
            | "comment"
            | "sagesilent"
            | "python"
            | "pythoncode"
            | "pyverbatim"
            | "pyconsole"
            | "CodePythonLst"
            | "CodePiton"
            | "Piton"
            | "code"
            | "codebox"
            | "spverbatim"
            | "tcblisting"
            | "filecontents"
            | "filecontents*"
    )
}

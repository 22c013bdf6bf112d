//! What a source needs: the files of the dépôt that it names, directly or not, as a run is given
//! them.
//!
//! TeX looks for a name from one folder only; authors name files from where their source stands. So
//! a run is laid out like the dépôt, and a name that TeX would not find from its root is replaced by
//! the path that it means. Lines stay where they are, so that errors are located in the sources.

use crate::source::{Files, SourceFile};
use mqd_pdf::Engine;
use mqd_tex::{Cursor, Token};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    rc::Rc,
    sync::Arc,
};

/// How a command names files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In its first argument; `\input` also without braces.
    First,
    /// In its second argument.
    Second,
    /// Several in its first argument, separated by commas.
    List,
    /// A folder and a file, as the package `import` does.
    Import,
    /// `file=` or `figure=` among the keys of its first argument.
    Keys,
}

const TEXTS: &[&str] = &[".tex", ""];
const INCLUDED: &[&str] = &[".tex"];
const PICTURES: &[&str] = &["", ".pdf", ".png", ".jpg", ".jpeg", ".mps", ".PDF", ".PNG", ".JPG"];
const EXACT: &[&str] = &[""];
/// What scripts may draw, and their own endings.
const DRAWN: &[&str] = &[".pdf", ".png", ".jpg", ".jpeg"];
const SCRIPTS: &[&str] = &[".asy", ".py"];

/// The commands that name files, with the endings that a name may lack.
fn command(name: &str) -> Option<(Form, &'static [&'static str])> {
    Some(match name {
        "input" | "@input" | "@@input" | "InputIfFileExists" | "IfFileExists" | "subfile"
        | "subfileinclude" => (Form::First, TEXTS),
        "include" => (Form::First, INCLUDED),
        "includegraphics" | "includepdf" | "pgfimage" | "includesvg" | "epsfbox"
        | "includestandalone" => (Form::First, PICTURES),
        "epsfig" | "psfig" => (Form::Keys, PICTURES),
        "lstinputlisting" | "verbatiminput" | "verbatimtabinput" | "VerbatimInput"
        | "BVerbatimInput" | "LVerbatimInput" | "addbibresource" | "pgfplotstableread"
        | "csvreader" | "csvautotabular" => (Form::First, EXACT),
        "inputminted" | "DTLloaddb" => (Form::Second, EXACT),
        "bibliography" => (Form::List, &[".bib"]),
        "bibliographystyle" => (Form::First, &[".bst"]),
        "usepackage" | "RequirePackage" | "RequirePackageWithOptions" => (Form::List, &[".sty"]),
        "documentclass" | "LoadClass" | "LoadClassWithOptions" => (Form::First, &[".cls"]),
        "import" | "subimport" | "inputfrom" | "subinputfrom" | "includefrom"
        | "subincludefrom" => (Form::Import, TEXTS),
        _ => return None,
    })
}

/// Packages that run under one engine only, or under two of which the first is the more usual.
const OWN_PACKAGES: &[(&str, Engine)] = &[
    ("fontspec", Engine::Xelatex),
    ("polyglossia", Engine::Xelatex),
    ("unicode-math", Engine::Xelatex),
    ("mathspec", Engine::Xelatex),
    ("xltxtra", Engine::Xelatex),
    ("xunicode", Engine::Xelatex),
    ("luacode", Engine::Lualatex),
    ("luamplib", Engine::Lualatex),
    ("luatextra", Engine::Lualatex),
    ("luatexja", Engine::Lualatex),
    ("luadraw", Engine::Lualatex),
];

/// `% !TEX program = xelatex`, as editors read it in the first lines.
pub(super) fn magic(text: &str) -> Option<Engine> {
    text.lines().take(20).find_map(|line| {
        let line = line.trim_start().strip_prefix('%')?.trim_start();
        let (key, value) = line.split_once('=')?;
        let key = key.to_ascii_lowercase();
        let key: Vec<&str> = key.split_whitespace().collect();
        matches!(key[..], ["!tex", "program" | "ts-program"])
            .then(|| value.trim().to_ascii_lowercase().parse().ok())?
    })
}

/// Encodings that sources are no longer in once they are read.
const FORMER: &[&str] =
    &["latin1", "latin9", "ansinew", "cp1252", "cp850", "cp437", "applemac", "decmulti", "next"];

/// One source as a run is given it, and what it names.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) text: Arc<str>,
    names: Vec<String>,
    /// Scripts that draw the pictures that it names, with the ending that a name has.
    scripts: Vec<(String, &'static str)>,
    /// It opens the document.
    pub(super) begins: bool,
    /// It names a class.
    pub(super) class: bool,
    /// The engine that it calls for.
    engine: Option<Engine>,
}

/// The files that a document needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Closure {
    /// Texts, UTF-8, by path.
    pub(super) texts: BTreeMap<String, Arc<str>>,
    /// Paths of all other files.
    pub(super) others: BTreeSet<String>,
    pub(super) begins: bool,
    pub(super) class: bool,
    /// The engine that one of the texts calls for.
    pub(super) engine: Option<Engine>,
}

/// Reads the sources of one dépôt, each once.
pub(super) struct Reader<'f> {
    files: &'f Files,
    /// Folders of `\graphicspath`, wherever the dépôt sets it.
    pictures: Vec<String>,
    read: RefCell<HashMap<String, Rc<Read>>>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(files: &'f Files) -> Self {
        let mut pictures = BTreeSet::new();
        for text in files.files.values().filter_map(|file| file.text.as_ref()) {
            if !text.contains("\\graphicspath") {
                continue;
            }
            for arguments in mqd_tex::command_arguments(text, "graphicspath") {
                let mut folders = Cursor::new(arguments.first().copied().unwrap_or_default());
                while let Some(folder) = folders.argument() {
                    pictures.insert(folder.trim().to_owned());
                }
            }
        }
        Self { files, pictures: pictures.into_iter().collect(), read: RefCell::default() }
    }

    /// The scripts that draw pictures that some source names, with the endings that names have.
    pub(super) fn scripts(&self) -> BTreeMap<String, BTreeSet<&'static str>> {
        let mut out: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for file in self.files.files.values() {
            let Some(text) = &file.text else { continue };
            for (script, ending) in &self.read(&file.path, text).scripts {
                out.entry(script.clone()).or_default().insert(ending);
            }
        }
        out
    }

    /// Adds a file and all that it needs.
    pub(super) fn add(&self, path: &str, closure: &mut Closure) {
        let mut todo = vec![path.to_owned()];
        while let Some(path) = todo.pop() {
            if closure.texts.contains_key(&path) || closure.others.contains(&path) {
                continue;
            }
            match self.files.files.get(&path) {
                Some(SourceFile { text: Some(text), .. }) => {
                    let read = self.read(&path, text);
                    closure.begins |= read.begins;
                    closure.class |= read.class;
                    closure.engine = closure.engine.max(read.engine);
                    todo.extend(read.names.iter().cloned());
                    closure.texts.insert(path, Arc::clone(&read.text));
                }
                Some(_) => {
                    closure.others.insert(path);
                }
                None => {}
            }
        }
    }

    /// Adds what a text at a path names, but not the text itself; gives the text as a run needs it.
    pub(super) fn add_text(&self, path: &str, text: &str, closure: &mut Closure) -> Arc<str> {
        let read = self.scan(path, text);
        closure.engine = closure.engine.max(read.engine);
        for name in &read.names {
            self.add(name, closure);
        }
        read.text
    }

    fn read(&self, path: &str, text: &Arc<str>) -> Rc<Read> {
        if let Some(read) = self.read.borrow().get(path) {
            return Rc::clone(read);
        }
        let read = Rc::new(self.scan(path, text));
        self.read.borrow_mut().insert(path.to_owned(), Rc::clone(&read));
        read
    }

    /// Finds the names in a text.
    fn scan(&self, path: &str, text: &str) -> Read {
        let mut read = Read::default();
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut cursor = Cursor::new(text);
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            match name {
                "begin" if cursor.clone().argument().map(str::trim) == Some("document") => {
                    read.begins = true;
                    continue;
                }
                "documentclass" => read.class = true,
                "setmainfont" | "setmathfont" | "setmainlanguage" | "setdefaultlanguage" => {
                    read.engine = read.engine.max(Some(Engine::Xelatex));
                }
                "directlua" => read.engine = Some(Engine::Lualatex),
                "inputencoding" => {
                    let argument = cursor.clone().argument();
                    edits.extend(argument.and_then(|encoding| utf8(text, encoding)));
                    continue;
                }
                _ => {}
            }
            let Some((form, endings)) = command(name) else { continue };
            // A copy: arguments hold commands too (`\IfFileExists{…}{\input{…}}{}`).
            let mut ahead = cursor.clone();
            ahead.star();
            let options = ahead.optional();
            while ahead.optional().is_some() {}
            if form == Form::First && !ahead.rest().trim_start().starts_with('{') {
                if name == "input" {
                    let bare = bare_name(ahead.rest());
                    self.name(path, text, bare, endings, &mut read, &mut edits);
                }
                continue;
            }
            let Some(mut argument) = ahead.argument() else { continue };
            match form {
                Form::First => {
                    self.name(path, text, argument, endings, &mut read, &mut edits);
                    // A part that compiles alone names the whole that has its preamble.
                    if name == "documentclass" && argument.trim() == "subfiles" {
                        let whole = options.unwrap_or_default();
                        self.name(path, text, whole, TEXTS, &mut read, &mut edits);
                    }
                }
                Form::Second => {
                    ahead.optional();
                    argument = ahead.argument().unwrap_or_default();
                    self.name(path, text, argument, endings, &mut read, &mut edits);
                }
                Form::List => {
                    if argument.split(',').any(|package| package.trim() == "inputenc") {
                        edits.extend(options.and_then(|encoding| utf8(text, encoding)));
                    }
                    for item in argument.split(',') {
                        let own = OWN_PACKAGES.iter().find(|(name, _)| *name == item.trim());
                        read.engine = read.engine.max(own.map(|(_, engine)| *engine));
                        self.name(path, text, item, endings, &mut read, &mut edits);
                    }
                }
                Form::Import => {
                    // The package puts the folder before every name in the file: those are found
                    // beside it, and stay as they are.
                    let file = ahead.argument().unwrap_or_default();
                    let joined = format!("{}/{}", argument.trim_end_matches('/'), file.trim());
                    if let Some(file) = self.files.find(path, &joined, endings) {
                        read.names.push(file.path.clone());
                    }
                }
                Form::Keys => {
                    for pair in argument.split(',') {
                        if let Some((key, value)) = pair.split_once('=')
                            && matches!(key.trim(), "file" | "figure")
                        {
                            self.name(path, text, value, endings, &mut read, &mut edits);
                        }
                    }
                }
            }
        }
        // A source that asks which engine runs is written for several.
        if ["iftex", "\\ifxetex", "\\ifluatex", "\\ifXeTeX", "\\ifPDFTeX"]
            .iter()
            .any(|asks| text.contains(asks))
        {
            read.engine = None;
        }
        read.engine = magic(text).or(read.engine);
        read.text = edited(text, edits).into();
        read
    }

    /// A name in a source: remembers the file that it means, and how TeX must be told.
    fn name(
        &self,
        from: &str,
        text: &str,
        name: &str,
        endings: &[&str],
        read: &mut Read,
        edits: &mut Vec<(Range<usize>, String)>,
    ) {
        let written = name.trim().trim_matches('"');
        // What a macro's argument will be is known to TeX alone.
        if written.is_empty() || written.contains(['#', '\\', '{']) {
            return;
        }
        let picture = endings.len() > 3;
        let found = |name: &str, endings: &[&str]| {
            self.files.find(from, name, endings).or_else(|| {
                let mut folders = self.pictures.iter().filter(|_| picture);
                folders
                    .find_map(|folder| self.files.find(from, &format!("{folder}/{name}"), endings))
            })
        };
        if picture {
            let ending = DRAWN.iter().find(|ending| written.ends_with(**ending)).unwrap_or(&"");
            let stem = written.strip_suffix(ending).unwrap_or(written);
            read.scripts.extend(found(stem, SCRIPTS).map(|file| (file.path.clone(), *ending)));
        }
        let Some(file) = found(written, endings) else { return };
        read.names.push(file.path.clone());
        // pdfTeX reads the PDF that stands for an EPS figure.
        if picture && let Some(stem) = file.path.strip_suffix(".eps") {
            let other = format!("{stem}-eps-converted-to.pdf");
            read.names.extend(self.files.files.contains_key(&other).then_some(other));
        }
        let plain = written.trim_start_matches("./");
        let as_is = endings.iter().any(|ending| file.path == format!("{plain}{ending}"));
        if !as_is {
            // Both are slices of `text`, so the difference is an offset inside it.
            let at = written.as_ptr() as usize - text.as_ptr() as usize;
            let ending = endings
                .iter()
                .find(|ending| !ending.is_empty() && file.path.ends_with(**ending))
                .filter(|ending| !picture && !written.ends_with(**ending) && **ending != ".tex")
                .copied()
                .or((endings == INCLUDED).then_some(".tex"))
                .unwrap_or_default();
            let path = file.path.strip_suffix(ending).unwrap_or(&file.path);
            edits.push((at..at + written.len(), path.to_owned()));
        }
    }
}

/// `\input name` up to a blank.
fn bare_name(rest: &str) -> &str {
    let rest = rest.trim_start_matches([' ', '\t']);
    &rest[..rest
        .find(|c: char| c.is_whitespace() || matches!(c, '\\' | '%' | '}'))
        .unwrap_or(rest.len())]
}

/// The edit that says that a text is in UTF-8 now.
fn utf8(text: &str, encoding: &str) -> Option<(Range<usize>, String)> {
    let written = encoding.trim();
    let at = written.as_ptr() as usize - text.as_ptr() as usize;
    FORMER.contains(&written).then(|| (at..at + written.len(), "utf8".to_owned()))
}

fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        // An argument inside an argument of another command may be seen twice.
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(list: &[(&str, Option<&str>)]) -> Files {
        let files = list.iter().map(|(path, text)| {
            let path = (*path).to_owned();
            let file = SourceFile {
                path: path.clone(),
                size: 0,
                text: text.map(Into::into),
                date: None,
                drawn: None,
            };
            (path, file)
        });
        Files { files: files.collect(), ..Files::default() }
    }

    /// The paths that a text at `a/E.tex` needs, and the text as a run gets it.
    fn needs(text: &str) -> (String, String) {
        let files = files(&[
            ("a/E.tex", Some(text)),
            ("a/part.tex", Some("")),
            ("a/fig.pdf", None),
            ("a/old.eps", None),
            ("a/old-eps-converted-to.pdf", None),
            ("commun/pre.tex", Some("\\usepackage{maths}")),
            ("commun/maths.sty", Some("\\input{suite}")),
            ("commun/suite.tex", Some("")),
            ("root.tex", Some("")),
            ("img/photo.png", None),
            ("biblio.bib", Some("")),
            ("code.py", None),
        ]);
        let reader = Reader::new(&files);
        let mut closure = Closure::default();
        reader.add("a/E.tex", &mut closure);
        let own = closure.texts.remove("a/E.tex").unwrap();
        let paths: Vec<&str> =
            closure.texts.keys().chain(&closure.others).map(String::as_str).collect();
        (paths.join(" "), own.to_string())
    }

    #[test]
    fn names_are_found_and_made_to_be_found_by_tex() {
        for (text, paths, run) in [
            ("\\input{part}", "a/part.tex", "\\input{a/part.tex}"),
            ("\\input{root.tex}", "root.tex", "\\input{root.tex}"),
            ("\\input root \n", "root.tex", "\\input root \n"),
            ("\\input{./root}", "root.tex", "\\input{./root}"),
            ("\\include{part}", "a/part.tex", "\\include{a/part}"),
            (
                "\\input{../commun/pre}",
                "commun/maths.sty commun/pre.tex commun/suite.tex",
                "\\input{commun/pre.tex}",
            ),
            (
                "\\includegraphics[width=3cm]{fig}",
                "a/fig.pdf",
                "\\includegraphics[width=3cm]{a/fig.pdf}",
            ),
            (
                "\\includegraphics*[1][2]{fig.pdf}",
                "a/fig.pdf",
                "\\includegraphics*[1][2]{a/fig.pdf}",
            ),
            ("\\epsfig{file=fig.pdf,width=2cm}", "a/fig.pdf", "\\epsfig{file=a/fig.pdf,width=2cm}"),
            (
                "\\includegraphics{old.eps}",
                "a/old-eps-converted-to.pdf a/old.eps",
                "\\includegraphics{a/old.eps}",
            ),
            (
                "\\graphicspath{{img/}{x/}}\\includegraphics{photo}",
                "img/photo.png",
                "\\graphicspath{{img/}{x/}}\\includegraphics{img/photo.png}",
            ),
            (
                "\\IfFileExists{part.tex}{\\input{part}}{}",
                "a/part.tex",
                "\\IfFileExists{a/part.tex}{\\input{a/part.tex}}{}",
            ),
            (
                "\\usepackage{amsmath,commun/maths}",
                "commun/maths.sty commun/suite.tex",
                "\\usepackage{amsmath,commun/maths}",
            ),
            ("\\bibliography{biblio}", "biblio.bib", "\\bibliography{biblio}"),
            (
                "\\documentclass[../root.tex]{subfiles}",
                "root.tex",
                "\\documentclass[root.tex]{subfiles}",
            ),
            (
                "\\documentclass[../root]{subfiles}",
                "root.tex",
                "\\documentclass[root.tex]{subfiles}",
            ),
            ("\\lstinputlisting{../code.py}", "code.py", "\\lstinputlisting{code.py}"),
            ("\\inputminted{python}{code.py}", "code.py", "\\inputminted{python}{code.py}"),
            ("% \\input{part}\n", "", "% \\input{part}\n"),
            (
                "\\input{absent}\\input{#1}\\input{../../etc/passwd}",
                "",
                "\\input{absent}\\input{#1}\\input{../../etc/passwd}",
            ),
            ("\\usepackage[latin1]{inputenc}", "", "\\usepackage[utf8]{inputenc}"),
            ("\\usepackage[utf8x]{inputenc}", "", "\\usepackage[utf8x]{inputenc}"),
            ("\\inputencoding{latin9}", "", "\\inputencoding{utf8}"),
        ] {
            assert_eq!(needs(text), (paths.to_owned(), run.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_engine_is_the_one_that_sources_call_for() {
        let xelatex = Some(Engine::Xelatex);
        for (text, engine) in [
            ("\\usepackage{amsmath}", None),
            ("\\usepackage{amsmath, fontspec}", xelatex),
            ("\\setmainfont{Libertine}", xelatex),
            ("% \\setmainfont{Libertine}", None),
            ("\\RequirePackage[no-math]{fontspec}\\directlua{x=1}", Some(Engine::Lualatex)),
            ("\\ifxetex\\usepackage{fontspec}\\else\\usepackage[utf8]{inputenc}\\fi", None),
            ("\\usepackage{iftex}\\ifPDFTeX\\else\\usepackage{fontspec}\\fi", None),
            ("% !TEX TS-program = lualatex\n\\setmainfont{x}", Some(Engine::Lualatex)),
            ("%!TeX program=pdflatex\n\\usepackage{fontspec}", Some(Engine::Pdflatex)),
        ] {
            let files = files(&[("m.tex", Some("\\input{pre}")), ("pre.tex", Some(text))]);
            let mut closure = Closure::default();
            Reader::new(&files).add("m.tex", &mut closure);
            assert_eq!(closure.engine, engine, "{text}");
        }
    }

    #[test]
    fn a_preamble_may_open_the_document() {
        let files = files(&[
            ("C.tex", Some("\\input{pre}\nx")),
            ("pre.tex", Some("\\documentclass{article}\n\\begin{document}")),
            ("boucle.tex", Some("\\input{boucle} % \\begin{document}")),
        ]);
        let reader = Reader::new(&files);
        for (path, begins, class) in [("C.tex", true, true), ("boucle.tex", false, false)] {
            let mut closure = Closure::default();
            reader.add(path, &mut closure);
            assert_eq!((closure.begins, closure.class), (begins, class), "{path}");
        }
    }
}

//! Commands of packages for exercises, boxes, slides, listings and drawings, as they stand in running
//! text.

use super::{Flow, Parser, boxes::points_text, signs::pass_over};
use crate::reader::{Cursor, Token};
use crate::{
    Severity,
    tree::{Block, Inline},
};
use mqd_math::Style;

/// What is said of what only a whole compilation knows.
const AT_COMPILATION: &str = "cela ne se connaît qu'à la compilation ; rien n'est montré";

impl Parser<'_> {
    /// Handles a command of this room; `false` when it is none.
    pub(super) fn package(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) -> bool {
        match name {
            // Totals of exsheets, xsim and exam; lists that are printed elsewhere.
            "totalpoints"
            | "numpoints"
            | "numquestions"
            | "numberofexercises"
            | "numpages"
            | "numbonuspoints"
            | "numparts"
            | "gradetable"
            | "pointtable"
            | "bonusgradetable"
            | "combinedgradetable"
            | "TotalExerciseGoals"
            | "TotalExerciseGoal"
            | "totalexercises"
            | "printexercise"
            | "printallexercises"
            | "grade"
            | "pointsofquestion"
            | "printglossaries"
            | "printglossary"
            | "printacronyms"
            | "printnoidxglossary"
            | "listoftodos"
            | "lstlistoflistings"
            | "listofalgorithms"
            | "numproblems"
            | "listoftheorems"
            | "insertframenumber"
            | "inserttotalframenumber"
            | "jobname" => {
                pass_over("a", cursor);
                self.report(Severity::Info, name, AT_COMPILATION);
            }
            "points" => {
                if cursor.peek() == Some(Token::Open) {
                    let points = self.evaluate(cursor.argument().unwrap_or_default());
                    flow.raw(&format!("({})", points_text(&points)));
                }
            }
            // The answer is for the sheet of answers.
            "blank" | "fillin" | "fillblank" | "blanc" => {
                cursor.star();
                let answer = cursor.optional().unwrap_or_default();
                cursor.optional();
                if cursor.peek() == Some(Token::Open) {
                    cursor.argument();
                }
                if name == "fillin" && self.prints_answers() && !answer.trim().is_empty() {
                    let inner = self.line(answer);
                    flow.inline(Inline::Styled { tag: "u", class: None, inner });
                } else {
                    flow.raw("……");
                }
            }
            // Exo7: what its files say around each exercise.
            "exercice" if cursor.clone().argument().is_some_and(|id| id.contains(", ")) => {
                cursor.argument();
            }
            "enonce" => {
                cursor.argument();
                let title = cursor.clone().argument().unwrap_or_default().to_owned();
                if cursor.peek() == Some(Token::Open) {
                    cursor.argument();
                }
                let dash = if title.trim().is_empty() { "" } else { " – " };
                self.bold_line(&format!("Exercice{dash}{title}"), flow);
            }
            "indication" | "correction" if cursor.peek() == Some(Token::Open) => {
                cursor.argument();
                let title = if name == "indication" { "Indication" } else { "Correction" };
                self.bold_line(title, flow);
            }
            "finenonce" | "finexercice" | "finindication" | "fincorrection" | "noindication"
            | "nocorrection" => {
                pass_over("a", cursor);
                flow.end_paragraph();
            }
            "tcbitem" => {
                let options = cursor.optional().unwrap_or_default();
                flow.end_paragraph();
                if let Some(title) = super::boxes::value_in(options, &["title"]) {
                    self.bold_line(title, flow);
                }
            }
            "tcbsubtitle" | "uplevel" | "fullwidth" if cursor.peek() != Some(Token::Char('[')) => {
                flow.end_paragraph();
                let inner = cursor.argument().unwrap_or_default();
                if name == "tcbsubtitle" {
                    self.bold_line(inner, flow);
                } else {
                    self.flow(inner, flow);
                    flow.end_paragraph();
                }
            }
            "tcbox" => self.tcbox(cursor, flow),
            // Plain TeX's: a line of its own. In a figure everything is one.
            "centerline" | "leftline" | "rightline" if self.in_float.is_none() => {
                let class = match name {
                    "centerline" => "centre",
                    "leftline" => "gauche",
                    _ => "droite",
                };
                self.line_of_its_own(class, cursor, flow);
            }
            // What can only stand between paragraphs ends the one around.
            "vskip" | "vglue" | "vfil" | "vfill" | "vss" | "newpage" | "clearpage"
            | "cleardoublepage" | "eject" | "supereject" | "bigbreak" | "medbreak"
            | "smallbreak" => {
                if matches!(name, "vskip" | "vglue") {
                    pass_over("=", cursor);
                }
                flow.end_paragraph();
            }
            "qed" => {
                flow.char(' ');
                self.qed(flow);
            }
            "qedsymbol" => flow.raw("□"),
            // xfrac, nicefrac: a fraction within the line.
            "sfrac" | "nicefrac" => {
                cursor.optional();
                let above = cursor.argument().unwrap_or_default();
                self.flow(above, flow);
                cursor.optional();
                flow.raw("/");
                let below = cursor.argument().unwrap_or_default();
                self.flow(below, flow);
            }
            // However wide, it is a space.
            "hfill" | "hfil" => flow.char(' '),
            "hskip" => {
                let start = cursor.offset();
                pass_over("=", cursor);
                let width = cursor.slice(start, cursor.offset()).trim_start();
                if !width.starts_with(['-', '0']) {
                    flow.char(' ');
                }
            }
            // What a list of notations prints elsewhere.
            "nomenclature" => pass_over("omm", cursor),
            "printnomenclature" => {
                pass_over("so", cursor);
                self.report(Severity::Info, name, AT_COMPILATION);
            }
            "half" => flow.raw("½"),
            // automultiplechoice: how many copies there are, and what is on them.
            "exemplaire" | "onecopy" => {
                cursor.argument();
                flow.end_paragraph();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
                flow.end_paragraph();
            }
            "champnom" | "namefield" => {
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            // What is to be filled in; the answer is for the correction.
            "AMCnumericChoices" | "AMCnumericHide" | "AMCOpen" | "AMCcode" | "AMCcodeH"
            | "AMCcodeV" => {
                cursor.argument();
                cursor.argument();
                flow.char(' ');
                flow.raw("……");
            }
            "multiSymbole" => flow.raw("♣"),
            "element" | "TblrNote" => {
                // The group of a question; the mark of a note.
                let first = self.line(cursor.argument().unwrap_or_default());
                if name == "TblrNote" {
                    flow.inline(Inline::Styled { tag: "sup", class: None, inner: first });
                } else {
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                }
            }
            "titlepage" if self.state.packages.contains("beamer") => self.title_block(flow),
            "frame" if self.state.packages.contains("beamer") => {
                cursor.delimited('<', '>');
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                flow.end_paragraph();
                self.flow(inner, flow);
                flow.end_paragraph();
            }
            "epigraph" => {
                let text = self.blocks(cursor.argument().unwrap_or_default());
                flow.block(Block::Div { class: "citation", blocks: text });
                let from = self.blocks(cursor.argument().unwrap_or_default());
                flow.block(Block::Div { class: "droite", blocks: from });
            }
            // Plain TeX's headings: up to the end of the line, up to the full stop.
            "beginsection" => {
                let rest = cursor.rest();
                let end = rest.find("\n\n").or_else(|| rest.find("\\par")).unwrap_or(rest.len());
                let title = rest[..end].trim().to_owned();
                cursor.advance(end);
                self.flow(&format!("\\section*{{{title}}}"), flow);
            }
            "proclaim" => {
                let rest = cursor.rest();
                let end = rest.find("\n\n").or_else(|| rest.find("\\par")).unwrap_or(rest.len());
                let (head, body) = rest[..end].split_once('.').unwrap_or(("", &rest[..end]));
                let (head, body) = (head.trim().to_owned(), body.to_owned());
                cursor.advance(end);
                let class = "bloc-plain".to_owned();
                self.statement("proclaim", class, &crate::plain_text(&head), None, &body, flow);
            }
            "added" | "replaced" | "highlight" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
                if name == "replaced" {
                    cursor.argument();
                }
            }
            "deleted" | "pdfcomment" | "missingfigure" | "video" | "insertvideo" | "comments"
            | "tikzmarknode" => {
                cursor.optional();
                let more = usize::from(name == "insertvideo");
                for _ in 0..=more {
                    cursor.argument();
                }
                self.report(Severity::Info, name, "cette annotation n'est pas montrée");
            }
            "py" | "pyc" | "pys" | "sage" | "sagestr" | "sageplot" | "DTLloaddb" | "DTLforeach"
            | "DTLdisplaydb" | "csvautotabular" | "csvreader" | "opcopy" | "oppower"
            | "opprint" | "opexpr" | "pinlabel" | "directlua" | "luaexec" => {
                pass_over("a", cursor);
                self.report(
                    Severity::Warning,
                    name,
                    "ceci se calcule à la compilation ; rien n'est montré",
                );
            }
            "address" | "curraddr" | "email" | "urladdr" | "subjclass" | "keywords"
            | "dedicatory" | "affil" | "institute"
                if self.state.packages.contains("amsart") =>
            {
                pass_over("a", cursor);
                self.report(Severity::Info, name, "cette mention de l'en-tête n'est pas montrée");
            }
            "catcode" | "lccode" | "uccode" | "mathcode" | "sfcode" => {
                // The sign, then its number.
                if cursor.peek() == Some(Token::Char('`')) {
                    cursor.next();
                }
                cursor.next();
                pass_over("=", cursor);
                self.report(
                    Severity::Warning,
                    name,
                    "ce changement du sens d'un signe n'est pas suivi",
                );
            }
            "tnote" => {
                let inner = self.line(cursor.argument().unwrap_or_default());
                flow.inline(Inline::Styled { tag: "sup", class: None, inner });
            }
            "tcblower" | "tcbline" | "tcbbreak" | "hdashrule" => flow.block(Block::Rule),
            "tcboxmath" | "tcbhighmath" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.formula(&format!("\\boxed{{{inner}}}"), Style::Inline, flow);
            }
            // Slides: what comes in turn is shown together.
            "alt" | "temporal" => {
                cursor.delimited('<', '>');
                for at in 0..if name == "alt" { 2 } else { 3 } {
                    flow.raw(if at > 0 { " " } else { "" });
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                }
            }
            "column" => {
                cursor.optional();
                cursor.argument();
                flow.end_paragraph();
            }
            "note" if self.state.packages.contains("beamer") => {
                cursor.delimited('<', '>');
                cursor.optional();
                cursor.argument();
                self.report(
                    Severity::Info,
                    name,
                    "une note de l'orateur n'est pas sur sa diapositive ; elle n'est pas montrée",
                );
            }
            "lettrine" => {
                cursor.optional();
                for _ in 0..2 {
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                }
            }
            "ffigbox" | "ttabbox" => {
                cursor.optional();
                for _ in 0..2 {
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                }
            }
            "parpic" => {
                pass_over("ddoo", cursor);
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "rnode" | "circlenode" | "ovalnode" | "pnode" | "psscalebox" | "psrotateleft"
            | "turnbox" | "hmbox" => {
                pass_over("od", cursor);
                cursor.argument();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "tikzmark" | "tikzmarkin" | "tikzmarkend" | "remember" => {
                pass_over("a", cursor);
            }
            "line" | "vector" | "qbezier" | "put" | "multiput" | "circle" | "oval" => {
                pass_over("sddda", cursor);
                self.report(
                    Severity::Warning,
                    name,
                    "un trait se trouve hors d'une figure ; il n'est pas montré",
                );
            }
            "attachfile" | "embedfile" | "movie" | "includemedia" | "animategraphics" => {
                pass_over("a", cursor);
                self.report(
                    Severity::Info,
                    name,
                    "un fichier attaché au PDF n'est pas sur la page",
                );
            }
            "textattachfile" => {
                pass_over("om", cursor);
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "bib" => {
                // amsrefs: what its fields say, in a line.
                let key = cursor.argument().unwrap_or_default().trim().to_owned();
                cursor.argument();
                let fields = cursor.argument().unwrap_or_default();
                let mut parts = vec![format!("[{key}]")];
                for (key, value) in crate::keyval::parse(fields) {
                    if matches!(
                        key,
                        "author"
                            | "title"
                            | "journal"
                            | "publisher"
                            | "date"
                            | "year"
                            | "volume"
                            | "pages"
                            | "editor"
                            | "series"
                            | "note"
                    ) {
                        parts.push(format!("{value},"));
                    }
                }
                flow.end_paragraph();
                self.flow(parts.join(" ").trim_end_matches(','), flow);
                flow.end_paragraph();
            }
            _ if self.saved_box(name, cursor, flow) => {}
            _ if self.calculation(name, cursor, flow) || self.string(name, cursor, flow) => {}
            "gls" | "Gls" | "glspl" | "Glspl" | "GLS" | "acrshort" | "acrlong" | "acrfull"
            | "ac" | "acs" | "acl" | "acf" | "glsentryname" | "glslink" => {
                cursor.star();
                cursor.optional();
                let key = cursor.argument().unwrap_or_default().trim().to_owned();
                let meaning = self.state.terms.get(&key).cloned();
                let (short, long) = meaning.unwrap_or_else(|| (key.clone(), key.clone()));
                let shown = if name.ends_with("long") || name == "acl" { long } else { short };
                self.flow(&shown, flow);
            }
            "newacronym" | "acrodef" | "newacro" | "newglossaryentry" => {
                cursor.optional();
                let key = cursor.argument().unwrap_or_default().trim().to_owned();
                let first = cursor.argument().unwrap_or_default();
                let meaning = if name == "newglossaryentry" {
                    let parsed = crate::keyval::parse(first);
                    let of = |wanted: &str| {
                        parsed.iter().find(|(key, _)| *key == wanted).map(|(_, v)| (*v).to_owned())
                    };
                    let name = of("name").unwrap_or_else(|| key.clone());
                    let long = of("description").unwrap_or_else(|| name.clone());
                    (name, long)
                } else {
                    (first.to_owned(), cursor.argument().unwrap_or_default().to_owned())
                };
                self.state.terms.insert(key, meaning);
            }
            "mint" => {
                let line = cursor.clone().text_as_it_stands("mintinline").map(str::to_owned);
                cursor.text_as_it_stands("mintinline");
                match line {
                    Some(text) => flow.block(Block::Verbatim { text, language: None }),
                    None => self.verb("mintinline", cursor, flow),
                }
            }
            // Plain TeX's numbers.
            "number" | "the" | "romannumeral" | "@arabic" | "@roman" | "@Roman" | "@alph"
            | "@Alph" | "@fnsymbol" => {
                let mut ahead = cursor.clone();
                match self.state.read_number(&mut ahead) {
                    Some(number) => {
                        *cursor = ahead;
                        let style = match name {
                            "romannumeral" => "roman",
                            _ => name.strip_prefix('@').unwrap_or("arabic"),
                        };
                        flow.raw(&crate::counters::print(style, number).unwrap_or_default());
                    }
                    None => {
                        cursor.skip_space();
                        let mut after = cursor.clone();
                        let computed = match after.next() {
                            Some(Token::Command(of)) => {
                                *cursor = after;
                                of.ends_with("expr")
                            }
                            _ => {
                                *cursor = ahead;
                                false
                            }
                        };
                        let severity = if computed { Severity::Warning } else { Severity::Info };
                        self.report(severity, name, AT_COMPILATION);
                    }
                }
            }
            _ if name.starts_with("fa")
                && name[2..].starts_with(|c: char| c.is_ascii_uppercase()) =>
            {
                cursor.star();
                cursor.optional();
                // `\faIcon{triangle-exclamation}`
                let named = match name {
                    "faIcon" => cursor.argument().map(str::trim).unwrap_or_default(),
                    _ => &name[2..],
                };
                match crate::text::icon(named) {
                    Some(sign) => flow.raw(sign),
                    None => self.report(Severity::Info, name, "une icône n'est pas montrée"),
                }
            }
            _ if name.starts_with("tkzSetUp") => {
                cursor.optional();
            }
            _ => return self.register(name, cursor) || self.inline_code(name, cursor, flow),
        }
        true
    }

    /// Registers of plain TeX: numbers and lengths that a document makes itself.
    fn register(&mut self, name: &str, cursor: &mut Cursor<'_>) -> bool {
        match name {
            "newcount" | "newdimen" | "newskip" | "newmuskip" | "newlength" | "newtoks" => {
                let register = cursor.argument().unwrap_or_default().trim();
                let register = register.trim_start_matches('\\').to_owned();
                if name == "newcount" {
                    self.state.counters.insert(register.clone(), 0);
                }
                self.registers.insert(register, name == "newcount");
            }
            "advance" | "multiply" | "divide" | "global" => {
                let mut ahead = cursor.clone();
                ahead.skip_space();
                let Some(Token::Command(register)) = ahead.next() else { return false };
                let counter = register.strip_prefix("c@");
                let counter = counter.filter(|name| self.state.counters.contains_key(*name));
                let known = self.registers.get(register).copied().or(counter.map(|_| true));
                if known.is_none() && name == "global" {
                    return false;
                }
                // Of what is not known nothing is printed either.
                if known.is_none() && crate::tables::layout(register) != Some("=") {
                    self.report(Severity::Warning, name, "ce registre n'est pas connu");
                }
                let number = known.unwrap_or(false);
                let register = counter.unwrap_or(register);
                ahead.skip_space();
                if ahead.rest().starts_with("by") {
                    ahead.advance(2);
                }
                if !number {
                    pass_over("=", &mut ahead);
                } else if let Some(by) = self.state.read_number(&mut ahead) {
                    let before = self.value(register);
                    let value = match name {
                        "advance" => before.saturating_add(by),
                        "multiply" => before.saturating_mul(by),
                        _ => before.checked_div(by).unwrap_or(before),
                    };
                    self.state.counters.insert(register.to_owned(), value);
                }
                *cursor = ahead;
            }
            _ => {
                let Some(number) = self.registers.get(name).copied() else { return false };
                cursor.skip_space();
                if !number {
                    pass_over("=", cursor);
                    return true;
                }
                if cursor.peek() == Some(Token::Char('=')) {
                    cursor.next();
                }
                if let Some(value) = self.state.read_number(cursor) {
                    self.state.counters.insert(name.to_owned(), value);
                }
            }
        }
        true
    }

    /// `\pythoninline|x|`, which `\newmintinline{python}{}` makes.
    fn inline_code(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) -> bool {
        if !self.state.verbatims.contains_key(&format!("\\{name}")) {
            return false;
        }
        cursor.optional();
        match cursor.text_as_it_stands("lstinline") {
            Some(text) => flow.inline(Inline::Code(text.to_owned())),
            None => return false,
        }
        true
    }
}

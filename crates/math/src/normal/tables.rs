//! Environments: matrices, arrays, cases, aligned and numbered lines.

use super::rows::{Column, Row, columns, rows};
use super::{Context, Line, Normal};
use crate::render::{Label, Target};
use crate::scan::{Cursor, Tok};
use crate::tree::{Node, Role};

/// How the columns of an environment are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Centred columns.
    Centred,
    /// As the argument says.
    Spec,
    /// Right, left, right, left.
    Pairs,
    /// Right, centre, left.
    Triple,
    /// Value, condition.
    Cases,
    /// One centred column.
    Gathered,
    /// First left, last right, the others centred.
    Multline,
}

/// An environment: its layout, its delimiters, display style, and what it stands for.
struct Env {
    layout: Layout,
    fence: (&'static str, &'static str),
    display: bool,
    role: Role,
    /// Arguments before the content: `o` optional, `m` mandatory.
    args: &'static str,
    small: bool,
    /// The column from which on cells are prose.
    prose: usize,
}

const fn env(layout: Layout, open: &'static str, close: &'static str, args: &'static str) -> Env {
    let role = match layout {
        Layout::Cases => Role::Cases,
        Layout::Centred | Layout::Spec => Role::Matrix,
        _ => Role::Lines,
    };
    let display =
        matches!(layout, Layout::Pairs | Layout::Triple | Layout::Gathered | Layout::Multline);
    Env { layout, fence: (open, close), display, role, args, small: false, prose: usize::MAX }
}

/// The environments, with their starred forms under the plain name.
const ENVIRONMENTS: &[(&str, Env)] = &[
    ("matrix", env(Layout::Centred, "", "", "o")),
    ("pmatrix", env(Layout::Centred, "(", ")", "o")),
    ("bmatrix", env(Layout::Centred, "[", "]", "o")),
    ("Bmatrix", env(Layout::Centred, "{", "}", "o")),
    ("vmatrix", env(Layout::Centred, "|", "|", "o")),
    ("Vmatrix", env(Layout::Centred, "‖", "‖", "o")),
    ("smallmatrix", Env { small: true, ..env(Layout::Centred, "", "", "o") }),
    ("psmallmatrix", Env { small: true, ..env(Layout::Centred, "(", ")", "o") }),
    ("bsmallmatrix", Env { small: true, ..env(Layout::Centred, "[", "]", "o") }),
    ("vsmallmatrix", Env { small: true, ..env(Layout::Centred, "|", "|", "o") }),
    ("NiceMatrix", env(Layout::Centred, "", "", "o")),
    ("pNiceMatrix", env(Layout::Centred, "(", ")", "o")),
    ("bNiceMatrix", env(Layout::Centred, "[", "]", "o")),
    ("BNiceMatrix", env(Layout::Centred, "{", "}", "o")),
    ("vNiceMatrix", env(Layout::Centred, "|", "|", "o")),
    ("VNiceMatrix", env(Layout::Centred, "‖", "‖", "o")),
    ("NiceArray", env(Layout::Spec, "", "", "omo")),
    ("pNiceArray", env(Layout::Spec, "(", ")", "omo")),
    ("bNiceArray", env(Layout::Spec, "[", "]", "omo")),
    ("vNiceArray", env(Layout::Spec, "|", "|", "omo")),
    ("bordermatrix", env(Layout::Centred, "(", ")", "")),
    ("array", env(Layout::Spec, "", "", "om")),
    ("darray", Env { display: true, ..env(Layout::Spec, "", "", "om") }),
    ("tabular", Env { prose: 0, ..env(Layout::Spec, "", "", "om") }),
    ("subarray", Env { small: true, role: Role::Stack, ..env(Layout::Spec, "", "", "m") }),
    ("substack", Env { small: true, role: Role::Stack, ..env(Layout::Centred, "", "", "") }),
    ("cases", env(Layout::Cases, "{", "", "")),
    ("dcases", Env { display: true, ..env(Layout::Cases, "{", "", "") }),
    // plain TeX's, and the package cases': what stands behind is text.
    ("plaincases", Env { prose: 1, ..env(Layout::Cases, "{", "", "") }),
    ("numcases", Env { display: true, prose: 1, ..env(Layout::Cases, "{", "", "m") }),
    ("subnumcases", Env { display: true, prose: 1, ..env(Layout::Cases, "{", "", "m") }),
    ("rcases", env(Layout::Cases, "", "}", "")),
    ("drcases", Env { display: true, ..env(Layout::Cases, "", "}", "") }),
    ("aligned", env(Layout::Pairs, "", "", "o")),
    ("alignedat", env(Layout::Pairs, "", "", "om")),
    ("split", env(Layout::Pairs, "", "", "")),
    ("align", env(Layout::Pairs, "", "", "")),
    ("alignat", env(Layout::Pairs, "", "", "m")),
    ("xalignat", env(Layout::Pairs, "", "", "m")),
    ("flalign", env(Layout::Pairs, "", "", "")),
    ("eqnarray", env(Layout::Triple, "", "", "")),
    ("gathered", env(Layout::Gathered, "", "", "o")),
    ("lgathered", env(Layout::Gathered, "", "", "o")),
    ("gather", env(Layout::Gathered, "", "", "")),
    ("dgroup", env(Layout::Gathered, "", "", "")),
    ("multline", env(Layout::Multline, "", "", "")),
    ("multlined", env(Layout::Multline, "", "", "oo")),
];

/// Environments that only hold a formula.
const TRANSPARENT: &[&str] =
    &["equation", "displaymath", "math", "dmath", "center", "small", "footnotesize", "large"];

fn find(name: &str) -> Option<&'static Env> {
    let name = name.strip_suffix('*').unwrap_or(name);
    ENVIRONMENTS.iter().find(|(n, _)| *n == name).map(|(_, env)| env)
}

impl Normal<'_, '_> {
    pub(super) fn environment(&mut self, part: &str, c: &mut Cursor<'_>) {
        let name = c.arg().unwrap_or("").trim();
        let start = c.pos();
        let content = match body(c, name) {
            Some(content) => content,
            None => {
                self.ctx.fail(part, name, format!("environnement « {name} » sans fin"));
                let rest = c.rest();
                c.seek(start + rest.len());
                rest
            }
        };
        if find(name).is_some() {
            let node = self.ctx.table(name, content);
            self.hole(node);
        } else if TRANSPARENT.contains(&name.trim_end_matches('*')) {
            let kids = self.ctx.fragment(content);
            self.hole(Node::with("mrow", kids).attr("displaystyle", "true"));
        } else {
            self.ctx.fail(part, name, format!("environnement « {name} » dans une formule"));
            let node = Node::leaf("mtext", "…");
            self.hole(node);
        }
    }
}

/// After `\begin{name}`: the content up to its own `\end{name}`.
fn body<'s>(c: &mut Cursor<'s>, name: &str) -> Option<&'s str> {
    let start = c.pos();
    let mut copy = *c;
    let mut depth = 0usize;
    loop {
        match copy.next_token()? {
            Tok::Command("begin") if copy.arg().is_some_and(|n| n.trim() == name) => depth += 1,
            Tok::Command("end") => {
                let at = copy.pos() - "\\end".len();
                if copy.arg().is_some_and(|n| n.trim() == name) {
                    if depth == 0 {
                        *c = copy;
                        return Some(c.slice(start, at));
                    }
                    depth -= 1;
                }
            }
            _ => {}
        }
    }
}

impl Context<'_> {
    /// An environment inside a formula.
    pub fn table(&mut self, name: &str, content: &str) -> Node {
        if self.depth >= super::MAX_DEPTH {
            self.fail(content, name, "formule trop profondément imbriquée");
            return Node::leaf("mtext", "…");
        }
        self.depth += 1;
        let node = self.build(name, content);
        self.depth -= 1;
        node
    }

    fn build(&mut self, name: &str, content: &str) -> Node {
        let Some(env) = find(name) else { return Node::leaf("mtext", "…") };
        if name == "bordermatrix" {
            // Its first row and column stand outside the parentheses: no table of MathML does that.
            self.fail(content, "\\bordermatrix", "matrice bordée, bords mis dans la matrice");
        }
        // The package cases: what stands before the brace is an argument.
        let before = match name {
            "numcases" | "subnumcases" => Cursor::new(content).arg().unwrap_or(""),
            _ => "",
        };
        let before = self.fragment(before);
        let (columns, content) = self.arguments(name, env, content);
        let (rows, below) = rows(content);
        let display = std::mem::replace(&mut self.display, env.display);
        let count = rows.len();
        let mut lines = Vec::with_capacity(count);
        for (i, row) in rows.iter().enumerate() {
            self.between(row, &mut lines);
            let closing = below && i + 1 == count;
            lines.push(self.row(env, &columns, row, (i, count), closing));
        }
        self.display = display;
        let mut class = String::from(match env.role {
            Role::Lines => "mq-lines",
            Role::Cases => "mq-cases",
            Role::Stack => "mq-stack",
            _ => "mq-matrix",
        });
        if env.small {
            class.push_str(" mq-small");
        }
        let mut table = Node::with("mtable", lines).attr("class", class).role(env.role);
        if env.display {
            table = table.attr("displaystyle", "true");
        }
        let table = fenced(env.fence, table);
        if before.is_empty() {
            return table;
        }
        Node::row(before.into_iter().chain([table]).collect())
    }

    fn arguments<'s>(&mut self, name: &str, env: &Env, content: &'s str) -> (Vec<Column>, &'s str) {
        let mut c = Cursor::new(content);
        let mut spec = None;
        // nicematrix has options of its own there.
        let nice = name.contains("Nice");
        for arg in env.args.chars() {
            match arg {
                // The optional argument of a plain matrix is its first cell.
                'o' if env.layout == Layout::Centred && !name.ends_with('*') && !nice => {}
                'o' => {
                    let given = c.opt();
                    if env.layout == Layout::Centred && !nice {
                        spec = given;
                    }
                }
                _ => spec = c.arg(),
            }
        }
        if env.args.is_empty() || c.pos() == 0 {
            c = Cursor::new(content);
        }
        let mut found = Vec::new();
        let named = matches!(env.layout, Layout::Spec | Layout::Centred);
        if let Some(spec) = spec.filter(|_| named) {
            match columns(spec) {
                Some(columns) => found = columns,
                None => self.note(spec, name, "colonnes illisibles, centrées"),
            }
        }
        (found, c.rest())
    }

    /// `\intertext` above a row.
    fn between(&mut self, row: &Row<'_>, lines: &mut Vec<Node>) {
        for text in &row.between {
            let prose = self.prose(text, super::table::Face::Plain);
            let cell = Node::with("mtd", vec![prose]).attr("class", "mq-l").attr("columnspan", "9");
            lines.push(Node::with("mtr", vec![cell]));
        }
    }

    fn row(
        &mut self,
        env: &Env,
        columns: &[Column],
        row: &Row<'_>,
        (index, count): (usize, usize),
        closing: bool,
    ) -> Node {
        let mut cells = Vec::with_capacity(row.cells.len());
        let mut at = 0;
        if let Some(column) = columns.first() {
            let edges = edges(&row.rules, 1, closing);
            cells.extend(self.beside(&column.beside.0, env, edges));
        }
        for source in &row.cells {
            let mut source = source.trim();
            let mut column = columns.get(at).cloned();
            let mut span = 1;
            // What stands beside the columns that a cell spans is spanned too.
            let mut wide = 0;
            if let Some(multi) = multicolumn(source) {
                span = multi.0.clamp(1, 50);
                let spanned = columns.iter().skip(at).take(span);
                wide = spanned.filter(|column| !column.beside.1.is_empty()).count();
                column = multi.1.into_iter().next();
                source = multi.2;
            }
            let mut class = alignment(env.layout, column.as_ref(), at, (index, count)).to_owned();
            if let Some(column) = &column {
                class.push_str(if column.rules.0 { " mq-bl" } else { "" });
                class.push_str(if column.rules.1 { " mq-br" } else { "" });
                class.push_str(if column.tight.0 && at > 0 { " mq-jl" } else { "" });
                class.push_str(if column.tight.1 { " mq-jr" } else { "" });
            }
            let edges = edges(&row.rules, at + 1, closing);
            class.push_str(edges);
            // The left side of a relation may be empty, but the relation keeps its space.
            let pairs = matches!(env.layout, Layout::Pairs | Layout::Triple);
            let joined =
                pairs && at % 2 == 1 && source.starts_with(['=', '<', '>', '\\', '+', '-']);
            let kids = match column.as_ref().map(|c| &c.around) {
                _ if at >= env.prose => vec![self.prose(source, super::table::Face::Plain)],
                Some((before, after))
                    if (!before.is_empty() || !after.is_empty())
                        && self.may_repeat(source, before.len() + after.len()) =>
                {
                    self.fragment(&format!("{before} {source}{after}"))
                }
                _ if joined => self.fragment(&format!("{{}}{source}")),
                _ => self.fragment(source),
            };
            let mut cell = Node::with("mtd", kids);
            if !class.trim().is_empty() {
                cell = cell.attr("class", class.trim().to_owned());
            }
            if span + wide > 1 {
                cell = cell.attr("columnspan", (span + wide).to_string());
            }
            cells.push(cell);
            if let Some(column) = &column {
                let kept = &column.beside.1;
                cells.extend(self.beside(if wide > 0 { "" } else { kept }, env, edges));
            }
            at += span;
        }
        Node::with("mtr", cells)
    }

    /// The cell of what stands between two columns (`@{=}`).
    fn beside(&mut self, source: &str, env: &Env, edges: &str) -> Option<Node> {
        if source.is_empty() || !self.may_repeat(source, source.len()) {
            return None;
        }
        let kids = match env.prose {
            0 => vec![self.prose(source, super::table::Face::Plain)],
            _ => self.fragment(source),
        };
        Some(Node::with("mtd", kids).attr("class", format!("mq-jl mq-jr{edges}")))
    }

    /// The system of `\systeme{2x+y=1,x-y=0}`.
    pub(super) fn systeme(&mut self, content: &str) -> Node {
        let mut lines = Vec::new();
        let mut c = Cursor::new(content);
        let mut rest = Vec::new();
        while let Some(line) = c.until(",") {
            rest.push(line);
        }
        rest.push(c.rest());
        for line in rest {
            let (left, right) = line.split_once('=').unwrap_or((line, ""));
            // What is done to a line stands behind an `@`.
            let (right, done) = right.split_once('@').unwrap_or((right, ""));
            let left = Node::with("mtd", self.fragment(left)).attr("class", "mq-r mq-a");
            let right = Node::with("mtd", self.fragment(&format!("{{}}={right}")));
            let mut cells = vec![left, right.attr("class", "mq-l mq-z")];
            if !done.is_empty() {
                let done = self.fragment(&format!("\\quad {done}"));
                cells.push(Node::with("mtd", done).attr("class", "mq-l"));
            }
            lines.push(Node::with("mtr", cells));
        }
        let table = Node::with("mtable", lines).attr("class", "mq-lines").role(Role::Lines);
        fenced(("{", ""), table)
    }

    /// A display environment at the top, its lines numbered.
    pub fn display_environment(&mut self, name: &str, content: &str) -> Vec<Node> {
        let plain = name.strip_suffix('*').unwrap_or(name);
        let numbered = plain.len() == name.len() && !matches!(plain, "displaymath" | "math");
        let Some(env) = find(plain).filter(|_| Self::is_lines(plain)) else {
            self.line = Line::default();
            let kids = self.fragment(content);
            return match self.number(numbered) {
                Some(number) => vec![with_numbers(vec![(vec![centred(kids)], Some(number))])],
                None => kids,
            };
        };
        let (columns, content) = self.arguments(plain, env, content);
        let (rows, _) = rows(content);
        let count = rows.len();
        let one_number = env.layout == Layout::Multline;
        self.line = Line::default();
        let mut lines: Vec<(Vec<Node>, Option<Node>)> = Vec::with_capacity(count);
        for (i, row) in rows.iter().enumerate() {
            let mut between = Vec::new();
            self.between(row, &mut between);
            lines.extend(between.into_iter().map(|line| (line.kids, None)));
            if !one_number {
                self.line = Line::default();
            }
            let line = self.row(env, &columns, row, (i, count), false);
            let last = i + 1 == count;
            let number = if one_number && !last { None } else { self.number(numbered) };
            lines.push((line.kids, number));
        }
        let wide = one_number && count > 1;
        if lines.iter().any(|(_, number)| number.is_some()) {
            return vec![with_numbers(lines)];
        }
        let rows = lines.into_iter().map(|(cells, _)| Node::with("mtr", cells)).collect();
        let class = if wide { "mq-lines mq-wide" } else { "mq-lines" };
        let table = Node::with("mtable", rows).attr("displaystyle", "true").attr("class", class);
        vec![table.role(Role::Lines)]
    }

    fn is_lines(name: &str) -> bool {
        crate::render::Style::is_environment(name) && name != "equation"
    }

    /// The number cell of the current line, its labels recorded.
    pub fn number(&mut self, numbered: bool) -> Option<Node> {
        let line = std::mem::take(&mut self.line);
        let numbering = &mut *self.numbering;
        let part = match numbering.restarts {
            0 => String::new(),
            restarts => format!("{restarts}-"),
        };
        let (tag, parentheses, anchor) = match line.tag {
            Some((tag, parentheses)) => {
                numbering.tagged += 1;
                (tag, parentheses, format!("eq-t{}", numbering.tagged))
            }
            None if numbered && !line.unnumbered && numbering.sub.is_some() => {
                let (whole, given) = numbering.sub.get_or_insert_default();
                let letter = char::from(b'a' + u8::try_from(*given % 26).unwrap_or(0));
                *given += 1;
                (format!("{whole}{letter}"), true, format!("eq-{part}{whole}{letter}"))
            }
            None if numbered && !line.unnumbered => {
                numbering.equation += 1;
                let number = numbering.equation;
                let shown = numbering.tag_number.map_or_else(|| number.to_string(), |f| f(number));
                (format!("{}{shown}", numbering.tag_prefix), true, format!("eq-{part}{number}"))
            }
            None if line.labels.is_empty() => return None,
            None => {
                numbering.tagged += 1;
                let anchor = format!("eq-l{}", numbering.tagged);
                return Some(self.anchored(line.labels, "", String::new(), anchor));
            }
        };
        let shown = if parentheses { format!("({tag})") } else { tag.clone() };
        Some(self.anchored(line.labels, &tag, shown, anchor))
    }

    fn anchored(&mut self, labels: Vec<String>, tag: &str, shown: String, anchor: String) -> Node {
        let id: String = format!("{}{anchor}", self.numbering.id_prefix)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-_.:".contains(c) { c } else { '-' })
            .collect();
        for name in labels {
            let target = Target { tag: tag.to_owned(), href: format!("#{id}") };
            std::sync::Arc::make_mut(&mut self.numbering.known).insert(name.clone(), target);
            self.labels.push(Label { name, tag: tag.to_owned(), id: id.clone() });
        }
        let text = Node::leaf("mtext", shown).role(Role::Number);
        Node::with("mtd", vec![text]).attr("class", "mq-num").attr("id", id).role(Role::Number)
    }
}

/// The classes of the rules above and below a cell in this column (from 1).
fn edges(rules: &[Option<(usize, usize)>], column: usize, closing: bool) -> &'static str {
    let above = rules.iter().any(|r| r.is_none_or(|(a, b)| (a..=b).contains(&column)));
    match (above, closing) {
        (true, true) => " mq-bt mq-bb",
        (true, false) => " mq-bt",
        (false, true) => " mq-bb",
        (false, false) => "",
    }
}

fn centred(kids: Vec<Node>) -> Node {
    Node::with("mtd", kids)
}

/// A table as wide as the line, with the numbers at its right end.
fn with_numbers(lines: Vec<(Vec<Node>, Option<Node>)>) -> Node {
    let width = lines.iter().map(|(cells, _)| cells.len()).max().unwrap_or(1);
    let rows = lines.into_iter().map(|(mut cells, number)| {
        cells.insert(0, Node::new("mtd").attr("class", "mq-pad"));
        cells.resize_with((width + 1).max(cells.len()), || Node::new("mtd"));
        cells.push(number.unwrap_or_else(|| Node::new("mtd").attr("class", "mq-pad")));
        Node::with("mtr", cells)
    });
    let table = Node::with("mtable", rows.collect()).attr("displaystyle", "true");
    table.attr("class", "mq-lines mq-wide").role(Role::Lines)
}

/// `\multicolumn{n}{spec}{content}`.
fn multicolumn(source: &str) -> Option<(usize, Vec<Column>, &str)> {
    let mut c = Cursor::new(source.strip_prefix("\\multicolumn")?);
    let count = c.arg()?.trim().parse().ok()?;
    let columns = columns(c.arg()?).unwrap_or_default();
    let content = c.arg()?;
    c.skip_space();
    c.rest().is_empty().then_some((count, columns, content))
}

fn alignment(
    layout: Layout,
    column: Option<&Column>,
    at: usize,
    (row, count): (usize, usize),
) -> &'static str {
    match layout {
        Layout::Centred | Layout::Spec => match column.map_or('c', |c| c.align) {
            'l' => "mq-l",
            'r' => "mq-r",
            _ => "",
        },
        Layout::Pairs if at.is_multiple_of(2) => "mq-r mq-a",
        Layout::Pairs => "mq-l mq-z",
        Layout::Triple => ["mq-r mq-t", "mq-t", "mq-l mq-t"][at.min(2)],
        Layout::Cases => "mq-l",
        Layout::Gathered => "",
        Layout::Multline if row == 0 => "mq-l",
        Layout::Multline if row + 1 == count => "mq-r",
        Layout::Multline => "",
    }
}

/// A table between delimiters that stretch.
fn fenced((open, close): (&str, &str), table: Node) -> Node {
    if open.is_empty() && close.is_empty() {
        return table;
    }
    let mut kids = Vec::with_capacity(3);
    if !open.is_empty() {
        kids.push(Node::leaf("mo", open).attr("form", "prefix").attr("stretchy", "true"));
    }
    kids.push(table);
    if !close.is_empty() {
        kids.push(Node::leaf("mo", close).attr("form", "postfix").attr("stretchy", "true"));
    }
    Node::with("mrow", kids)
}

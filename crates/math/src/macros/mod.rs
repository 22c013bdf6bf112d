//! Macro tables: what `\newcommand` and its relatives define, shared in layers.

mod arguments;
mod define;
mod expand;

use std::collections::HashMap;
use std::sync::Arc;

pub use define::{Defined, Definition};
pub use expand::{Budget, Expansion};

/// One argument that a macro takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// `{…}` or one token.
    Mandatory,
    /// `[…]`, with the text used when it is absent.
    Optional(Arc<str>),
    /// An optional star; the argument becomes `*` or nothing.
    Star,
    /// An optional sign (`t+` of xparse); the argument becomes `*` or nothing.
    Sign(char),
    /// Optional, between two signs, with the text used when it is absent.
    Between(char, char, Arc<str>),
    /// An optional `{…}`, with the text used when it is absent.
    Group(Arc<str>),
    /// Text up to a delimiter (`\def\f(#1,#2){…}`).
    Delimited(Arc<str>),
    /// Fixed text that must come here and is no argument.
    Literal(Arc<str>),
    /// Text up to the next brace, which stays (`\def\f#1#{…}`).
    BeforeBrace,
    /// The groups that follow, as they stand: what a body that ends before a brace calls takes them.
    Groups,
}

/// A macro: its arguments and its replacement text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// The arguments, in order.
    pub args: Arc<[Arg]>,
    /// The replacement text, with `#1` to `#9`.
    pub body: Arc<str>,
    /// The replacement is not expanded again (`\let` to a command that is no macro).
    pub terminal: bool,
    /// The body is TeX programming or boxes that a formula cannot follow; it is not expanded there.
    pub opaque: bool,
    /// The body is TeX programming that nothing can follow; it is never expanded.
    pub programmed: bool,
}

/// An environment defined by `\newenvironment`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// What `\begin` stands for, with its arguments. Where it says `\BODY`, the body of the
    /// environment stands.
    pub begin: Macro,
    /// What `\end` stands for.
    pub end: Arc<str>,
}

impl Environment {
    /// Whether its body stands in its text, where that says `\BODY`.
    #[must_use]
    pub fn takes_body(&self) -> bool {
        self.begin.body.contains(arguments::BODY)
    }
}

#[derive(Debug, Default, Clone)]
struct Table {
    macros: HashMap<Box<str>, Macro>,
    environments: HashMap<Box<str>, Environment>,
}

/// A table of macros in layers. The layers below are shared, so that thousands of documents can
/// each add to one preamble without copying it.
#[derive(Debug, Default, Clone)]
pub struct Macros {
    layers: Vec<Arc<Table>>,
    top: Table,
    /// What the definitions of a document replaced in `top`, since [`Macros::scoped`].
    journal: Option<Vec<Replaced>>,
}

/// A definition that another replaced, or its absence.
#[derive(Debug, Clone)]
enum Replaced {
    Macro(Box<str>, Option<Macro>),
    Environment(Box<str>, Option<Environment>),
}

impl Macros {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of the definitions in `preamble`; everything else in it is ignored.
    pub fn from_preamble(preamble: &str) -> Self {
        let mut table = Self::new();
        table.define_all(preamble);
        table.shared()
    }

    /// The same table with everything in shared layers: clones of it cost nothing.
    #[must_use]
    pub fn shared(mut self) -> Self {
        if !self.top.macros.is_empty() || !self.top.environments.is_empty() {
            self.layers.push(Arc::new(std::mem::take(&mut self.top)));
        }
        self
    }

    /// The macro called `name` (without backslash).
    pub fn get(&self, name: &str) -> Option<&Macro> {
        self.top
            .macros
            .get(name)
            .or_else(|| self.layers.iter().rev().find_map(|l| l.macros.get(name)))
    }

    /// The environment called `name`.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.top
            .environments
            .get(name)
            .or_else(|| self.layers.iter().rev().find_map(|l| l.environments.get(name)))
    }

    /// From now on definitions can be undone, as TeX does at the end of a group.
    pub fn scoped(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// The state to which [`Macros::undo`] leads back.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.journal.as_ref().map_or(0, Vec::len)
    }

    /// Undoes the definitions since a mark.
    pub fn undo(&mut self, mark: usize) {
        let Some(journal) = &mut self.journal else { return };
        while journal.len() > mark {
            match journal.pop() {
                Some(Replaced::Macro(name, Some(before))) => {
                    self.top.macros.insert(name, before);
                }
                Some(Replaced::Macro(name, None)) => {
                    self.top.macros.remove(&name);
                }
                Some(Replaced::Environment(name, Some(before))) => {
                    self.top.environments.insert(name, before);
                }
                Some(Replaced::Environment(name, None)) => {
                    self.top.environments.remove(&name);
                }
                None => return,
            }
        }
    }

    /// Adds a macro or replaces it.
    pub fn insert(&mut self, name: &str, definition: Macro) {
        let before = self.top.macros.insert(name.into(), definition);
        if let Some(journal) = &mut self.journal {
            journal.push(Replaced::Macro(name.into(), before));
        }
    }

    /// Adds a macro that no end of a group undoes (`\gdef`).
    fn insert_globally(&mut self, name: &str, definition: Macro) {
        for entry in self.journal.iter_mut().flatten() {
            if let Replaced::Macro(other, before) = entry
                && **other == *name
            {
                *before = Some(definition.clone());
            }
        }
        self.top.macros.insert(name.into(), definition);
    }

    /// Adds an environment or replaces it.
    pub fn insert_environment(&mut self, name: &str, definition: Environment) {
        let before = self.top.environments.insert(name.into(), definition);
        if let Some(journal) = &mut self.journal {
            journal.push(Replaced::Environment(name.into(), before));
        }
    }

    /// Whether no macro is defined.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty() && self.top.macros.is_empty() && self.top.environments.is_empty()
    }

    /// How many definitions the layers hold, hidden ones included.
    pub fn len(&self) -> usize {
        let own = |t: &Table| t.macros.len() + t.environments.len();
        own(&self.top) + self.layers.iter().map(|l| own(l)).sum::<usize>()
    }
}

impl Macro {
    /// A macro without arguments.
    pub fn constant(body: &str) -> Self {
        Macro {
            args: Arc::from([]),
            body: body.into(),
            terminal: false,
            opaque: false,
            programmed: false,
        }
    }
}

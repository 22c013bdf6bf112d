//! Reading TeX's log: the first real error with its place and a hint in plain French.

use crate::job::Job;
use serde::Serialize;

/// The first real error of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// File of the sources where TeX was, if the log tells.
    pub file: Option<String>,
    /// Line, from 1, if the log tells.
    pub line: Option<u32>,
    /// TeX's own message.
    pub message: String,
    /// The source text that TeX shows.
    pub excerpt: String,
    /// What it means and what to do, in French.
    pub hint: String,
}

/// TeX's messages and what they mean, the most particular first.
const HINTS: &[(&str, &str)] = &[
    (
        "Undefined control sequence",
        "Cette commande n'existe pas : vérifiez son orthographe, ou chargez le paquet qui la définit.",
    ),
    (
        "Missing $ inserted",
        "Une formule n'est pas entre dollars, ou un « $ » manque ; un « _ » ou un « ^ » ne s'écrit qu'en mode mathématique.",
    ),
    ("Extra }, or forgotten $", "Une accolade fermante de trop, ou un « $ » oublié avant elle."),
    ("Missing } inserted", "Une accolade ouverte n'est pas refermée."),
    ("Missing { inserted", "Une accolade ouvrante manque."),
    ("Too many }'s", "Il y a une accolade fermante de trop."),
    (
        "Runaway argument",
        "L'argument d'une commande n'est pas refermé : une accolade fermante manque.",
    ),
    (
        "Paragraph ended before",
        "Une ligne vide se trouve dans l'argument d'une commande, ou une accolade fermante manque.",
    ),
    (
        "File ended while scanning",
        "Le fichier se termine avant la fin d'un argument ou d'un environnement : une accolade ou un \\end manque.",
    ),
    (
        "Emergency stop",
        "TeX s'est arrêté : la fin du document (\\end{document}) manque, ou un fichier est introuvable.",
    ),
    (
        "Environment",
        "Cet environnement n'existe pas : vérifiez son nom, ou chargez le paquet qui le définit.",
    ),
    (
        "ended by \\end",
        "Les environnements se croisent : chaque \\begin doit être fermé par son \\end.",
    ),
    (
        ".sty' not found",
        "Ce paquet LaTeX est introuvable : il n'est ni dans les sources, ni installé avec TeX (« apt-file search » dit quel paquet de Debian l'apporte).",
    ),
    (
        ".cls' not found",
        "Cette classe est introuvable : elle n'est ni dans les sources, ni installée avec TeX (« apt-file search » dit quel paquet de Debian l'apporte).",
    ),
    ("File `", "Ce fichier est introuvable dans les sources."),
    (
        "Misplaced alignment tab character &",
        "Un « & » est écrit hors d'un tableau ; dans le texte, écrivez « \\& ».",
    ),
    ("Extra alignment tab", "Une ligne du tableau a plus de colonnes que le tableau n'en déclare."),
    ("Double subscript", "Deux indices se suivent : groupez-les entre accolades."),
    ("Double superscript", "Deux exposants se suivent : groupez-les entre accolades."),
    (
        "Unicode character",
        "Ce caractère n'est pas connu de pdfLaTeX : remplacez-le par sa commande, ou compilez avec XeLaTeX.",
    ),
    ("Invalid UTF-8", "Le fichier n'est pas en UTF-8 : enregistrez-le en UTF-8."),
    ("Missing number", "TeX attend un nombre ici."),
    ("Illegal unit of measure", "Une longueur est écrite sans son unité (cm, pt, ex…)."),
    ("Illegal parameter number", "Un « # » est mal placé dans une définition de commande."),
    ("already defined", "Cette commande existe déjà : utilisez \\renewcommand, ou un autre nom."),
    (
        "TeX capacity exceeded",
        "Le document dépasse les capacités de TeX : une commande s'appelle sans doute elle-même.",
    ),
    ("Missing \\begin{document}", "Du texte se trouve avant \\begin{document}."),
    (
        "Something's wrong--perhaps a missing \\item",
        "Une liste contient du texte avant son premier \\item.",
    ),
    ("Lonely \\item", "Un \\item se trouve hors d'une liste."),
    ("Bad math environment delimiter", "Un délimiteur de formule est ouvert ou fermé deux fois."),
    (
        "Display math should end with $$",
        "Une formule centrée ouverte par $$ n'est pas fermée par $$.",
    ),
    (
        "Cannot determine size of graphic",
        "Cette image n'a pas de taille connue : donnez-la en PDF, PNG ou JPEG.",
    ),
    (
        "Unknown graphics extension",
        "Ce format d'image n'est pas accepté par ce moteur : convertissez-la en PDF.",
    ),
    ("Option clash", "Un paquet est chargé deux fois avec des options différentes."),
    ("No room for a new", "Trop de paquets sont chargés : il n'y a plus de registre libre."),
    (
        "emory",
        "Le document demande plus de mémoire que permis : une commande s'appelle sans doute elle-même.",
    ),
    ("Not a letter", "Le nom de la commande contient un signe qui n'est pas une lettre."),
];

/// Finds the first real error of a log; `None` when the log has none.
#[must_use]
pub fn diagnose(log: &str) -> Option<Diagnosis> {
    let lines: Vec<&str> = log.lines().collect();
    let at = lines.iter().position(|line| is_error(line))?;
    let (file, line, message) = locate(lines[at]);
    // After the message, TeX shows the source: `l.12 …` and what follows on the next line.
    let next = lines[at + 1..].iter().position(|line| is_error(line)).unwrap_or(30).min(30);
    let shown = lines[at + 1..].iter().take(next).position(|line| source_line(line).is_some());
    let (line, excerpt) = match shown {
        Some(offset) => {
            let first = lines[at + 1 + offset];
            let rest = lines.get(at + 2 + offset).copied().unwrap_or_default();
            let (number, text) = source_line(first).unwrap_or_default();
            (line.or(Some(number)), around(text, rest.trim()))
        }
        None => (line, runaway(&lines[..at]).unwrap_or_default()),
    };
    // Without -file-line-error's prefix, TeX was in the file that was opened last.
    let file = file.or_else(|| current_file(&lines[..at]));
    let context: String = lines[at.saturating_sub(1)..lines.len().min(at + 3)].join("\n");
    let hint = HINTS
        .iter()
        .find(|(part, _)| message.contains(part))
        .or_else(|| HINTS.iter().find(|(part, _)| context.contains(part)))
        .map_or("Lisez le message de TeX et la ligne citée.", |(_, hint)| hint);
    Some(Diagnosis { file, line, message, excerpt, hint: hint.to_owned() })
}

impl Diagnosis {
    /// Looks into the sources for what the log does not tell, or tells after the event: where an
    /// argument began that never ends, which line names a file that is not found.
    #[must_use]
    pub(crate) fn with_sources(mut self, job: &Job) -> Self {
        let name = self.file.clone().unwrap_or_else(|| job.main.clone());
        let Some(text) = job.files.get(&name).map(|bytes| String::from_utf8_lossy(bytes)) else {
            return self;
        };
        let number = |at: usize| u32::try_from(at + 1).ok();
        if self.line.is_none() && !self.excerpt.is_empty() {
            // TeX shows commands in its own way, so that only the text before the first is sure.
            let shown = self.excerpt.trim_start_matches('{');
            let start: String = shown.chars().take_while(|c| *c != '\\').take(40).collect();
            let (start, braced) = (start.trim(), format!("{{{}", start.trim()));
            let find = |what: &str| text.lines().position(|line| line.contains(what));
            let found = if start.is_empty() { None } else { find(&braced).or_else(|| find(start)) };
            self.line = found.and_then(number);
            self.excerpt.clear();
        }
        if let Some(missing) = missing_file(&self.message) {
            let stem = missing.rsplit_once('.').map_or(missing, |(stem, _)| stem);
            let mut naming = text.lines().enumerate().filter(|(_, line)| line.contains(stem));
            let said = self.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
            if text.lines().nth(said.wrapping_sub(1)).is_none_or(|line| !line.contains(stem))
                && let Some((at, line)) = naming.next()
            {
                (self.line, self.excerpt) = (number(at), around(line, ""));
            }
        }
        if self.excerpt.is_empty()
            && let Some(line) = self.line.and_then(|line| usize::try_from(line).ok())
        {
            let line = text.lines().nth(line.wrapping_sub(1)).unwrap_or_default();
            self.excerpt = around(line, "");
        }
        self.file = Some(name);
        self
    }
}

/// ``LaTeX Error: File `x.tex' not found.``
fn missing_file(message: &str) -> Option<&str> {
    Some(message.split_once("File `")?.1.split_once("' not found")?.0)
}

/// The text around the place where TeX stopped: what it had read and what it had not. A paragraph
/// may be one line.
fn around(before: &str, after: &str) -> String {
    const SIDE: usize = 150;
    let before = before.trim_start();
    let skipped = before.chars().count().saturating_sub(SIDE);
    let mut out = if skipped > 0 { "…".to_owned() } else { String::new() };
    out.extend(before.chars().skip(skipped));
    out.extend(after.chars().take(SIDE));
    out.trim_end_matches(['\r', ' ']).trim_end_matches("^^M").trim_end().to_owned()
}

/// The beginning of an argument that does not end.
fn runaway(before: &[&str]) -> Option<String> {
    let last = before.len().saturating_sub(6);
    let at = before[last..].iter().position(|line| line.starts_with("Runaway "))?;
    before.get(last + at + 1).map(|line| around(line, ""))
}

/// The file of the sources that TeX was reading: the log opens a parenthesis with each file.
fn current_file(before: &[&str]) -> Option<String> {
    let mut open: Vec<Option<&str>> = Vec::new();
    for line in before {
        for (at, sign) in line.char_indices() {
            match sign {
                '(' => {
                    let rest = &line[at + 1..];
                    let name = rest.split([' ', '(', ')']).next().unwrap_or_default();
                    open.push(name.strip_prefix("./").filter(|name| name.contains('.')));
                }
                ')' => {
                    open.pop();
                }
                _ => {}
            }
        }
    }
    open.into_iter().flatten().next_back().map(str::to_owned)
}

/// `! …` or, with -file-line-error, `./file.tex:12: …`. A fatal summary that only repeats an
/// earlier error is still an error when nothing came before it.
fn is_error(line: &str) -> bool {
    line.starts_with("! ") || file_line(line).is_some()
}

fn locate(line: &str) -> (Option<String>, Option<u32>, String) {
    match file_line(line) {
        Some((file, number, message)) => (Some(file), Some(number), message),
        None => (None, None, line.trim_start_matches("! ").trim().to_owned()),
    }
}

fn file_line(line: &str) -> Option<(String, u32, String)> {
    let mut parts = line.splitn(3, ':');
    let file = parts.next()?;
    let number = parts.next()?.parse().ok()?;
    let message = parts.next()?.trim();
    let plausible = !file.is_empty() && !file.contains(['(', '<', '[']) && file.contains('.');
    plausible.then(|| (file.trim_start_matches("./").to_owned(), number, message.to_owned()))
}

fn source_line(line: &str) -> Option<(u32, &str)> {
    let rest = line.strip_prefix("l.")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((rest[..end].parse().ok()?, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_is_located_and_explained() {
        let log = "This is pdfTeX\n(./main.tex\nOverfull \\hbox\n./main.tex:7: Undefined control sequence.\nl.7 Soit $\\Rr\n             $ un\n! Emergency stop.\n";
        let found = diagnose(log).unwrap();
        assert_eq!(found.file.as_deref(), Some("main.tex"));
        assert_eq!(found.line, Some(7));
        assert_eq!(found.message, "Undefined control sequence.");
        assert!(found.excerpt.contains("\\Rr"));
        assert!(found.hint.starts_with("Cette commande"), "{}", found.hint);
    }

    #[test]
    fn a_clean_log_has_no_error() {
        assert_eq!(diagnose("This is pdfTeX\nOutput written on main.pdf (1 page).\n"), None);
    }

    #[test]
    fn the_file_is_the_one_that_was_opened_last() {
        let log = "(./main.tex (/usr/share/x.sty (a) b) (./partie.tex (word) [1]\n) (./autre.tex\nRunaway argument?\n{jamais \n! File ended while scanning use of \\textbf.\n";
        let found = diagnose(log).unwrap();
        assert_eq!(found.file.as_deref(), Some("autre.tex"));
        let text = "Bien.\n\\textbf{jamais fermé\n";
        let files = [("autre.tex".to_owned(), text.into())].into();
        let found = found.with_sources(&Job { files, ..Job::default() });
        assert_eq!((found.line, found.excerpt.as_str()), (Some(2), "\\textbf{jamais fermé"));
    }

    proptest::proptest! {
        #[test]
        fn any_log_and_any_source_are_read(
            log in "(! |l\\.1|\\./m\\.tex:1: |File `|' not found|Runaway \n|\\(\\./m\\.tex|\\)|\n|.){0,40}",
            text in "\\PC{0,80}",
        ) {
            let files = [("m.tex".to_owned(), text.into())].into();
            let job = Job { main: "m.tex".into(), files, ..Job::default() };
            let _ = diagnose(&log).map(|found| found.with_sources(&job));
        }
    }

    #[test]
    fn old_style_errors_are_read_too() {
        let found = diagnose(
            "! Missing $ inserted.\n<inserted text>\n                $\nl.12 x_\n       1 y\n",
        )
        .unwrap();
        assert_eq!((found.line, found.file), (Some(12), None));
        assert_eq!(found.excerpt, "x_1 y");
        assert!(found.hint.contains("dollars"));
    }
}

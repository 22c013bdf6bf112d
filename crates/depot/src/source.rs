//! The files of a dépôt: listed, decoded, dated.

use crate::manifest::{Dates, Encoding, Manifest};
use encoding_rs::{UTF_8, WINDOWS_1252};
use ignore::WalkBuilder;
use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// A file of a dépôt.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path inside the dépôt, `/` between folders.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Its text, when its ending is one of a text.
    pub text: Option<Arc<str>>,
    /// ISO 8601.
    pub date: Option<String>,
    /// Where its bytes are, when they are not in the dépôt: a figure that a script drew.
    pub drawn: Option<PathBuf>,
}

/// The files of a dépôt at one moment.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The folder.
    pub root: PathBuf,
    /// By path.
    pub files: BTreeMap<String, SourceFile>,
    /// What was left out, and why (in French).
    pub left_out: Vec<(String, String)>,
    /// The commit that is checked out, when the folder is a Git repository.
    pub commit: Option<String>,
    /// The files whose places drawn figures took.
    pub(crate) committed: BTreeMap<String, SourceFile>,
}

/// Endings of files that are read as text.
const TEXTS: &[&str] = &[
    "tex", "sty", "cls", "csv", "txt", "pdf_t", "pstex_t", "pdf_tex", "bib", "ltx", "def", "toml",
];

impl Files {
    /// Reads a folder. Hidden files are not looked at; links that leave the folder are refused.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn read(root: &Path, manifest: &Manifest) -> io::Result<Self> {
        std::fs::read_dir(root)?;
        let canonical = root.canonicalize()?;
        let commit = git(root, &["rev-parse", "HEAD"])
            .map(|text| text.trim().to_owned())
            .filter(|_| root.join(".git").exists());
        let dates = match (manifest.dates, &commit) {
            (Dates::Auto | Dates::Git, Some(_)) => git_dates(root),
            _ => HashMap::new(),
        };
        let mut out = Self { root: root.to_path_buf(), commit, ..Self::default() };
        let walk = WalkBuilder::new(root)
            .standard_filters(false)
            .hidden(true)
            .follow_links(false)
            .sort_by_file_path(Path::cmp)
            .build();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    out.left_out.push((String::new(), format!("illisible : {error}")));
                    continue;
                }
            };
            let Ok(relative) = entry.path().strip_prefix(root) else { continue };
            let path = relative.to_string_lossy().replace('\\', "/");
            let kind = entry.file_type();
            if path.is_empty()
                || kind.is_some_and(|kind| kind.is_dir())
                || manifest.ignore.is_match(&path)
            {
                continue;
            }
            if kind.is_some_and(|kind| kind.is_symlink()) {
                let inside = entry
                    .path()
                    .canonicalize()
                    .is_ok_and(|target| target.starts_with(&canonical) && target.is_file());
                if !inside {
                    out.left_out.push((path, "lien qui sort du dépôt".to_owned()));
                    continue;
                }
            }
            let Ok(meta) = std::fs::metadata(entry.path()) else {
                out.left_out.push((path, "illisible".to_owned()));
                continue;
            };
            if !meta.is_file() {
                out.left_out.push((path, "n'est pas un fichier ordinaire".to_owned()));
                continue;
            }
            if meta.len() > manifest.max_file {
                out.left_out.push((path, format!("plus de {} octets", manifest.max_file)));
                continue;
            }
            let ending = path.rsplit('.').next().unwrap_or_default();
            let text = if TEXTS.contains(&ending) {
                match std::fs::read(entry.path()) {
                    Ok(bytes) => Some(decode(&bytes, manifest.encoding)),
                    Err(error) => {
                        out.left_out.push((path, format!("illisible : {error}")));
                        continue;
                    }
                }
            } else {
                None
            };
            let date = match manifest.dates {
                Dates::None => None,
                Dates::Git => dates.get(&path).cloned(),
                Dates::Auto | Dates::File => dates.get(&path).cloned().or_else(|| modified(&meta)),
            };
            let file = SourceFile { path: path.clone(), size: meta.len(), text, date, drawn: None };
            out.files.insert(path, file);
        }
        Ok(out)
    }

    /// The bytes of a listed file, wherever they are.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn bytes(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        std::fs::read(file.drawn.clone().unwrap_or_else(|| self.root.join(path)))
    }

    /// Puts a drawn figure in the place of the committed one.
    pub(crate) fn lay(&mut self, path: &str, drawn: PathBuf) {
        let Ok(meta) = std::fs::metadata(&drawn) else { return };
        let path = path.to_owned();
        let file = SourceFile {
            path: path.clone(),
            size: meta.len(),
            text: None,
            date: None,
            drawn: Some(drawn),
        };
        if let Some(before) = self.files.insert(path.clone(), file)
            && before.drawn.is_none()
        {
            self.committed.insert(path, before);
        }
    }

    /// Takes drawn figures away again: the files as they are in the dépôt.
    pub(crate) fn lift(&mut self) {
        self.files.retain(|_, file| file.drawn.is_none());
        self.files.append(&mut self.committed);
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.files.get(path)?.text.as_ref()
    }

    /// A file that a source at `from` names: beside it, or from the root; with one of the endings.
    #[must_use]
    pub fn find(&self, from: &str, name: &str, endings: &[&str]) -> Option<&SourceFile> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        [folder, ""].into_iter().find_map(|folder| {
            let path = join(folder, name)?;
            endings.iter().find_map(|ending| self.files.get(&format!("{path}{ending}")))
        })
    }
}

/// A relative path from a folder, `..` resolved; `None` when it leaves the dépôt.
fn join(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if name.starts_with('/') {
        return None;
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Bytes as text: UTF-8 where it is valid, otherwise what the file says that it is, else as latin-1 is
/// read everywhere. Lines end as they end here.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding) -> Arc<str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match (encoding, std::str::from_utf8(bytes)) {
        (Encoding::Latin1, _) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        (_, Ok(text)) => text.into(),
        (Encoding::Utf8, Err(_)) => UTF_8.decode_without_bom_handling(bytes).0,
        (Encoding::Auto, Err(_)) => eight_bits(bytes).decode_without_bom_handling(bytes).0,
    };
    // Old Macintosh files end their lines with a carriage return alone, which would make one comment
    // of all that follows a `%`.
    text.replace("\r\n", "\n").replace('\r', "\n").into()
}

/// The encoding of a text that is not UTF-8: by the option of its `inputenc`, else by its letters.
/// A French text of a Macintosh has its é and è where windows-1252 has Ž and nothing.
fn eight_bits(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let says = |option: &str| {
        let wanted = format!("[{option}]{{inputenc}}");
        bytes.windows(wanted.len()).any(|part| part == wanted.as_bytes())
    };
    if says("applemac") {
        return encoding_rs::MACINTOSH;
    }
    if says("latin9") {
        return encoding_rs::ISO_8859_15;
    }
    let count = |letters: [u8; 3]| bytes.iter().filter(|byte| letters.contains(byte)).count();
    if count([0x8e, 0x8f, 0x88]) > count([0xe9, 0xe8, 0xe0]) {
        return encoding_rs::MACINTOSH;
    }
    WINDOWS_1252
}

fn modified(meta: &std::fs::Metadata) -> Option<String> {
    let time = jiff::Timestamp::try_from(meta.modified().ok()?).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Runs git in a folder without prompts, hooks or pagers; `None` when it fails.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotePath=false",
            "--no-pager",
        ])
        .args(arguments)
        .current_dir(root)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The date of the last commit that touched each file.
fn git_dates(root: &Path) -> HashMap<String, String> {
    let mut dates = HashMap::new();
    let log = git(root, &["log", "--format=%x01%cI", "--name-only", "--relative", "--", "."])
        .unwrap_or_default();
    let mut date = "";
    for line in log.lines() {
        match line.strip_prefix('\u{1}') {
            Some(commit) => date = commit,
            None if !line.is_empty() => {
                dates.entry(line.to_owned()).or_insert_with(|| date.to_owned());
            }
            None => {}
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_as_they_are_written() {
        for (bytes, encoding, wanted) in [
            (&b"\xc3\xa9t\xc3\xa9"[..], Encoding::Auto, "été"),
            (b"\xe9t\xe9", Encoding::Auto, "été"),
            (b"\xef\xbb\xbfa", Encoding::Auto, "a"),
            (b"\xc3\xa9", Encoding::Latin1, "Ã©"),
            (b"a\r\nb", Encoding::Auto, "a\nb"),
            (b"a% b\rc", Encoding::Auto, "a% b\nc"),
            (b"\x8et\x8e \x88 No\x91l", Encoding::Auto, "été à Noël"),
            (b"[applemac]{inputenc} \xcfuvre", Encoding::Auto, "[applemac]{inputenc} œuvre"),
            (b"[latin9]{inputenc} \xbduvre", Encoding::Auto, "[latin9]{inputenc} œuvre"),
        ] {
            assert_eq!(&*decode(bytes, encoding), wanted);
        }
    }

    #[test]
    fn a_name_cannot_leave_the_depot() {
        assert_eq!(join("a/b", "../c.tex").as_deref(), Some("a/c.tex"));
        assert_eq!(join("a", "../../c"), None);
        assert_eq!(join("", "/etc/passwd"), None);
        assert_eq!(join("", "./x").as_deref(), Some("x"));
    }
}

//! Which TeX is installed: what is kept was made by it, and is made again after an upgrade.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// The TeX installation: its version, and files that every change of it touches.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    version: String,
    files: Vec<PathBuf>,
}

impl Installation {
    /// Looks for TeX; without one everything is empty and runs fail with a message of their own.
    pub(crate) fn find() -> Self {
        let output = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().ok();
            output.map_or_else(String::new, |out| String::from_utf8_lossy(&out.stdout).into_owned())
        };
        let version = output("pdflatex", &["--version"]).lines().next().unwrap_or_default().into();
        // A package that is installed or upgraded rewrites the file lists; a new kernel of LaTeX
        // rewrites the formats.
        let mut files = output("kpsewhich", &["-all", "ls-R"]);
        for (engine, format) in
            [("pdftex", "pdflatex"), ("xetex", "xelatex"), ("luahbtex", "lualatex")]
        {
            files.push_str(&output("kpsewhich", &["-engine", engine, &format!("{format}.fmt")]));
        }
        Self { version, files: files.lines().map(|line| Path::new(line).to_path_buf()).collect() }
    }

    /// A text that changes when the installation does.
    pub(crate) fn fingerprint(&self) -> String {
        let mut text = self.version.clone();
        for file in &self.files {
            let seconds = std::fs::metadata(file)
                .and_then(|meta| Ok((meta.len(), meta.modified()?)))
                .map(|(length, time)| (length, time.duration_since(SystemTime::UNIX_EPOCH)));
            text.push_str(&format!("\n{}: {seconds:?}", file.display()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_changes_the_fingerprint() {
        let list = tempfile::NamedTempFile::new().unwrap();
        let installation =
            Installation { version: "TeX".into(), files: vec![list.path().to_path_buf()] };
        let before = installation.fingerprint();
        assert_eq!(installation.fingerprint(), before);
        std::fs::write(list.path(), "./tex: new.sty").unwrap();
        assert_ne!(installation.fingerprint(), before);
        let found = Installation::find();
        assert!(found.version.contains("pdfTeX"), "{}", found.version);
        assert!(found.files.len() >= 4, "{:?}", found.files);
    }
}

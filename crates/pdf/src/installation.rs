//! Which TeX is installed: what is kept was made by it, and is made again after an upgrade.

use crate::job::Job;
use bytes::Bytes;
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
    /// Files that are given to each run because TeX lacks them.
    stand_ins: Vec<(&'static str, &'static str)>,
}

/// What stands in for packages that come with a gigabyte of others: `doclicense` needs the first.
const STAND_INS: &[(&str, &str)] = &[("ccicons.sty", include_str!("standins/ccicons.sty"))];

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
        let lacks = |name: &str| output("kpsewhich", &[name]).trim().is_empty();
        Self {
            version,
            files: files.lines().map(|line| Path::new(line).to_path_buf()).collect(),
            stand_ins: STAND_INS.iter().copied().filter(|(name, _)| lacks(name)).collect(),
        }
    }

    /// A job with the files that TeX lacks.
    pub(crate) fn complete(&self, mut job: Job) -> Job {
        for (name, text) in &self.stand_ins {
            job.files.entry((*name).to_owned()).or_insert(Bytes::from_static(text.as_bytes()));
        }
        job
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
        for (name, stand_in) in &self.stand_ins {
            text.push_str(&format!("\n{name}: {}", stand_in.len()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[test]
    fn an_upgrade_changes_the_fingerprint() {
        let list = tempfile::NamedTempFile::new().unwrap();
        let installation = Installation {
            version: "TeX".into(),
            files: vec![list.path().to_path_buf()],
            stand_ins: Vec::new(),
        };
        let before = installation.fingerprint();
        assert_eq!(installation.fingerprint(), before);
        std::fs::write(list.path(), "./tex: new.sty").unwrap();
        assert_ne!(installation.fingerprint(), before);
        let poorer = Installation { stand_ins: STAND_INS.to_vec(), ..installation.clone() };
        assert_ne!(installation.fingerprint(), poorer.fingerprint());
        let own = Job::of_text(Engine::Pdflatex, "x");
        assert_eq!(installation.complete(own.clone()), own);
        assert!(poorer.complete(own).files.contains_key("ccicons.sty"));
        let found = Installation::find();
        assert!(found.version.contains("pdfTeX"), "{}", found.version);
        assert!(found.files.len() >= 4, "{:?}", found.files);
    }
}

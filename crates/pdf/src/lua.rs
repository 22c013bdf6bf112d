//! LuaTeX's index of fonts. A run has no cache of its own that lasts, and looking at every font of the
//! machine takes it seconds, with many fonts half a minute: it is done once, and runs are shown the
//! result, read-only.

use crate::{
    job::{Engine, Job, Limits},
    process::{Ended, execute},
    run::RunError,
    sandbox::{self, Sandbox},
    work::Work,
};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

/// Files that runs are shown: where they are, and where LuaTeX looks for them.
#[derive(Debug, Default)]
pub(crate) struct FontIndex {
    files: Vec<(PathBuf, PathBuf)>,
    /// Copies that the user who runs TeX can read, when that is not us.
    _readable: Option<tempfile::TempDir>,
}

/// Where LuaTeX keeps its caches inside a sandbox.
const INSIDE: &str = "/tmp/texmf-var/luatex-cache/generic";
/// What makes LuaTeX look at every font, and load those of nearly every document.
const SOURCE: &str = "\\documentclass{article}\\begin{document}\\section{a} b \\textbf{c} \\textit{d} \\texttt{e} \\textsc{f} $x_{y_z}$\\end{document}";
/// How long it may take, on a slow machine with many fonts.
const TIME: Duration = Duration::from_secs(240);

impl FontIndex {
    /// The index of this TeX installation: kept, or made now. One that cannot be made is as none:
    /// each run then makes its own.
    pub(crate) async fn find(
        folder: &Path,
        installation: &str,
        sandbox: &Sandbox,
        limits: &Limits,
    ) -> Self {
        if *sandbox == Sandbox::Unsandboxed {
            return Self::default();
        }
        let key = &blake3::hash(installation.as_bytes()).to_hex()[..40];
        let own = home(folder).join(key);
        if !own.is_dir()
            && let Err(error) = make(&own, sandbox, limits).await
        {
            tracing::warn!(%error, "the fonts of LuaTeX could not be indexed: its runs take longer");
            return Self::default();
        }
        let open = own.clone();
        let user = sandbox.user();
        let shown = tokio::task::spawn_blocking(move || Self::open(&open, user)).await;
        match shown.map_err(io::Error::other).flatten() {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%error, "the index of LuaTeX's fonts cannot be read");
                Self::default()
            }
        }
    }

    /// (where it is, where the run sees it).
    pub(crate) fn files(&self) -> &[(PathBuf, PathBuf)] {
        &self.files
    }

    fn open(own: &Path, user: Option<u32>) -> io::Result<Self> {
        let readable = match user {
            Some(_) => Some(
                tempfile::Builder::new()
                    // As the copies of formats, so that what a killed process leaves is removed.
                    .prefix(&format!("{}{}-", crate::format::PREFIX, std::process::id()))
                    .permissions(fs::Permissions::from_mode(0o755))
                    .tempdir()?,
            ),
            None => None,
        };
        let mut files = Vec::new();
        for part in ["names", "fonts/otl"] {
            for entry in fs::read_dir(own.join(part)).into_iter().flatten() {
                let (file, name) = (entry?.path(), files.len().to_string());
                let inside =
                    Path::new(INSIDE).join(part).join(file.file_name().unwrap_or_default());
                let outside = match &readable {
                    None => file,
                    Some(folder) => {
                        let copy = folder.path().join(name);
                        fs::copy(&file, &copy)?;
                        fs::set_permissions(&copy, fs::Permissions::from_mode(0o644))?;
                        copy
                    }
                };
                files.push((outside, inside));
            }
        }
        Ok(Self { files, _readable: readable })
    }
}

/// The user's cache, where all compilers of the machine find it, else the compiler's own folder.
fn home(folder: &Path) -> PathBuf {
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .map_or_else(|| folder.to_path_buf(), |cache| cache.join("maquisdoc"))
        .join("luatex")
}

/// Makes the index in a run of our own source, and keeps what is of use.
async fn make(own: &Path, sandbox: &Sandbox, limits: &Limits) -> Result<(), RunError> {
    let limits = Limits { time: TIME, ..*limits };
    let work = Work::new(&Job::of_text(Engine::Lualatex, SOURCE), sandbox).await?;
    let mut command = sandbox.command("env", work.path(), None, &limits);
    let cache = format!("{}/cache", sandbox::INSIDE);
    command.args([format!("TEXMFCACHE={cache}"), format!("TEXMFVAR={cache}")]);
    command.args(["openout_any=a", "lualatex"]);
    command.args(["-no-shell-escape", "--nosocket", "-interaction=batchmode", "main.tex"]);
    let ended = execute(command, work.path(), &limits, Instant::now() + TIME).await?;
    let made = work.path().join("cache/luatex-cache/generic");
    let keep = || -> io::Result<()> {
        let home = own.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(home)?;
        let staged = tempfile::tempdir_in(home)?;
        for (part, wanted) in [("names", "-names.luc.gz"), ("fonts/otl", ".luc")] {
            fs::create_dir_all(staged.path().join(part))?;
            for entry in fs::read_dir(made.join(part))? {
                let entry = entry?;
                if entry.file_type()?.is_file()
                    && entry.file_name().to_string_lossy().ends_with(wanted)
                {
                    fs::copy(entry.path(), staged.path().join(part).join(entry.file_name()))?;
                }
            }
        }
        match fs::rename(staged.keep(), own) {
            // Another compiler was faster.
            Err(_) if own.is_dir() => Ok(()),
            result => result,
        }
    };
    if ended != Ended::Success {
        let why = format!("LuaTeX ends with {ended:?}");
        return Err(RunError::Io(io::Error::other(why)));
    }
    Ok(keep()?)
}

//! PDFs of the dépôts: compiled and published where the settings say.

use crate::{
    config::Settings,
    sources::{self, Readers},
};
use mqd_depot::{
    compile::{
        self, Progress, Shelf,
        figures::{self, Figures},
        pictures::{self, Pictures},
    },
    publish::{self, Published, Space},
    scan::Scan,
};
use mqd_pdf::{Compiler, Limits, SetupError};
use std::{
    fs::File,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// A book takes longer than what a stranger may ask of the compile service.
const LIMITS: fn() -> Limits = || Limits {
    time: Duration::from_secs(180),
    input: 128 << 20,
    disk: 1 << 30,
    file_size: 256 << 20,
    ..Limits::default()
};

/// What was done.
#[derive(Debug, Default, serde::Serialize)]
pub struct Done {
    /// Figures that scripts draw; `None` where nothing can be compiled.
    pub figures: Option<figures::Drawn>,
    /// What was compiled; `None` where nothing can be.
    pub compiled: Option<compile::Report>,
    /// Pictures of blocks that only TeX can draw.
    pub pictures: Option<pictures::Drawn>,
    /// What was published.
    pub published: Option<publish::Report>,
    /// Why not everything was published; the next run goes on from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpublished: Option<String>,
    /// Why nothing was compiled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<String>,
    /// Whether addresses of PDFs changed: the maquis must learn them.
    #[serde(skip)]
    pub moved: bool,
    /// Whether pages show other pictures than before.
    #[serde(skip)]
    pub redrawn: bool,
}

impl Done {
    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if let Some(off) = &self.off {
            out.push_str(&format!("PDF : rien n'est compilé ({off})\n"));
        }
        if let Some(figures) = &self.figures {
            out.push_str(&figures.text());
        }
        if let Some(compiled) = &self.compiled {
            out.push_str(&compiled.text());
        }
        if let Some(pictures) = &self.pictures {
            out.push_str(&pictures.text());
        }
        if let Some(published) = &self.published {
            out.push_str(&published.text());
        }
        if let Some(error) = &self.unpublished {
            out.push_str(&format!(
                "✗ publication interrompue : {error}\n    Ce qui est envoyé reste ; la prochaine maintenance reprend là.\n"
            ));
        }
        out
    }

    /// Whether some document does not compile, or is not published.
    pub fn failed(&self) -> bool {
        self.unpublished.is_some()
            || self.compiled.as_ref().is_some_and(|report| !report.failed.is_empty())
    }
}

/// The folder that PDFs are published to, where they are published to a folder.
pub fn folder(settings: &Settings) -> Option<PathBuf> {
    let config = &settings.file.publish;
    config.is_folder().then(|| match &config.to {
        Some(to) => settings.folder.join(to),
        None => settings.data.join("publication"),
    })
}

fn addresses(settings: &Settings) -> PathBuf {
    settings.data.join("publication.json")
}

/// Tells scans where their PDFs, figures and pictures are.
pub fn attach(settings: &Settings, scans: &mut [Scan]) {
    let published = Arc::new(Published::load(&addresses(settings)));
    let pictures = Arc::new(Pictures::load(&drawings(settings)));
    let drawn = Figures::load(&figures_folder(settings));
    for scan in scans {
        drawn.lay(scan);
        scan.published = Arc::clone(&published);
        scan.pictures = Arc::clone(&pictures);
    }
}

fn drawings(settings: &Settings) -> PathBuf {
    settings.data.join("pictures")
}

fn figures_folder(settings: &Settings) -> PathBuf {
    settings.data.join("figures")
}

/// How to work.
pub struct Options<'o> {
    /// Documents at the same time; one a processor when nothing is said.
    pub jobs: Option<usize>,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Every dépôt of the configuration is among the scans.
    pub all: bool,
    /// Told how far compilation is.
    pub progress: &'o (dyn Fn(Progress) + Sync),
    /// Told how far publication is.
    pub uploads: &'o (dyn Fn(usize, usize) + Sync),
}

/// Compiles what changed and publishes what is new. The scans know the new addresses afterwards.
/// Who calls it holds the [`lock`], unless nothing is written.
///
/// # Errors
/// When a folder cannot be written; what was done until then stays. A space that refuses is told in
/// what is returned.
pub async fn run(
    settings: &Settings,
    scans: &mut [Scan],
    options: &Options<'_>,
) -> eyre::Result<Done> {
    let mut done = Done::default();
    let shelf = Shelf::new(settings.data.join("compiled"));
    // A dry run makes nothing, not even the folder of the compiler.
    let aside = options.dry_run.then(tempfile::tempdir).transpose()?;
    let home = aside.as_ref().map_or_else(|| settings.data.join("latex"), |dir| dir.path().into());
    match compiler(settings, home)? {
        Err(why) => done.off = Some(why),
        Ok(compiler) => {
            let parallel = options
                .jobs
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
            let how = compile::Options {
                parallel,
                dry_run: options.dry_run,
                all: options.all,
                progress: options.progress,
            };
            let figures = figures::draw(scans, &figures_folder(settings), &compiler, how).await?;
            done.redrawn = figures.changed;
            done.figures = Some(figures);
            let wanted = compile::wanted(scans);
            let mut report =
                compile::compile(scans, &wanted.targets, &shelf, &compiler, how).await?;
            report.remarks.extend(wanted.remarks);
            done.compiled = Some(report);
            if !options.dry_run {
                let folder = drawings(settings);
                let drawn = pictures::draw(scans, &folder, &compiler, how).await?;
                done.redrawn |= drawn.changed;
                done.pictures = Some(drawn);
            }
        }
    }
    if let Err(error) = publish(settings, scans, options, &shelf, &mut done).await {
        done.unpublished = Some(format!("{error:#}"));
    }
    attach(settings, scans);
    Ok(done)
}

/// How long a server waits for the end of another maintenance.
const PATIENCE: Duration = Duration::from_secs(60);

/// Compiles and publishes all that changed, for a server: what it shows follows. To be called on a
/// thread that may block.
///
/// # Errors
/// As [`run`], and when a dépôt cannot be read.
pub fn bring(settings: &Settings, readers: &Readers) -> eyre::Result<Done> {
    // A server waits for the end of a maintenance that somebody runs: what changed meanwhile would
    // be forgotten.
    let start = Instant::now();
    let _alone = loop {
        match lock(settings) {
            Ok(file) => break file,
            Err(error) if start.elapsed() > PATIENCE => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
        }
    };
    let mut scans = sources::scans(settings)?;
    let options =
        Options { jobs: None, dry_run: false, all: true, progress: &|_| {}, uploads: &|_, _| {} };
    let running = run(settings, &mut scans, &options);
    let done = tokio::runtime::Handle::current().block_on(running)?;
    if done.moved || done.redrawn {
        sources::show(readers, &scans, &scans)?;
    }
    Ok(done)
}

/// Changes when another process published or drew something.
pub fn stamp(settings: &Settings) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    let mut files = vec![addresses(settings)];
    for folder in [drawings(settings), figures_folder(settings)] {
        let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files.extend(folders.map(|entry| entry.path().join("index.json")));
    }
    files.sort();
    for file in files {
        let meta = std::fs::metadata(&file).ok();
        (file, meta.map(|meta| (meta.len(), meta.modified().ok()))).hash(&mut hasher);
    }
    hasher.finish()
}

async fn publish(
    settings: &Settings,
    scans: &mut [Scan],
    options: &Options<'_>,
    shelf: &Shelf,
    done: &mut Done,
) -> eyre::Result<()> {
    let records = shelf.records();
    let before = Published::load(&addresses(settings));
    let config = &settings.file.publish;
    let (wanted, mut after) = publish::wanted(scans, &records, config, &before)?;
    let to = match folder(settings) {
        Some(folder) if options.dry_run && !folder.exists() => return Ok(()),
        Some(folder) => folder.display().to_string(),
        None => config.to.clone().unwrap_or_default(),
    };
    let space = Space::open(&to, settings.space())?;
    let names: Vec<&str> = scans.iter().map(|scan| scan.manifest.name.as_str()).collect();
    if options.all {
        after.keep(|depot| names.contains(&depot));
    }
    let objects: Vec<publish::Object> = wanted.iter().map(|(object, _)| object.clone()).collect();
    let read = |object: &publish::Object| {
        let (_, record) = wanted
            .iter()
            .find(|(of, _)| of.key == object.key)
            .ok_or(std::io::ErrorKind::NotFound)?;
        shelf.pdf(record)
    };
    let covered = |depot: &str| options.all || names.contains(&depot);
    let report = space
        .publish(&objects, covered, config.replace, options.dry_run, read, options.uploads)
        .await?;
    // Where somebody else's file stands, no reader is led.
    for (object, record) in &wanted {
        if report.foreign.contains(&object.key) {
            after.remove(record);
        }
    }
    done.published = Some(report);
    if !options.dry_run && after != before {
        after.save(&addresses(settings))?;
        done.moved = true;
    }
    Ok(())
}

/// One maintenance at a time compiles in a data folder.
///
/// # Errors
/// When another one does.
pub fn lock(settings: &Settings) -> eyre::Result<File> {
    let path = settings.data.join("compiled");
    std::fs::create_dir_all(&path)?;
    let file = File::create(path.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            eyre::bail!("another maintenance compiles in {}: wait for its end", path.display())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// What compiles, or why nothing can.
fn compiler(settings: &Settings, home: PathBuf) -> eyre::Result<Result<Compiler, String>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file()) {
        return Ok(Err("TeX n'est pas installé".to_owned()));
    }
    let mut pdf = mqd_pdf::Settings::new(home);
    pdf.unsandboxed = settings.unsandboxed;
    pdf.limits = LIMITS();
    match Compiler::new(pdf) {
        Ok(compiler) => Ok(Ok(compiler)),
        Err(SetupError::Sandbox(error)) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

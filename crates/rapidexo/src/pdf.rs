//! Sheets as PDF, through the compile service of this process or one elsewhere.

use crate::{Part, Sheet, Sheets, compile::Compile};
use bytes::Bytes;
use mqd_pdf::{Diagnosis, Engine, Job, Outcome, RunError};
use std::{collections::BTreeMap, io::Write as _, sync::Arc};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// Nothing compiles here.
    #[error("il n’y a pas de service de compilation ici ; la source LaTeX reste disponible")]
    NoCompiler,
    /// The sheet does not compile.
    #[error("cette feuille ne se compile pas : {reason}")]
    Failed {
        /// The first error, in a sentence.
        reason: String,
        /// TeX's log.
        log: String,
    },
    /// The compile service is busy or cannot run.
    #[error(transparent)]
    Run(#[from] Arc<RunError>),
    /// The compile service elsewhere does not answer.
    #[error(
        "le service de compilation ne répond pas pour le moment ; la source LaTeX reste disponible"
    )]
    Unreachable,
    /// An archive cannot be written.
    #[error("l’archive ne peut pas être écrite : {0}")]
    Zip(#[from] zip::result::ZipError),
}

impl Sheet {
    /// The job that compiles these sides of these variants.
    #[must_use]
    pub fn job(&self, parts: &[Part], variants: &[usize], base: Option<&str>) -> Job {
        let latex = self.latex_of(parts, variants, base);
        let mut files: BTreeMap<String, Bytes> =
            parts.iter().flat_map(|part| self.figures(*part)).collect();
        let main = "feuille.tex".to_owned();
        files.insert(main.clone(), latex.into());
        Job { engine: Engine::Pdflatex, main, files }
    }

    /// The numbers of its variants, from 0.
    #[must_use]
    pub fn variants(&self) -> Vec<usize> {
        (0..usize::from(self.address.layout.variants.get())).collect()
    }

    /// Both sides as LaTeX and the pictures that they need, by path; the statements come first.
    #[must_use]
    pub fn files(&self, base: Option<&str>) -> Vec<(String, Bytes)> {
        let side = |part| Bytes::from(self.latex_of(&[part], &self.variants(), base));
        let mut files: Vec<(String, Bytes)> = vec![
            ("enonces.tex".to_owned(), side(Part::Statements)),
            ("corriges.tex".to_owned(), side(Part::Answers)),
        ];
        let mut figures = self.figures(Part::Statements);
        figures.extend(self.figures(Part::Answers));
        files.extend(figures);
        files
    }

    /// The LaTeX sources, that for Auto Multiple Choice too, and the pictures that they need, in one
    /// archive.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn sources(&self, base: Option<&str>) -> Result<Bytes, PdfError> {
        let mut files = self.files(base);
        files.insert(2, ("amc.tex".to_owned(), self.amc().into()));
        archive(files)
    }
}

/// Files as an archive: the same files give the same bytes.
fn archive(files: Vec<(String, Bytes)>) -> Result<Bytes, PdfError> {
    let mut out = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    // Without a date, so that the same sheet is the same file.
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        out.start_file(name, options)?;
        out.write_all(&bytes).map_err(zip::result::ZipError::from)?;
    }
    Ok(out.finish()?.into_inner().into())
}

impl Sheets {
    /// These sides of the sheet, all variants, as one PDF.
    ///
    /// # Errors
    /// [`PdfError`].
    pub async fn pdf(&self, sheet: &Sheet, parts: &[Part]) -> Result<Bytes, PdfError> {
        self.compile(sheet, parts, &sheet.variants()).await
    }

    /// Each variant and each key as a PDF of its own, in one archive.
    ///
    /// # Errors
    /// [`PdfError`].
    pub async fn variants(&self, sheet: &Sheet) -> Result<Bytes, PdfError> {
        let mut files = Vec::new();
        let letters: Vec<Option<char>> = sheet.address.layout.variants.letters().collect();
        for (variant, letter) in letters.into_iter().enumerate() {
            let letter = letter.map(|letter| format!("-{letter}")).unwrap_or_default();
            for (part, name) in [(Part::Statements, "enonces"), (Part::Answers, "corriges")] {
                let pdf = self.compile(sheet, &[part], &[variant]).await?;
                files.push((format!("{name}{letter}.pdf"), pdf));
            }
        }
        archive(files)
    }

    async fn compile(
        &self,
        sheet: &Sheet,
        parts: &[Part],
        variants: &[usize],
    ) -> Result<Bytes, PdfError> {
        let options = self.options();
        let compiler = options.compiler.as_ref().ok_or(PdfError::NoCompiler)?;
        let job = sheet.job(parts, variants, options.base_url.as_deref());
        let job_text = job.files.get(&job.main).cloned().unwrap_or_default();
        let compiler = match compiler {
            Compile::Here(compiler) => compiler,
            Compile::There(remote) => return remote.compile(&job).await,
        };
        // The same address gives the same bytes, whenever its sheet is compiled.
        compiler.warm(&job).await;
        match compiler.compile(job, false).await? {
            Outcome::Pdf { pdf, .. } => Ok(pdf),
            Outcome::Failed { log, diagnosis, why } => {
                let latex = job_text.as_ref();
                let reason =
                    diagnosis.map_or_else(|| why.to_string(), |found| explain(&found, latex));
                Err(PdfError::Failed { reason, log })
            }
        }
    }
}

/// The error in a sentence that names the exercise it is in.
fn explain(found: &Diagnosis, latex: &[u8]) -> String {
    let line = found.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    let before = latex.split(|byte| *byte == b'\n').take(line);
    let item = before
        .filter_map(|line| {
            let line = line.strip_prefix(b"\\item ")?;
            let path = line.strip_prefix(b"{\\tiny (").or_else(|| line.strip_prefix(b"% ("))?;
            Some(String::from_utf8_lossy(path).replace('\\', ""))
        })
        .last();
    let path = item.map(|path| path.trim_end_matches([')', '}']).to_owned());
    let place = path.map(|path| format!("{path} : ")).unwrap_or_default();
    format!("{place}{} {} {}", found.message, found.excerpt, found.hint).trim().to_owned()
}

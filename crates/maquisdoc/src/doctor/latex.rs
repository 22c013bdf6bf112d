//! The compile service: TeX, its packages, the sandbox.

use super::{Finding, servers::ready};
use crate::config::Settings;
use mqd_pdf::{SandboxError, drawing::Program};
use std::process::Command;

/// Files of TeX Live that sheets and documents need, with the Debian package that brings each.
const NEEDED: &[(&str, &str)] = &[
    ("amsmath.sty", "texlive-latex-base"),
    ("geometry.sty", "texlive-latex-base"),
    ("fancyhdr.sty", "texlive-latex-base"),
    ("french.ldf", "texlive-lang-french"),
    ("stmaryrd.sty", "texlive-science"),
    ("enumitem.sty", "texlive-latex-extra"),
    ("mylatexformat.ltx", "texlive-latex-extra"),
    ("ecrm1000.tfm", "cm-super"),
];

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    if let Some(url) = &settings.latex_url {
        return vec![ready("latex", url, "MQD_LATEX_URL")];
    }
    vec![tex(), sandbox(settings), figures()]
}

fn tex() -> Finding {
    let Some(version) = first_line("pdflatex", &["--version"]) else {
        return Finding::failure(
            "latex",
            "pdflatex is not installed",
            "apt-get install latexmk texlive-latex-recommended texlive-latex-extra \
             texlive-lang-french texlive-science cm-super",
        );
    };
    let missing: Vec<_> =
        NEEDED.iter().filter(|(file, _)| first_line("kpsewhich", &[file]).is_none()).collect();
    if missing.is_empty() {
        Finding::ok("latex", version)
    } else {
        let files: Vec<_> = missing.iter().map(|(file, _)| *file).collect();
        let mut packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
        packages.dedup();
        Finding::failure(
            "latex",
            format!("TeX Live lacks {}", files.join(", ")),
            format!("apt-get install {}", packages.join(" ")),
        )
    }
}

fn sandbox(settings: &Settings) -> Finding {
    if settings.unsandboxed {
        return Finding::warning(
            "sandbox",
            "MQD_UNSANDBOXED=1: TeX RUNS WITHOUT A SANDBOX; a source can read and write everything",
            "unset it unless every source is your own",
        );
    }
    // Tried out as the compiler does it, so that what is said here is what happens there.
    match mqd_pdf::Sandbox::find(false) {
        Ok(_) => Finding::ok("sandbox", first_line("bwrap", &["--version"]).unwrap_or_default()),
        Err(SandboxError::Missing) => Finding::failure(
            "sandbox",
            "bubblewrap is not installed: nothing is compiled",
            "apt-get install bubblewrap",
        ),
        Err(SandboxError::Refused(reason)) => Finding::failure(
            "sandbox",
            format!("bubblewrap cannot start: {reason}"),
            "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, an \
             AppArmor profile for bwrap, or in a container --security-opt seccomp=unconfined)",
        ),
    }
}

/// Programs that draw the figures of scripts. None is needed: without them the committed figures are
/// used.
fn figures() -> Finding {
    let programs = [Program::Asymptote, Program::Python];
    let (here, away): (Vec<_>, Vec<_>) = programs.into_iter().partition(|it| it.is_installed());
    let here = here.into_iter().map(Program::command).collect::<Vec<_>>().join(", ");
    let away = away.into_iter().map(|program| {
        let (command, ending) = (program.command(), program.ending());
        format!("no {command}: figures of {ending} scripts stay as they are committed")
    });
    let here = (!here.is_empty()).then(|| format!("drawn by {here}"));
    Finding::ok("figures", here.into_iter().chain(away).collect::<Vec<_>>().join("; "))
}

fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

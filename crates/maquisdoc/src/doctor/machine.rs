//! The configuration file, the data folder, the disk, the clock.

use super::Finding;
use crate::config::{Mode, Settings};
use std::{
    io::ErrorKind,
    path::Path,
    time::{Duration, SystemTime},
};

/// Below this the disk is as good as full: SQLite and TeX start to fail.
const FULL: u64 = 50 << 20;
/// Below this it will soon be.
const NEARLY_FULL: u64 = 1 << 30;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![configuration(settings), disk(settings), clock(settings)];
    findings.extend(secrets(settings));
    if settings.flask_app {
        findings.push(Finding::off("FLASK_APP", "is set and not needed"));
    }
    findings
}

/// A `.env` file holds secrets: others should not read it.
fn secrets(settings: &Settings) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = settings.folder.join(".env");
    let mode = std::fs::metadata(&path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            "permissions",
            format!("{} can be read by other users of this machine", path.display()),
            format!("chmod 600 {}", path.display()),
        )
    })
}

fn configuration(settings: &Settings) -> Finding {
    let mode = match settings.mode {
        Mode::Development => "development",
        Mode::Production => "production",
    };
    match &settings.path {
        Some(path) => Finding::ok("configuration", format!("{} ({mode})", path.display())),
        None => Finding::warning(
            "configuration",
            format!("no maquisdoc.toml here or above ({mode})"),
            "`maquisdoc init DIR` writes one",
        ),
    }
}

fn disk(settings: &Settings) -> Finding {
    // The data folder is made by the first command that writes; until then its first existing
    // ancestor tells.
    let Some(folder) = settings.data.ancestors().find(|dir| dir.is_dir()) else {
        return Finding::failure(
            "disk",
            format!("{} has no existing folder above it", settings.data.display()),
            "set MQD_DATA to a folder that can be made",
        );
    };
    if let Some(reason) = not_writable(folder) {
        return Finding::failure(
            "disk",
            format!("{} cannot be written: {reason}", folder.display()),
            "give the folder to the user that runs maquisdoc, or set MQD_DATA to another",
        );
    }
    match fs4::available_space(folder) {
        Ok(free) => space(folder, free),
        Err(error) => Finding::warning(
            "disk",
            format!("{}: the free space is unknown: {error}", folder.display()),
            "look with `df`",
        ),
    }
}

fn space(folder: &Path, free: u64) -> Finding {
    let summary = format!("{}: {} MB free", folder.display(), free >> 20);
    if free < FULL {
        Finding::failure("disk", summary, "free some space: the disk is full")
    } else if free < NEARLY_FULL {
        Finding::warning("disk", summary, "free some space soon")
    } else {
        Finding::ok("disk", summary)
    }
}

/// Why a folder cannot be written, found without leaving anything in it: an unnamed temporary file
/// disappears with its handle.
fn not_writable(folder: &Path) -> Option<String> {
    match tempfile::tempfile_in(folder) {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::StorageFull => None,
        Err(error) => Some(error.to_string()),
    }
}

fn clock(settings: &Settings) -> Finding {
    // Files from the future mean that the clock went back; before the date of this program's
    // release it is not set at all.
    let newest = std::fs::metadata(settings.data.join("maquis.sqlite"))
        .or_else(|_| std::fs::metadata(&settings.folder))
        .and_then(|meta| meta.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH);
    let now = SystemTime::now();
    let released = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600); // 2026-01-01
    if now < released || newest > now + Duration::from_secs(300) {
        Finding::warning(
            "clock",
            "the clock is behind the files of the data folder or not set",
            "set the clock (timedatectl set-ntp true): TLS and caches depend on it",
        )
    } else {
        Finding::ok("clock", jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn free_space_has_three_answers() {
        let at = |free| space(Path::new("/x"), free).state;
        assert_eq!(at(10 << 20), State::Failure);
        assert_eq!(at(500 << 20), State::Warning);
        assert_eq!(at(5 << 30), State::Ok);
    }
}

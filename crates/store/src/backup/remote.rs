//! Backups sent away: an S3 bucket (`s3://bucket/folder`) or a folder (`file:///folder`).

use super::{
    Summary,
    retention::{self, Keep},
    to_bytes,
};
use crate::Error;
use futures::TryStreamExt;
use jiff::Timestamp;
use mqd_model::Snapshot;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path};

const PREFIX: &str = "maquis-";
const SUFFIX: &str = ".jsonl.zst";
const NAME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// A place where backups are kept.
#[derive(Debug)]
pub struct Remote {
    address: String,
    store: Box<dyn ObjectStore>,
    folder: Path,
}

impl Remote {
    /// Opens a place: an address, or the path of a folder. Credentials come from variables under
    /// their usual names (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL`,
    /// `AWS_REGION`), never from the address.
    ///
    /// # Errors
    /// [`Error::Option`] when the address is not understood, [`Error::Remote`] when the variables
    /// do not fit.
    pub fn open(
        address: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        const EXPECTED: &str =
            "s3://bucket/folder, file:///folder or a folder, without user and password";
        if !address.contains("://") {
            let folder = std::path::absolute(address).map_err(|e| Error::io(address, e))?;
            std::fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
            let wrong = || Error::Option { value: address.to_owned(), expected: EXPECTED };
            let url = url::Url::from_directory_path(&folder).map_err(|()| wrong())?;
            return Self::open(url.as_str(), options);
        }
        let wrong = || Error::Option { value: without_secrets(address), expected: EXPECTED };
        let url = url::Url::parse(address).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "s3" | "file")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(wrong());
        }
        let options = options.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let (store, folder) = object_store::parse_url_opts(&url, options)
            .map_err(|e| Error::Remote { address: address.to_owned(), source: e.into() })?;
        Ok(Self { address: address.to_owned(), store, folder })
    }

    fn error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Remote { address: self.address.clone(), source: source.into() }
    }

    /// Sends a backup under a name that says when; answers the name.
    ///
    /// # Errors
    /// [`Error::Remote`] when the place refuses.
    pub async fn put(
        &self,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<(String, Summary), Error> {
        let name = format!("{PREFIX}{}{SUFFIX}", now.strftime(NAME_FORMAT));
        let (bytes, summary) = to_bytes(snapshot)?;
        self.store
            .put(&self.folder.clone().join(name.as_str()), PutPayload::from(bytes))
            .await
            .map_err(|e| self.error(e))?;
        Ok((name, summary))
    }

    /// The backups there, oldest first. Other files in the folder are not ours and not listed.
    ///
    /// # Errors
    /// [`Error::Remote`] when the place refuses.
    pub async fn list(&self) -> Result<Vec<(Timestamp, String)>, Error> {
        let found =
            self.store.list_with_delimiter(Some(&self.folder)).await.map_err(|e| self.error(e))?;
        let mut backups: Vec<_> = found
            .objects
            .iter()
            .filter_map(|object| {
                let name = object.location.filename()?;
                let moment = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
                let moment = jiff::civil::DateTime::strptime(NAME_FORMAT, moment).ok()?;
                let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
                Some((moment, name.to_owned()))
            })
            .collect();
        backups.sort();
        Ok(backups)
    }

    /// Fetches a backup into a file.
    ///
    /// # Errors
    /// [`Error::Remote`] when the place refuses, [`Error::Io`] when the file cannot be written.
    pub async fn fetch(&self, name: &str, file: &std::path::Path) -> Result<(), Error> {
        use std::io::Write;
        let found =
            self.store.get(&self.folder.clone().join(name)).await.map_err(|e| self.error(e))?;
        let mut out = std::fs::File::create(file).map_err(|e| Error::io(file, e))?;
        let mut stream = found.into_stream();
        while let Some(bytes) = stream.try_next().await.map_err(|e| self.error(e))? {
            out.write_all(&bytes).map_err(|e| Error::io(file, e))?;
        }
        out.sync_all().map_err(|e| Error::io(file, e))
    }

    /// Deletes the backups that a policy does not keep; answers their names.
    ///
    /// # Errors
    /// [`Error::Remote`] when the place refuses.
    pub async fn prune(&self, keep: Keep) -> Result<Vec<String>, Error> {
        let gone = retention::plan(&self.list().await?, keep);
        for name in &gone {
            self.store
                .delete(&self.folder.clone().join(name.as_str()))
                .await
                .map_err(|e| self.error(e))?;
        }
        Ok(gone)
    }
}

/// An address without what stands before its `@`.
fn without_secrets(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &address[..scheme], &address[at..])
        }
        _ => address.to_owned(),
    }
}

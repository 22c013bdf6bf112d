//! Where files are published: a folder, or an S3-compatible space.

use super::plan::{Entry, Object, Owned, Plan, plan};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt as _, PutOptions, PutPayload, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path as Key,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Why something could not be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The place is neither a folder nor a space.
    #[error(
        "[publish] to = « {0} » is not understood: expected a folder or s3://bucket/prefix, without user and password"
    )]
    Place(String),
    /// The space has no public address.
    #[error("[publish] needs `address`: where readers find what is put in {0}")]
    NoAddress(String),
    /// The space refuses or does not answer.
    #[error("{place}: {error}")]
    Space {
        /// Which space.
        place: String,
        /// What it says.
        error: object_store::Error,
    },
    /// A file of ours cannot be read.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// The list of what is ours is broken.
    #[error(
        "{place}/{OWNED} is not a list that maquisdoc wrote: {error}; move it away and check by hand what is ours"
    )]
    Owned {
        /// Which space.
        place: String,
        /// What is wrong.
        error: serde_json::Error,
    },
}

/// The list of what is ours, in the space itself.
pub(super) const OWNED: &str = "maquisdoc-publication.json";
/// Uploads at the same time.
const PARALLEL: usize = 6;
/// The list of what is ours is written again after so many uploads, for runs that are killed.
const CHECKPOINT: usize = 50;
/// PDFs keep their address when they change.
const CACHE: &str = "public, max-age=300, stale-while-revalidate=86400";

/// A place where files are published.
#[derive(Debug)]
pub struct Space {
    /// As people know it.
    place: String,
    store: Box<dyn ObjectStore>,
    prefix: Key,
    /// Where it is a folder: that keeps no media types.
    folder: Option<PathBuf>,
}

/// What a publication did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Where to.
    pub to: String,
    /// Whether nothing was sent, because that was not asked for.
    pub dry_run: bool,
    /// Paths of what was sent (or would be).
    pub uploaded: Vec<String>,
    /// Already there.
    pub unchanged: usize,
    /// Paths of what was deleted (or would be).
    pub deleted: Vec<String>,
    /// Paths where somebody else's file stands.
    pub foreign: Vec<String>,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Report {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for key in self.foreign.iter().take(10) {
            out.push_str(&format!(
                "  {key} : un fichier que maquisdoc n'a pas mis là ; il reste ([publish] replace = true le remplace)\n"
            ));
        }
        let done = if self.dry_run { "à publier" } else { "publiés" };
        out.push_str(&format!(
            "publication ({}) : {} {done}, {} inchangés, {} supprimés\n",
            self.to,
            self.uploaded.len(),
            self.unchanged,
            self.deleted.len()
        ));
        out
    }
}

impl Space {
    /// Opens a folder (which is made when it is missing) or `s3://bucket/prefix`. Credentials of a
    /// space come from these options, the `AWS_…` variables of the environment, never from its
    /// address.
    ///
    /// # Errors
    /// [`PublishError`] when the place is not understood or the options do not fit.
    pub fn open(
        to: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, PublishError> {
        let Some((scheme, _)) = to.split_once("://") else {
            return Self::folder(Path::new(to));
        };
        let wrong = || PublishError::Place(format!("{scheme}://…"));
        let url = url::Url::parse(to).map_err(|_| wrong())?;
        if url.scheme() != "s3" || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong());
        }
        let mut options: Vec<(String, String)> = options
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .filter(|(name, _)| name.starts_with("aws_"))
            .collect();
        // Without TLS only on this machine, where nobody listens.
        let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if options.iter().any(|(name, value)| {
            name.starts_with("aws_endpoint") && here.iter().any(|here| value.starts_with(here))
        }) {
            options.push(("aws_allow_http".to_owned(), "true".to_owned()));
        }
        let refused = |error| PublishError::Space { place: to.to_owned(), error };
        // A space that is away for longer is told to the author: the next run goes on from there.
        let retry = RetryConfig {
            max_retries: 6,
            retry_timeout: Duration::from_secs(60),
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new().with_url(to).with_retry(retry);
        for (name, value) in options {
            // Variables that mean nothing to it are of other programs.
            if let Ok(key) = name.parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        let store = Box::new(builder.build().map_err(refused)?);
        let prefix = Key::from_url_path(url.path()).map_err(|error| refused(error.into()))?;
        let place = to.trim_end_matches('/').to_owned();
        Ok(Self { place, store, prefix, folder: None })
    }

    fn folder(folder: &Path) -> Result<Self, PublishError> {
        let place = folder.display().to_string();
        std::fs::create_dir_all(folder)
            .map_err(|error| PublishError::File { path: folder.to_path_buf(), error })?;
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| PublishError::Space { place: place.clone(), error })?;
        let folder = Some(folder.to_path_buf());
        Ok(Self { place, store: Box::new(store), prefix: Key::default(), folder })
    }

    fn error(&self, error: object_store::Error) -> PublishError {
        PublishError::Space { place: self.place.clone(), error }
    }

    fn key(&self, key: &str) -> Result<Key, PublishError> {
        let whole = match self.prefix.as_ref() {
            "" => key.to_owned(),
            prefix => format!("{prefix}/{key}"),
        };
        Key::parse(whole).map_err(|error| self.error(error.into()))
    }

    /// What is ours there.
    async fn owned(&self) -> Result<Owned, PublishError> {
        let found = match self.store.get(&self.key(OWNED)?).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(Owned::default()),
            Err(error) => return Err(self.error(error)),
        };
        let bytes = found.bytes().await.map_err(|error| self.error(error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| PublishError::Owned { place: self.place.clone(), error })
    }

    async fn keep_owned(&self, owned: &Owned) -> Result<(), PublishError> {
        // Texts and numbers only: it always becomes JSON.
        let bytes = serde_json::to_vec_pretty(owned).unwrap_or_default();
        self.put(OWNED, bytes.into(), "application/json", "no-store").await
    }

    async fn put(
        &self,
        key: &str,
        bytes: Bytes,
        media_type: &'static str,
        cache: &'static str,
    ) -> Result<(), PublishError> {
        let mut options = PutOptions::default();
        if self.folder.is_none() {
            options.attributes = Attributes::from_iter([
                (Attribute::ContentType, media_type),
                (Attribute::CacheControl, cache),
            ]);
        }
        self.store
            .put_opts(&self.key(key)?, PutPayload::from(bytes), options)
            .await
            .map_err(|error| self.error(error))?;
        Ok(())
    }

    /// Everything there: sizes by path.
    async fn there(&self) -> Result<BTreeMap<String, u64>, PublishError> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let all: Vec<_> =
            self.store.list(prefix).try_collect().await.map_err(|error| self.error(error))?;
        let start = match self.prefix.as_ref() {
            "" => 0,
            prefix => prefix.len() + 1,
        };
        Ok(all
            .into_iter()
            .filter_map(|meta| Some((meta.location.as_ref().get(start..)?.to_owned(), meta.size)))
            .collect())
    }

    /// In a folder, removes what a run that was killed left half written beside the places of
    /// these objects: `name.pdf#1`, as the store calls it until it is whole.
    fn sweep(&self, objects: &[Object]) {
        let Some(folder) = &self.folder else { return };
        let places: BTreeSet<PathBuf> =
            objects.iter().map(|object| folder.join(&object.key)).collect();
        let parents: BTreeSet<&Path> = places.iter().filter_map(|place| place.parent()).collect();
        for entry in parents.iter().filter_map(|of| std::fs::read_dir(of).ok()).flatten().flatten()
        {
            let path = entry.path();
            let half = path.to_str().and_then(|path| path.rsplit_once('#')).is_some_and(
                |(whole, number)| {
                    number.bytes().all(|byte| byte.is_ascii_digit())
                        && places.contains(Path::new(whole))
                },
            );
            if half && let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "a half written file stays");
            }
        }
    }

    /// Brings the space in line with what is wanted: see [`plan`]. `read` gives the bytes of an
    /// object; `done` is told of each upload.
    ///
    /// What is about to be sent is written in the list of what is ours first, so that a run that is
    /// killed leaves nothing that the next one takes for somebody else's.
    ///
    /// # Errors
    /// [`PublishError`] when the space refuses; what was sent until then stays ours.
    pub async fn publish(
        &self,
        wanted: &[Object],
        covered: impl Fn(&str) -> bool,
        replace: bool,
        dry_run: bool,
        read: impl Fn(&Object) -> std::io::Result<Vec<u8>>,
        done: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Report, PublishError> {
        let start = Instant::now();
        let (mut owned, there) = (self.owned().await?, self.there().await?);
        let Plan { put, delete, unchanged, foreign } =
            plan(wanted, &owned, &there, covered, replace);
        let report = Report {
            to: self.place.clone(),
            dry_run,
            uploaded: put.iter().map(|object| object.key.clone()).collect(),
            unchanged,
            deleted: delete.clone(),
            foreign,
            seconds: 0.0,
        };
        if dry_run || (put.is_empty() && delete.is_empty()) {
            return Ok(report);
        }
        for object in &put {
            let entry =
                Entry { depot: object.depot.clone(), hash: object.hash.clone(), pending: true };
            owned.objects.insert(object.key.clone(), entry);
        }
        self.keep_owned(&owned).await?;
        self.sweep(&put);
        let total = put.len();
        let mut uploads = futures::stream::iter(put.iter().map(|object| {
            let bytes = read(object);
            async move {
                let bytes = bytes.map_err(|error| PublishError::File {
                    path: PathBuf::from(&object.key),
                    error,
                })?;
                self.put(&object.key, bytes.into(), "application/pdf", CACHE).await?;
                Ok::<_, PublishError>(&object.key)
            }
        }))
        .buffer_unordered(PARALLEL);
        let mut sent = 0;
        let mut first = None;
        let mut written = Instant::now();
        while let Some(result) = uploads.next().await {
            match result {
                Ok(key) => {
                    if let Some(entry) = owned.objects.get_mut(key) {
                        entry.pending = false;
                    }
                    sent += 1;
                    done(sent, total);
                    if sent % CHECKPOINT == 0 || written.elapsed() > Duration::from_secs(10) {
                        self.keep_owned(&owned).await?;
                        written = Instant::now();
                    }
                }
                Err(error) => {
                    first = Some(error);
                    break;
                }
            }
        }
        drop(uploads);
        if let Some(error) = first {
            // The space may be gone altogether: the first error is the one that helps.
            let _ = self.keep_owned(&owned).await;
            return Err(error);
        }
        for key in &delete {
            if there.contains_key(key) {
                match self.store.delete(&self.key(key)?).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(self.error(error)),
                }
            }
            owned.objects.remove(key);
        }
        self.keep_owned(&owned).await?;
        Ok(Report { seconds: start.elapsed().as_secs_f64(), ..report })
    }
}

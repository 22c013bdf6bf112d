//! Publication to a folder and to an S3 server that is not ours (`scripts/s3`).
#![allow(clippy::unwrap_used)]

use futures::TryStreamExt as _;
use mqd_depot::publish::{Object, PublishConfig, PublishError, Report, Space};
use object_store::{Attribute, ObjectStore, ObjectStoreExt as _, path::Path as Key};
use std::{collections::BTreeMap, io, sync::Mutex};

/// A space, and a client of its own that looks at what is in it.
struct World {
    space: Space,
    look: Box<dyn ObjectStore>,
    prefix: Key,
    _folder: Option<tempfile::TempDir>,
}

fn folder() -> World {
    let folder = tempfile::tempdir().unwrap();
    let space = Space::open(folder.path().to_str().unwrap(), []).unwrap();
    let look = object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    World { space, look: Box::new(look), prefix: Key::default(), _folder: Some(folder) }
}

/// `None`, said aloud, where no S3 server runs.
fn s3(name: &str) -> Option<World> {
    let Ok(bucket) = std::env::var("MQD_TEST_S3") else {
        eprintln!("skipped: MQD_TEST_S3 is not set (eval \"$(scripts/s3 env DIR)\" sets it)");
        return None;
    };
    let to = format!("{bucket}/essai-{name}-{}", std::process::id());
    let url = url::Url::parse(&to).unwrap();
    let options = std::env::vars().filter(|(name, _)| name.starts_with("AWS_"));
    let (look, prefix) = object_store::parse_url_opts(
        &url,
        options.map(|(name, value)| (name.to_lowercase(), value)),
    )
    .unwrap();
    Some(World { space: Space::open(&to, std::env::vars()).unwrap(), look, prefix, _folder: None })
}

impl World {
    fn key(&self, key: &str) -> Key {
        Key::parse(format!("{}/{key}", self.prefix).trim_start_matches('/')).unwrap()
    }

    async fn put(&self, key: &str, text: &str) {
        self.look.put(&self.key(key), text.to_owned().into()).await.unwrap();
    }

    /// What is there, without our list.
    async fn all(&self) -> BTreeMap<String, String> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let list: Vec<_> = self.look.list(prefix).try_collect().await.unwrap();
        let mut out = BTreeMap::new();
        for meta in list {
            let key = meta.location.as_ref().trim_start_matches(self.prefix.as_ref());
            let key = key.trim_start_matches('/').to_owned();
            if !key.starts_with("maquisdoc-publication") {
                let bytes = self.look.get(&meta.location).await.unwrap().bytes().await.unwrap();
                out.insert(key, String::from_utf8(bytes.to_vec()).unwrap());
            }
        }
        out
    }

    async fn publish(&self, files: &[(&str, &str)]) -> Result<Report, PublishError> {
        self.publish_with(files, |_| true, &|text: &str| Ok(text.as_bytes().to_vec())).await
    }

    async fn publish_with(
        &self,
        files: &[(&str, &str)],
        covered: impl Fn(&str) -> bool,
        read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
    ) -> Result<Report, PublishError> {
        let wanted: Vec<Object> = files
            .iter()
            .map(|(key, text)| Object {
                key: (*key).to_owned(),
                depot: key.split('/').next().unwrap().to_owned(),
                hash: (*text).to_owned(),
                size: text.len() as u64,
            })
            .collect();
        let read = |object: &Object| read(&object.hash);
        self.space.publish(&wanted, covered, false, false, read, &|_, _| {}).await
    }
}

fn map(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

/// The same story on both kinds of place.
async fn story(world: World) {
    world.put("main.pdf", "à quelqu'un").await;
    world.put("d/pris.pdf", "à quelqu'un").await;
    let first =
        [("d/a.pdf", "un"), ("d/é b.pdf", "deux"), ("e/c.pdf", "trois"), ("d/pris.pdf", "x")];
    let report = world.publish(&first).await.unwrap();
    assert_eq!((report.uploaded.len(), report.foreign.len()), (3, 1), "{report:?}");
    let report = world.publish(&first).await.unwrap();
    assert_eq!((report.uploaded.len(), report.unchanged), (0, 3), "nothing twice: {report:?}");

    // One changes, one is gone; another dépôt that this run does not cover keeps its own.
    let second = [("d/a.pdf", "un bis"), ("d/pris.pdf", "x")];
    let covered = |depot: &str| depot == "d";
    let report =
        world.publish_with(&second, covered, &|text| Ok(text.as_bytes().to_vec())).await.unwrap();
    assert_eq!(
        (report.uploaded, report.deleted),
        (vec!["d/a.pdf".into()], vec!["d/é b.pdf".into()])
    );
    let now = [
        ("d/a.pdf", "un bis"),
        ("d/pris.pdf", "à quelqu'un"),
        ("e/c.pdf", "trois"),
        ("main.pdf", "à quelqu'un"),
    ];
    assert_eq!(world.all().await, map(&now));

    // Somebody takes one of ours away: it comes back.
    world.look.delete(&world.key("d/a.pdf")).await.unwrap();
    let report = world.publish(&[("d/a.pdf", "un bis"), ("e/c.pdf", "trois")]).await.unwrap();
    assert_eq!(report.uploaded, ["d/a.pdf"]);

    // Cut short after some uploads, a run is taken up again, and what it sent is ours.
    let many: Vec<(String, String)> =
        (0..20).map(|n| (format!("d/{n:02}.pdf"), format!("texte {n}"))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(k, t)| (k.as_str(), t.as_str())).collect();
    let left = Mutex::new(8);
    let cut = |text: &str| {
        let mut left = left.lock().unwrap();
        if *left == 0 {
            return Err(io::Error::other("coupé"));
        }
        *left -= 1;
        Ok(text.as_bytes().to_vec())
    };
    assert!(world.publish_with(&many, |_| false, &cut).await.is_err());
    let sent = world.all().await.len();
    assert!(sent < 20, "{sent}");
    let report = world.publish_with(&many, |_| false, &|t| Ok(t.into())).await.unwrap();
    assert_eq!(report.foreign, Vec::<String>::new());
    assert_eq!(report.uploaded.len() + report.unchanged, 20);
    let report = world.publish(&[]).await.unwrap();
    assert_eq!(report.deleted.len(), 22, "all that was ours: {report:?}");
    assert_eq!(
        world.all().await,
        map(&[("d/pris.pdf", "à quelqu'un"), ("main.pdf", "à quelqu'un")])
    );
}

#[tokio::test]
async fn a_folder_is_brought_in_line() {
    story(folder()).await;
}

#[tokio::test]
async fn what_a_killed_run_left_half_written_in_a_folder_goes() {
    let world = folder();
    let root = world._folder.as_ref().unwrap().path();
    std::fs::create_dir(root.join("d")).unwrap();
    for name in ["d/a.pdf#1", "d/a.pdf#x", "d/b.pdf#1", "a.pdf#1"] {
        std::fs::write(root.join(name), "%PDF").unwrap();
    }
    world.publish(&[("d/a.pdf", "un")]).await.unwrap();
    let mut left: Vec<_> =
        std::fs::read_dir(root.join("d")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.pdf", "a.pdf#x", "b.pdf#1"], "what may be somebody else's stays");
}

#[tokio::test]
async fn a_space_is_brought_in_line() {
    let Some(world) = s3("story") else { return };
    story(world).await;
}

#[tokio::test]
async fn a_space_keeps_media_types_and_cache_headers() {
    let Some(world) = s3("headers") else { return };
    world.publish(&[("d/a.pdf", "un")]).await.unwrap();
    let found = world.look.get(&world.key("d/a.pdf")).await.unwrap();
    let value = |of: &Attribute| found.attributes.get(of).map(|value| value.to_string());
    assert_eq!(value(&Attribute::ContentType).as_deref(), Some("application/pdf"));
    assert!(value(&Attribute::CacheControl).unwrap().starts_with("public, max-age=300"));
}

#[tokio::test]
async fn a_list_that_is_not_ours_is_an_error() {
    let world = folder();
    world.put("maquisdoc-publication.json", "[1]").await;
    let error = world.publish(&[("d/a.pdf", "un")]).await.unwrap_err().to_string();
    assert!(error.contains("is not a list that maquisdoc wrote"), "{error}");
    assert_eq!(world.all().await, BTreeMap::new());
}

#[test]
fn places_that_are_not_understood_are_refused_and_keep_their_secrets() {
    for to in ["ftp://x/y", "s3://key:secret@bucket/x", "https://bucket"] {
        let error = Space::open(to, []).unwrap_err().to_string();
        assert!(error.contains("s3://bucket/prefix") && !error.contains("secret"), "{error}");
    }
    let config = PublishConfig { to: Some("s3://b/p".into()), ..PublishConfig::default() };
    assert!(config.base().unwrap_err().to_string().contains("`address`"));
}

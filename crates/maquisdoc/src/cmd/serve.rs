//! `serve` and `build`: the components in one process, or one of them.

use super::{print_json, watch};
use crate::{
    cli::{self, Component},
    config::{Mode, Settings},
    pdfs,
    platform::{self, DepotFiles},
    sources::{self, Readers},
};
use axum::Router;
use mqd_depot::{DepotContents, Maquis, scan::Scan};
use mqd_graphql::{Api, Config, graphql_routes};
use mqd_pdf::{
    Compiler,
    http::{Origin, Origins},
};
use mqd_rapidexo::{Remote, SheetSource, Sheets};
use mqd_site::{ExportOptions, GraphSource, Http, InProcess, SiteState};
use secrecy::ExposeSecret as _;
use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// Serves until a signal comes.
pub fn run(settings: &Settings, options: &cli::Serve) -> eyre::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let watching;
        let settings = if options.watch {
            watching = for_authors(settings)?;
            &watching
        } else {
            settings
        };
        let router = match options.only {
            None => everything(settings, options.watch)?,
            Some(Component::Site) => mqd_site::router(site(settings, None)?),
            Some(Component::Graphql) => mqd_graphql::router(api(settings)?.api),
            Some(Component::Rapidexo) => {
                let own = api(settings)?;
                mqd_rapidexo::router(own.sheets.clone()).merge(hooks(settings, &own))
            }
            Some(Component::Latex) => latex(settings, compiler(settings)?)?.ok_or_else(|| {
                eyre::eyre!(
                    "the compile service cannot start without a sandbox; `maquisdoc doctor` says \
                     what is missing"
                )
            })?,
        };
        let listener = tokio::net::TcpListener::bind(settings.listen).await.map_err(|error| {
            eyre::eyre!(
                "{} cannot be listened on: {error}; choose another with --listen",
                settings.listen
            )
        })?;
        println!("maquisdoc: http://{}/", listener.local_addr()?);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).with_graceful_shutdown(signal()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) async fn signal() {
    let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The settings of `--watch`: nothing kept, and nobody else's eyes.
fn for_authors(settings: &Settings) -> eyre::Result<Settings> {
    if settings.mode == Mode::Production && !settings.listen.ip().is_loopback() {
        eyre::bail!(
            "--watch is for the author's own machine: listen on 127.0.0.1, or set FLASK_ENV=development"
        );
    }
    if settings.graphql_url.is_some() {
        eyre::bail!("--watch needs the dépôts here: unset MQD_GRAPHQL_SERVER_URL");
    }
    let mut settings = settings.clone();
    settings.mode = Mode::Development;
    settings.file.site.watch = true;
    Ok(settings)
}

fn everything(settings: &Settings, watch: bool) -> eyre::Result<Router> {
    if settings.graphql_url.is_some() {
        return Ok(mqd_site::router(site(settings, None)?));
    }
    let own = api(settings)?;
    let compiler = own.sheets.options().compiler.clone();
    let watched = if watch { watch::follow(settings, own.readers.clone())? } else { Router::new() };
    let mut router = graphql_routes(own.api.clone())
        .merge(mqd_rapidexo::router(own.sheets.clone()))
        .merge(hooks(settings, &own))
        .merge(watched)
        .merge(mqd_site::router(site(settings, Some(own))?));
    if let Some(latex) = latex(settings, compiler)? {
        router = router.nest("/latex", latex);
    }
    Ok(router)
}

/// What runs in this process.
struct Own {
    api: Api,
    contents: Arc<DepotContents>,
    sheets: Sheets,
    /// Says that a repository elsewhere changed.
    pushed: Arc<Notify>,
    /// What shows the dépôts.
    readers: Readers,
}

/// What GitHub calls when a repository changed, where a secret is set.
fn hooks(settings: &Settings, own: &Own) -> Router {
    let Some(secret) = &settings.hook_secret else { return Router::new() };
    let pushed = Arc::clone(&own.pushed);
    let push = move |repository: &str| {
        tracing::info!(repository, "a push");
        pushed.notify_one();
    };
    mqd_rapidexo::hook(secret.expose_secret(), Arc::new(push))
}

/// The sheets of exercises of the dépôts.
pub(super) fn sheets(settings: &Settings, scans: &[Scan]) -> eyre::Result<Sheets> {
    let base_url = settings.base_url.as_ref().map(|url| url.as_str().to_owned());
    let options = mqd_rapidexo::Options {
        archive: Some(settings.data.join("rapidexo")),
        base_url: base_url
            .or_else(|| Some(settings.file.site.base_url.clone()).filter(|u| !u.is_empty())),
        compiler: compiler(settings)?,
        history: sources::history(settings)?,
    };
    Ok(Sheets::new(scans, options))
}

/// The API over the configured store and dépôts, looked at again from time to time.
fn api(settings: &Settings) -> eyre::Result<Own> {
    let writer = platform::writer(settings);
    let maquis = Arc::new(platform::open_reader(settings)?);
    let scans = sources::scans(settings)?;
    let sheets = sheets(settings, &scans)?;
    let contents = Arc::new(DepotContents::new(scans.clone()));
    let pushed = Arc::new(Notify::new());
    let readers = Readers {
        maquis: Arc::clone(&maquis),
        contents: Arc::clone(&contents),
        sheets: sheets.clone(),
        writer: writer.clone(),
    };
    sources::follow(settings, readers.clone(), Arc::clone(&pushed), &scans);
    let admin_token = settings.admin_token.as_ref().map(|token| token.expose_secret().to_owned());
    let api = Api::new(
        Arc::clone(&maquis),
        Arc::clone(&contents) as Arc<_>,
        Config { admin_token, writer, limits: settings.file.graphql, ..Config::default() },
    );
    if let Some(every) = settings.keepalive {
        keep_alive(Arc::clone(&maquis), every);
    }
    if let Some(every) = settings.refresh {
        refresh(maquis, Arc::clone(&contents), sheets.clone(), settings, every);
    }
    Ok(Own { api, contents, sheets, pushed, readers })
}

/// Writes to a hosted database before it is paused for being idle.
fn keep_alive(maquis: Arc<Maquis>, every: Duration) {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(every);
        loop {
            tick.tick().await;
            let maquis = Arc::clone(&maquis);
            let write = move || {
                if let Err(error) = maquis.store().keep_alive() {
                    tracing::warn!(%error, "the database cannot be kept awake");
                }
            };
            let _ = tokio::task::spawn_blocking(write).await;
        }
    });
}

/// Follows a store that another process writes: `maintain` beside a running server.
fn refresh(
    maquis: Arc<Maquis>,
    contents: Arc<DepotContents>,
    sheets: Sheets,
    settings: &Settings,
    every: Duration,
) {
    let settings = settings.clone();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(every);
        tick.tick().await;
        let made = Arc::new(AtomicU64::new(pdfs::stamp(&settings)));
        loop {
            tick.tick().await;
            let made = Arc::clone(&made);
            let (maquis, contents) = (Arc::clone(&maquis), Arc::clone(&contents));
            let sheets = sheets.clone();
            let settings = settings.clone();
            // PDFs and pictures change without a change of the maquis.
            let remade = {
                let now = pdfs::stamp(&settings);
                made.swap(now, Ordering::Relaxed) != now
            };
            let look = move || match maquis.refresh().map(|changed| changed || remade) {
                Ok(true) => match sources::scans(&settings) {
                    Ok(scans) => {
                        sheets.replace(&scans);
                        contents.replace(scans);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the dépôts cannot be read again; their last contents are served")
                    }
                },
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer; the last graph is served")
                }
            };
            let _ = tokio::task::spawn_blocking(look).await;
        }
    });
}

fn site(settings: &Settings, own: Option<Own>) -> eyre::Result<SiteState> {
    let mut config = settings.file.site.clone();
    if let Some(url) = &settings.base_url {
        config.base_url = url.as_str().trim_end_matches('/').to_owned();
    }
    if settings.mode == Mode::Development {
        config.cache_bytes = 0;
    }
    let remote =
        settings.rapidexo_url.clone().map(Remote::new).transpose()?.map(SheetSource::There);
    if let Some(url) = &settings.graphql_url {
        let site =
            SiteState::new(config, Arc::new(Http::new(url.clone())?) as Arc<dyn GraphSource>);
        return Ok(match remote {
            Some(remote) => site.with_sheets(remote),
            None => site,
        });
    }
    let Own { api, contents, sheets, .. } = match own {
        Some(own) => own,
        None => api(settings)?,
    };
    Ok(SiteState::new(config, Arc::new(InProcess::new(api)))
        .with_files(Arc::new(DepotFiles { contents, pdfs: pdfs::folder(settings) }))
        .with_sheets(remote.unwrap_or(SheetSource::Here(sheets))))
}

/// What compiles LaTeX, where there is a sandbox.
fn compiler(settings: &Settings) -> eyre::Result<Option<Compiler>> {
    let mut pdf = mqd_pdf::Settings::new(settings.data.join("latex"));
    pdf.unsandboxed = settings.unsandboxed;
    match Compiler::new(pdf) {
        Ok(compiler) => Ok(Some(compiler)),
        Err(mqd_pdf::SetupError::Sandbox(error)) => {
            tracing::warn!(%error, "the compile service is off");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The compile service, where there is a sandbox.
fn latex(settings: &Settings, compiler: Option<Compiler>) -> eyre::Result<Option<Router>> {
    let Some(compiler) = compiler else { return Ok(None) };
    if !compiler.is_sandboxed() {
        // Its sources are strangers'; MQD_UNSANDBOXED is for the operator's own.
        tracing::warn!("the compile service is off: TeX has no sandbox (MQD_UNSANDBOXED=1)");
        return Ok(None);
    }
    let mut origins = Origins::github();
    origins.0.extend(settings.latex_origins.iter().chain(&settings.rapidexo_url).map(Origin::from));
    Ok(Some(mqd_pdf::http::router(compiler, origins).map_err(|error| eyre::eyre!(error))?))
}

/// `build`: the whole site as files.
pub fn build(settings: &Settings, options: &cli::Build) -> eyre::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let report = mqd_site::export(
            site(settings, None)?,
            &options.out,
            &ExportOptions { full_text: true, ..ExportOptions::default() },
        )
        .await?;
        if options.json {
            print_json(&serde_json::json!({
                "pages": report.pages, "files": report.files, "written": report.written,
                "removed": report.removed, "unchanged": report.unchanged, "broken": report.broken,
            }))?;
        } else {
            let out = options.out.display();
            println!(
                "{out}: {} pages, {} files ({} written, {} removed) in {:?}",
                report.pages, report.files, report.written, report.removed, report.took
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}

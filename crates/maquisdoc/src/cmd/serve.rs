//! `serve` and `build`: the components in one process, or one of them.

use super::{print_json, relay, reload, upkeep, watch};
use crate::{
    cli::{self, Component},
    config::{Mode, Settings},
    pdfs,
    platform::{self, DepotFiles},
    sources::{self, Readers},
};
use axum::{Router, extract::Path, response::IntoResponse as _, routing::get};
use http::{StatusCode, header};
use mqd_depot::{DepotContents, scan::Scan};
use mqd_graphql::{Api, Config, graphql_routes};
use mqd_pdf::{
    Compiler,
    http::{Origin, Origins},
};
use mqd_rapidexo::{Compile, Remote, RemoteCompiler, SheetSource, Sheets};
use mqd_site::{ExportOptions, Files as _, GraphSource, Http, InProcess, SiteState};
use secrecy::ExposeSecret as _;
use std::{io::Write as _, net::SocketAddr, process::ExitCode, sync::Arc};
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
            Some(Component::Site) => site_alone(settings)?,
            Some(Component::Graphql) => {
                let own = api(settings)?;
                let since = upkeep::since(own.api.maquis());
                let contents = Arc::clone(&own.contents);
                let files = DepotFiles { contents, pdfs: pdfs::folder(settings) };
                let files = serve_files(Arc::new(files));
                upkeep::telling(mqd_graphql::router(own.api).merge(files), since)
            }
            Some(Component::Rapidexo) => rapidexo_alone(settings)?,
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
        let address = listener.local_addr()?;
        // `--watch` reads what changed without starting again.
        if settings.mode == Mode::Development && !options.watch {
            reload::watch(settings, address);
        }
        // A server goes on when nobody reads what it prints any more.
        let _ = writeln!(std::io::stdout(), "maquisdoc: http://{address}/");
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
        return site_alone(settings);
    }
    let own = api(settings)?;
    let watched = if watch { watch::follow(settings, own.readers.clone())? } else { Router::new() };
    let since = upkeep::since(own.api.maquis());
    let compiler = match &own.sheets.options().compiler {
        Some(Compile::Here(compiler)) => Some(compiler.clone()),
        _ => None,
    };
    // The site counts its own readers; the compile service has quotas of its own.
    let open = graphql_routes(own.api.clone()).merge(mqd_rapidexo::router(own.sheets.clone()));
    let mut router = mqd_site::limit(open, &settings.file.site)
        .merge(hooks(settings, &own.pushed))
        .merge(watched)
        .merge(mqd_site::router(site(settings, Some(own))?));
    if let Some(latex) = latex(settings, compiler)? {
        router = router.nest("/latex", latex);
    }
    Ok(upkeep::telling(router, since))
}

/// The sheet server. Sheets come from the dépôts alone, so it also starts without the maquis.
fn rapidexo_alone(settings: &Settings) -> eyre::Result<Router> {
    let router = match api(settings) {
        Ok(own) => mqd_rapidexo::router(own.sheets.clone()).merge(hooks(settings, &own.pushed)),
        Err(error) => {
            tracing::warn!(%error, "sheets are served without the maquis");
            let scans = sources::scans(settings)?;
            let (sheets, pushed) = (sheets(settings, &scans)?, Arc::new(Notify::new()));
            sources::follow_sheets(settings, sheets.clone(), Arc::clone(&pushed), &scans);
            mqd_rapidexo::router(sheets).merge(hooks(settings, &pushed))
        }
    };
    Ok(router.merge(upkeep::health(|| None)))
}

/// The site, where something else runs elsewhere.
fn site_alone(settings: &Settings) -> eyre::Result<Router> {
    let Some(url) = &settings.graphql_url else {
        let own = api(settings)?;
        let since = upkeep::since(own.api.maquis());
        let health = upkeep::health(since.clone());
        let router = mqd_site::router(site(settings, Some(own))?).merge(health);
        let router = mqd_site::limit(relay::relaying(router, settings)?, &settings.file.site);
        return Ok(upkeep::telling(router, since));
    };
    let there = Http::new(url.clone())?;
    let source = there.clone();
    let since = move || source.stale();
    let health = upkeep::health(since.clone());
    let router = mqd_site::router(site_over(settings, Arc::new(there))?).merge(health);
    let router = mqd_site::limit(relay::relaying(router, settings)?, &settings.file.site);
    Ok(upkeep::telling(router, since))
}

/// Pictures and PDFs of the dépôts, beside the API, for a site elsewhere.
fn serve_files(files: Arc<DepotFiles>) -> Router {
    let tree = |tree: &'static str| {
        let files = Arc::clone(&files);
        get(move |Path((depot, path)): Path<(String, String)>| async move {
            // Reading (and making a picture of a PDF) may take a while.
            let found = tokio::task::spawn_blocking(move || files.file(tree, &depot, &path)).await;
            let Ok(Some(file)) = found else { return StatusCode::NOT_FOUND.into_response() };
            // A picture made from a hostile source stays a picture.
            let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
            let headers = [
                (header::CONTENT_TYPE, file.media_type.as_str()),
                (header::CACHE_CONTROL, "public, max-age=3600"),
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, file.bytes).into_response()
        })
    };
    Router::new()
        .route("/figures/{depot}/{*path}", tree("figures"))
        .route("/pdf/{depot}/{*path}", tree("pdf"))
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
fn hooks(settings: &Settings, pushed: &Arc<Notify>) -> Router {
    let Some(secret) = &settings.hook_secret else { return Router::new() };
    let pushed = Arc::clone(pushed);
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
        compiler: match &settings.latex_url {
            Some(url) => Some(Compile::There(RemoteCompiler::new(url.clone())?)),
            None => compiler(settings)?.map(Compile::Here),
        },
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
        upkeep::keep_alive(Arc::clone(&maquis), every);
    }
    if let Some(every) = settings.refresh {
        upkeep::refresh(maquis, Arc::clone(&contents), sheets.clone(), settings, every);
    }
    Ok(Own { api, contents, sheets, pushed, readers })
}

fn site(settings: &Settings, own: Option<Own>) -> eyre::Result<SiteState> {
    if let Some(url) = &settings.graphql_url {
        return site_over(settings, Arc::new(Http::new(url.clone())?));
    }
    let Own { api, contents, sheets, .. } = match own {
        Some(own) => own,
        None => api(settings)?,
    };
    let site = site_over(settings, Arc::new(InProcess::new(api)))?
        .with_files(Arc::new(DepotFiles { contents, pdfs: pdfs::folder(settings) }));
    // A sheet server elsewhere comes first.
    Ok(match settings.rapidexo_url {
        Some(_) => site,
        None => site.with_sheets(SheetSource::Here(sheets)),
    })
}

/// The site over an API, with sheets from elsewhere where they are.
fn site_over(settings: &Settings, source: Arc<dyn GraphSource>) -> eyre::Result<SiteState> {
    let mut config = settings.file.site.clone();
    if let Some(url) = &settings.base_url {
        config.base_url = url.as_str().trim_end_matches('/').to_owned();
    }
    if settings.mode == Mode::Development {
        config.cache_bytes = 0;
        config.verbose = true;
    }
    let site = SiteState::new(config, source);
    Ok(match &settings.rapidexo_url {
        Some(url) => site.with_sheets(SheetSource::There(Remote::new(url.clone())?)),
        None => site,
    })
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
            if settings.base_url.is_none() && settings.file.site.base_url.is_empty() {
                println!(
                    "without base_url in [site] (or MQD_BASE_URL), citations, feeds, the sitemap and \
                     canonical addresses name no host"
                );
            }
            if !report.broken.is_empty() {
                let some: Vec<&str> = report.broken.iter().take(5).map(String::as_str).collect();
                println!("{} addresses lead nowhere: {} …", report.broken.len(), some.join(" "));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

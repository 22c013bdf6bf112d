//! `sheet`: a sheet of quick exercises from the command line, with the options of its page.

use super::print_json;
use crate::{cli, cmd::serve::sheets, config::Settings, sources};
use mqd_rapidexo::{Part, Sheet, Sheets};
use std::{path::Path, process::ExitCode};

/// Draws a sheet, and writes or describes it.
pub fn run(settings: &Settings, options: &cli::Sheet) -> eyre::Result<ExitCode> {
    let scans = sources::scans(settings)?;
    let sheets = sheets(settings, &scans)?;
    if options.themes {
        return themes(&sheets, options.json);
    }
    let address = sheets.start(&pairs(options)?)?;
    let sheet = sheets.sheet(address)?;
    if sheet.address.layout.qr && options.out.is_some() && sheets.options().base_url.is_none() {
        eyre::bail!(
            "a QR code needs the public address of the site: set site.base_url in maquisdoc.toml, or MQD_BASE_URL"
        );
    }
    if let Some(out) = &options.out {
        let bytes = file(&sheets, &sheet, options, out)?;
        std::fs::write(out, bytes)
            .map_err(|error| eyre::eyre!("{} cannot be written: {error}", out.display()))?;
    }
    if options.json {
        print_json(&sheet.json())?;
    } else {
        if options.out.is_none() {
            for (n, (theme, exercise)) in sheet.items().enumerate() {
                println!("{:>3}. {theme} {}", n + 1, exercise.path);
            }
        }
        println!("/vues/rapidexo/feuille?{}", sheet.address);
    }
    Ok(ExitCode::SUCCESS)
}

fn themes(sheets: &Sheets, json: bool) -> eyre::Result<ExitCode> {
    let depots = sheets.depots();
    if json {
        print_json(&depots)?;
    } else {
        for depot in depots {
            println!("{} ({})", depot.name, depot.version);
            for theme in depot.themes {
                println!("{:>6} {}", theme.count, theme.name);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The options as the parameters of the form that the page has.
fn pairs(options: &cli::Sheet) -> eyre::Result<Vec<(String, String)>> {
    let query = options.address.as_deref().unwrap_or_default();
    let query = query.split_once('?').map_or(query, |(_, query)| query);
    let mut pairs: Vec<(String, String)> = url::Url::parse(&format!("http://localhost/?{query}"))?
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            pairs.retain(|(other, _)| other != name);
            pairs.push((name.to_owned(), value));
        }
    };
    let flag = |on: bool| on.then(|| "1".to_owned());
    set("d", options.depot.clone());
    set("c", options.at.clone());
    set("g", options.seed.clone());
    set("n", options.total.map(|n| n.to_string()));
    set("ordre", options.by_theme.then(|| "themes".to_owned()));
    set("titre", options.title.clone());
    set("classe", options.class.clone());
    set("date", options.date.clone());
    set("papier", options.paper.clone());
    set("lettres", options.letters.clone());
    set("place", options.room.map(|n| n.to_string()));
    set("variantes", options.variants.map(|n| n.to_string()));
    set("nom", flag(options.name));
    set("qr", flag(options.qr));
    set("sobre", flag(options.plain));
    for (option, prefix, list) in [("--theme", "k", &options.theme), ("--list", "l", &options.list)]
    {
        for text in list {
            let Some((theme, value)) = text.split_once('=') else {
                eyre::bail!("{option} {text}: THEME=… is expected");
            };
            pairs.push((format!("{prefix}.{theme}"), value.to_owned()));
        }
    }
    Ok(pairs)
}

fn file(sheets: &Sheets, sheet: &Sheet, options: &cli::Sheet, out: &Path) -> eyre::Result<Vec<u8>> {
    let parts: &[Part] = match (options.answers, options.both) {
        (true, _) => &[Part::Answers],
        (_, true) => &[Part::Statements, Part::Answers],
        _ => &[Part::Statements],
    };
    let base = sheets.options().base_url.as_deref();
    let name = out.to_string_lossy();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(match name.rsplit('.').next() {
        Some("pdf") => runtime()?.block_on(sheets.pdf(sheet, parts))?.to_vec(),
        Some("zip") if name.ends_with(".tex.zip") => sheet.sources(base)?.to_vec(),
        Some("zip") => runtime()?.block_on(sheets.variants(sheet))?.to_vec(),
        Some("tex") if name.ends_with(".amc.tex") => sheet.amc().into_bytes(),
        Some("tex") => sheet.latex_alone(parts, base).into_bytes(),
        Some("xml") => sheet.moodle()?.into_bytes(),
        Some("md") => sheet.markdown().into_bytes(),
        Some("json") => format!("{:#}\n", sheet.json()).into_bytes(),
        _ => eyre::bail!(
            "{}: the ending must be .pdf, .tex, .zip, .tex.zip, .xml, .amc.tex, .md or .json",
            out.display()
        ),
    })
}

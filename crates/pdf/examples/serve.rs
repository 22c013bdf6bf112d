//! The compile service alone, for benches and for tools that try its API:
//! `cargo run -p mqd-pdf --example serve -- [ADDRESS]` prints the address that it listens on.

use mqd_pdf::{Compiler, Limits, Settings, http};
use std::time::Duration;

#[tokio::main]
async fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
    let settings = Settings { limits, ..Settings::new(folder.path()) };
    let compiler = Compiler::new(settings).unwrap_or_else(|error| panic!("{error}"));
    let router = http::router(compiler, http::Origins::default()).expect("a router");
    let listener = tokio::net::TcpListener::bind(&address).await.expect("the address is free");
    println!("http://{}", listener.local_addr().expect("an address"));
    let stop = async {
        // Stops with whoever started it: its input ends.
        let _ = tokio::task::spawn_blocking(|| {
            std::io::copy(&mut std::io::stdin(), &mut std::io::sink())
        })
        .await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await.expect("a server");
}

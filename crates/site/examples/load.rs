//! Measures a running site with a real HTTP client: connections that stay open, one request after
//! the other on each, no pause.
//!
//! `cargo run --release -p mqd-site --example load -- http://127.0.0.1:8000 /vues/problemes …`
//! prints the median, the 99th percentile and the requests a second of each path. First it asks
//! for each path once, so that warm pages are measured; `MQD_CONNECTIONS` (default 1) and
//! `MQD_SECONDS` (default 3) set the load. With `MQD_WORDS`, a file of searches, `{}` in a path is
//! replaced by each of its lines in turn, and each is asked for once.

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

type Fault = Box<dyn Error + Send + Sync>;

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let mut args = env::args().skip(1);
    let base: url::Url = args.next().ok_or("the address of a site is missing")?.parse()?;
    let host = format!(
        "{}:{}",
        base.host_str().ok_or("the address has no host")?,
        base.port_or_known_default().unwrap_or(80)
    );
    let connections = number("MQD_CONNECTIONS", 1);
    let seconds = Duration::from_secs(number("MQD_SECONDS", 3));
    let words = env::var("MQD_WORDS").ok().map(std::fs::read_to_string).transpose()?;
    for path in args {
        if let Some(words) = words.as_ref().filter(|_| path.contains("{}")) {
            searches(&host, &path, words).await?;
            continue;
        }
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: br, gzip\r\n\r\n");
        let mut warm = TcpStream::connect(&host).await?;
        let size = once(&mut warm, request.as_bytes(), &mut Vec::new()).await?;
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let (host, request) = (host.clone(), request.clone());
            tasks.spawn(async move {
                let mut stream = TcpStream::connect(&host).await?;
                stream.set_nodelay(true)?;
                let mut buffer = Vec::with_capacity(1 << 16);
                let mut times = Vec::new();
                while start.elapsed() < seconds {
                    let sent = Instant::now();
                    once(&mut stream, request.as_bytes(), &mut buffer).await?;
                    times.push(sent.elapsed());
                }
                Ok::<_, Fault>(times)
            });
        }
        let mut times = Vec::new();
        while let Some(done) = tasks.join_next().await {
            times.extend(done??);
        }
        let took = start.elapsed();
        times.sort_unstable();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let rate = times.len() as f64 / took.as_secs_f64();
        println!(
            "{path}: {rate:.0} requests/s, p50 {:?}, p99 {:?}, {size} bytes each",
            at(50),
            at(99)
        );
    }
    Ok(())
}

/// Asks for the path with each line of words once, one after the other.
async fn searches(host: &str, path: &str, words: &str) -> Result<(), Fault> {
    let mut stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut times) = (Vec::with_capacity(1 << 16), Vec::new());
    for words in words.lines() {
        let asked: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let path = path.replace("{}", &asked);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let sent = Instant::now();
        once(&mut stream, request.as_bytes(), &mut buffer).await?;
        times.push(sent.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!(
        "{path}: {} searches, p50 {:?}, p99 {:?}, at most {most:?}",
        times.len(),
        at(50),
        at(99)
    );
    Ok(())
}

/// One request and its whole answer; the size of the body.
async fn once(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<usize, Fault> {
    stream.write_all(request).await?;
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server hung up".into());
        }
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end])?.to_ascii_lowercase();
        if !head.starts_with("http/1.1 200") {
            return Err(head.lines().next().unwrap_or_default().to_owned().into());
        }
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .ok_or("an answer without a length")?
            .parse()?;
        while buffer.len() < end + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err("the server hung up".into());
            }
        }
        return Ok(length);
    }
}

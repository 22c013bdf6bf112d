//! Compression of what is served, and the choice of it.

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::HeaderValue;
use std::io::Write as _;

/// Answers come in one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// Its name in `Content-Encoding`.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

/// The compressed bytes and nothing of their buffer, where they are fewer.
pub(crate) fn smaller(plain: &Bytes, compressed: Option<Vec<u8>>) -> Option<Bytes> {
    compressed.filter(|c| c.len() < plain.len()).map(|c| Bytes::from(c.into_boxed_slice()))
}

/// Brotli at a quality from 0 to 11.
pub(crate) fn brotli(plain: &[u8], quality: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(plain.len() / 4);
    let mut writer = brotli::CompressorWriter::new(&mut out, 16 * 1024, quality, 20);
    writer.write_all(plain).ok()?;
    drop(writer);
    Some(out)
}

/// Gzip at its usual quality.
pub(crate) fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::new(6));
    writer.write_all(plain).ok()?;
    writer.finish().ok()
}

/// The best encoding that an `Accept-Encoding` header allows; `q=0` refuses one.
pub(crate) fn preferred(accept: Option<&HeaderValue>) -> Encoding {
    let Some(accept) = accept.and_then(|a| a.to_str().ok()) else { return Encoding::Plain };
    let allowed = |name: &str| {
        accept.split(',').any(|part| {
            let mut fields = part.split(';').map(str::trim);
            fields.next().is_some_and(|n| n.eq_ignore_ascii_case(name))
                && !fields.any(|f| {
                    f.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
                })
        })
    };
    if allowed("br") {
        Encoding::Brotli
    } else if allowed("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_chosen_as_the_browser_asks() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0", Encoding::Gzip),
            ("deflate", Encoding::Plain),
            ("", Encoding::Plain),
        ] {
            assert_eq!(preferred(Some(&HeaderValue::from_static(accept))), expected, "{accept}");
        }
        assert_eq!(preferred(None), Encoding::Plain);
    }
}

//! A document, whatever its bytes: no panic, no hang, no output out of proportion.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mqd_fuzz::forgive_math_core;
use mqd_tex::{Convert, NoSources, convert};

fuzz_target!(init: forgive_math_core(), |tex: &str| {
    let document = convert(tex, "fuzz.tex", &Convert::default(), &NoSources);
    assert!(document.html.len() <= 128 * 1024 + 50 * tex.len(), "{}", document.html.len());
    assert!(document.text.len() <= 128 * 1024 + 50 * tex.len(), "{}", document.text.len());
});

//! A formula, whatever its bytes: no panic, no hang, no output out of proportion.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mqd_fuzz::forgive_math_core;
use mqd_math::{Macros, Numbering, Style, render};

fuzz_target!(init: forgive_math_core(), |tex: &str| {
    let mut numbering = Numbering::default();
    for style in [Style::Inline, Style::Display, Style::Environment("align")] {
        let found = render(tex, style, &Macros::new(), &mut numbering);
        assert!(found.mathml.len() <= 64 * 1024 + 50 * tex.len(), "{}", found.mathml.len());
    }
});

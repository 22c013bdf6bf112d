//! The reader of tokens and groups and the preamble: no panic, and every token moves on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mqd_fuzz::forgive_math_core;
use mqd_tex::{Cursor, NoSources, Preamble, command_arguments, to_unicode};

fuzz_target!(init: forgive_math_core(), |tex: &str| {
    let mut cursor = Cursor::new(tex);
    let mut before = 0;
    while cursor.next_outside_verbatim().is_some() {
        assert!(cursor.offset() > before);
        before = cursor.offset();
        let _ = (cursor.clone().argument(), cursor.clone().optional());
        let _ = (cursor.clone().raw_argument(), cursor.clone().text_as_it_stands("verb"));
        if tex.len() > 400 {
            break;
        }
    }
    let _ = command_arguments(tex, "section").count();
    assert!(to_unicode(tex).len() <= 1024 + 8 * tex.len());
    let _ = Preamble::read(&[tex], &NoSources);
});

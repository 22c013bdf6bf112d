//! What the fuzz targets share.

use std::panic;

/// math-core is not ours, and the converter catches its panics: they are no findings. libFuzzer ends
/// the run at any panic, so the hook that it sets is told to let those pass.
pub fn forgive_math_core() {
    let abort = panic::take_hook();
    panic::set_hook(Box::new(move |found| {
        let theirs = found.location().is_some_and(|place| place.file().contains("math-core"));
        if !theirs {
            abort(found);
        }
    }));
}

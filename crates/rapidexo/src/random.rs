//! Random numbers that stay the same for ever: ChaCha8 as its specification has it, and choices
//! made of it here, because the choices of a library may change from one version to the next.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// A stream of choices that depends on some texts alone.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of these texts.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for text in texts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// A number below `bound`, each as likely as the others. `bound` is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        // The last incomplete stretch of the range would favour small numbers: draw again.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.0.next_u64();
            if number < limit {
                return usize::try_from(number % bound).unwrap_or(0);
            }
        }
    }

    /// Puts a slice in a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// A new seed for who did not choose one: eight letters and digits that are read without doubt.
pub(crate) fn fresh_seed() -> String {
    const SIGNS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
    (0..8).map(|_| char::from(SIGNS[rand::random_range(0..SIGNS.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These values are in addresses that people keep: they may never change.
    #[test]
    fn the_stream_is_pinned() {
        let mut random = Random::of(&["a", "b"]);
        let drawn: Vec<usize> = (0..8).map(|_| random.below(100)).collect();
        assert_eq!(drawn, [7, 19, 27, 88, 59, 6, 71, 20]);
        let mut order: Vec<u8> = (0..10).collect();
        Random::of(&["shuffle"]).shuffle(&mut order);
        assert_eq!(order, [1, 8, 5, 4, 9, 3, 2, 6, 7, 0]);
    }

    #[test]
    fn lengths_matter() {
        let first = |texts: &[&str]| Random::of(texts).below(usize::MAX);
        assert_ne!(first(&["ab", "c"]), first(&["a", "bc"]));
    }
}

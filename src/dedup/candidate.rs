//! When two texts are worth comparing, by the winnowing fingerprints they share.

/// A fingerprint shared by more documents than this is hot: it says little, and looking at all of them would cost a square.
pub const HOT: usize = 100;
/// A document with fewer cold fingerprints than this uses its hot ones too.
const FEW_COLD: u32 = 4;
/// So does a document of which less than two in five fingerprints are cold: most of its text is that of a crowd, and it may be one of its
/// copies with some noise of its own.
const COLD_SHARE: (u32, u32) = (2, 5);
/// Least share of the smaller set of fingerprints that must be shared: one in five.
const SHARE: u32 = 5;
/// Least number of shared fingerprints, where the smaller set has so many.
const LEAST: u32 = 2;

/// Whether a document is looked up by its hot fingerprints too.
pub const fn is_poor(cold: u32, hashes: u32) -> bool {
    cold < FEW_COLD || cold.saturating_mul(COLD_SHARE.1) < hashes.saturating_mul(COLD_SHARE.0)
}

/// Whether so many shared fingerprints are enough for two sets of which the smaller has `smaller`.
#[must_use]
pub fn is_enough(shared: u32, smaller: u32) -> bool {
    shared >= LEAST.min(smaller) && shared.saturating_mul(SHARE) >= smaller
}

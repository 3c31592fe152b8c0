//! What a document's rank depends on, as bytes that only these stages read.

use arrow_schema::ArrowError;
use taoxi::dedup::Standing;

use super::rows::unfit;

const BYTES: usize = 41;

/// A standing as bytes.
pub fn pack(standing: &Standing) -> [u8; BYTES] {
    let mut out = [0; BYTES];
    for (at, value) in [standing.weight, standing.date, standing.order].into_iter().enumerate() {
        out[at * 8..at * 8 + 8].copy_from_slice(&value.to_le_bytes());
    }
    let small = [standing.placeholders, standing.noise, standing.confirmed, standing.support];
    for (at, value) in small.into_iter().enumerate() {
        out[24 + at * 4..28 + at * 4].copy_from_slice(&value.to_le_bytes());
    }
    out[40] = u8::from(standing.given);
    out
}

/// From the bytes of [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<Standing, ArrowError> {
    if bytes.len() != BYTES {
        return Err(unfit("a standing has another length"));
    }
    let long = |at: usize| bytes[at..at + 8].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let small = |at: usize| bytes[at..at + 4].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
    Ok(Standing {
        weight: long(0),
        date: long(8),
        order: long(16),
        placeholders: small(24),
        noise: small(28),
        confirmed: small(32),
        support: small(36),
        given: bytes[40] == 1,
    })
}

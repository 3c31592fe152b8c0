//! SipHash-2-4 with a zero key over a short string, as `siphasher::sip::SipHasher` hashes a `&str`: the bytes, then `0xff`.
//!
//! Aumasson and Bernstein, "`SipHash`: a fast short-input PRF", 2012. Written out because the strings are nine bytes long: the general hasher
//! spends most of its time on collecting bytes into words.

const V0: u64 = 0x736f_6d65_7073_6575;
const V1: u64 = 0x646f_7261_6e64_6f6d;
const V2: u64 = 0x6c79_6765_6e65_7261;
const V3: u64 = 0x7465_6462_7974_6573;

struct State([u64; 4]);

impl State {
    #[inline]
    fn round(&mut self) {
        let [v0, v1, v2, v3] = &mut self.0;
        *v0 = v0.wrapping_add(*v1);
        *v1 = v1.rotate_left(13) ^ *v0;
        *v0 = v0.rotate_left(32);
        *v2 = v2.wrapping_add(*v3);
        *v3 = v3.rotate_left(16) ^ *v2;
        *v0 = v0.wrapping_add(*v3);
        *v3 = v3.rotate_left(21) ^ *v0;
        *v2 = v2.wrapping_add(*v1);
        *v1 = v1.rotate_left(17) ^ *v2;
        *v2 = v2.rotate_left(32);
    }

    #[inline]
    fn word(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }
}

/// The hash of a string and its end mark.
#[inline]
pub(super) fn hash(text: &[u8]) -> u64 {
    let mut state = State([V0, V1, V2, V3]);
    let mut words = text.chunks_exact(8);
    for word in &mut words {
        state.word(read(word));
    }
    let rest = words.remainder();
    // The end mark comes behind the last byte; with it the length counts one more.
    let last = read(rest) | 0xff << (8 * rest.len());
    let length = (text.len() as u64 + 1) << 56;
    if rest.len() == 7 {
        state.word(last);
        state.word(length);
    } else {
        state.word(last | length);
    }
    state.0[2] ^= 0xff;
    for _ in 0..4 {
        state.round();
    }
    let [v0, v1, v2, v3] = state.0;
    v0 ^ v1 ^ v2 ^ v3
}

/// Up to eight bytes as a little-endian number.
#[inline]
pub(super) fn read(bytes: &[u8]) -> u64 {
    if let Ok(eight) = <[u8; 8]>::try_from(bytes) {
        return u64::from_le_bytes(eight);
    }
    let mut word = 0;
    for (at, byte) in bytes.iter().enumerate() {
        word |= u64::from(*byte) << (8 * at);
    }
    word
}

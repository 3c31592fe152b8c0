//! Chooses the encoding of bytes that are not plainly UTF-8.
//!
//! A bounded sample is decoded by every candidate and the cheapest reading wins (`score`). `chardetng` adds a
//! candidate (the single-byte encodings it knows by letter pairs); it does not decide, since it often takes short GBK
//! texts for something else.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

use super::score::{Score, Script, score};

/// Bytes looked at, from the first byte outside ASCII.
const SAMPLE: usize = 16 * 1024;
/// Bytes of ASCII kept before it, so that a markup head does not fill the sample.
const LEAD_IN: usize = 256;
/// A text cut at its end costs less than an error inside.
const CUT_AT_END: f32 = 7.0;

/// Outcome of [`detect`].
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The winner.
    pub encoding: &'static Encoding,
    /// True when the winner is the declared encoding.
    pub declared: bool,
    /// How the sample read.
    pub score: Score,
}

/// The part of a document that detection reads.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Bytes, beginning at an even offset of the document.
    pub bytes: &'a [u8],
    /// Whether they reach the end of the document.
    pub to_end: bool,
}

/// Cuts the sample out of `bytes`: up to 16 KiB around the first byte outside ASCII.
#[must_use]
pub fn sample(bytes: &[u8]) -> Sample<'_> {
    let ascii = Encoding::ascii_valid_up_to(bytes);
    let from = if ascii < bytes.len() { ascii.saturating_sub(LEAD_IN) & !1 } else { 0 };
    let rest = bytes.get(from..).unwrap_or_default();
    let cut = rest.get(..SAMPLE).unwrap_or(rest);
    Sample { bytes: cut, to_end: cut.len() == rest.len() }
}

/// What was declared, the better authority first.
pub type Declared = [Option<&'static Encoding>; 2];

/// What the second authority's word is worth, compared with the first's.
const SECOND: f32 = 0.75;

/// Picks the encoding of `sample`. `declared` gets the benefit of the doubt, not of belief.
#[must_use]
pub fn detect(sample: Sample<'_>, declared: Declared) -> Choice {
    let mut contest = Contest { sample, declared, best: None };
    for declared in declared.into_iter().flatten() {
        contest.enter(declared, 0.0);
    }
    for (encoding, bonus) in CANDIDATES {
        if contest.is_decided() {
            break;
        }
        contest.enter(encoding, *bonus);
    }
    if !contest.is_decided() {
        let guess = guess(sample);
        // ISO-2022-JP is ASCII to every other candidate; its escapes alone bring it here.
        contest.enter(guess, if guess == ISO_2022_JP { 6.0 } else { 0.0 });
    }
    let mut best = contest
        .best
        .map_or(Choice { encoding: GB18030, declared: false, score: Score::default() }, |(_, choice)| choice);
    if same_decoder(best.encoding, GB18030) {
        best.encoding = name_gb(sample, declared);
    }
    best
}

/// Candidates with their prior in nats: Chinese first.
static CANDIDATES: &[(&Encoding, f32)] = &[
    (GB18030, 3.0),
    (UTF_8, 1.0),
    (BIG5, 1.5),
    (UTF_16LE, 0.0),
    (UTF_16BE, 0.0),
    (SHIFT_JIS, 0.0),
    (EUC_JP, 0.0),
    (EUC_KR, 0.0),
    (WINDOWS_1252, 0.0),
];

struct Contest<'a> {
    sample: Sample<'a>,
    declared: Declared,
    best: Option<(f32, Choice)>,
}

impl Contest<'_> {
    /// Reads the sample as `encoding` and keeps it if it is cheaper than the best so far.
    fn enter(&mut self, encoding: &'static Encoding, bonus: f32) {
        let score = read(self.sample, encoding);
        let place = self.declared.iter().position(|known| known.is_some_and(|known| same_decoder(known, encoding)));
        let trust = match place {
            Some(0) => trust_in(encoding, score),
            Some(_) => SECOND * trust_in(encoding, score),
            None => 0.0,
        };
        let declared = place.is_some();
        // One odd letter of a French word is no evidence of Chinese, so the prior grows with the characters.
        let total = score.cost - bonus.min(score.wide_count()) - trust;
        if self.best.is_none_or(|(least, _)| total < least) {
            self.best = Some((total, Choice { encoding, declared, score }));
        }
    }

    fn is_decided(&self) -> bool {
        self.best.is_some_and(|(_, choice)| choice.score.is_certain())
    }
}

/// True when UTF-16 reads better than the UTF-8 the bytes also are: ASCII in UTF-16 is valid UTF-8 with NULs.
#[must_use]
pub fn utf16_beats_utf8(sample: Sample<'_>) -> Option<Choice> {
    let eight = read(sample, UTF_8);
    [UTF_16LE, UTF_16BE]
        .into_iter()
        .map(|encoding| Choice { encoding, declared: false, score: read(sample, encoding) })
        .filter(|choice| choice.score.cost < eight.cost && !is_garbage(&choice.score))
        .min_by(|a, b| a.score.cost.total_cmp(&b.score.cost))
}

/// Whether the best reading is still no text: too many controls or impossible characters.
#[must_use]
pub fn is_garbage(score: &Score) -> bool {
    let odd = score.odd >= 4 && score.odd * 20 > score.chars;
    let nuls = score.nuls >= 8 && score.nuls * 4 > score.chars;
    // Markup around a text says nothing about it.
    let junk = score.wide >= 16 && score.wide_cost > 13.0 * score.wide_count();
    odd || nuls || junk
}

fn guess(sample: Sample<'_>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample.bytes, sample.to_end);
    detector.guess(None, Utf8Detection::Deny)
}

/// GBK and GB 18030 differ only in their encoders.
fn same_decoder(a: &'static Encoding, b: &'static Encoding) -> bool {
    let plain = |e: &'static Encoding| if e == GBK { GB18030 } else { e };
    plain(a) == plain(b)
}

/// How many nats a declaration is worth: a constant for short texts and a little per character for rare words.
/// windows-1252 is what servers say when they know nothing, so it is worth nothing.
#[expect(clippy::cast_precision_loss, reason = "a sample has at most 65,536 characters")]
fn trust_in(encoding: &'static Encoding, read: Score) -> f32 {
    if encoding == WINDOWS_1252 {
        return 0.0;
    }
    6.0 + 0.4 * (read.wide.min(200) as f32)
}

fn script(encoding: &'static Encoding) -> Script {
    match encoding {
        e if e == GB18030 || e == GBK || e == BIG5 => Script::Chinese,
        e if e == SHIFT_JIS || e == EUC_JP || e == ISO_2022_JP => Script::Japanese,
        e if e == EUC_KR => Script::Korean,
        e if e == UTF_8 || e == UTF_16LE || e == UTF_16BE => Script::Any,
        _ => Script::Single,
    }
}

fn read(sample: Sample<'_>, encoding: &'static Encoding) -> Score {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(sample.bytes.len()).unwrap_or(0);
    let mut text = String::with_capacity(room);
    let (_, _, _) = decoder.decode_to_string(sample.bytes, &mut text, false);
    let mut sum = score(&text, script(encoding));
    if sample.to_end {
        let before = text.len();
        let (_, _, _) = decoder.decode_to_string(b"", &mut text, true);
        if text.len() > before {
            sum.cost += CUT_AT_END;
        }
    }
    sum
}

/// Users know the two-byte part as GBK; GB18030 is said when declared or when a four-byte code stands in the sample.
fn name_gb(sample: Sample<'_>, declared: Declared) -> &'static Encoding {
    if declared.contains(&Some(GB18030)) || has_four_byte_code(sample.bytes) { GB18030 } else { GBK }
}

fn has_four_byte_code(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(lead) = bytes.get(at) {
        if *lead < 0x81 {
            at += 1;
        } else if matches!(bytes.get(at + 1..at + 4), Some([b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9'])) {
            return true;
        } else {
            at += 2;
        }
    }
    false
}

/// Whether bytes that are valid UTF-8 are still no text, for their controls and NULs.
#[must_use]
pub fn is_control_soup(sample: Sample<'_>) -> bool {
    let control = |b: &&u8| matches!(**b, 0x01..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F);
    let controls = sample.bytes.iter().filter(control).count();
    let nuls = memchr::memchr_iter(0, sample.bytes).count();
    (controls >= 4 && controls * 20 > sample.bytes.len()) || (nuls >= 8 && nuls * 4 > sample.bytes.len())
}

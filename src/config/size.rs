//! Sizes in bytes with units: `64MiB`, `512 MB`, `1048576`.

const UNITS: &[(&str, u64)] = &[
    ("tib", 1 << 40),
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("tb", 1_000_000_000_000),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1_000),
    ("b", 1),
    ("", 1),
];

/// The size of a text. `MiB` is 1024 × 1024, `MB` 1000 × 1000, in any case of letters; a bare `M` says neither and is refused.
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.replace('_', "").parse::<u64>().ok()?.checked_mul(*factor)
}

/// The size as it would be written: in the largest binary unit that divides it.
pub(super) fn show(bytes: u64) -> String {
    let binary = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match binary.into_iter().find(|(_, factor)| bytes > 0 && bytes.is_multiple_of(*factor)) {
        Some((unit, factor)) => format!("{}{unit}", bytes / factor),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        for (text, bytes) in [
            ("64MiB", Some(64 << 20)),
            ("512 MB", Some(512_000_000)),
            (" 1048576 ", Some(1 << 20)),
            ("1_000b", Some(1000)),
            ("2 gib", Some(2 << 30)),
            ("0", Some(0)),
            ("64M", None),
            ("MiB", None),
            ("-1", None),
            ("1.5GiB", None),
            ("", None),
            ("99999999999TiB", None),
            ("１MiB", None),
        ] {
            assert_eq!(parse(text), bytes, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for bytes in [1, 1000, 1024, 3 << 20, 512 << 20, (1 << 20) + 1, 1 << 40, u64::MAX] {
            assert_eq!(parse(&show(bytes)), Some(bytes));
        }
        assert_eq!(show(512 << 20), "512MiB");
    }
}

//! The pax header of a tar member: `length key=value` records.

/// What of a pax header matters for reading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pax {
    pub path: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub sparse: bool,
}

impl Pax {
    /// Reads records until one is malformed: what stands before it counts.
    pub(super) fn parse(mut bytes: &[u8]) -> Self {
        let mut pax = Self::default();
        while let Some((key, value, rest)) = record(bytes) {
            match key {
                b"path" => pax.path = Some(value.to_vec()),
                b"size" => pax.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                _ if key.starts_with(b"GNU.sparse.") => pax.sparse = true,
                _ => {}
            }
            bytes = rest;
        }
        pax
    }
}

/// The first record: key, value and what stands behind. A value may hold line ends, so only the length says where it ends.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], &bytes[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_record_of_a_key_counts_and_values_may_hold_line_ends() {
        let pax = Pax::parse(b"9 path=x\n12 path=a\nb\n12 size=300\n16 comment=none\n");
        assert_eq!(pax, Pax { path: Some(b"a\nb".to_vec()), size: Some(300), sparse: false });
        assert!(Pax::parse(b"22 GNU.sparse.major=1\n").sparse);
    }

    #[test]
    fn malformed_records_end_the_header() {
        for bytes in
            [&b""[..], b"9", b"99 path=x\n", b"1 path=x\n", b"9 path=xx", b"x path=x\n", b"18446744073709551615 a=b\n"]
        {
            assert_eq!(Pax::parse(bytes), Pax::default());
        }
    }
}

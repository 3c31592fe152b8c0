//! The header of a page (parquet.thrift, `PageHeader`, in Thrift's compact protocol): only what must be known before the page is
//! decoded, because decoders allocate what a header says.

use std::io::{self, Read};

/// Deepest nesting and longest header: real ones have two levels and some hundred bytes.
const DEPTH: usize = 8;
pub(super) const HEADER_BYTES: u64 = 1 << 20;

/// What a page says of itself.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Bytes of the header itself.
    pub length: u64,
    pub kind: i64,
    /// Bytes when decompressed, and in the file.
    pub size: i64,
    pub packed: i64,
    /// Bytes of levels, which stand uncompressed before the values of a version 2 page.
    pub levels: i64,
    /// A version 2 page whose values are not compressed.
    pub plain: bool,
}

/// Reads a header. `None` when it is no header.
pub(super) fn read(source: impl Read) -> io::Result<Option<PageHeader>> {
    let mut reader = Thrift { source: source.take(HEADER_BYTES), read: 0, header: PageHeader::default() };
    let whole = reader.structure(0, 0)?.is_some();
    reader.header.length = reader.read;
    Ok(Some(reader.header).filter(|_| whole))
}

struct Thrift<R> {
    source: R,
    read: u64,
    header: PageHeader,
}

impl<R: Read> Thrift<R> {
    /// The fields of a structure. `inside` is the field of the header that it is, 0 for the header itself.
    fn structure(&mut self, inside: i64, depth: usize) -> io::Result<Option<()>> {
        if depth > DEPTH {
            return Ok(None);
        }
        let mut field = 0;
        loop {
            let Some(byte) = self.byte()? else { return Ok(None) };
            if byte == 0 {
                return Ok(Some(()));
            }
            field = match byte >> 4 {
                0 => match self.zigzag()? {
                    Some(field) => field,
                    None => return Ok(None),
                },
                delta => field + i64::from(delta),
            };
            if self.value(byte & 15, (inside, field), depth)?.is_none() {
                return Ok(None);
            }
        }
    }

    fn value(&mut self, kind: u8, field: (i64, i64), depth: usize) -> io::Result<Option<()>> {
        Ok(match kind {
            1 | 2 => {
                self.note(field, i64::from(kind == 1));
                Some(())
            }
            3 => self.byte()?.map(|_| ()),
            4..=6 => self.zigzag()?.map(|number| self.note(field, number)),
            7 => self.skip(8)?,
            8 => match self.number()? {
                Some(length) => self.skip(length)?,
                None => None,
            },
            9 | 10 => self.list(depth)?,
            // Structures inside structures are statistics, whose fields have the same numbers.
            12 => self.structure(if depth == 0 { field.1 } else { -1 }, depth + 1)?,
            _ => None,
        })
    }

    fn list(&mut self, depth: usize) -> io::Result<Option<()>> {
        let Some(byte) = self.byte()? else { return Ok(None) };
        let size = if byte >> 4 == 15 { self.number()? } else { Some(u64::from(byte >> 4)) };
        let Some(size) = size else { return Ok(None) };
        // Each item takes at least a byte, so the cap on the header ends a size that lies.
        for _ in 0..size {
            let item =
                if byte & 15 <= 2 { self.byte()?.map(|_| ()) } else { self.value(byte & 15, (-1, -1), depth + 1)? };
            if item.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    fn note(&mut self, field: (i64, i64), number: i64) {
        let header = &mut self.header;
        match field {
            (0, 1) => header.kind = number,
            (0, 2) => header.size = number,
            (0, 3) => header.packed = number,
            (8, 5 | 6) => header.levels = header.levels.saturating_add(number),
            (8, 7) => header.plain = number == 0,
            _ => {}
        }
    }

    fn zigzag(&mut self) -> io::Result<Option<i64>> {
        Ok(self.number()?.map(|number| (number >> 1).cast_signed() ^ -(number & 1).cast_signed()))
    }

    fn number(&mut self) -> io::Result<Option<u64>> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let Some(byte) = self.byte()? else { return Ok(None) };
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let there = self.source.read(&mut byte)? == 1;
        self.read += u64::from(there);
        Ok(there.then_some(byte[0]))
    }

    fn skip(&mut self, length: u64) -> io::Result<Option<()>> {
        let skipped = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
        self.read += skipped;
        Ok((skipped == length).then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_the_rest_is_passed_over() {
        // kind 3, size 300, packed 200, crc, and a version 2 header with levels of 4 and 0 bytes, not compressed; in it
        // statistics with a truth value of the same number.
        let bytes = [
            0x15, 6, 0x15, 0xd8, 4, 0x15, 0x90, 3, 0x15, 2, 0x4c, 0x15, 20, 0x15, 0, 0x15, 20, 0x15, 0, 0x15, 8, 0x15,
            0, 0x12, 0x1c, 0x71, 0, 0, 0,
        ];
        let header = read(&bytes[..]).unwrap().unwrap();
        let length = bytes.len() as u64;
        assert_eq!(header, PageHeader { length, kind: 3, size: 300, packed: 200, levels: 4, plain: true });
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]).unwrap(), None);
        }
    }

    #[test]
    fn nonsense_is_no_header() {
        let deep = vec![0x1c; 4000];
        let lying_list = [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 1];
        for bytes in [&deep[..], &lying_list, &[0x1f], &[0x18, 0xff, 0xff, 0x7f, 0], &[0xff; 64]] {
            assert_eq!(read(bytes).unwrap(), None);
        }
    }
}

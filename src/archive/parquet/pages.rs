//! The pages of a column, looked at before the decoders of the `parquet` crate see them: those allocate what a page says.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::basic::{CompressionCodec, Encoding, Type};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::reader::{ChunkReader, SerializedPageReader};

use super::super::capped::Capped;
use super::super::compressed::Coding;
use super::super::limits::{Limits, RATIO_FREE_BYTES};
use super::delta;
use super::page_header::{self, PageHeader};

/// Smallest cap on the pages of all columns: a page holds many rows, so small documents may share a large one.
const PAGES_BYTES: u64 = 256 << 20;
/// Most values of a page whose lengths are all decoded at once.
const PAGE_VALUES: u64 = 16 << 20;
const INDEX_PAGE: i64 = 1;

/// The pages of one column of a row group.
pub(super) struct Pages {
    inner: SerializedPageReader<File>,
    file: Arc<File>,
    /// Where the next page begins, and how many bytes of the column are left.
    at: u64,
    left: u64,
    codec: CompressionCodec,
    kind: Type,
    optional: bool,
    ratio: u64,
    memory: Memory,
    next: Option<PageHeader>,
    has_dictionary: bool,
}

/// Bytes of pages that all columns of a table hold at a time.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    used: Arc<AtomicU64>,
    limit: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { used: Arc::default(), limit: PAGES_BYTES.max(limits.document_bytes.saturating_mul(2)) }
    }
}

/// What one column holds of the budget: its dictionary, and its current page.
struct Memory {
    budget: Budget,
    dictionary: u64,
    page: u64,
}

impl Memory {
    fn take(&mut self, size: u64, is_dictionary: bool) -> Result<()> {
        let slot = if is_dictionary { &mut self.dictionary } else { &mut self.page };
        let old = std::mem::replace(slot, size);
        self.budget.used.fetch_sub(old, Ordering::Relaxed);
        let used = self.budget.used.fetch_add(size, Ordering::Relaxed) + size;
        if used > self.budget.limit {
            return Err(fault(format!("its pages need {used} bytes at a time, more than {}", self.budget.limit)));
        }
        Ok(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.dictionary + self.page, Ordering::Relaxed);
    }
}

fn fault(message: impl Into<String>) -> ParquetError {
    ParquetError::General(message.into())
}

impl Pages {
    /// The pages of a column whose metadata was looked at already: its offsets lie in the file.
    pub(super) fn new(
        file: &Arc<File>,
        column: &ColumnChunkMetaData,
        rows: usize,
        budget: &Budget,
        ratio: u64,
    ) -> Result<Self> {
        let (at, left) = column.byte_range();
        Ok(Self {
            inner: SerializedPageReader::new(Arc::clone(file), column, rows, None)?,
            file: Arc::clone(file),
            at,
            left,
            codec: column.compression_codec(),
            kind: column.column_type(),
            optional: column.column_descr().max_def_level() > 0,
            ratio,
            memory: Memory { budget: budget.clone(), dictionary: 0, page: 0 },
            next: None,
            has_dictionary: false,
        })
    }

    /// Looks at the header of the next page; `None` at the end.
    fn look(&mut self) -> Result<Option<PageHeader>> {
        if self.left == 0 || self.next.is_some() {
            return Ok(self.next);
        }
        let header = page_header::read(self.file.get_read(self.at)?.take(self.left))?;
        let Some(header) = header else { return Err(fault(format!("there is no page header at byte {}", self.at))) };
        let (Ok(size), Ok(packed)) = (u64::try_from(header.size), u64::try_from(header.packed)) else {
            return Err(fault(format!("the page at byte {} says it has {} bytes", self.at, header.size)));
        };
        let at = self.at;
        let says = format!("the page at byte {at} says it has {packed} bytes, {size} when decompressed");
        if packed > self.left - header.length {
            return Err(fault(format!("{says}, but its column ends before")));
        }
        if size > self.memory.budget.limit || packed > self.memory.budget.limit {
            return Err(fault(format!("{says}, more than {}", self.memory.budget.limit)));
        }
        if size > RATIO_FREE_BYTES.max(packed.saturating_mul(self.ratio)) {
            return Err(fault(format!("{says}: it swells to more than {} times its size", self.ratio)));
        }
        if header.kind == INDEX_PAGE {
            return Err(fault(format!("the page at byte {at} is of a kind that is not read")));
        }
        self.check_size(&header, size, packed)?;
        self.next = Some(header);
        Ok(self.next)
    }

    /// Decompresses a page once to see that it does not give more than it says: the decoders of these two codecs do not stop.
    fn check_size(&self, header: &PageHeader, size: u64, packed: u64) -> Result<()> {
        let coding = match self.codec {
            CompressionCodec::GZIP => Coding::Gzip,
            CompressionCodec::BROTLI => Coding::Brotli,
            _ => return Ok(()),
        };
        let levels = u64::try_from(header.levels).ok().filter(|levels| *levels <= size.min(packed));
        let Some(levels) = levels else { return Err(fault("a page with more levels than bytes")) };
        if header.plain || size == levels {
            return Ok(());
        }
        let start = self.at + header.length + levels;
        let source = io::BufReader::new(self.file.get_read(start)?.take(packed - levels));
        let decoder = coding.decoder(source)?;
        let given = io::copy(&mut Capped::new(decoder, size - levels, "a page"), &mut io::sink())?;
        if given == size - levels { Ok(()) } else { Err(fault("a page that is smaller than it says")) }
    }

    /// Looks at a page whose bytes are there, before its values are decoded.
    fn check(&self, page: &Page) -> Result<()> {
        let (buffer, values) = (page.buffer(), u64::from(page.num_values()));
        if page.is_dictionary_page() {
            let width = match self.kind {
                Type::BOOLEAN | Type::FIXED_LEN_BYTE_ARRAY => 1,
                Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
                Type::INT64 | Type::DOUBLE => 8,
                Type::INT96 => 12,
            };
            if values.saturating_mul(width) > buffer.len() as u64 {
                return Err(fault(format!("a dictionary of {} bytes that says it has {values} values", buffer.len())));
            }
            return Ok(());
        }
        let values = self.values_of(page).ok_or_else(|| fault("a page with more levels than bytes"))?;
        let lengths = match page.encoding() {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
            Encoding::DELTA_BYTE_ARRAY => 2,
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY if !self.has_dictionary => {
                return Err(fault("a page that refers to a dictionary, but there is none"));
            }
            _ => return Ok(()),
        };
        if delta::are_plausible(values, lengths, PAGE_VALUES) {
            return Ok(());
        }
        Err(fault(format!("a page whose lengths are damaged, or with more than {PAGE_VALUES} values")))
    }

    /// The bytes behind the levels of a page.
    fn values_of<'p>(&self, page: &'p Page) -> Option<&'p [u8]> {
        let buffer: &[u8] = page.buffer();
        let levels = match page {
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                u64::from(*def_levels_byte_len) + u64::from(*rep_levels_byte_len)
            }
            Page::DataPage { .. } if self.optional => {
                let length = buffer.first_chunk().map(|length| u32::from_le_bytes(*length))?;
                u64::from(length) + 4
            }
            _ => 0,
        };
        buffer.get(usize::try_from(levels).ok()?..)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(header) = self.look()? else { return Ok(None) };
        self.next = None;
        // Both were found to be within the column.
        let length = header.length + header.packed.unsigned_abs();
        self.at += length;
        self.left -= length;
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.memory.take(page.buffer().len() as u64, page.is_dictionary_page())?;
            self.check(page)?;
            self.has_dictionary |= page.is_dictionary_page();
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.look()?;
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        Err(fault("pages are not skipped"))
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

//! The limits of other rooms, as the settings in force give them.

use super::Config;
use crate::{archive, clean};

impl Config {
    /// Limits of reading.
    pub fn archive_limits(&self) -> archive::Limits {
        archive::Limits {
            document_bytes: self.document_bytes(),
            record_bytes: self.record_bytes(),
            record_values: self.record_values(),
            ratio: self.decompression_ratio(),
            total_bytes: self.total_bytes(),
            archive_members: self.archive_members(),
        }
    }

    /// Limits of washing.
    pub fn clean_limits(&self) -> clean::Limits {
        let mut limits = clean::Limits { work_per_byte: self.work_per_byte(), ..clean::Limits::default() };
        limits.html.max_depth = usize::try_from(self.html_depth()).unwrap_or(limits.html.max_depth);
        limits.html.main = self.html_main();
        limits
    }

    /// How many threads; 0 is one for each core.
    pub fn thread_count(&self) -> usize {
        match usize::try_from(self.threads()) {
            Ok(0) | Err(_) => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            Ok(threads) => threads,
        }
    }
}

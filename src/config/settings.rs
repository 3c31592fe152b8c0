//! The table of settings: the only place where a setting has a name, a kind, a default and a sentence about it.

use std::path::{Path, PathBuf};

use super::error::{ConfigFault, Warning};
use super::kind::{Count, Folder, Kind, MainContent, Paths, Secret, Size, Span, Word};
use super::sources::{Layers, Origin};

/// What is known of a setting before any source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name: `limits.html_depth` stands in the file under `[limits]`.
    pub name: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// Its default, as it would be written.
    pub default: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// A setting with its value, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value as it would be written.
    pub value: String,
    /// Where the value is from.
    pub origin: Origin,
}

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sourced<K> {
    value: K,
    origin: Origin,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $field:ident: $kind:ty = $default:literal, $name:literal, $env:literal;)*) => {
        /// Every setting, in the order they are shown.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            env: $env,
            default: $default,
            doc: concat!($($doc),+).trim_ascii_start(),
        },)*];

        /// The settings in force.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Config {
            $($field: Sourced<$kind>,)*
            file: Option<PathBuf>,
            warnings: Vec<Warning>,
        }

        impl Config {
            $(
                $(#[doc = $doc])+
                pub fn $field(&self) -> <$kind as Kind>::Get<'_> {
                    self.$field.value.get()
                }
            )*

            /// Every setting with its value and origin, in the order of [`SETTINGS`].
            pub fn entries(&self) -> Vec<Entry> {
                let values = [$((self.$field.value.show(), &self.$field.origin)),*];
                SETTINGS.iter().zip(values).map(|(setting, (value, origin))| Entry { setting, value, origin: origin.clone() }).collect()
            }

            /// Resolves each setting from its layers.
            pub(super) fn resolve(
                layers: &Layers,
                file: Option<PathBuf>,
                warnings: Vec<Warning>,
                faults: &mut Vec<ConfigFault>,
            ) -> Self {
                Self {
                    $($field: {
                        let (value, origin) = layers.resolve($name, $default, faults);
                        Sourced { value, origin }
                    },)*
                    file,
                    warnings,
                }
            }
        }
    };
}

settings! {
    /// The profile that documents are washed with.
    profile: Word = "zh", "profile", "TAOXI_PROFILE";
    /// A folder of rule files that are laid over the ones shipped with taoxi.
    rules: Folder = "", "rules", "TAOXI_RULES";
    /// Filter lists of ad blockers: what they hide is left out of HTML pages. Paths, with commas between them.
    filter_lists: Paths = "", "filter_lists", "TAOXI_FILTER_LISTS";
    /// How many documents are washed at a time; 0 for one on each core.
    threads: Count<0, 1024> = "0", "threads", "TAOXI_THREADS";
    /// How much memory `taoxi dedupe` uses.
    memory: Size = "2GiB", "memory", "TAOXI_MEMORY";
    /// The address that `taoxi serve` listens on.
    listen: Word = "127.0.0.1:8077", "listen", "TAOXI_LISTEN";
    /// The folder that the service keeps its data in; without one it is ~/.local/share/taoxi, or as XDG says.
    data: Folder = "", "data", "TAOXI_DATA";
    /// A PostgreSQL database for the collections, `postgres://user:password@host:5432/database`; without one they are in the data folder.
    store: Secret = "", "store", "TAOXI_STORE";
    /// An API key that may do everything, beside those of `taoxi keys`; at least 24 characters.
    api_key: Secret = "", "api_key", "TAOXI_API_KEY";
    /// A file with such a key, as containers are given secrets.
    api_key_file: Folder = "", "api_key_file", "TAOXI_API_KEY_FILE";
    /// Origins of other sites whose pages may use the service, such as `https://a.example`, separated by commas.
    origins: Word = "", "origins", "TAOXI_ORIGINS";
    /// Archives that the service de-duplicates at a time.
    jobs_workers: Count<1, 64> = "1", "jobs.workers", "TAOXI_JOBS_WORKERS";
    /// Most archives that wait, those being received included.
    jobs_queue: Count<1, 100_000> = "100", "jobs.queue", "TAOXI_JOBS_QUEUE";
    /// How long finished jobs and their results are kept.
    jobs_keep: Span = "7d", "jobs.keep", "TAOXI_JOBS_KEEP";
    /// How many clients may follow jobs at a time.
    followers: Count<1, 100_000> = "256", "limits.followers", "TAOXI_LIMITS_FOLLOWERS";
    /// Largest archive that the service takes, as it is sent.
    upload: Size = "64GiB", "limits.upload", "TAOXI_LIMITS_UPLOAD";
    /// Largest document, after decompression.
    document_bytes: Size = "512MiB", "limits.document_bytes", "TAOXI_LIMITS_DOCUMENT_BYTES";
    /// Longest line of a JSONL input.
    record_bytes: Size = "64MiB", "limits.record_bytes", "TAOXI_LIMITS_RECORD_BYTES";
    /// Most JSON values in one record of a JSONL input.
    record_values: Count<1, 1_000_000_000> = "1000000", "limits.record_values", "TAOXI_LIMITS_RECORD_VALUES";
    /// Most bytes that come out of a compressed input for each byte that goes in, beyond the first 16 MiB.
    decompression_ratio: Count<1, 1_000_000> = "200", "limits.decompression_ratio", "TAOXI_LIMITS_DECOMPRESSION_RATIO";
    /// Largest JSONL input or archive, after decompression.
    total_bytes: Size = "1TiB", "limits.total_bytes", "TAOXI_LIMITS_TOTAL_BYTES";
    /// Most members of an archive, or records of a WARC file.
    archive_members: Count<1, 1_000_000_000> = "10000000", "limits.archive_members", "TAOXI_LIMITS_ARCHIVE_MEMBERS";
    /// Matching work of one document: bytes that rules look at for each byte of the text.
    work_per_byte: Count<1, 1_000_000_000> = "2048", "limits.work_per_byte", "TAOXI_LIMITS_WORK_PER_BYTE";
    /// How deep the elements of an HTML page may be nested; deeper ones are flattened.
    html_depth: Count<1, 1_000_000> = "512", "limits.html_depth", "TAOXI_LIMITS_HTML_DEPTH";
    /// Whether only the main content of HTML pages is taken, auto, or all that a reader sees, off.
    html_main: MainContent = "auto", "html.main", "TAOXI_HTML_MAIN";
    /// Largest body of a request with one document, before and after decompression; also the longest line of a streamed body.
    body: Size = "16MiB", "limits.body", "TAOXI_LIMITS_BODY";
    /// How many requests of the service may wait for a thread; one more waits a moment for a place and is then refused.
    queue: Count<1, 1_000_000> = "64", "limits.queue", "TAOXI_LIMITS_QUEUE";
    /// Bytes of bodies and answers that the service holds at a time; what would need more is refused.
    held: Size = "256MiB", "limits.held", "TAOXI_LIMITS_HELD";
    /// How many bodies of many lines the service reads at a time.
    streams: Count<1, 100_000> = "64", "limits.streams", "TAOXI_LIMITS_STREAMS";
    /// How many connections the service holds; further ones wait.
    connections: Count<1, 1_000_000> = "8192", "limits.connections", "TAOXI_LIMITS_CONNECTIONS";
    /// Seconds in which the head of a request must have come.
    head_timeout: Count<1, 3600> = "10", "timeouts.head", "TAOXI_TIMEOUTS_HEAD";
    /// Seconds without a byte after which a body, or a reader of an answer, is given up.
    body_timeout: Count<1, 3600> = "20", "timeouts.body", "TAOXI_TIMEOUTS_BODY";
    /// Seconds that an idle connection is kept.
    keep_alive: Count<1, 3600> = "30", "timeouts.keep_alive", "TAOXI_TIMEOUTS_KEEP_ALIVE";
    /// Seconds that running requests have to finish in when the service is stopped.
    shutdown_timeout: Count<1, 600> = "8", "timeouts.shutdown", "TAOXI_TIMEOUTS_SHUTDOWN";
    /// Requests a second that one client may make; 0 for any number.
    rate: Count<0, 1_000_000> = "0", "rate.per_second", "TAOXI_RATE_PER_SECOND";
    /// What the service logs, and all that is graver: error, warn, info, debug or off.
    log_level: Word = "info", "log.level", "TAOXI_LOG_LEVEL";
    /// How the service logs: json, text, or auto for text on a terminal.
    log_format: Word = "auto", "log.format", "TAOXI_LOG_FORMAT";
    /// A collector that takes spans of requests over OTLP, such as `http://127.0.0.1:4318`; otherwise the one of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    otlp_endpoint: Word = "", "otlp.endpoint", "TAOXI_OTLP_ENDPOINT";
}

impl Config {
    /// The configuration file that was read, if there was one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What looks like a mistake but is none for certain.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_variables_follow_from_them() {
        let mut seen = std::collections::HashSet::new();
        for setting in SETTINGS {
            assert!(seen.insert(setting.name));
            assert_eq!(setting.env, format!("TAOXI_{}", setting.name.replace('.', "_").to_uppercase()));
            assert!(setting.doc.ends_with('.') && !setting.doc.starts_with(' '));
        }
    }

    #[test]
    fn every_default_is_a_value_of_its_setting_and_is_shown_as_written() {
        let mut faults = Vec::new();
        let config = Config::resolve(&Layers::default(), None, Vec::new(), &mut faults);
        assert!(faults.is_empty());
        assert!(config.entries().iter().all(|entry| entry.value == entry.setting.default));
    }
}

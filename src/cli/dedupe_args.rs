//! Arguments of `taoxi dedupe`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::WashArgs;
use crate::batch::Passages;

/// Which of several copies is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepArg {
    /// The longest; among those about as long the one with the fewest placeholders, the least noise, the earliest date.
    Longest,
    /// The one with the fewest placeholders and the least noise, among those of about the same length.
    Cleanest,
    /// The one with the earliest date, among those of about the same length.
    Earliest,
    /// The one that came first, among those of about the same length.
    First,
}

/// A compression of result files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompressArg {
    /// Zstandard.
    Zst,
}

/// A file of kept documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WriteArg {
    /// kept.jsonl: id, url, date, text and the other fields.
    Jsonl,
    /// kept.parquet: the same as a table.
    Parquet,
    /// kept.warc.gz: every record of the inputs; of equal payloads all but the first become revisits, other copies get a record that
    /// names what they are copies of.
    Warc,
}

/// Arguments of `dedupe`.
#[derive(Debug, Args)]
#[command(
    after_help = "The folder gets documents.ndjson (a line for each document: kept, or a copy of what and why), relations.ndjson (every relation \
    found, with its passages), kept.ndjson (the kept documents, washed), summary.json and run.json; with --passages also passages.ndjson.\n\
    Killed or stopped, the same command goes on from the stages that were finished.\n\
    Exit status: 0 done, 1 some inputs failed (each is named on standard error and in documents.ndjson), 2 unusable arguments or no room, 130 on Ctrl-C.\n\n\
    Examples:\n  taoxi dedupe crawl/ --out result/\n  taoxi dedupe new.jsonl.zst --against archive/ --out result/\n  \
    taoxi dedupe clean.ndjson --no-clean --keep earliest --out result/\n  \
    taoxi dedupe crawl/ --drop-passages --passage-min-documents 20 --out result/"
)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct DedupeArgs {
    /// Files, folders, .jsonl/.ndjson, archives, or - for standard input.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The folder for the result files.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Inputs that are compared with and never given out; may be given again.
    #[arg(long, value_name = "SET")]
    pub against: Vec<PathBuf>,
    /// Which of several copies is kept. A preview is never kept before its fuller text.
    #[arg(long, value_enum, default_value_t = KeepArg::Longest)]
    pub keep: KeepArg,
    /// Take the texts as they are: they are clean already.
    #[arg(long)]
    pub no_clean: bool,
    /// How documents are read and washed.
    #[command(flatten)]
    pub wash: WashArgs,
    /// Simhashes that differ in at most so many bits are compared, besides what winnowing proposes.
    #[arg(long, value_name = "BITS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=6))]
    pub radius: u32,
    /// Memory to use, such as 512MiB or 8GiB.
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// The folder for temporary files: up to three times the input. Otherwise inside --out.
    #[arg(long, value_name = "DIR")]
    pub tmp: Option<PathBuf>,
    /// Also write the kept documents, or the archive anew, in this format.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub write: Option<WriteArg>,
    /// Also report passages, whole lines or sentences, that stand in many of the kept documents: passages.ndjson.
    #[arg(long)]
    pub passages: bool,
    /// Report them, and leave each in the first document only; the records say what was dropped, and still rebuild the source.
    #[arg(long, conflicts_with = "passages")]
    pub drop_passages: bool,
    /// The fewest documents that a passage stands in.
    #[arg(long, value_name = "N", default_value_t = Passages::DOCUMENTS, value_parser = clap::value_parser!(u32).range(2..))]
    pub passage_min_documents: u32,
    /// The least length of a passage: a Han character counts 1, a letter two fifths.
    #[arg(long, value_name = "LENGTH", default_value_t = Passages::LENGTH, value_parser = clap::value_parser!(u32).range(1..))]
    pub passage_min_length: u32,
    /// Compress the result files.
    #[arg(long, value_enum)]
    pub compress: Option<CompressArg>,
    /// Also write copies.ndjson: the records of the documents that go, to be looked at.
    #[arg(long)]
    pub copies: bool,
}

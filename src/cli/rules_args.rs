//! Arguments of `taoxi rules try` and `taoxi rules stats`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::WashArgs;

/// How a report comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// How the documents of a corpus are read and washed.
#[derive(Debug, Args)]
pub struct CorpusArgs {
    /// The URL of documents that carry none: decides which site files act.
    #[arg(long)]
    pub url: Option<String>,
    /// How documents are read and washed.
    #[command(flatten)]
    pub wash: WashArgs,
}

/// Arguments of `rules try`.
#[derive(Debug, Args)]
#[command(
    after_help = "A dry run: nothing is written but the report. RULES are laid over the rules in force (the shipped ones, and those of --rules), as a folder \
    of --rules would be: a file with the id of one in force takes its place.\n\n\
    For each document that changes there is a unified diff, the source against the washed text; then what would come out otherwise than under the rules in \
    force. At the end stands how often each tried step acted, and which never did.\n\
    Exit status: 0 done, 1 some inputs failed, 2 unusable arguments or rule files, 130 on Ctrl-C.\n\n\
    Examples:\n  taoxi rules try example.toml page.html --url https://www.example.com/a\n  taoxi rules try my-rules/ crawl.jsonl.zst --summary\n  \
    taoxi rules try example.toml pages/ --format json"
)]
pub struct TryArgs {
    /// A rule file, or a folder of them.
    #[arg(value_name = "RULES")]
    pub file: PathBuf,
    /// Files, folders, .jsonl/.ndjson, archives, or - for standard input.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// What comes out.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Only the figures of the steps: no diffs, no documents.
    #[arg(long)]
    pub summary: bool,
    /// How the documents are read and washed.
    #[command(flatten)]
    pub corpus: CorpusArgs,
}

/// Arguments of `rules stats`.
#[derive(Debug, Args)]
#[command(
    after_help = "The documents are washed, and for each step is counted how many it changed, its edits and the bytes that went, and where they stood: in the \
    head of a document, in its tail, or woven in, as `where` in patterns sees it.\n\n\
    Dead steps never did anything. Greedy ones are to be looked at: large_share (takes over 30 % of the documents it acts on, in the mean), many_hosts (is no \
    site's, and acts on at least 10 hosts and half of all), cut_refused (wanted to cut more than may go), mostly_removed (documents lost over 70 % of \
    their letters, most of that to it).\n\
    Exit status: 0 done, 1 some inputs failed, 2 unusable arguments, 130 on Ctrl-C.\n\n\
    Examples:\n  taoxi rules stats crawl.warc.gz\n  taoxi rules stats --rules my-rules/ pages/ --format json > stats.json"
)]
pub struct StatsArgs {
    /// Files, folders, .jsonl/.ndjson, archives, or - for standard input.
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// What comes out.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// How the documents are read and washed.
    #[command(flatten)]
    pub corpus: CorpusArgs,
}

//! The command line as users type it. Help, man page and completions all come from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use super::dedupe_args::{CompressArg, DedupeArgs, KeepArg, WriteArg};
pub use super::rules_args::{CorpusArgs, ReportFormat, StatsArgs, TryArgs};
pub use super::wash_args::WashArgs;

/// Washes scraped documents: strips what sites add, repairs numbers, punctuation and structure, and shows every edit.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    after_help = "Start with: taoxi clean FILE\nThen look at why: taoxi rules explain FILE"
)]
pub struct Cli {
    /// The settings file; otherwise ./taoxi.toml or the one in the user's configuration folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Wash documents: files, folders, JSONL, gzip or zstd, or standard input.
    Clean(CleanArgs),
    /// Compare two documents: how much of each stands in the other, and where.
    Compare(CompareArgs),
    /// Wash an archive and find the copies in it.
    Dedupe(DedupeArgs),
    /// Serve over HTTP: wash, compare, remember.
    #[cfg(feature = "server")]
    Serve(ServeArgs),
    /// Ask a running service whether it is ready.
    #[cfg(feature = "server")]
    Health(HealthArgs),
    /// Look after collections: list, verify, repair, rebuild, compact, backup, export, import.
    Collection {
        /// The data folder of the service.
        #[arg(long, value_name = "DIR", global = true)]
        data: Option<PathBuf>,
        /// A PostgreSQL database instead, for list, compact, export and import; with a password in it, rather as `TAOXI_STORE`.
        #[arg(long, value_name = "URL", global = true)]
        store: Option<String>,
        /// What to do with them.
        #[command(subcommand)]
        command: CollectionCommand,
    },
    /// List, check, test, try, count and explain rule files.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Make, list and revoke API keys of the service. It may run meanwhile.
    #[cfg(feature = "server")]
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Show every setting with its origin, or check the settings file.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff); view it with: taoxi man | man -l -
    Man,
}

/// How documents come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The cleaned text.
    Text,
    /// The cleaned text as Markdown: headings, lists, tables and code of HTML pages.
    Markdown,
    /// The whole record as JSON: one object, or an array when there are several documents.
    Json,
    /// A record a line.
    Ndjson,
}

/// How much of the edits a record shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EditsArg {
    /// Ranges with what stood there and what stands there now.
    Full,
    /// Ranges only.
    Ranges,
    /// Nothing.
    None,
}

/// What the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TypeArg {
    /// Look and decide.
    Auto,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

/// What happens to a second document with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdDupArg {
    /// It becomes an error record.
    Error,
    /// It is renamed with -2, -3, …
    Suffix,
}

/// Arguments of `clean`.
#[derive(Debug, Args)]
#[command(after_help = "Without --out, one document prints its text and several print a record a line.\n\
    Exit status: 0 done, 1 some inputs failed (each is named on standard error and in the output), 2 unusable arguments, 130 on Ctrl-C.\n\n\
    Examples:\n  taoxi clean report.txt\n  taoxi clean --format json report.txt\n  taoxi clean pages/ --out washed/\n  \
    taoxi clean crawl.jsonl.gz --fields id=url,text=body --profile corpus > clean.ndjson\n  curl -s URL | taoxi clean - --url URL")]
pub struct CleanArgs {
    /// Files, folders, .jsonl/.ndjson, .zip, .tar, .warc, .parquet (also .gz, .zst), or - for standard input.
    #[arg(value_name = "INPUT", default_value = "-")]
    pub inputs: Vec<PathBuf>,
    /// The URL of the document: decides which site files act.
    #[arg(long)]
    pub url: Option<String>,
    /// How documents are read and washed.
    #[command(flatten)]
    pub wash: WashArgs,
    /// What comes out.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// How much of the edits a record shows; full for one document, none for several.
    #[arg(long, value_enum)]
    pub edits: Option<EditsArg>,
    /// Write a file for each document into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// How a comparison comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// The verdict in a sentence, and the two texts side by side with what they share marked.
    Text,
    /// The relation as JSON.
    Json,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "Both documents are washed first. The smaller one is a in the relation's figures only by weight: the output names \
    them a and b in the order given.\n\nExamples:\n  taoxi compare report.txt copy.html\n  taoxi compare --format json a.txt b.txt"
)]
pub struct CompareArgs {
    /// One document: a file.
    pub a: PathBuf,
    /// The other.
    pub b: PathBuf,
    /// What comes out.
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    pub format: CompareFormat,
    /// Compare the texts as they are.
    #[arg(long)]
    pub no_clean: bool,
    /// The profile that both are washed with.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// A folder of rule files laid over the shipped ones.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
}

/// Arguments of `serve`.
#[cfg(feature = "server")]
#[derive(Debug, Args)]
#[command(
    after_help = "The service prints its address when it is ready; / is a page for people, /docs lists the calls.\n\
    SIGTERM or Ctrl-C ends it, a second one at once; SIGHUP loads the rules anew.\n\n\
    Examples:\n  taoxi serve\n  taoxi serve --rules my-rules/ --data /var/lib/taoxi\n  \
    taoxi serve --store postgres://taoxi@localhost/taoxi\n  \
    curl -s http://127.0.0.1:8077/v1/clean -H 'Content-Type: text/plain' --data-binary @page.txt"
)]
pub struct ServeArgs {
    /// The address to listen on; without API keys one of this machine only.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The folder that the service keeps its data in; one service at a time has it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A PostgreSQL database for the collections, which several services may share; with a password in it, rather as `TAOXI_STORE`.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// A folder of rule files laid over the shipped ones, loaded anew when they change.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// A filter list of an ad blocker: what it hides is left out of HTML pages; may be given again.
    #[arg(long, value_name = "FILE")]
    pub filter_list: Vec<PathBuf>,
    /// The profile of documents that name none.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Threads; 0 for all cores.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// Arguments of `health`.
#[cfg(feature = "server")]
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 ready, 1 not ready or no answer.")]
pub struct HealthArgs {
    /// Where the service is; otherwise at the address of the settings.
    #[arg(long, value_name = "http://HOST:PORT")]
    pub url: Option<String>,
}

/// Commands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rule files in force.
    List {
        /// A folder of rule files laid over the shipped ones.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check rule files: every fault with file, line and column.
    Check {
        /// The overlay folder; without it the shipped files.
        dir: Option<PathBuf>,
    },
    /// Run the tests that rule files carry.
    Test {
        /// The overlay folder; without it the shipped files.
        dir: Option<PathBuf>,
        /// Only these rule files.
        #[arg(long, value_name = "ID")]
        only: Vec<String>,
    },
    /// Print the JSON Schema of rule files.
    Schema,
    /// Write the commented skeleton of a rule file, ID.toml.
    New {
        /// The id: lower-case letters, digits, hyphens.
        id: String,
        /// The folder to write it to.
        #[arg(long, value_name = "DIR", default_value = ".")]
        dir: PathBuf,
    },
    /// Wash one document and print each edit with its rule, why, and the line.
    Explain {
        /// The document, or - for standard input.
        file: PathBuf,
        /// The URL of the document.
        #[arg(long)]
        url: Option<String>,
        /// The profile.
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
        /// A folder of rule files laid over the shipped ones.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Bring in site files of fivefilters/ftr-site-config, or a filter list's rules for chosen hosts, as rule files.
    Import(super::import::ImportArgs),
    /// Try rule files before they act: what each step would take from documents, as a diff, and what would change.
    Try(TryArgs),
    /// Count what each step does to documents; find steps that never act, and steps that take too much.
    Stats(StatsArgs),
    /// Propose rule files from pages of one or many sites, each step with its evidence and tests.
    Learn(LearnArgs),
    /// Print the rule reference (docs/rules.md).
    #[command(hide = true)]
    Reference,
}

/// Arguments of `rules learn`.
#[derive(Debug, Args)]
#[command(
    after_help = "Pages are grouped by the registrable domain of their URLs; those without one by the furniture they share. What repeats on \
    the pages of a site and is no text becomes a step: lines at the head and the tail, lines woven in, credits inside lines, lists and walls \
    behind which no text follows. Every step is tried on pages it was not learned from, and has a test in the file.\n\
    Without --out the files are printed, and what was refused goes to standard error. With --out each site gets a file; one that is there \
    already is brought up to date: comments, order, changes and steps switched off by hand stay.\n\
    Give at least 5 pages of a site, better 20. Then read the files, try them, and use them: taoxi clean --rules DIR.\n\n\
    Examples:\n  taoxi rules learn crawl/ --out my-rules/\n  taoxi rules learn pages.jsonl.gz --fields id=key,html=body,url=link\n  \
    taoxi rules learn saved-pages/*.html --host example.com\n  taoxi rules learn crawl.warc.gz --json > learned.json"
)]
pub struct LearnArgs {
    /// Pages: files, folders, .jsonl, .zip, .tar, .warc, .parquet (also .gz, .zst), or - for standard input.
    #[arg(value_name = "PAGES", required = true)]
    pub pages: Vec<PathBuf>,
    /// The host of all pages, whatever their URLs say.
    #[arg(long)]
    pub host: Option<String>,
    /// The folder of rule files to write, or to bring up to date.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Pages that must share something before it is proposed; otherwise 3 or one in twenty, and 2 at the edges of small sites.
    #[arg(long, value_name = "N")]
    pub min_support: Option<usize>,
    /// The largest share of a page's letters that a step may take, above 0 and up to 1; otherwise 0.6.
    #[arg(long, value_name = "X")]
    pub max_share: Option<f64>,
    /// Most pages of a site that are looked at; otherwise 400.
    #[arg(long, value_name = "N")]
    pub pages_per_site: Option<usize>,
    /// What the inputs are.
    #[arg(long = "type", value_enum, default_value_t = TypeArg::Auto)]
    pub media_type: TypeArg,
    /// Names of the fields of a JSONL record.
    #[arg(long, value_name = "id=…,text=…,html=…,url=…,date=…")]
    pub fields: Option<String>,
    /// Print everything as JSON: files, evidence, refusals.
    #[arg(long)]
    pub json: bool,
    /// List everything that was refused, with the reason.
    #[arg(long)]
    pub refused: bool,
    /// Threads; 0 for all cores. What is learned does not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// Commands of `collection`.
#[derive(Debug, Subcommand)]
pub enum CollectionCommand {
    /// List the collections with their settings and sizes.
    List {
        /// As JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Check every byte of collections, also while the service runs: exit status 1 when something is damaged.
    Verify {
        /// Which; without names all.
        names: Vec<String>,
    },
    /// Write damaged files anew with every document that can be read; what was there is kept beside them.
    Repair {
        /// Which.
        name: String,
    },
    /// Make the signatures of every document anew from its text, for a version of taoxi with other signatures.
    Rebuild {
        /// Which.
        name: String,
    },
    /// Take forgotten texts off the disk.
    Compact {
        /// Which.
        name: String,
    },
    /// Copy a collection to another folder, also while the service runs.
    Backup {
        /// Which.
        name: String,
        /// The folder; the copy is DIR/NAME.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Print every document of a collection, one JSON object a line.
    Export {
        /// Which.
        name: String,
    },
    /// Store documents as export printed them, whatever they are copies of; makes the collection if it is not there.
    Import {
        /// Which.
        name: String,
        /// The file, or - for standard input.
        input: PathBuf,
    },
}

/// Commands of `keys`.
#[cfg(feature = "server")]
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it: the only time that it is shown.
    Create {
        /// What it may do, separated by commas: read (look at rules, collections, jobs and results), clean (wash, compare, try rules),
        /// index (add to collections and forget, start and cancel jobs), admin (everything).
        #[arg(long, value_name = "SCOPES")]
        scopes: String,
        /// When it ends: a span such as 90d or 12h, or a date; otherwise never.
        #[arg(long, value_name = "SPAN|DATE")]
        expires: Option<String>,
        /// What it is for, as lists show it.
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The folder that the service keeps its data in.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// List the keys: id, scopes, expiry, name; never the keys themselves.
    List {
        /// As JSON, an object a line.
        #[arg(long)]
        json: bool,
        /// The folder that the service keeps its data in.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Remove a key for good.
    Revoke {
        /// Its id, as the list shows it.
        id: String,
        /// The folder that the service keeps its data in.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// Commands of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its value and where that came from.
    Show,
    /// Check the settings file and the environment.
    Check,
}

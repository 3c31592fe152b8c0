//! `taoxi rules import`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::{Failure, complain};
use crate::clean::imported;
use crate::error::{Code, Fault};
use crate::rules::import::{Draft, Tally, cosmetic, ftr};
use crate::rules::load::{MAX_LIST, read_bytes};

/// Arguments of `rules import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --hosts, FILES are site files of fivefilters/ftr-site-config, named after their host (news.example.com.txt; a leading
dot means the host and everything below it), or folders of them. body, strip, strip_id_or_class, title, author, date,
find_string and replace_string become [html] of a rule file; XPath becomes CSS where CSS says the same, and stays XPath
where it does not. With --hosts, FILES are filter lists such as EasyList, and their element hiding rules for these hosts
become what [html] removes.

Every directive stands in the file beside what it became, with the source and its licence. What cannot be brought over is
named on standard error with file, line and reason, and a table by kind of directive follows. Tests on made-up pages are
written where they can be. Look at the outcome with `taoxi rules check DIR`, `taoxi rules test DIR`, and put it in force
with --rules DIR.

  taoxi rules import ftr-site-config/ --out my-rules
  taoxi rules import .example.com.txt
  taoxi rules import easylist.txt --hosts example.com,news.example --out my-rules

Exit status: 0 everything was written, 1 some files were not, 2 nothing could be done.")]
pub struct ImportArgs {
    /// Site files or folders of them; with --hosts, filter lists.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder to write to, a rule file for each host. Without it, one rule file is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Take the element hiding rules of filter lists for these hosts, separated by commas.
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    hosts: Vec<String>,
    /// Write over rule files that are there already.
    #[arg(long)]
    force: bool,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    drafts: Vec<Draft>,
    tally: Tally,
    failed: usize,
}

impl Done {
    fn fail(&mut self, message: &str) {
        complain(message);
        self.failed += 1;
    }

    fn take(&mut self, mut draft: Draft) {
        for note in &draft.notes {
            complain(&note.to_string());
        }
        self.tally.merge(&draft.tally);
        if self.drafts.iter().any(|other| other.id == draft.id) {
            return self.fail(&format!("{}: the host {} was imported already; left out", draft.origin, draft.host));
        }
        if draft.is_empty() {
            return complain(&format!("{}: nothing in it becomes a rule for {}", draft.origin, draft.host));
        }
        imported::prove(&mut draft);
        self.drafts.push(draft);
    }
}

pub(super) fn run(out: &mut impl Write, args: &ImportArgs) -> Result<Exit, Failure> {
    let mut done = Done::default();
    if args.hosts.is_empty() {
        site_files(&args.files, &mut done);
    } else {
        lists(&args.files, &args.hosts, &mut done)?;
    }
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let drafts = std::mem::take(&mut done.drafts);
        let mut written = 0;
        for draft in &drafts {
            match write(folder, draft, args.force) {
                Ok(()) => written += 1,
                Err(message) => done.fail(&message),
            }
        }
        writeln!(out, "{}", done.tally)?;
        writeln!(out, "{written} rule files written to {}, {} failed", folder.display(), done.failed)?;
        return Ok(if done.failed == 0 { Exit::Done } else { Exit::SomeFailed });
    }
    match done.drafts.as_slice() {
        [draft] => {
            out.write_all(draft.toml().as_bytes())?;
            Ok(if done.failed == 0 { Exit::Done } else { Exit::SomeFailed })
        }
        [] if done.failed > 0 => Ok(Exit::SomeFailed),
        [] => Err(Failure(Fault::new(Code::Usage, "nothing in these files becomes a rule"))),
        several => Err(Failure(Fault::new(
            Code::Usage,
            format!("{} rule files came of it; name a folder for them with --out DIR", several.len()),
        ))),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure(Fault::new(Code::Unwritable, format!("cannot write {}: {error}", path.display())))
}

/// Writes a new file, so that a rule file somebody has edited is not lost.
fn write(folder: &Path, draft: &Draft, force: bool) -> Result<(), String> {
    let path = folder.join(format!("{}.toml", draft.id));
    let toml = draft.toml();
    let mut options = std::fs::OpenOptions::new();
    let options =
        if force { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) };
    let made = options.open(&path).and_then(|mut file| file.write_all(toml.as_bytes()));
    made.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!("{} is there already; it was left as it is (--force writes over it)", path.display())
        }
        _ => format!("cannot write {}: {error}", path.display()),
    })
}

fn site_files(paths: &[PathBuf], done: &mut Done) {
    for path in paths {
        let files = if path.is_dir() { texts_in(path) } else { Ok(vec![path.clone()]) };
        let files = match files {
            Ok(files) => files,
            Err(error) => {
                done.fail(&format!("cannot read {}: {error}", path.display()));
                continue;
            }
        };
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let draft = read_bytes(&file, ftr::MAX_FILE)
                .map_err(|error| error.to_string())
                .and_then(|bytes| ftr::read(&name, &file.display().to_string(), &bytes).map_err(|e| e.to_string()));
            match draft {
                Ok(draft) => done.take(draft),
                Err(message) => done.fail(&message),
            }
        }
    }
}

/// The `.txt` files directly in a folder, by name.
fn texts_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_text = path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".txt"));
        if is_text && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn lists(paths: &[PathBuf], hosts: &[String], done: &mut Done) -> Result<(), Failure> {
    let mut lists = Vec::new();
    for path in paths {
        let bytes = read_bytes(path, MAX_LIST).map_err(|error| Failure::of(&error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        lists.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    for host in hosts {
        match cosmetic::read(&lists, host) {
            Ok(draft) => done.take(draft),
            Err(error) => done.fail(&error.to_string()),
        }
    }
    Ok(())
}

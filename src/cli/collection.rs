//! `taoxi collection …`: looking after collections while the service is not running, and copying them while it is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::CollectionCommand;
use super::exit::Exit;
use super::{Failure, complain};
use crate::config::Config;
use crate::error::{Code, Fault};
use crate::index::storage::{Disk, Storage};
use crate::index::{self, Catalog, Collection, Commit, IndexError, Options, Settings, Store, StoredDocument};

/// Documents that are imported before the first of them must be on disk.
const WINDOW: usize = 256;

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::of(&error)
    }
}

/// Runs a command on the collections of a data folder.
pub(super) fn run(command: CollectionCommand, config: &Config) -> Result<Exit, Failure> {
    if let Some(url) = config.store() {
        return in_database(command, url, config);
    }
    let data = config.data_folder(&|name| std::env::var(name).ok()).map_err(Failure)?;
    let folder = data.join("collections");
    match command {
        CollectionCommand::List { json } => list(&folder, json),
        CollectionCommand::Verify { names } => verify(&folder, names),
        CollectionCommand::Repair { name } => repair(&folder, &name),
        CollectionCommand::Rebuild { name } => {
            let lock = Catalog::lock(&folder)?;
            let documents = index::rebuild(&Catalog::files(&folder, &name)?)?;
            drop(lock);
            complain(&format!("{name}: the signatures of {documents} documents were made anew"));
            Ok(Exit::Done)
        }
        CollectionCommand::Compact { name } => {
            let lock = Catalog::lock(&folder)?;
            let collection = open(&folder, &name)?;
            let freed = collection.compact()?;
            collection.close()?;
            drop(lock);
            complain(&format!("{name}: {freed} bytes freed"));
            Ok(Exit::Done)
        }
        CollectionCommand::Backup { name, out } => backup(&folder, &name, &out),
        CollectionCommand::Export { name } => {
            let lock = Catalog::lock(&folder)?;
            let exported = export(&*open(&folder, &name)?);
            drop(lock);
            exported
        }
        CollectionCommand::Import { name, input } => {
            let catalog = Catalog::open(&folder, Options::default())?;
            let made = catalog.list().contains(&name);
            if !made {
                catalog.create(&name, &Settings { profile: config.profile().to_owned(), ..Settings::default() })?;
            }
            let imported = import(&*catalog.get(&name)?, &input, config.record_bytes());
            catalog.close()?;
            imported
        }
    }
}

/// Runs a command on the collections of a database.
#[cfg(feature = "postgres")]
fn in_database(command: CollectionCommand, url: &str, config: &Config) -> Result<Exit, Failure> {
    use crate::index::Stores as _;
    let stores = index::postgres::Postgres::open(url, Options::default())?;
    let done = match command {
        CollectionCommand::List { json } => {
            let mut out = io::stdout().lock();
            for name in stores.list()? {
                let store = stores.get(&name)?;
                line(&mut out, json, &name, store.settings(), store.counts()?.disk)?;
            }
            Ok(Exit::Done)
        }
        CollectionCommand::Compact { name } => {
            complain(&format!("{name}: {} bytes freed", stores.get(&name)?.compact()?));
            Ok(Exit::Done)
        }
        CollectionCommand::Export { name } => export(&*stores.get(&name)?),
        CollectionCommand::Import { name, input } => {
            if !stores.list()?.contains(&name) {
                stores.create(&name, &Settings { profile: config.profile().to_owned(), ..Settings::default() })?;
            }
            import(&*stores.get(&name)?, &input, config.record_bytes())
        }
        CollectionCommand::Verify { .. }
        | CollectionCommand::Repair { .. }
        | CollectionCommand::Rebuild { .. }
        | CollectionCommand::Backup { .. } => {
            let message = "collections are in a database (store), and this command looks after files: use the database's own tools, or unset TAOXI_STORE";
            Err(Failure(Fault::new(Code::Usage, message)))
        }
    };
    stores.close()?;
    done
}

#[cfg(not(feature = "postgres"))]
fn in_database(_: CollectionCommand, _: &str, _: &Config) -> Result<Exit, Failure> {
    let message = "`store` names a database, and this taoxi was built without the feature postgres";
    Err(Failure(Fault::new(Code::BadConfig, message)))
}

/// A line of the list.
fn line(out: &mut impl Write, json: bool, name: &str, settings: &Settings, bytes: u64) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::json!({"name": name, "settings": settings, "disk": bytes}));
    }
    writeln!(out, "{name:<32} {bytes:>14} bytes  profile {}, radius {}", settings.profile, settings.radius)
}

fn open(folder: &Path, name: &str) -> Result<Arc<Collection>, Failure> {
    let disk = Catalog::files(folder, name)?;
    let settings = Catalog::settings(folder, name)?;
    Ok(Arc::new(Collection::open(name, settings, Arc::new(disk), Options::default())?))
}

fn list(folder: &Path, json: bool) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for name in Catalog::names(folder)? {
        let settings = Catalog::settings(folder, &name)?;
        let disk = Catalog::files(folder, &name)?;
        let bytes = index::size(&disk)?;
        line(&mut out, json, &name, &settings, bytes)?;
    }
    Ok(Exit::Done)
}

fn verify(folder: &Path, mut names: Vec<String>) -> Result<Exit, Failure> {
    if names.is_empty() {
        names = Catalog::names(folder)?;
    }
    let mut out = io::stdout().lock();
    let mut exit = Exit::Done;
    for name in names {
        let report = index::verify(&Catalog::files(folder, &name)?)?;
        for damage in &report.damages {
            writeln!(out, "{}: byte {}: {}", damage.file, damage.offset, damage.what)?;
            exit = Exit::SomeFailed;
        }
        let torn =
            if report.torn > 0 { format!(", {} bytes of an unfinished write", report.torn) } else { String::new() };
        writeln!(
            out,
            "{name}: {} documents in {} files, {} bytes{torn}, {} damaged places",
            report.documents,
            report.files,
            report.bytes,
            report.damages.len()
        )?;
    }
    Ok(exit)
}

fn repair(folder: &Path, name: &str) -> Result<Exit, Failure> {
    let lock = Catalog::lock(folder)?;
    let disk = Catalog::files(folder, name)?;
    let report = index::repair(&disk)?;
    for damage in &report.damages {
        complain(&format!("{}: byte {}: {}", damage.file, damage.offset, damage.what));
    }
    let left = index::verify(&disk)?;
    drop(lock);
    let before =
        if report.damages.is_empty() { "nothing was damaged" } else { "what was there is kept as damaged-…" };
    complain(&format!("{name}: {} documents can be read; {before}", left.documents));
    Ok(if left.damages.is_empty() { Exit::Done } else { Exit::SomeFailed })
}

fn backup(folder: &Path, name: &str, out: &Path) -> Result<Exit, Failure> {
    let from = Catalog::files(folder, name)?;
    let settings = Catalog::settings(folder, name)?;
    Catalog::make(out, name, &settings)?;
    let to: Disk = Catalog::files(out, name)?;
    let bytes = index::backup(&from, &to)?;
    complain(&format!("{name}: {bytes} bytes copied to {}", to.place()));
    Ok(Exit::Done)
}

fn export(collection: &dyn Store) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut broken = None;
    let outcome = collection.each(&mut |document| {
        let written =
            serde_json::to_writer(&mut out, &document).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"));
        written.map_err(|error| {
            let stop = IndexError::Closed;
            broken = Some(error);
            stop
        })
    });
    if let Some(error) = broken {
        return Err(error.into());
    }
    outcome?;
    out.flush()?;
    Ok(Exit::Done)
}

fn import(collection: &dyn Store, input: &PathBuf, longest: u64) -> Result<Exit, Failure> {
    let source: Box<dyn io::Read> = if input.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let unreadable = |error| Failure(Fault::new(Code::Unreadable, format!("{}: {error}", input.display())));
        Box::new(File::open(input).map_err(unreadable)?)
    };
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    let (mut number, mut stored, mut failed) = (0_u64, 0_u64, 0_u64);
    let mut window: Vec<Commit> = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut source, longest + 1).read_until(b'\n', &mut line);
        let read =
            read.map_err(|error| Failure(Fault::new(Code::Unreadable, format!("{}: {error}", input.display()))))?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if read as u64 > longest {
            return Err(Failure(Fault::new(
                Code::TooLarge,
                format!("{}:{number}: longer than limits.record_bytes", input.display()),
            )));
        }
        match serde_json::from_slice::<StoredDocument>(&line) {
            Ok(document) => {
                window.push(collection.restore(document)?);
                stored += 1;
            }
            Err(error) => {
                complain(&format!(
                    "{}:{number}: not a document as taoxi collection export writes it: {error}",
                    input.display()
                ));
                failed += 1;
            }
        }
        if window.len() >= WINDOW {
            window.drain(..).try_for_each(Commit::wait)?;
        }
    }
    window.drain(..).try_for_each(Commit::wait)?;
    complain(&format!("{stored} documents stored, {failed} lines failed"));
    Ok(if failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

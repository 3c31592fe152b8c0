//! `taoxi compare`: the verdict on two documents.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::args::{CompareArgs, CompareFormat};
use super::exit::Exit;
use super::side_by_side::{self, Columns};
use super::{Failure, input, rules};
use crate::archive::{self, ReadOptions};
use crate::clean::{Cleaner, Edits, Options};
use crate::config::Config;
use crate::dedup::{Comparable, Keep, Kind, Relation, relate};
use crate::document::{Cleaned, Document};
use crate::error::{Code, Fault};

pub(super) fn run(args: &CompareArgs, config: &Config) -> Result<Exit, Failure> {
    let set = rules::load(None, config)?;
    let cleaner = Cleaner::new(set).with_limits(config.clean_limits());
    let options = Options { profile: Some(config.profile().to_owned()), edits: Edits::None, ..Options::default() };
    let wash = |path: &PathBuf, name: &str| -> Result<Cleaned, Failure> {
        let document = one(path, config)?;
        let washed = if args.no_clean { cleaner.read(document, &options) } else { cleaner.clean(document, &options) };
        washed.map_err(|error| {
            let fault = crate::error::fault(&error);
            Failure(Fault::new(fault.code, format!("{name} ({}): {}", path.display(), fault.message)))
        })
    };
    let (mut a, mut b) = (wash(&args.a, "a")?, wash(&args.b, "b")?);
    if a.id == b.id {
        "a".clone_into(&mut a.id);
        "b".clone_into(&mut b.id);
    }
    let date = |cleaned: &Cleaned| cleaned.meta.get("date").and_then(|date| date.as_str()).map(str::to_owned);
    let (a_date, b_date) = (date(&a), date(&b));
    let (x, y) = (Comparable::new(&a, a_date.as_deref(), 0), Comparable::new(&b, b_date.as_deref(), 1));
    let relation = relate(&x, &y, Keep::default());
    let mut out = io::stdout().lock();
    match args.format {
        CompareFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &relation).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        CompareFormat::Text => {
            // The relation may name the second document a: columns follow the relation.
            let (left, right) = if relation.a == a.id { (&a, &b) } else { (&b, &a) };
            writeln!(out, "{}", sentence(&relation))?;
            if relation.kind != Kind::None {
                writeln!(out)?;
                let columns = Columns { width: width(), colour: io::stdout().is_terminal() };
                side_by_side::write(
                    &mut out,
                    &columns,
                    (&left.id, &left.text),
                    (&right.id, &right.text),
                    &relation.passages,
                )?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The one document that a path holds.
fn one(path: &PathBuf, config: &Config) -> Result<Document, Failure> {
    let read = ReadOptions { limits: config.archive_limits(), ..ReadOptions::default() };
    let mut documents = archive::documents(input::inputs(std::slice::from_ref(path)), read);
    let usage = |message: &str| Failure(Fault::new(Code::Usage, format!("{}: {message}", path.display())));
    let document = documents.next().ok_or_else(|| usage("there is no document in it"))?;
    if documents.next().is_some() {
        return Err(usage("it holds more than one document; taoxi dedupe compares many"));
    }
    document.map_err(|record| Failure(record.error))
}

/// The verdict in a sentence.
fn sentence(relation: &Relation) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let (a, b) = (&relation.a, &relation.b);
    let verdict = match relation.kind {
        Kind::Exact => format!("{a} and {b} are the same text"),
        Kind::Near => format!("{a} and {b} are copies of one text"),
        Kind::Truncated => format!("{a} is a truncated copy of {b}"),
        Kind::Part => format!("{a} is a part of {b}"),
        Kind::Overlap => format!("{a} and {b} overlap"),
        Kind::Template => format!("{a} and {b} are one form filled in twice"),
        Kind::None => format!("{a} and {b} are not related"),
    };
    let spun = if relation.suspicion.is_some() { "; the text looks rewritten word by word" } else { "" };
    let names = |text: &str| -> String {
        let word = |word: &str| match word {
            "a" => a.clone(),
            "b" => b.clone(),
            "a," => format!("{a},"),
            "b;" => format!("{b};"),
            other => other.to_owned(),
        };
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let kept = match relation.keep {
        Some(crate::dedup::Side::A) => format!("keep {a}: {}", names(&relation.why.text)),
        Some(crate::dedup::Side::B) => format!("keep {b}: {}", names(&relation.why.text)),
        None => names(&relation.why.text),
    };
    format!(
        "{}: {verdict}: {} of {a} stands in {b}, {} of {b} in {a}{spun}.\n{kept}.\nSimhash distance {}, {} shared passages.",
        relation.kind.as_str(),
        percent(relation.a_in_b),
        percent(relation.b_in_a),
        relation.simhash_distance,
        relation.passages.len(),
    )
}

/// Columns of the terminal, or 100.
fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked.unwrap_or(100).clamp(40, 240)
}

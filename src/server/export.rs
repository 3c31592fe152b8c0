//! The documents of a collection as a file that an archive job is compared with.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::error::{Code, Fault, fault};
use crate::index::{IndexError, Stores};
use crate::jobs::Export;

/// A document as archives hold it.
#[derive(Serialize)]
struct Line<'d> {
    id: &'d str,
    url: Option<&'d str>,
    date: Option<&'d str>,
    text: &'d str,
}

/// What writes collections for jobs.
pub(super) fn of(index: Arc<dyn Stores>) -> Export {
    Box::new(move |name: &str, path: &Path, stop: &AtomicBool| write(&*index, name, path, stop))
}

fn write(index: &dyn Stores, name: &str, path: &Path, stop: &AtomicBool) -> Result<(), Fault> {
    let unwritable =
        |error: &dyn std::fmt::Display| Fault::new(Code::Unwritable, format!("{}: {error}", path.display()));
    let mut out = BufWriter::new(File::create(path).map_err(|error| unwritable(&error))?);
    let mut broken = None;
    let outcome = index.get(name).and_then(|collection| {
        collection.each(&mut |document| {
            if stop.load(Ordering::Relaxed) {
                return Err(IndexError::Closed);
            }
            let line = Line {
                id: &document.id,
                url: document.url.as_deref(),
                date: document.date.as_deref(),
                text: &document.text,
            };
            let written = serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from);
            written.and_then(|()| out.write_all(b"\n")).map_err(|error| {
                broken = Some(unwritable(&error));
                IndexError::Closed
            })
        })
    });
    if let Some(broken) = broken {
        return Err(broken);
    }
    outcome.map_err(|error| fault(&error))?;
    out.flush().map_err(|error| unwritable(&error))
}

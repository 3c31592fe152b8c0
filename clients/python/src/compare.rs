//! What is remembered of a text, and how two are related.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use taoxi::dedup::{Comparable, Fingerprint, relate};
use taoxi::document::{Cleaned, Document};

use crate::cleaner::Cleaner;
use crate::faults::OrRaise;
use crate::given::{Given, keep};

/// The name of a document that has none.
const NAMELESS: &str = "-";

/// Digest of the text, digest of its units, simhash, winnow hashes, units, weight, placeholders.
type Print = (String, String, u64, Vec<u64>, u32, u64, u32);

/// The fingerprint of a cleaned text.
#[pyfunction]
pub fn fingerprint(py: Python<'_>, text: PyBackedStr) -> Print {
    py.detach(|| {
        let print = Fingerprint::of(&text);
        let digest = |digest: u128| format!("{digest:032x}");
        let Fingerprint { text, units, simhash, winnow, count, weight, placeholders } = print;
        (digest(text), digest(units), simhash, winnow, count, weight, placeholders)
    })
}

/// The relation of two documents, as JSON.
#[pyfunction]
#[pyo3(signature = (cleaner, a, b, keep="longest", wash=true))]
pub fn compare(
    py: Python<'_>,
    cleaner: PyRef<'_, Cleaner>,
    a: Given,
    b: Given,
    keep: &str,
    wash: bool,
) -> PyResult<String> {
    let keep = self::keep(keep)?;
    let (mut a, mut b) = (a.document()?, b.document()?);
    let same = a.id == b.id;
    for (document, name) in [(&mut a, "a"), (&mut b, "b")] {
        if same || document.id == NAMELESS {
            name.clone_into(&mut document.id);
        }
    }
    let cleaner = &*cleaner;
    py.detach(|| {
        let washed = |document: Document| -> PyResult<(Cleaned, Option<String>)> {
            let date = document.date.clone();
            Ok((cleaner.washed(document, wash).or_raise()?, date))
        };
        let ((a, a_date), (b, b_date)) = (washed(a)?, washed(b)?);
        let relation =
            relate(&Comparable::new(&a, a_date.as_deref(), 0), &Comparable::new(&b, b_date.as_deref(), 1), keep);
        Ok(serde_json::to_string(&relation).unwrap_or_default())
    })
}

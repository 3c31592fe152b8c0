//! taoxi for Python: the native half of the package `taoxi`.
//!
//! Records cross as JSON text, the same bytes that the command line writes; the Python half makes dataclasses of them. Tables cross by
//! Arrow's C interface. Whatever takes longer than a moment gives Python's lock away.
//!
//! | file | what it gives to Python |
//! |---|---|
//! | `faults` | errors as `taoxi.TaoxiError` |
//! | `given` | documents and options as Python gives them |
//! | `cleaner` | `Cleaner`: documents washed, one, many or from files |
//! | `lines` | records that are made on other threads, one after the other |
//! | `compare` | fingerprints and relations |
//! | `dedupe` | runs over files |
//! | `collection` | a collection on disk |
//! | `spark` | what tasks on a cluster do to their rows |
//! | `table`, `capsule` | columns of Arrow tables |
//! | `json` | Python values written as taoxi writes JSON |

mod capsule;
mod cleaner;
mod collection;
mod compare;
mod dedupe;
mod faults;
mod given;
mod json;
mod lines;
mod spark;
mod table;

use pyo3::prelude::*;

/// The native module.
#[pymodule]
#[pyo3(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add("FINGERPRINT_VERSION", taoxi::dedup::FINGERPRINT_VERSION)?;
    module.add("NORMALISER_VERSION", taoxi::clean::NORMALISER_VERSION)?;
    module.add_class::<cleaner::Cleaner>()?;
    module.add_class::<collection::Collection>()?;
    module.add_class::<lines::Lines>()?;
    module.add_class::<table::Table>()?;
    module.add_function(wrap_pyfunction!(compare::fingerprint, module)?)?;
    module.add_function(wrap_pyfunction!(compare::compare, module)?)?;
    module.add_function(wrap_pyfunction!(dedupe::dedupe, module)?)?;
    module.add_class::<spark::Stage>()?;
    module.add_function(wrap_pyfunction!(spark::stage, module)?)?;
    module.add_function(wrap_pyfunction!(spark::columns, module)?)?;
    module.add_function(wrap_pyfunction!(spark::driver::files, module)?)?;
    module.add_function(wrap_pyfunction!(spark::driver::repeated, module)?)?;
    module.add_function(wrap_pyfunction!(spark::driver::summary, module)?)?;
    module.add("HOT", taoxi::batch::decide::HOT)?;
    module.add("NEAREST", taoxi::batch::decide::NEAREST)?;
    module.add("KINDS", taoxi::dedup::Kind::ALL.map(taoxi::dedup::Kind::as_str))?;
    module.add("TINY_WEIGHT", taoxi::dedup::thresholds::TINY_WEIGHT)?;
    module.add_function(wrap_pyfunction!(json::dumps, module)?)?;
    module.add_function(wrap_pyfunction!(faults::hint, module)?)?;
    Ok(())
}

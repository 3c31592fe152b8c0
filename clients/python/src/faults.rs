//! Errors of all rooms as the one exception of the package.

use pyo3::prelude::*;
use taoxi::error::{Code, Coded, Fault, fault};

/// A result whose error becomes `taoxi.TaoxiError`.
pub trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T, E: Coded> OrRaise<T> for Result<T, E> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|error| raised(&fault(&error)))
    }
}

/// The exception of a fault.
pub fn raised(fault: &Fault) -> PyErr {
    Python::attach(|py| {
        let made = py
            .import("taoxi.errors")
            .and_then(|module| module.getattr("TaoxiError"))
            .and_then(|class| class.call1((fault.code.as_str(), &fault.message)));
        made.map_or_else(|error| error, PyErr::from_value)
    })
}

/// The exception of arguments that do not fit.
pub fn usage(message: impl Into<String>) -> PyErr {
    raised(&Fault::new(Code::Usage, message))
}

/// What to do about an error of a code; none for a code that is not known here.
#[pyfunction]
pub fn hint(code: &str) -> Option<&'static str> {
    Code::ALL.iter().find(|known| known.as_str() == code).map(|known| known.hint())
}

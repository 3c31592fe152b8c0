//! Python values written as taoxi writes JSON, so that a record read and written again is the same bytes.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use crate::faults::usage;

/// How deep values may be nested.
const DEPTH: usize = 256;

/// A value of dicts, lists, strings, numbers, booleans and `None` as JSON.
#[pyfunction]
pub fn dumps(value: &Bound<'_, PyAny>) -> PyResult<String> {
    serde_json::to_string(&read(value, 0)?).map_err(|error| usage(error.to_string()))
}

fn read(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEPTH {
        return Err(usage(format!("a value is nested deeper than {DEPTH}")));
    }
    if value.is_none() {
        Ok(Value::Null)
    } else if let Ok(text) = value.cast::<PyString>() {
        Ok(Value::String(text.extract::<PyBackedStr>()?.to_string()))
    } else if value.is_instance_of::<PyBool>() {
        Ok(Value::Bool(value.extract()?))
    } else if value.is_instance_of::<PyInt>() {
        integer(value)
    } else if value.is_instance_of::<PyFloat>() {
        let number: f64 = value.extract()?;
        Number::from_f64(number).map(Value::Number).ok_or_else(|| usage(format!("{number} is no number of JSON")))
    } else if let Ok(map) = value.cast::<PyDict>() {
        let mut out = Map::with_capacity(map.len());
        for (key, value) in map.iter() {
            out.insert(key.extract::<PyBackedStr>()?.to_string(), read(&value, depth + 1)?);
        }
        Ok(Value::Object(out))
    } else if let Ok(list) = value.cast::<PyList>() {
        list.iter().map(|item| read(&item, depth + 1)).collect()
    } else if let Ok(list) = value.cast::<PyTuple>() {
        list.iter().map(|item| read(&item, depth + 1)).collect()
    } else {
        Err(usage(format!("a value of the type {} has no form in JSON", value.get_type().name()?)))
    }
}

fn integer(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(number) = value.extract::<i64>() {
        return Ok(number.into());
    }
    value.extract::<u64>().map(Value::from).map_err(|_| usage("an integer has more than 64 bits; write it as a string"))
}

//! Tables from and to Python by Arrow's `PyCapsule` interface: <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>.
//!
//! The one place where pointers are followed. A capsule says by its name what it points to, and the interface demands that this is an
//! initialised structure of that kind; `pointer_checked` refuses every other name. The structure is moved out, and an empty one is left in its place, as
//! the interface demands of whoever imports: so it is released once, by us, and the capsule finds nothing left to release.
#![allow(unsafe_code, reason = "the C interface is made of pointers; each block says why its pointer holds")]

use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, from_ffi};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use arrow_schema::ArrowError;
use arrow_schema::ffi::FFI_ArrowSchema;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::faults::usage;

/// A source of record batches.
pub type Batches = Box<dyn RecordBatchReader + Send>;

/// The batches of a table of any library: an object with `__arrow_c_stream__`, or a record batch with `__arrow_c_array__`.
pub fn batches(table: &Bound<'_, PyAny>) -> PyResult<Batches> {
    if table.hasattr("__arrow_c_stream__")? {
        let capsule = table.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?.cast::<FFI_ArrowArrayStream>();
        // SAFETY: the name says that the capsule holds an initialised ArrowArrayStream; nobody else has it, since the call above made it.
        let reader = unsafe { RecordBatchStreamReader::from_raw(stream.as_ptr()) };
        return Ok(Box::new(reader.map_err(|error| unusable(&error))?));
    }
    if table.hasattr("__arrow_c_array__")? {
        let pair = table.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = pair.extract()?;
        return one_batch(&schema, &array);
    }
    Err(usage("a table of pyarrow, pandas or polars is wanted: an object with __arrow_c_stream__"))
}

fn one_batch(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<Batches> {
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: the names say what the capsules hold, both initialised and ours alone; they outlive this call, and both structures are moved
    // out of them, which leaves empty ones behind. `from_ffi` is given an array with the schema that came with it.
    let data = unsafe {
        let (schema, array) = (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr()));
        from_ffi(array, &schema)
    };
    let data = data.map_err(|error| unusable(&error))?;
    if !matches!(data.data_type(), arrow_schema::DataType::Struct(_)) {
        return Err(usage("a table is wanted, and this is one array: put it into a record batch"));
    }
    let batch = RecordBatch::from(StructArray::from(data));
    let schema = batch.schema();
    Ok(Box::new(RecordBatchIterator::new([Ok::<_, ArrowError>(batch)], schema)))
}

fn unusable(error: &ArrowError) -> PyErr {
    usage(format!("the table cannot be read: {error}"))
}

/// A capsule that gives batches to whoever takes it.
pub fn export(py: Python<'_>, batches: Batches) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(batches), c"arrow_array_stream")
}

/// A capsule that tells what columns there are.
pub fn schema<'py>(py: Python<'py>, schema: &Arc<arrow_schema::Schema>) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema.as_ref()).map_err(|error| unusable(&error))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

//! `taoxi.toml`: its tables flattened to the names of settings, each value with its line and column.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigFault;
use super::kind::Raw;
use super::settings::SETTINGS;
use super::sources::{Given, Origin, nearest_setting};

/// Reads a file: values of settings, and faults, both in the order of the file.
pub(super) fn read(path: &Path, bytes: &[u8]) -> (Vec<Given>, Vec<ConfigFault>) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let before = String::from_utf8_lossy(&bytes[..at]);
            let message = format!("not UTF-8: the byte {:#04x} is wrong here", bytes[at]);
            return (Vec::new(), vec![ConfigFault::new(origin(path, &before, at).place(), message)]);
        }
    };
    let mut reader = Reader { path, text, given: Vec::new(), faults: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.table("", table.get_ref()),
        Err(error) => {
            let message = error.message().lines().next().unwrap_or("a fault");
            reader.fault(&error.span().unwrap_or(0..0), ConfigFault::new("", format!("not TOML: {message}")));
        }
    }
    // The parser sorts keys by name.
    reader.faults.sort_by_key(|(at, _)| *at);
    reader.given.sort_by_key(|(at, _)| *at);
    let given = reader.given.into_iter().map(|(_, given)| given).collect();
    (given, reader.faults.into_iter().map(|(_, fault)| fault).collect())
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    given: Vec<(usize, Given)>,
    faults: Vec<(usize, ConfigFault)>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let inner = format!("{name}.");
            let is_table = SETTINGS.iter().any(|setting| setting.name.starts_with(&inner));
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
                let raw = self.raw(value);
                let span = if matches!(raw, Raw::Other(_)) { key.span() } else { value.span() };
                let origin = origin(self.path, self.text, span.start);
                self.given.push((span.start, Given { name: setting.name, raw, origin }));
            } else if let DeValue::Table(table) = value.get_ref()
                && (is_table || !table.is_empty())
            {
                self.table(&inner, table);
            } else if is_table {
                let message = format!("`{name}` must be a table, not {}", self.raw(value).show());
                self.fault(&value.span(), ConfigFault::new("", message));
            } else {
                self.fault(&key.span(), ConfigFault::unknown("", &name, nearest_setting(&name)));
            }
        }
    }

    fn raw(&self, value: &Spanned<DeValue<'_>>) -> Raw {
        match value.get_ref() {
            DeValue::String(text) => Raw::Text(text.to_string(), self.path.parent().unwrap_or(Path::new("")).to_owned()),
            DeValue::Integer(number) => {
                let written = self.text.get(value.span()).unwrap_or("a whole number").to_owned();
                Raw::Whole(written, u64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            DeValue::Float(_) => Raw::Other("a number with a point"),
            DeValue::Boolean(_) => Raw::Other("a truth value"),
            DeValue::Datetime(_) => Raw::Other("a date"),
            DeValue::Array(_) => Raw::Other("a list"),
            DeValue::Table(_) => Raw::Other("a table"),
        }
    }

    fn fault(&mut self, span: &Range<usize>, fault: ConfigFault) {
        let place = origin(self.path, self.text, span.start).place();
        self.faults.push((span.start, ConfigFault { place, ..fault }));
    }
}

/// The line and column of a byte.
fn origin(path: &Path, text: &str, at: usize) -> Origin {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    Origin::File { path: path.to_owned(), line, column: before[line_start..].chars().count() + 1 }
}

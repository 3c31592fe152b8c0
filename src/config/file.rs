//! `taoxi.toml`: its tables flattened to the names of settings, each value with its line and column.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigFault;
use super::kind::Raw;
use super::settings::SETTINGS;
use super::sources::{Given, Origin, nearest_setting};

/// Reads a file: values of settings, and faults, in no special order.
pub(super) fn read(path: &Path, bytes: &[u8]) -> (Vec<Given>, Vec<ConfigFault>) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let before = String::from_utf8_lossy(&bytes[..at]);
            let message = format!("not UTF-8: the byte {:#04x} is wrong here", bytes[at]);
            return (Vec::new(), vec![ConfigFault::new(origin(path, &before, before.len()), message)]);
        }
    };
    let mut reader = Reader { path, text, given: Vec::new(), faults: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.table("", table.get_ref()),
        Err(error) => {
            let message = error.message().lines().next().unwrap_or("a fault");
            let origin = reader.origin(&error.span().unwrap_or(0..0));
            reader.faults.push(ConfigFault::new(origin, format!("not TOML: {message}")));
        }
    }
    (reader.given, reader.faults)
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    given: Vec<Given>,
    faults: Vec<ConfigFault>,
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
                let origin = self.origin(&span);
                self.given.push(Given { name: setting.name, raw, origin });
            } else if let DeValue::Table(table) = value.get_ref()
                && (is_table || !table.is_empty())
            {
                self.table(&inner, table);
            } else if is_table {
                let message = format!("`{name}` must be a table, not {}", self.raw(value).show());
                self.faults.push(ConfigFault::new(self.origin(&value.span()), message));
            } else {
                self.faults.push(ConfigFault::unknown(self.origin(&key.span()), &name, nearest_setting(&name)));
            }
        }
    }

    fn raw(&self, value: &Spanned<DeValue<'_>>) -> Raw {
        match value.get_ref() {
            DeValue::String(text) => {
                Raw::Text(text.to_string(), self.path.parent().unwrap_or(Path::new("")).to_owned())
            }
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

    fn origin(&self, span: &Range<usize>) -> Origin {
        origin(self.path, self.text, span.start)
    }
}

/// The line and column of a byte.
fn origin(path: &Path, text: &str, at: usize) -> Origin {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    Origin::File { path: path.to_owned(), line, column: before[line_start..].chars().count() + 1 }
}

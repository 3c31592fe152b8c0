//! Reading TOML tables with errors that say file, line and column, show the line, and suggest the key that was meant.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A fault in a rule file or profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
    excerpt: String,
    width: usize,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.excerpt.is_empty() {
            let number = self.line.to_string();
            let pad = " ".repeat(number.len());
            // Wide characters take two columns in a terminal: the caret stands under what it means.
            let lead: usize = self.excerpt.chars().take(self.column - 1).map(columns).sum();
            let under: usize = self.excerpt.chars().skip(self.column - 1).take(self.width).map(columns).sum();
            write!(f, "\n  {number} | {}\n  {pad} | {}{}", self.excerpt, " ".repeat(lead), "^".repeat(under.max(1)))?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "\n  did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleError {}

fn columns(c: char) -> usize {
    if c >= '\u{1100}' { 2 } else { 1 }
}

/// A source with its name, and the faults found so far.
pub(super) struct Reader<'s> {
    file: &'s str,
    source: &'s str,
    errors: RefCell<Vec<RuleError>>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(file: &'s str, source: &'s str) -> Self {
        Self { file, source, errors: RefCell::default() }
    }

    /// Parses the source; a syntax fault is recorded.
    pub(super) fn document(&self) -> Option<Table<'_, 's>> {
        match DeTable::parse(self.source) {
            Ok(table) => {
                let span = table.span();
                Some(Table {
                    reader: self,
                    what: "the file".to_owned(),
                    span,
                    entries: table.into_inner(),
                    taken: RefCell::default(),
                })
            }
            Err(error) => {
                let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
                self.error(error.span().unwrap_or(0..0), format!("not TOML: {message}"), None);
                None
            }
        }
    }

    /// Records a fault at a byte range of the source.
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>, suggestion: Option<String>) {
        let start = span.start.min(self.source.len());
        let line_start = self.source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.source[start..].find('\n').map_or(self.source.len(), |at| start + at);
        let end = span.end.clamp(start, line_end);
        let excerpt: String =
            self.source[line_start..line_end].chars().take(200).map(|c| if c == '\t' { ' ' } else { c }).collect();
        self.errors.borrow_mut().push(RuleError {
            file: self.file.to_owned(),
            line: self.source[..start].matches('\n').count() + 1,
            column: self.source[line_start..start].chars().count() + 1,
            message: message.into(),
            suggestion,
            excerpt: excerpt.trim_end().to_owned(),
            width: self.source[start..end].chars().count().clamp(1, 60),
        });
    }

    pub(super) fn into_errors(self) -> Vec<RuleError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| (error.line, error.column));
        errors
    }
}

/// A string with its place, or a table.
pub(super) enum Item<'r, 's> {
    Text(String, Range<usize>),
    Table(Table<'r, 's>),
}

/// A table being read: keys are taken one by one, and what is left in the end is unknown.
pub(super) struct Table<'r, 's> {
    reader: &'r Reader<'s>,
    what: String,
    span: Range<usize>,
    entries: DeTable<'s>,
    taken: RefCell<Vec<&'static str>>,
}

impl<'r, 's> Table<'r, 's> {
    /// Where the table stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Records a fault of the table as a whole.
    pub(super) fn fault(&self, message: impl Into<String>) {
        // A table's span may cover many lines: its head is enough.
        self.reader.error(self.span.start..self.span.start + 1, message, None);
    }

    /// Records a fault at a span.
    pub(super) fn fault_at(&self, span: Range<usize>, message: impl Into<String>, suggestion: Option<String>) {
        self.reader.error(span, message, suggestion);
    }

    fn take(&self, key: &'static str) -> Option<&Spanned<DeValue<'s>>> {
        self.taken.borrow_mut().push(key);
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Whether a key is there, without taking it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    fn wrong(&self, value: &Spanned<DeValue<'s>>, key: &str, wanted: &str) {
        self.reader.error(value.span(), format!("`{key}` must be {wanted}, not {}", kind_of(value.get_ref())), None);
    }

    /// A string with its place.
    pub(super) fn text_at(&self, key: &'static str) -> Option<(String, Range<usize>)> {
        let value = self.take(key)?;
        if let DeValue::String(text) = value.get_ref() {
            return Some((text.to_string(), value.span()));
        }
        self.wrong(value, key, "a string");
        None
    }

    /// A string.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.text_at(key).map(|(text, _)| text)
    }

    /// A string that must be there.
    pub(super) fn required(&self, key: &'static str) -> String {
        if !self.has(key) {
            self.fault(format!("{} needs `{key}`", self.what));
        }
        self.text(key).unwrap_or_default()
    }

    /// A truth value.
    pub(super) fn bool(&self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        self.wrong(value, key, "true or false");
        None
    }

    /// A whole number.
    pub(super) fn count(&self, key: &'static str) -> Option<usize> {
        let value = self.take(key)?;
        if let DeValue::Integer(number) = value.get_ref()
            && let Ok(number) = usize::from_str_radix(number.as_str(), number.radix())
        {
            return Some(number);
        }
        self.wrong(value, key, "a whole number");
        None
    }

    /// One string or a list of strings, each with its place.
    pub(super) fn texts(&self, key: &'static str) -> Vec<(String, Range<usize>)> {
        let Some(value) = self.take(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::String(text) => vec![(text.to_string(), value.span())],
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| {
                    if let DeValue::String(text) = item.get_ref() {
                        return Some((text.to_string(), item.span()));
                    }
                    self.wrong(item, key, "a list of strings");
                    None
                })
                .collect(),
            _ => {
                self.wrong(value, key, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    /// One string or table, or a list of them.
    pub(super) fn items(&self, key: &'static str, what: &str) -> Vec<Item<'r, 's>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let items = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let read = |item: &Spanned<DeValue<'s>>| match item.get_ref() {
            DeValue::String(text) => Some(Item::Text(text.to_string(), item.span())),
            DeValue::Table(table) => Some(Item::Table(self.child(table.clone(), item.span(), what.to_owned()))),
            _ => {
                self.wrong(item, key, "a string, a table such as { xpath = \"//p\" }, or a list of these");
                None
            }
        };
        items.into_iter().filter_map(read).collect()
    }

    /// A table under a key.
    pub(super) fn table(&self, key: &'static str, what: &str) -> Option<Table<'r, 's>> {
        let value = self.take(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some(self.child(table.clone(), value.span(), what.to_owned()));
        }
        self.wrong(value, key, "a table");
        None
    }

    /// Every key with its list of strings: a table whose keys are names.
    pub(super) fn named_lists(&self) -> Vec<(String, Vec<String>)> {
        let mut lists = Vec::new();
        for (name, value) in &self.entries {
            let DeValue::Array(items) = value.get_ref() else {
                self.wrong(value, name.get_ref(), "a list of strings");
                continue;
            };
            let strings = items.iter().filter_map(|item| {
                if let DeValue::String(text) = item.get_ref() {
                    Some(text.to_string())
                } else {
                    self.wrong(item, name.get_ref(), "a list of strings");
                    None
                }
            });
            lists.push((name.get_ref().to_string(), strings.collect()));
        }
        lists
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables(&self, key: &'static str, what: &str) -> Vec<Table<'r, 's>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, key, "a list of tables");
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| {
                if let DeValue::Table(table) = item.get_ref() {
                    return Some(self.child(table.clone(), item.span(), what.to_owned()));
                }
                self.wrong(item, key, "a list of tables");
                None
            })
            .collect()
    }

    fn child(&self, table: DeTable<'s>, span: Range<usize>, what: String) -> Table<'r, 's> {
        Table { reader: self.reader, what, span, entries: table, taken: RefCell::default() }
    }

    /// Records every key that was not taken as unknown.
    pub(super) fn finish(self) {
        let taken = self.taken.into_inner();
        for (name, _) in self.entries.iter().filter(|(name, _)| !taken.contains(&name.get_ref().as_ref())) {
            let key = name.get_ref();
            let message = format!("unknown key `{key}` in {}", self.what);
            self.reader.error(name.span(), message, nearest(key, &taken));
        }
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The nearest of some words, if one is near enough to have been meant.
pub(super) fn nearest(word: &str, words: &[&str]) -> Option<String> {
    words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), *known))
        .filter(|&(distance, known)| distance <= known.chars().count().max(3) / 3 + 1)
        .min()
        .map(|(_, known)| known.to_owned())
}

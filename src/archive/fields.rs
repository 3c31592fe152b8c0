//! The names of a record's fields, as `--fields id=…,text=…` renames them.

use crate::error::{Code, Coded};

/// Which field of a record is what. Only fields of the record itself, not of objects in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The field of the id; `id` by default.
    pub id: String,
    /// The field of the URL; `url` by default.
    pub url: String,
    /// The field of the date; `date` by default.
    pub date: String,
    /// The field of plain text; `text` by default.
    pub text: String,
    /// The field of HTML; `html` by default.
    pub html: String,
}

/// Why a `--fields` argument cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// Not `name=field`.
    #[error("--fields: `{0}` is not of the form name=field, such as text=content")]
    Form(String),
    /// A name that is none of the five.
    #[error("--fields: there is no `{name}`, only id, url, date, text and html{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        /// The name as given.
        name: String,
        /// The nearest of the five.
        suggestion: Option<&'static str>,
    },
    /// A name given twice.
    #[error("--fields: `{0}` is given twice")]
    Twice(&'static str),
    /// Two names for one field.
    #[error("--fields: `{first}` and `{second}` are both the field `{field}`")]
    Shared {
        /// One name.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// The field of both.
        field: String,
    },
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Coded for FieldsError {
    fn code(&self) -> Code {
        Code::Usage
    }
}

const NAMES: [&str; 5] = ["id", "url", "date", "text", "html"];

impl Default for Fields {
    fn default() -> Self {
        let [id, url, date, text, html] = NAMES.map(str::to_owned);
        Self { id, url, date, text, html }
    }
}

impl Fields {
    /// Reads `id=doc_id,text=content`. What is not named keeps its default. A field's name cannot hold a comma.
    pub fn parse(argument: &str) -> Result<Self, FieldsError> {
        let mut given: [Option<String>; 5] = Default::default();
        for pair in argument.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((name, field)) = pair.split_once('=').map(|(name, field)| (name.trim(), field.trim())) else {
                return Err(FieldsError::Form(pair.to_owned()));
            };
            if field.is_empty() {
                return Err(FieldsError::Form(pair.to_owned()));
            }
            let Some(at) = NAMES.iter().position(|known| *known == name) else {
                return Err(FieldsError::Unknown { name: name.to_owned(), suggestion: nearest(name) });
            };
            if given[at].replace(field.to_owned()).is_some() {
                return Err(FieldsError::Twice(NAMES[at]));
            }
        }
        Self::checked(given)
    }

    fn checked(given: [Option<String>; 5]) -> Result<Self, FieldsError> {
        let explicit: Vec<bool> = given.iter().map(Option::is_some).collect();
        let mut at = 0;
        let fields = given.map(|field| {
            at += 1;
            field.unwrap_or_else(|| NAMES[at - 1].to_owned())
        });
        for second in 0..NAMES.len() {
            for first in 0..second {
                if fields[first] == fields[second] && (explicit[first] || explicit[second]) {
                    let field = fields[first].clone();
                    return Err(FieldsError::Shared { first: NAMES[first], second: NAMES[second], field });
                }
            }
        }
        let [id, url, date, text, html] = fields;
        Ok(Self { id, url, date, text, html })
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    let near = |known: &&str| strsim::osa_distance(&name.to_lowercase(), known);
    NAMES.into_iter().min_by_key(near).filter(|known| near(known) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_fields_are_renamed_and_others_keep_their_names() {
        let fields = Fields::parse("id=doc_id, text = content").unwrap();
        assert_eq!(fields, Fields { id: "doc_id".to_owned(), text: "content".to_owned(), ..Fields::default() });
        assert_eq!(Fields::parse("").unwrap(), Fields::default());
        assert_eq!(Fields::parse("text=a=b").unwrap().text, "a=b");
    }

    #[test]
    fn faults_are_named_and_near_names_suggested() {
        for (argument, message) in [
            ("txt=content", "--fields: there is no `txt`, only id, url, date, text and html; did you mean `text`?"),
            ("identifier=x", "--fields: there is no `identifier`, only id, url, date, text and html"),
            ("text", "--fields: `text` is not of the form name=field, such as text=content"),
            ("text=", "--fields: `text=` is not of the form name=field, such as text=content"),
            ("id=a,id=b", "--fields: `id` is given twice"),
            ("text=body,html=body", "--fields: `text` and `html` are both the field `body`"),
            ("id=url", "--fields: `id` and `url` are both the field `url`"),
        ] {
            assert_eq!(Fields::parse(argument).unwrap_err().to_string(), message);
        }
    }
}

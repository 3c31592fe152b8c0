//! Which columns of a table are what.

use ::parquet::basic::Type;
use ::parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::super::Fields;
use super::super::error::ArchiveError;
use super::super::record::shorten;

/// Most columns that a message lists.
const LISTED: usize = 30;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Url,
    Date,
    Text,
    Html,
    Meta,
}

/// A column that is read.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub role: Role,
    pub name: String,
    /// Its place among all leaf columns of the table.
    pub index: usize,
    pub descriptor: ColumnDescPtr,
}

/// The columns to be read: those that fields name, and other plain ones. Lists, structures and fixed-length bytes are no plain
/// columns and are left out.
pub(super) fn choose(schema: &SchemaDescriptor, fields: &Fields, place: &str) -> Result<Vec<Column>, ArchiveError> {
    let columns: Vec<Column> = schema
        .columns()
        .iter()
        .enumerate()
        .filter(|(_, descriptor)| is_plain(descriptor))
        .map(|(index, descriptor)| Column {
            role: role(descriptor.name(), fields),
            name: descriptor.name().to_owned(),
            index,
            descriptor: descriptor.clone(),
        })
        .collect();
    let fault = |message: String| ArchiveError::Columns { place: place.to_owned(), message };
    for column in &columns {
        let kind = column.descriptor.physical_type();
        let fits = match column.role {
            Role::Meta => true,
            Role::Text | Role::Html | Role::Url => kind == Type::BYTE_ARRAY,
            Role::Id => matches!(kind, Type::BYTE_ARRAY | Type::INT32 | Type::INT64),
            Role::Date => kind != Type::BOOLEAN,
        };
        if !fits {
            let name = shorten(&column.name);
            return Err(fault(format!("the column `{name}` is {}, not of strings", describe(&column.descriptor))));
        }
    }
    if !columns.iter().any(|column| matches!(column.role, Role::Text | Role::Html)) {
        return Err(fault(format!(
            "there is no column `{}` or `{}` of strings, only {}; name the column of texts with --fields text=…",
            fields.text,
            fields.html,
            list(schema)
        )));
    }
    Ok(columns)
}

fn role(name: &str, fields: &Fields) -> Role {
    let roles = [
        (&fields.id, Role::Id),
        (&fields.url, Role::Url),
        (&fields.date, Role::Date),
        (&fields.text, Role::Text),
        (&fields.html, Role::Html),
    ];
    roles.iter().find(|(field, _)| *field == name).map_or(Role::Meta, |(_, role)| *role)
}

fn is_plain(descriptor: &ColumnDescPtr) -> bool {
    descriptor.max_rep_level() == 0
        && descriptor.path().parts().len() == 1
        && descriptor.physical_type() != Type::FIXED_LEN_BYTE_ARRAY
}

fn list(schema: &SchemaDescriptor) -> String {
    let all = schema.columns();
    let mut names: Vec<String> = all
        .iter()
        .take(LISTED)
        .map(|column| format!("`{}` ({})", shorten(&column.path().string()), describe(column)))
        .collect();
    if all.len() > LISTED {
        names.push(format!("{} more", all.len() - LISTED));
    }
    if names.is_empty() { "none at all".to_owned() } else { names.join(", ") }
}

fn describe(descriptor: &ColumnDescPtr) -> &'static str {
    match descriptor.physical_type() {
        _ if descriptor.max_rep_level() > 0 => "a list",
        Type::BOOLEAN => "truth values",
        Type::INT32 | Type::INT64 => "whole numbers",
        Type::INT96 => "time stamps",
        Type::FLOAT | Type::DOUBLE => "numbers",
        Type::BYTE_ARRAY => "strings",
        Type::FIXED_LEN_BYTE_ARRAY => "bytes of a fixed length",
    }
}

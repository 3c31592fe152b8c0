//! The files of inputs, to be read one by one wherever there is room for the work.

use std::path::PathBuf;
use std::{fs, iter};

use super::documents::{STDIN_ID, STDIN_PLACE};
use super::error::ArchiveError;
use super::input::{self, Input};
use super::record::shorten;
use super::walk::{Found, Walk};
use crate::document::ErrorRecord;

/// What becomes of a document, standing at a place, whose id was there before.
pub(super) fn repeated(place: String, id: String) -> ErrorRecord {
    ArchiveError::RepeatedId { place, id: shorten(&id) }.record(id)
}

/// The files of all inputs, in order. See [`super::files`].
pub(super) fn files(inputs: Vec<Input>, skip: &[PathBuf]) -> impl Iterator<Item = Result<Found, ErrorRecord>> + use<> {
    let skip: Vec<PathBuf> = skip.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    inputs.into_iter().flat_map(move |input| -> Box<dyn Iterator<Item = Result<Found, ErrorRecord>>> {
        let Input::Path(path) = input else {
            let reason = "it can be read once only; give a file".to_owned();
            let error = ArchiveError::Refused { place: STDIN_PLACE.to_owned(), reason };
            return Box::new(iter::once(Err(error.record(STDIN_ID))));
        };
        if path.is_dir() {
            let mut walk = Walk::new(path, skip.clone());
            return Box::new(iter::from_fn(move || walk.next()));
        }
        let id = input::id_of_file(&path);
        Box::new(iter::once(Ok(Found { path, id })))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::archive::{Documents, IdDup, ReadOptions};
    use crate::document::Document;

    #[test]
    fn files_read_one_by_one_give_what_reading_their_inputs_gives() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b.jsonl"), "{\"text\":\"x\"}\n{\"text\":\"y\"}\n").unwrap();
        fs::write(folder.path().join("c.txt"), "c").unwrap();
        let (missing, file) = (folder.path().join("none"), folder.path().join("c.txt"));
        let options = ReadOptions { id_dup: IdDup::Suffix, ..ReadOptions::default() };
        let all = |paths: &[&Path]| paths.iter().map(|path| Input::Path(path.to_path_buf())).collect();
        let inputs = [folder.path(), missing.as_path(), file.as_path()];
        let found = files(all(&inputs), &[]);
        let ids = |results: &[Result<Document, ErrorRecord>]| -> Vec<String> {
            let id = |result: &Result<Document, ErrorRecord>| match result {
                Ok(document) => document.id.clone(),
                Err(record) => format!("{} {}", record.id, record.error.code.as_str()),
            };
            results.iter().map(id).collect()
        };
        let mut places = Vec::new();
        let mut results = Vec::new();
        for file in found {
            let mut documents = Documents::of_file(file.unwrap(), options.clone());
            while let Some(result) = documents.next() {
                places.extend(result.is_ok().then(|| documents.place().to_owned()));
                results.push(result);
            }
        }
        assert_eq!(ids(&results), ["a/b.jsonl:1", "a/b.jsonl:2", "c.txt", "none unreadable_input", "c.txt"]);
        assert!(places[1].ends_with("b.jsonl:2") && places[3] == file.display().to_string(), "{places:?}");
        let at_once = Documents::new(all(&inputs), options).collect::<Vec<_>>();
        assert_eq!(ids(&at_once)[..4], ids(&results)[..4]);
    }
}

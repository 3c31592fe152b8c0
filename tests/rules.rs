//! Steps, rule files and the reference made from them.

#![allow(
    clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods,
    clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

use std::sync::Arc;

use taoxi::clean::selftest;
use taoxi::rules;
use taoxi::steps::catalog::KINDS;
use taoxi::steps::doc::{Example, Place, StepDoc};
use taoxi::{Cleaner, Options};

/// One step alone, as a rule file or a profile of its own.
fn cleaner_with(doc: &StepDoc, example: &Example) -> (Cleaner, Options) {
    let folder = tempfile::tempdir().expect("a folder");
    if doc.place == Place::Rules {
        let file = format!(
            "id = \"example\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"step\"\nkind = \"{}\"\n{}\n",
            doc.kind, example.toml
        );
        std::fs::write(folder.path().join("example.toml"), file).expect("written");
    }
    std::fs::create_dir(folder.path().join("profiles")).expect("made");
    let step = if doc.place == Place::Rules {
        "[[step]]\nkind = \"rules\"\n".to_owned()
    } else {
        format!("[[step]]\nkind = \"{}\"\n{}\n", doc.kind, example.toml)
    };
    let profile = format!("id = \"alone\"\ntitle = \"t\"\nwhy = \"w\"\nsites = false\n{step}");
    std::fs::write(folder.path().join("profiles/alone.toml"), profile).expect("written");
    let set = rules::load(Some(folder.path())).unwrap_or_else(|error| panic!("{}: {error}", doc.kind));
    (Cleaner::new(Arc::new(set)), Options { profile: Some("alone".to_owned()), ..Options::default() })
}

#[test]
fn the_examples_of_every_step_hold() {
    for kind in KINDS {
        assert!(!kind.doc.examples.is_empty(), "{} has no example", kind.doc.kind);
        for example in kind.doc.examples {
            let (cleaner, options) = cleaner_with(kind.doc, example);
            let washed = cleaner
                .wash(example.before, None, &options)
                .unwrap_or_else(|error| panic!("{}: {error}", kind.doc.kind));
            assert_eq!(washed.text, example.after, "{}", kind.doc.kind);
            assert_eq!(
                cleaner.wash(&washed.text, None, &options).expect("again").text,
                washed.text,
                "{} twice",
                kind.doc.kind
            );
        }
    }
}

#[test]
fn the_shipped_rules_pass_their_own_tests() {
    let set = Arc::new(rules::load(None).unwrap_or_else(|error| panic!("{error}")));
    let outcome = selftest::run(&set, &[]);
    let faults: Vec<String> = outcome.faults.iter().map(ToString::to_string).collect();
    assert!(outcome.faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(outcome.tests > 100, "{} tests", outcome.tests);
}

//! The laws of the edit list.

#![allow(
    clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods,
    clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

use proptest::prelude::*;
use taoxi::text::{Patch, PatchBuilder, Tag};

/// A patch over a text of `chars`, from arbitrary cuts: replacements of character ranges by short strings.
fn patch_for(text: &str, cuts: &[(u8, u8, String)], tag: u32) -> Patch {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect();
    let mut builder = PatchBuilder::new();
    let mut at = 0;
    for (skip, take, after) in cuts {
        let start = at + *skip as usize % 5;
        let end = start + *take as usize % 4;
        if end >= bounds.len() {
            break;
        }
        builder.push(bounds[start]..bounds[end], after, Tag(tag));
        at = end;
    }
    builder.finish()
}

fn cuts() -> impl Strategy<Value = Vec<(u8, u8, String)>> {
    prop::collection::vec((any::<u8>(), any::<u8>(), "[a水。é]{0,3}"), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn inverting_undoes(text in "[a水。é\n]{0,40}", cuts in cuts()) {
        let patch = patch_for(&text, &cuts, 1);
        let out = patch.apply(&text);
        prop_assert_eq!(patch.invert(&text).apply(&out), text);
    }

    #[test]
    fn composing_is_applying_in_turn(text in "[a水。é\n]{0,40}", first in cuts(), second in cuts()) {
        let a = patch_for(&text, &first, 1);
        let middle = a.apply(&text);
        let b = patch_for(&middle, &second, 2);
        let both = a.compose(&b);
        prop_assert_eq!(both.apply(&text), b.apply(&middle));
        let out = b.apply(&middle);
        prop_assert_eq!(both.invert(&text).apply(&out), text.clone());
        let mut end = 0;
        for edit in both.edits() {
            prop_assert!(edit.start >= end && edit.end >= edit.start && text.is_char_boundary(edit.start) && text.is_char_boundary(edit.end));
            end = edit.end;
        }
    }

    #[test]
    fn composing_is_associative(text in "[a水。é\n]{0,30}", first in cuts(), second in cuts(), third in cuts()) {
        let a = patch_for(&text, &first, 1);
        let t1 = a.apply(&text);
        let b = patch_for(&t1, &second, 2);
        let t2 = b.apply(&t1);
        let c = patch_for(&t2, &third, 3);
        let left = a.compose(&b).compose(&c);
        let right = a.compose(&b.compose(&c));
        prop_assert_eq!(left.apply(&text), right.apply(&text));
        prop_assert_eq!(left.apply(&text), c.apply(&t2));
    }

    #[test]
    fn trimming_changes_no_outcome(text in "[a水。é\n]{0,40}", cuts in cuts()) {
        let patch = patch_for(&text, &cuts, 1);
        prop_assert_eq!(patch.trimmed(&text).apply(&text), patch.apply(&text));
    }
}

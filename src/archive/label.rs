//! An id is a label, not a path: here it becomes a path inside a folder that every common file system takes.
//!
//! `/` parts an id into folders. Of each part, what is no file name on Linux, macOS or Windows is replaced by `_`; parts that
//! are too long are cut and end in a digest of the whole. Different ids may meet in one path: `out` parts them by a suffix.

use sha2::{Digest, Sha256};

/// Longest part in bytes. File systems take 255; an extension, a suffix and a temporary name must fit too.
const MAX_PART: usize = 200;
/// Most folders of an id, and most bytes of all parts: Linux takes paths of 4096 bytes.
const MAX_PARTS: usize = 32;
const MAX_BYTES: usize = 1500;

/// The parts of the path of an id: folders, then the file's stem. Never empty, never `..`, never a separator inside.
pub(super) fn parts(id: &str) -> Vec<String> {
    let parts: Vec<String> = id.split('/').filter(|part| !matches!(*part, "" | ".")).map(part).collect();
    if parts.is_empty() {
        return vec!["_".to_owned()];
    }
    if parts.len() > MAX_PARTS || parts.iter().map(String::len).sum::<usize>() > MAX_BYTES {
        return vec![part(&cut(&parts.join("_"), id))];
    }
    parts
}

fn part(part: &str) -> String {
    let mut name: String = part.chars().map(|c| if is_refused(c) { '_' } else { c }).collect();
    // Windows drops dots and spaces at the end, which also does away with `..`.
    let kept = name.trim_end_matches(['.', ' ']).len();
    let dropped = name.len() - kept;
    name.truncate(kept);
    name.extend(std::iter::repeat_n('_', dropped));
    if is_device(&name) {
        name.insert(0, '_');
    }
    if name.len() > MAX_PART { cut(&name, part) } else { name }
}

fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2028}' | '\u{2029}')
}

/// Names that Windows keeps for devices, whatever their extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered.is_some_and(|number| {
            matches!(number, "¹" | "²" | "³") || (number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
        })
}

fn cut(name: &str, whole: &str) -> String {
    let digest = Sha256::digest(whole.as_bytes());
    let digest = format!("{:016x}", digest.iter().take(8).fold(0_u64, |digest, byte| digest << 8 | u64::from(*byte)));
    let room = MAX_PART - digest.len() - 1;
    let kept: String = name.char_indices().take_while(|(at, c)| at + c.len_utf8() <= room).map(|(_, c)| c).collect();
    format!("{kept}~{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_keep_their_folders() {
        assert_eq!(parts("站/2024/a.html"), ["站", "2024", "a.html"]);
        assert_eq!(parts("c.jsonl:12"), ["c.jsonl_12"]);
    }

    #[test]
    fn no_id_escapes() {
        for (id, expected) in [
            ("../../etc/passwd", "__/__/etc/passwd"),
            ("/etc/passwd", "etc/passwd"),
            ("C:\\Windows\\x", "C__Windows_x"),
            ("a\0b\n", "a_b_"),
            ("", "_"),
            ("//", "_"),
            (".", "_"),
            ("a/./b", "a/b"),
            ("...", "___"),
            ("nul.txt", "_nul.txt"),
            ("Com1", "_Com1"),
            ("com10", "com10"),
            ("a. ", "a__"),
            ("https://x.example/p?q=1", "https_/x.example/p_q=1"),
        ] {
            assert_eq!(parts(id).join("/"), expected, "{id:?}");
        }
    }

    #[test]
    fn long_ids_are_cut_at_a_character_and_stay_different() {
        let (one, two) = (parts(&format!("{}一", "长".repeat(300))), parts(&format!("{}二", "长".repeat(300))));
        assert_ne!(one, two);
        assert!(one[0].len() <= MAX_PART);
        let deep = parts(&"d/".repeat(1000));
        assert_eq!(deep.len(), 1);
        assert!(deep[0].len() <= MAX_PART);
    }
}

//! Lists the rule files and profiles under `rules/`, and the files of the service's page, so that the binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut list = String::from("&[\n");
    for group in ["common", "zh", "en", "sites", "profiles"] {
        println!("cargo:rerun-if-changed=rules/{group}");
        for path in toml_files(&root.join("rules").join(group))? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            writeln!(list, "    ({group:?}, {name:?}, include_str!({})),", literal(&path)).map_err(io::Error::other)?;
        }
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("shipped.rs"), list)?;
    fs::write(out.join("ui.rs"), page(&root.join("src/server/ui"))?)
}

/// The files of the page by their paths below its folder.
fn page(folder: &Path) -> io::Result<String> {
    let mut list = String::from("&[\n");
    let mut found = Vec::new();
    walk(folder, &mut found)?;
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
    // By their names as text, in which they are searched: paths are ordered otherwise.
    found.sort_by_key(name);
    for path in found {
        writeln!(list, "    ({:?}, include_bytes!({})),", name(&path), literal(&path)).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    Ok(list)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The TOML files of a folder by name, so that builds are alike everywhere.
fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A path as a string literal of Rust.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

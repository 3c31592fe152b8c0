//! The page of a running service, used in a browser as a person would: `tests/browser/` holds what is done there.
//!
//! Needs Node.js, Debian's `chromium`, and the packages of `tests/browser/package-lock.json` (`npm ci --prefix tests/browser`). Screenshots are left in
//! `target/browser/`.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::made::{plain, taoxi};
use common::service::Service;

fn chromium() -> PathBuf {
    std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from)
}

/// What is missing for it.
fn missing(scripts: &Path) -> Option<&'static str> {
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some("Node.js is not installed");
    }
    if !chromium().is_file() {
        return Some("chromium is not installed (apt-get install chromium)");
    }
    let packages = ["playwright-core", "axe-core"].map(|name| scripts.join("node_modules").join(name).is_dir());
    (packages != [true, true]).then_some("its packages are not installed (npm ci --prefix tests/browser)")
}

fn key(data: &Path, scopes: &str) -> String {
    let output = taoxi(&["keys", "create", "--scopes", scopes, "--data", plain(data)]).output().expect("runs");
    String::from_utf8(output.stdout).expect("a key").trim().to_owned()
}

#[test]
fn the_page_is_used_as_a_person_would_and_the_browser_complains_of_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scripts = root.join("tests/browser");
    if let Some(missing) = missing(&scripts) {
        println!("SKIP the page in a browser: {missing}");
        return;
    }
    let service = Service::start();
    let data = tempfile::tempdir().expect("a folder");
    let keys = ["read", "admin"].map(|scopes| key(data.path(), scopes));
    let guarded = Service::on(data, &[], &[]);
    let run = Command::new("node")
        .arg(scripts.join("run.mjs"))
        .arg(format!("http://{}", service.address))
        .arg(root.join("target/browser"))
        .env("CHROMIUM", chromium())
        .env("GUARDED_ADDRESS", format!("http://{}", guarded.address))
        .envs([("READ_KEY", &keys[0]), ("ADMIN_KEY", &keys[1])])
        .output()
        .expect("node runs");
    let told = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    println!("{told}");
    assert!(run.status.success(), "{told}");
}

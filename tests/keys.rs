//! `taoxi keys`: what is printed, what is stored, and what a running service sees of it.

#![cfg(feature = "server")]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use common::made::{plain, taoxi};
use serde_json::Value;
use taoxi::clock::Moment;
use taoxi::keys::{FromOutside, KeyRing, Refusal, Scope};
use taoxi::records::Records;

fn keys(data: &Path, args: &[&str]) -> Output {
    taoxi(&[&["keys"], args, &["--data", plain(data)]].concat()).output().expect("runs")
}

fn create(data: &Path, args: &[&str]) -> String {
    let output = keys(data, &[&["create"], args].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

fn list(data: &Path) -> Vec<Value> {
    let output = keys(data, &["list", "--json"]);
    assert!(output.status.success());
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ring(data: &Path) -> KeyRing {
    KeyRing::load(data, &FromOutside::default()).expect("loads")
}

#[test]
fn a_key_is_printed_once_listed_by_its_id_and_gone_when_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let key = create(&data, &["--scopes", "clean,index", "--name", "crawler", "--expires", "90d"]);
    let other = create(&data, &["--scopes", "admin"]);
    assert!(key.starts_with("taoxi_") && key != other);

    let listed = list(&data);
    assert_eq!(listed.len(), 2);
    let id = listed[0]["id"].as_str().expect("an id");
    assert!(key.starts_with(&format!("taoxi_{id}_")));
    assert_eq!(listed[0]["scopes"], serde_json::json!(["clean", "index"]));
    assert_eq!((&listed[0]["name"], &listed[0]["expired"]), (&"crawler".into(), &false.into()));
    let expires: Moment = listed[0]["expires"].as_str().expect("a time").parse().expect("a time");
    let days = expires.since(Moment::now()).as_secs_f64() / 86_400.0;
    assert!((89.9..=90.0).contains(&days), "{days}");
    assert!(text(&keys(&data, &["list"]).stdout).lines().any(|line| line.contains(id) && line.contains("crawler")));

    let check = |ring: &KeyRing| ring.check(Some(&key), Moment::now());
    let before = ring(&data);
    assert!(check(&before).and_then(|grant| grant.demand(Scope::Index)).is_ok());
    assert!(keys(&data, &["revoke", id]).status.success());
    assert!(before.refresh().expect("reads"));
    assert_eq!(check(&before), Err(Refusal::Unknown));
    assert!(ring(&data).check(Some(&other), Moment::now()).is_ok());
    assert_eq!(list(&data).len(), 1);
}

#[test]
fn only_the_digest_is_stored_and_only_the_owner_may_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = create(folder.path(), &["--scopes", "read"]);
    let secret = key.rsplit('_').next().expect("a secret");
    let path = folder.path().join("keys.redb");
    let bytes = fs::read(&path).expect("reads");
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!holds(secret) && !holds(&secret[..32]) && !holds(&secret[32..]));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(key.as_bytes());
    let mut hex = String::new();
    digest.iter().for_each(|byte| write!(hex, "{byte:02x}").expect("written"));
    assert!(holds(&hex), "the SHA-256 stands in the file");
    let output = keys(folder.path(), &["list", "--json"]);
    assert!(!text(&output.stdout).contains(&hex));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o077, 0);
    }
}

#[test]
fn unusable_arguments_say_what_is_wrong_and_make_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    for (args, message) in [
        (&["create", "--scopes", "clean,write"][..], "there is no scope `write`"),
        (&["create", "--scopes", ""], "a key needs a scope"),
        (&["create", "--scopes", "read", "--expires", "yesterday"], "`yesterday` is no expiry"),
        (&["create", "--scopes", "read", "--expires", "2001-01-01"], "`2001-01-01` is no expiry"),
        (&["create", "--scopes", "read", "--name", "a\nb"], "no control characters"),
        (&["revoke", "abcdef"], "there is no key `abcdef`"),
    ] {
        let output = keys(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(message), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    assert!(list(folder.path()).is_empty());
}

#[test]
fn keys_are_made_at_once_by_many_and_none_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| create(folder.path(), &["--scopes", "read"]))).collect();
        threads.into_iter().map(|thread| thread.join().expect("made")).collect()
    });
    let ring = ring(folder.path());
    assert!(made.iter().all(|key| ring.check(Some(key), Moment::now()).is_ok()));
    assert_eq!(list(folder.path()).len(), 8);
}

#[test]
fn a_file_that_is_damaged_or_held_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.redb");
    let held = Records::open(&path, Duration::ZERO).expect("opens");
    let output = keys(folder.path(), &["create", "--scopes", "read"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("data_in_use") && text(&output.stderr).contains("keys.redb"));
    drop(held);
    fs::write(&path, "no database, whatever its name says, and long enough to be looked at").expect("written");
    for args in [&["list"][..], &["create", "--scopes", "read"], &["revoke", "ab"]] {
        let output = keys(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let message = text(&output.stderr);
        assert!(message.contains("corrupt_store") && message.contains("keys.redb"), "{message}");
    }
}

#[test]
fn a_key_in_the_settings_is_never_shown() {
    let secret = "0123456789abcdef0123456789abcdef";
    let mut command = taoxi(&["config", "show"]);
    let output = command.env("TAOXI_API_KEY", secret).output().expect("runs");
    let shown = text(&output.stdout);
    let line = shown.lines().find(|line| line.starts_with("api_key ")).expect("listed");
    assert!(line.contains("(set)") && line.contains("TAOXI_API_KEY"), "{line}");
    assert!(!shown.contains(secret));
}

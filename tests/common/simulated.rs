//! A disk in memory that can lose its power, run full and fail at any call, as seeds say.
//!
//! What is written is seen at once and is durable once it is synced. At a power cut every sector of a file holds what it held at some moment since
//! the last sync, each sector at a moment of its own; so does the length. Names are durable once they are synced; at a power cut the first few of
//! their changes are kept.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use taoxi::index::storage::{Storage, Stored};

use super::Random;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// A call that fails.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The how many-th call from now on, from 1.
    pub at: u64,
    pub kind: ErrorKind,
    /// All calls after it fail too, until [`Simulated::heal`].
    pub lasts: bool,
    /// Only calls that write count and fail: a full disk can be read.
    pub writes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Make(String, usize),
    Rename(String, String),
    Remove(String),
}

#[derive(Debug, Clone)]
enum Unsynced {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Clone, Default)]
struct Content {
    seen: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

struct State {
    contents: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    changes: Vec<Change>,
    random: Random,
    /// All calls so far, and those that write.
    calls: (u64, u64),
    /// The call at which it fails, counted as `writes` says.
    fault: Option<Fault>,
    failed: bool,
    cut_at: Option<u64>,
    after: Option<Box<State>>,
    /// Calls that write wait.
    held: bool,
    waiting: usize,
}

/// See the module. A clone is the same disk.
#[derive(Clone)]
pub struct Simulated(Arc<(Mutex<State>, Condvar)>);

fn apply(bytes: &mut Vec<u8>, change: &Unsynced) {
    match change {
        Unsynced::Length(length) => bytes.resize(*length, 0),
        Unsynced::Write(at, written) => {
            let end = at + written.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*at..end].copy_from_slice(written);
        }
    }
}

fn rename(names: &mut BTreeMap<String, usize>, change: &Change) {
    match change {
        Change::Make(name, file) => {
            names.insert(name.clone(), *file);
        }
        Change::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Change::Remove(name) => {
            names.remove(name);
        }
    }
}

impl Content {
    fn change(&mut self, change: Unsynced) {
        apply(&mut self.seen, &change);
        self.unsynced.push(change);
    }

    /// What may be on the disk without a sync.
    fn some(&self, random: &mut Random) -> Vec<u8> {
        let mut moments = vec![self.durable.clone()];
        for change in &self.unsynced {
            let mut next = moments[moments.len() - 1].clone();
            apply(&mut next, change);
            moments.push(next);
        }
        let last = moments.len() - 1;
        match random.below(5) {
            0 => moments.swap_remove(0),
            1 => moments.swap_remove(last),
            2 => moments.swap_remove(random.below(last + 1)),
            _ => {
                let mut out = vec![0; moments[random.below(last + 1)].len()];
                for (at, sector) in out.chunks_mut(SECTOR).enumerate() {
                    let moment = &moments[random.below(last + 1)];
                    let held = moment.get(at * SECTOR..).unwrap_or_default();
                    let count = held.len().min(sector.len());
                    sector[..count].copy_from_slice(&held[..count]);
                }
                out
            }
        }
    }
}

impl State {
    fn new(seed: u64) -> Self {
        Self {
            contents: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            changes: Vec::new(),
            random: Random(seed),
            calls: (0, 0),
            fault: None,
            failed: false,
            cut_at: None,
            after: None,
            held: false,
            waiting: 0,
        }
    }

    /// The disk after a power cut now.
    fn cut(&mut self, seed: u64) -> State {
        let mut random = Random(seed);
        let mut names = self.durable_names.clone();
        let kept = if random.below(3) == 0 { self.changes.len() } else { random.below(self.changes.len() + 1) };
        self.changes[..kept].iter().for_each(|change| rename(&mut names, change));
        let mut after = State::new(random.next());
        for (name, file) in names {
            let bytes = self.contents[file].some(&mut random);
            after.durable_names.insert(name, after.contents.len());
            after.contents.push(Content { seen: bytes.clone(), durable: bytes, unsynced: Vec::new() });
        }
        after.names = after.durable_names.clone();
        after
    }

    /// Counts a call; whether it fails, and how.
    fn call(&mut self, writes: bool) -> io::Result<()> {
        if self.after.is_some() {
            return Err(io::Error::other("the power is off"));
        }
        self.calls.0 += 1;
        self.calls.1 += u64::from(writes);
        match self.fault {
            Some(fault) if writes || !fault.writes => {
                let calls = if fault.writes { self.calls.1 } else { self.calls.0 };
                if calls == fault.at || fault.lasts && calls > fault.at {
                    self.failed = true;
                    return Err(fault.kind.into());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether the power goes now: what the call does is begun, and is not answered.
    fn power(&mut self) -> io::Result<()> {
        if self.cut_at.is_some_and(|at| self.calls.0 >= at) {
            let seed = self.random.next();
            self.after = Some(Box::new(self.cut(seed)));
            return Err(io::Error::other("the power went"));
        }
        Ok(())
    }

    fn sync_names(&mut self, count: usize) {
        for change in self.changes.drain(..count) {
            rename(&mut self.durable_names, &change);
        }
    }

    fn change(&mut self, change: Change) {
        rename(&mut self.names, &change);
        self.changes.push(change);
    }
}

impl Simulated {
    /// An empty disk.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new((Mutex::new(State::new(seed)), Condvar::new())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For calls that write: waits while they are held.
    fn writing(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        while state.held && state.after.is_none() {
            state.waiting += 1;
            self.0.1.notify_all();
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state
    }

    /// For a collection.
    pub fn disk(&self) -> Arc<dyn Storage> {
        Arc::new(self.clone())
    }

    /// The disk after a power cut: the one that came when it was set to come, or one now. This one is off from then on.
    pub fn power_cut(&self, seed: u64) -> Self {
        let mut state = self.state();
        let after = state.after.take().map_or_else(|| state.cut(seed), |after| *after);
        state.after = Some(Box::new(State::new(0)));
        drop(state);
        self.0.1.notify_all();
        Self(Arc::new((Mutex::new(after), Condvar::new())))
    }

    /// Lets the power go at a call, so many from now on, from 1.
    pub fn cut_at(&self, at: u64) {
        let mut state = self.state();
        state.cut_at = Some(state.calls.0 + at);
    }

    /// Takes back [`Self::cut_at`].
    pub fn cut_never(&self) {
        self.state().cut_at = None;
    }

    /// Whether the power went.
    pub fn is_off(&self) -> bool {
        self.state().after.is_some()
    }

    /// Lets a call fail.
    pub fn fail(&self, fault: Fault) {
        let mut state = self.state();
        let calls = if fault.writes { state.calls.1 } else { state.calls.0 };
        state.fault = Some(Fault { at: calls + fault.at, ..fault });
        state.failed = false;
    }

    /// No call fails any more. Returns whether one did.
    pub fn heal(&self) -> bool {
        let mut state = self.state();
        state.fault = None;
        state.failed
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.state().calls.0
    }

    /// Lets every call that writes wait until [`Self::release`].
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// Waits until a call waits, or has failed.
    pub fn until_held(&self) {
        let mut state = self.state();
        while state.waiting == 0 && !state.failed && state.after.is_none() {
            let waited = self.0.1.wait_timeout(state, Duration::from_millis(5));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets calls that wait go on.
    pub fn release(&self) {
        self.state().held = false;
        self.0.1.notify_all();
    }

    /// Changes what stands in a file, as a failing disk does.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file = state.names[name];
        let content = &mut state.contents[file];
        change(&mut content.seen);
        content.durable = content.seen.clone();
        content.unsynced.clear();
    }

    /// What stands in a file.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|file| state.contents[*file].seen.clone())
    }
}

impl Storage for Simulated {
    fn open(&self, name: &str, create: bool) -> io::Result<Arc<dyn Stored>> {
        let mut state = if create { self.writing() } else { self.state() };
        let called = state.call(create);
        let made = create && !state.names.contains_key(name) && (called.is_ok() || state.random.below(2) == 0);
        if made && state.after.is_none() {
            let file = state.contents.len();
            state.contents.push(Content::default());
            state.change(Change::Make(name.to_owned(), file));
        }
        called?;
        state.power()?;
        let file = *state.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(Arc::new(Open { disk: self.clone(), file }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.call(false)?;
        state.power()?;
        Ok(state.names.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.writing();
        state.call(true)?;
        if !state.names.contains_key(name) {
            return Err(ErrorKind::NotFound.into());
        }
        state.change(Change::Remove(name.to_owned()));
        state.power()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.writing();
        state.call(true)?;
        if !state.names.contains_key(from) {
            return Err(ErrorKind::NotFound.into());
        }
        state.change(Change::Rename(from.to_owned(), to.to_owned()));
        state.power()
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.writing();
        let called = state.call(true);
        if called.is_err() && state.after.is_none() {
            let count = state.changes.len();
            let some = state.random.below(count + 1);
            state.sync_names(some);
        }
        called?;
        state.power()?;
        let all = state.changes.len();
        state.sync_names(all);
        Ok(())
    }

    fn place(&self) -> String {
        "disk".to_owned()
    }
}

struct Open {
    disk: Simulated,
    file: usize,
}

impl Stored for Open {
    fn len(&self) -> io::Result<u64> {
        let mut state = self.disk.state();
        state.call(false)?;
        state.power()?;
        Ok(state.contents[self.file].seen.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.call(false)?;
        state.power()?;
        let held = state.contents[self.file].seen.get(at as usize..).unwrap_or_default();
        let count = held.len().min(bytes.len());
        bytes[..count].copy_from_slice(&held[..count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let mut state = self.disk.writing();
        let called = state.call(true);
        if state.after.is_none() {
            let count = if called.is_ok() { bytes.len() } else { state.random.below(bytes.len() + 1) };
            state.contents[self.file].change(Unsynced::Write(at as usize, bytes[..count].to_vec()));
        }
        called?;
        state.power()
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.writing();
        let called = state.call(true);
        if called.is_err() && state.after.is_none() {
            // Some of it is on the disk; of the rest some is forgotten, so that the next sync finds nothing to do.
            let mut random = Random(state.random.next());
            let content = &mut state.contents[self.file];
            content.durable = content.some(&mut random);
            content.unsynced.retain(|change| matches!(change, Unsynced::Length(_)) || random.below(2) == 0);
        }
        called?;
        state.power()?;
        let content = &mut state.contents[self.file];
        for change in std::mem::take(&mut content.unsynced) {
            apply(&mut content.durable, &change);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.writing();
        state.call(true)?;
        state.contents[self.file].change(Unsynced::Length(length as usize));
        state.power()
    }
}

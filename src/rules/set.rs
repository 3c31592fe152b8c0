//! The rule set in force: all files and profiles, one index of their literals and signs, and the table of names.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::file::RuleFile;
use super::literals::Literals;
use super::profile::{Profile, ProfileStep};
use crate::html::SiteRules;
use crate::html::cosmetic::FilterSet;
use crate::steps::Action;
use crate::steps::page::Page;
use crate::text::Tag;
use crate::text::fold::fold;

/// Most patterns that may be tried on every line.
pub const MAX_ALWAYS: usize = 32;

/// What a literal belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A sign of a file.
    Sign(usize),
    /// The pattern of a step: file and step.
    Step(usize, usize),
}

/// A literal that stands in a unit of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The file.
    pub file: usize,
    /// The step.
    pub step: usize,
    /// The unit.
    pub unit: usize,
}

/// A name of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// `file/step`.
    pub name: String,
    /// Why the rule exists.
    pub why: String,
}

/// Why files do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// Two files with one id.
    #[error(
        "{first} and {second} are both called `{id}`; give one another id (a file of the overlay directory may replace a shipped one, once)"
    )]
    RepeatedId {
        /// The id.
        id: String,
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// Too many patterns without a literal.
    #[error("{0} patterns say always = true; at most {MAX_ALWAYS} may")]
    TooManyAlways(usize),
}

/// Everything in force.
#[derive(Debug)]
pub struct RuleSet {
    files: Vec<RuleFile>,
    profiles: Vec<Profile>,
    names: Vec<Name>,
    /// The number of the first step of each file, for [`RuleSet::file_of`].
    first_tags: Vec<u32>,
    literals: Literals,
    /// What each literal is used for.
    uses: Vec<Vec<Use>>,
    always: Vec<(usize, usize)>,
    hosts: HashMap<String, Vec<usize>>,
    digest: String,
    filters: Option<Arc<FilterSet>>,
}

impl RuleSet {
    /// Puts files and profiles together. `sources` are digested for [`RuleSet::digest`].
    pub fn new(
        mut files: Vec<RuleFile>,
        mut profiles: Vec<Profile>,
        sources: &[(String, String)],
    ) -> Result<Self, SetError> {
        files.sort_by(|a, b| (rank(a), &a.group, &a.id).cmp(&(rank(b), &b.group, &b.id)));
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for file in &files {
            if let Some(first) = seen.insert(&file.id, &file.origin) {
                return Err(SetError::RepeatedId {
                    id: file.id.clone(),
                    first: first.to_owned(),
                    second: file.origin.clone(),
                });
            }
        }
        let names = name(&mut files, &mut profiles);
        let mut anchors: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let mut always = Vec::new();
        let mut hosts: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, file) in files.iter().enumerate().filter(|(_, file)| file.enabled) {
            for sign in &file.signs {
                anchors.entry(fold(sign)).or_default().push(Use::Sign(index));
            }
            for host in &file.hosts {
                hosts.entry(host.clone()).or_default().push(index);
            }
            for (step, def) in file.steps.iter().enumerate() {
                let Action::Rule(rule) = &def.action else { continue };
                if rule.pattern().is_always() {
                    always.push((index, step));
                }
                for anchor in rule.pattern().anchors() {
                    let uses = anchors.entry(anchor).or_default();
                    if uses.last() != Some(&Use::Step(index, step)) {
                        uses.push(Use::Step(index, step));
                    }
                }
            }
        }
        if always.len() > MAX_ALWAYS {
            return Err(SetError::TooManyAlways(always.len()));
        }
        let (words, uses): (Vec<String>, Vec<Vec<Use>>) = anchors.into_iter().unzip();
        let literals = Literals::new(words.iter().map(String::as_str));
        let digest = digest(sources);
        let mut first_tags = Vec::with_capacity(files.len() + 1);
        let mut count = 0;
        for file in &files {
            first_tags.push(count);
            count += file.steps.len() as u32;
        }
        first_tags.push(count);
        Ok(Self { files, profiles, names, first_tags, literals, uses, always, hosts, digest, filters: None })
    }

    /// The same set with filter lists of ad blockers, which belong to its digest.
    #[must_use]
    pub fn with_filter_lists(mut self, lists: &[String]) -> Self {
        let mut sources = vec![("rules".to_owned(), self.digest)];
        sources.extend(lists.iter().map(|list| ("filter list".to_owned(), list.clone())));
        self.digest = digest(&sources);
        self.filters = Some(Arc::new(FilterSet::read(lists.iter().map(String::as_str))));
        self
    }

    /// The filter lists in force.
    pub fn filters(&self) -> Option<&FilterSet> {
        self.filters.as_deref()
    }

    /// The same set with the filter lists of another, which are not read again.
    #[must_use]
    pub fn with_filters_of(mut self, other: &Self) -> Self {
        if other.filters.is_some() {
            let sources = [("rules".to_owned(), self.digest), ("filter lists of".to_owned(), other.digest.clone())];
            self.digest = digest(&sources);
            self.filters.clone_from(&other.filters);
        }
        self
    }

    /// The files in the order they act: sites, the overlay's packs, shipped packs.
    pub fn files(&self) -> &[RuleFile] {
        &self.files
    }

    /// The profiles.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The profile of a name.
    pub fn profile(&self, id: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }

    /// The name behind an edit's tag.
    pub fn name(&self, tag: Tag) -> Option<&Name> {
        self.names.get(tag.0 as usize)
    }

    /// The file that a tag's step belongs to; `None` for a normaliser.
    pub fn file_of(&self, tag: Tag) -> Option<usize> {
        let file = self.first_tags.partition_point(|&first| first <= tag.0).checked_sub(1)?;
        (file < self.files.len()).then_some(file)
    }

    /// Every name.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// `sha256:…` over every file and filter list in force.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Files whose `hosts` match a host: the host itself or, unless a file says otherwise, a domain above it.
    pub fn for_host(&self, host: &str) -> Vec<usize> {
        let mut found = self.nearest_first(host);
        found.sort_unstable();
        found
    }

    /// The same, those for the longest host first.
    fn nearest_first(&self, host: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let mut rest = Some(host);
        while let Some(domain) = rest {
            let is_own = domain == host || host.strip_prefix("www.") == Some(domain);
            for &index in self.hosts.get(domain).into_iter().flatten() {
                if (is_own || self.files[index].subdomains) && !found.contains(&index) {
                    found.push(index);
                }
            }
            rest = domain.split_once('.').map(|(_, parent)| parent);
        }
        found
    }

    /// What the files of a host say about its pages, those for the longest host first. `acts` says which files count.
    pub fn site_rules(&self, host: &str, acts: impl Fn(&RuleFile) -> bool) -> SiteRules<'_> {
        let mut all = SiteRules::default();
        for index in self.nearest_first(host) {
            if let Some(file) = self.files.get(index).filter(|file| acts(file)) {
                file.html.add_to(&mut all);
            }
        }
        all
    }

    /// Looks for every literal and sign in one scan: the steps worth trying by file, step and unit, and the files whose sign stands in
    /// the text. Steps that are always tried are not listed; see [`RuleSet::always`].
    pub fn scan(&self, page: &Page<'_>) -> (Vec<Hit>, Vec<usize>) {
        let (mut hits, mut signs) = (Vec::new(), Vec::new());
        // The last unit each literal was found in: a unit counts once, however often it stands there.
        let mut last = vec![usize::MAX; self.uses.len()];
        for unit in 0..page.units().len() {
            self.literals.find(page.fold_of(unit), |literal| {
                if std::mem::replace(&mut last[literal], unit) == unit {
                    return;
                }
                for used in &self.uses[literal] {
                    match *used {
                        Use::Sign(file) => signs.push(file),
                        Use::Step(file, step) => hits.push(Hit { file, step, unit }),
                    }
                }
            });
        }
        hits.sort_unstable();
        hits.dedup();
        signs.sort_unstable();
        signs.dedup();
        (hits, signs)
    }

    /// Steps that are tried on every unit, as file and step.
    pub fn always(&self) -> &[(usize, usize)] {
        &self.always
    }
}

/// Sites act first, then what a user added, then shipped packs.
fn rank(file: &RuleFile) -> usize {
    match (file.is_pack(), file.group.as_str()) {
        (false, _) => 0,
        (true, "local") => 1,
        (true, _) => 2,
    }
}

/// Numbers every step and names it.
fn name(files: &mut [RuleFile], profiles: &mut [Profile]) -> Vec<Name> {
    let mut names = Vec::new();
    let mut next = |name: String, why: String| {
        names.push(Name { name, why });
        Tag(names.len() as u32 - 1)
    };
    for file in files {
        for step in &mut file.steps {
            step.tag = next(format!("{}/{}", file.id, step.id), step.why.clone().unwrap_or_else(|| file.why.clone()));
        }
    }
    for profile in profiles {
        for step in &mut profile.steps {
            if let ProfileStep::Normaliser(step) = step {
                let why = crate::steps::catalog::find(step.kind).map_or("", |kind| kind.doc.what);
                step.tag =
                    next(format!("{}/{}", profile.id, step.id), step.why.clone().unwrap_or_else(|| why.to_owned()));
            }
        }
    }
    names
}

fn digest(sources: &[(String, String)]) -> String {
    let mut hasher = Sha256::new();
    for (name, source) in sources {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name);
        hasher.update((source.len() as u64).to_le_bytes());
        hasher.update(source);
    }
    format!("sha256:{}", hex(&hasher.finalize()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

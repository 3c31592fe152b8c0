//! The tests that rule files carry: each runs its file alone, every step must fire, and nothing may change twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::input::read_page;
use super::pipeline::{Draft, MAX_PASSES};
use super::rules_pass::{self, Active};
use super::verbatim::Verbatim;
use super::{Limits, Scope, host};
use crate::html::SiteRules;
use crate::rules::profile::Profile;
use crate::rules::{ProfileStep, RuleFile, RuleSet, RuleTest};
use crate::text::lines::scan;
use crate::text::{Patch, Tag};

/// A fault that a self-test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule file.
    pub file: String,
    /// Where it came from.
    pub origin: String,
    /// The line of the test, or 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.origin, self.line, self.file, self.message)
    }
}

/// What the self-tests of a rule set gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files with their tests.
    pub files: usize,
    /// Tests run.
    pub tests: usize,
    /// Faults found.
    pub faults: Vec<Fault>,
}

/// Runs the tests of every file, or of those whose ids are given.
pub fn run(rules: &Arc<RuleSet>, only: &[String]) -> Outcome {
    let mut outcome = Outcome::default();
    for (index, file) in rules.files().iter().enumerate() {
        if !file.enabled || (!only.is_empty() && !only.contains(&file.id)) {
            continue;
        }
        outcome.files += 1;
        outcome.tests += file.tests.len();
        outcome.faults.extend(run_file(rules, index, file));
    }
    outcome
}

fn run_file(rules: &RuleSet, index: usize, file: &RuleFile) -> Vec<Fault> {
    let mut faults = Vec::new();
    let fault =
        |line: usize, message: String| Fault { file: file.id.clone(), origin: file.origin.clone(), line, message };
    let mut fired = HashSet::new();
    for test in &file.tests {
        match run_test(rules, index, test) {
            Err(message) => faults.push(fault(test.line, format!("test \"{}\": {message}", test.name))),
            Ok(patch) => {
                fired.extend(patch.edits().flat_map(|edit| std::iter::once(edit.tag).chain(edit.also.iter().copied())));
            }
        }
    }
    for step in &file.steps {
        if let crate::steps::Action::Rule(rule) = &step.action {
            for error in rule.patterns().into_iter().filter_map(|pattern| pattern.check().err()) {
                faults.push(fault(0, format!("step `{}`: {error}", step.id)));
            }
        }
        if !fired.contains(&step.tag) {
            faults.push(fault(0, format!("step `{}` fires in none of the file's tests", step.id)));
        } else if file.tests.iter().all(|test| is_idle(rules, index, test, step.tag)) {
            faults.push(fault(0, format!("step `{}` is shadowed: every test comes out the same without it", step.id)));
        }
    }
    if !file.steps.is_empty() && !file.tests.iter().any(|test| test.input == test.expect) {
        faults.push(fault(0, "no test with unchanged = true shows what the rules leave alone".to_owned()));
    }
    faults
}

/// Runs one test with its file alone; gives the patch, so that firing steps can be told.
fn run_test(rules: &RuleSet, index: usize, test: &RuleTest) -> Result<Patch, String> {
    let (input, mut code) = text(rules, index, test)?;
    let (washed, patch, flags) = alone(rules, index, &input, code.clone(), test.url.as_deref(), None)?;
    if washed != test.expect {
        return Err(format!("expected {:?}, got {washed:?}", test.expect));
    }
    if patch.apply(&input) != washed || patch.invert(&input).apply(&washed) != input {
        return Err("the edits do not rebuild the text".to_owned());
    }
    for flag in &test.flags {
        if !flags.contains(flag) {
            return Err(format!("the flag {} was not raised", flag.as_str()));
        }
    }
    code.moved(&patch);
    let (again, ..) = alone(rules, index, &washed, code, test.url.as_deref(), None)?;
    if again != washed {
        return Err(format!("washing the result again changes it to {again:?}"));
    }
    Ok(patch)
}

/// The text that the steps of a file begin with: of a page, what the file alone takes from it. Its title, author and date
/// must be the expected ones. Also the code in it.
fn text<'t>(rules: &RuleSet, index: usize, test: &'t RuleTest) -> Result<(Cow<'t, str>, Verbatim), String> {
    let Some(wanted) = &test.page else { return Ok((Cow::Borrowed(&test.input), Verbatim::fenced(&test.input))) };
    let file = &rules.files()[index];
    let mut site = SiteRules::default();
    file.html.add_to(&mut site);
    let own = file.hosts.first().map(|host| format!("https://{host}/"));
    let url = test.url.as_deref().or(own.as_deref());
    let input = read_page(&test.input, &site, None, url, &Limits::default()).map_err(|error| error.to_string())?;
    let code = input.code();
    let page = input.page.unwrap_or_default();
    for (what, wanted, found) in [
        ("title", &wanted.title, input.title),
        ("author", &wanted.author, page.author),
        ("date", &wanted.date, page.date),
    ] {
        if wanted.is_some() && *wanted != found {
            return Err(format!(
                "expected the {what} {:?}, got {:?}",
                wanted.as_deref().unwrap_or_default(),
                found.as_deref().unwrap_or_default()
            ));
        }
    }
    Ok((Cow::Owned(input.text), code))
}

/// Whether a test comes out the same with a step switched off.
fn is_idle(rules: &RuleSet, index: usize, test: &RuleTest, step: Tag) -> bool {
    text(rules, index, test)
        .and_then(|(input, code)| alone(rules, index, &input, code, test.url.as_deref(), Some(step)))
        .is_ok_and(|(text, _, flags)| text == test.expect && test.flags.iter().all(|flag| flags.contains(flag)))
}

/// One file alone on a text, to the fixpoint, its hosts and signs taken as met.
fn alone(
    rules: &RuleSet,
    index: usize,
    input: &str,
    code: Verbatim,
    url: Option<&str>,
    without: Option<Tag>,
) -> Result<(String, Patch, Vec<crate::document::Flag>), String> {
    let group = rules.files()[index].group.clone();
    let profile = Profile {
        id: String::new(),
        title: String::new(),
        why: String::new(),
        packs: vec![group],
        sites: true,
        steps: vec![ProfileStep::Rules],
        origin: String::new(),
    };
    let only = (0..rules.files().len()).map(|file| file == index).collect();
    let mut off = vec![false; rules.names().len()];
    if let Some(tag) = without {
        off[tag.0 as usize] = true;
    }
    let scope = Scope { profile: &profile, off, only: Some(only) };
    let host = url.and_then(host);
    let mut active = Active::new(host.as_deref(), rules, u64::MAX);
    active.meet(index);
    let mut draft = Draft::new(input, scan(input), code);
    for _ in 0..=MAX_PASSES {
        match rules_pass::run(&mut draft, rules, &scope, &mut active) {
            Ok(true) => {}
            Ok(false) => return Ok((draft.text.into_owned(), draft.patch, draft.flags)),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("the rules still change the text after {MAX_PASSES} passes"))
}

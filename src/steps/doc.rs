//! What a step says of itself: the source of the rule reference, the JSON Schema, the reader's checks and the example tests.

/// The documentation of one kind of step.
#[derive(Debug, Clone, Copy)]
pub struct StepDoc {
    /// The name in rule files: `kind = "…"`.
    pub kind: &'static str,
    /// One sentence: what it does.
    pub what: &'static str,
    /// Why it is needed and where it holds back.
    pub why: &'static str,
    /// Its parameters, besides `id`, `kind`, `why`, `flag` and `enabled`.
    pub params: &'static [Param],
    /// Examples that run as tests.
    pub examples: &'static [Example],
    /// Where it may stand.
    pub place: Place,
}

/// Where a kind of step may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In rule files.
    Rules,
    /// In profiles.
    Profiles,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The key.
    pub name: &'static str,
    /// The type of its value.
    pub kind: ParamKind,
    /// The default as it would be written; empty when the parameter is required.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// The type of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// A string.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number, zero or more.
    Count,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A pattern table.
    Pattern,
}

/// An example: parameters as TOML, a text before and after. `before == after` is an example of what it leaves alone.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The parameters of the step, as lines of TOML.
    pub toml: &'static str,
    /// The text given.
    pub before: &'static str,
    /// The text wanted.
    pub after: &'static str,
}

impl Example {
    /// An example with no parameters.
    #[must_use]
    pub const fn plain(before: &'static str, after: &'static str) -> Self {
        Self { toml: "", before, after }
    }

    /// An example of a text that stays as it is.
    #[must_use]
    pub const fn stays(text: &'static str) -> Self {
        Self { toml: "", before: text, after: text }
    }

    /// An example with parameters.
    #[must_use]
    pub const fn with(toml: &'static str, before: &'static str, after: &'static str) -> Self {
        Self { toml, before, after }
    }
}

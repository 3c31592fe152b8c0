//! What a run of the learner gives: proposed rule files with their evidence, and what was refused.
//!
//! Everything here can be serialised: it is the answer of the service and the report of the command line.

use serde::Serialize;

/// What was learned from the pages of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Learned {
    /// Pages given.
    pub pages: usize,
    /// Proposed rule files, by id.
    pub files: Vec<Proposal>,
    /// Sites for which no file is proposed, each with the reason.
    pub passed_over: Vec<PassedOver>,
}

/// A proposed rule file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Proposal {
    /// The file's id; the file is called `ID.toml`.
    pub id: String,
    /// The registrable domain; without one the file acts by its signs.
    pub host: Option<String>,
    /// Literals that mark the site when no URL is known.
    pub signs: Vec<String>,
    /// Pages of the site that were given.
    pub pages: usize,
    /// Of those, pages that were learned from: copies count once, and very large sites are sampled.
    pub learned_from: usize,
    /// The rule file: TOML with comments, steps and tests.
    pub toml: String,
    /// The evidence for each step, in the order of the file.
    pub steps: Vec<Evidence>,
    /// The evidence for `[html]`, if it is proposed.
    pub html: Option<HtmlEvidence>,
    /// What was considered and refused, the most frequent first.
    pub refused: Vec<Refusal>,
}

/// Why a step is proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// The step's id in the file.
    pub step: String,
    /// Its kind, such as `drop-line`.
    pub kind: &'static str,
    /// Where it stands on the pages.
    pub place: Place,
    /// What it matches, as the file says it.
    pub pattern: String,
    /// Pages on which it acts.
    pub pages: usize,
    /// The same as a share of the pages learned from, 0 to 1.
    pub share: f64,
    /// Times that it acts on all pages together.
    pub hits: usize,
    /// What it takes on some pages, each the text of a page.
    pub examples: Vec<String>,
}

/// Where on its pages something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Before the text.
    Head,
    /// Behind the text.
    Tail,
    /// Between lines of the text.
    Woven,
    /// Inside lines of the text.
    Inline,
}

/// Why selectors are proposed. Scores are expected F1 over words, as the model of the main content sees the pages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HtmlEvidence {
    /// Selectors of the content.
    pub content: Vec<SelectorEvidence>,
    /// Selectors of what is left out.
    pub remove: Vec<SelectorEvidence>,
    /// Expected score with the selectors.
    pub with: f64,
    /// Expected score without.
    pub without: f64,
}

/// One proposed selector.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SelectorEvidence {
    /// The selector.
    pub selector: String,
    /// Pages on which it matches.
    pub pages: usize,
    /// The same as a share of the pages learned from, 0 to 1.
    pub share: f64,
    /// How the text of a match begins.
    pub example: String,
}

/// Something that repeats and is not proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// What repeats, numbers written as `\d+`.
    pub text: String,
    /// Why it is not proposed.
    pub reason: Reason,
    /// The same in a sentence.
    pub why: String,
    /// Pages of the site that have it.
    pub pages: usize,
    /// The same as a share of the pages learned from, 0 to 1.
    pub share: f64,
}

/// Why something that repeats is not proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It stands in the texts of several sites: it belongs to the language.
    Language,
    /// A heading or formula of the kind of document.
    Genre,
    /// Too few pages have it.
    TooFewPages,
    /// It also stands in the texts, and nothing tells the one from the other.
    InBodies,
    /// It is made of little but what varies.
    TooVague,
    /// It would take text from pages it was not learned on that repeats nowhere.
    TakesText,
    /// What it takes of pages of HTML is likely content, and too few pages say otherwise.
    Content,
    /// It would take more of a page than a step may.
    TakesTooMuch,
    /// A test of the proposed file failed with it.
    FailsTests,
}

/// A site without a proposal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PassedOver {
    /// The registrable domain, or `None` for pages without a URL that share furniture with too few others.
    pub host: Option<String>,
    /// Its pages.
    pub pages: usize,
    /// Why.
    pub why: String,
    /// What was considered and refused.
    pub refused: Vec<Refusal>,
}

impl Reason {
    /// The reason in a sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Language => "it stands in texts that have nothing to do with each other: a phrase of the language",
            Self::Genre => "a heading, formula, date or signature, as documents of one kind share them",
            Self::TooFewPages => "too few pages have it at an edge; more pages may tell",
            Self::InBodies => "it also stands between sentences, and says nothing that sites say",
            Self::TooVague => "little of it stays the same, so a pattern would match text as well",
            Self::TakesText => "on a page that it was not learned from, it took text that stands nowhere else",
            Self::Content => "what it takes of pages of HTML is likely their content, and too few pages say otherwise",
            Self::TakesTooMuch => "it takes more of a page than a step may",
            Self::FailsTests => "the tests of the proposed file failed with it",
        }
    }
}

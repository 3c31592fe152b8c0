//! The rule reference, `docs/rules.md`, made from what the steps say of themselves.

use std::fmt::Write as _;

use crate::steps::catalog::KINDS;
use crate::steps::doc::{Example, ParamKind, Place, StepDoc};

const HEAD: &str = "# Rule files

<!-- Made from the documentation of the steps in src/steps/ by `just docs`; edit there. -->

A rule file is TOML: one file a site, or one pack for noise that many sites share. It names its steps, says why, and carries its own tests.
`taoxi rules new ID` writes a skeleton, `taoxi rules check DIR` finds every fault, `taoxi rules test DIR` runs the tests, `taoxi rules explain FILE`
washes a document and shows which rule did what. `taoxi rules schema` prints a JSON Schema for editors.

| key | meaning |
|---|---|
| `id` | unique name, kebab-case |
| `title`, `why` | for people: what it is for and why |
| `hosts` | registrable domains it acts on; subdomains match |
| `subdomains` | `false`: only the hosts themselves and their `www` match |
| `signs` | literals that mark the site when no URL is known |
| `enabled` | `false` switches it off |
| `[[step]]` | steps, each with `id`, `kind`, its parameters, and if wanted `why`, `flag`, `enabled` |
| `[words]` | lists of words by name, for patterns with `words` |
| `[html]` | where things stand on the site's pages, for HTML input only: see below |
| `[[test]]` | `name`, `input` (a text) or `html` (a page), then `expect` or `unchanged = true`; also `flags`, `url`, and for a page `title`, `author`, `date` |

A file without `hosts` and `signs` is a pack and acts on every document; the shipped packs of `zh` act where lines with Han characters hold a fiftieth of the text. With a URL the `hosts` decide, without one the `signs`. In an overlay directory
(`--rules DIR`) a file with the id of a shipped one replaces it.

## Pages

```toml
[html]
content = [\"#article .body\", { xpath = \"//h1/following-sibling::div[1]\" }]
remove = [\".share\", { xpath = \"//p[starts-with(., 'Read also')]\" }]
title = [\"h1.headline\"]
author = [{ css = \"meta[name=author]\", attr = \"content\" }]
date = [{ xpath = \"substring-after(//p[@class='byline'], 'on ')\" }]

[[html.replace]]
find = \"<noscript>\"
with = \"<div>\"
```

| key | meaning |
|---|---|
| `content` | where the content is; the first entry that has text wins, with all elements that it matches |
| `remove` | what never belongs to it |
| `title`, `author`, `date` | where these stand; the first entry that gives one goes before what the page says of itself |
| `replace` | strings of the source that are replaced before the page is read, in this order |

An entry is a CSS selector or an XPath 1.0 expression. CSS knows tags, `.class`, `#id`, `[attribute]` with `=`, `~=`, `^=`, `$=`, `*=`, descendants, `>` and commas.
XPath knows all axes but `namespace`, all operators, and all functions but `id()`, `lang()` and `namespace-uri()`; names match whatever their case, attributes have
names, and comments are not there. In `content` and `remove` it gives elements or texts, elsewhere also attributes and strings. It has at most 4 KiB, and what it looks at
counts as work of the document. Elements that a page leaves out (`<html>`, `<body>`, `<tbody>`) are not there to be found.

Files for a longer host go before files for a shorter one. Where no entry of `content` has text, the learned choice of the main content decides, over what `remove` left.
A test with `html` runs the file's `[html]` on the page and then its steps on the text; it needs no URL.

## Patterns

A pattern is a table with one or more of `equals`, `prefix`, `suffix`, `contains`, `regex`, each a string or a list; any that matches counts. `where = \"head\"` or
`\"tail\"` asks for a place: the first 10 lines or 500 letters, the last 20 lines or what stands after the last prose. `\"start\"` and `\"end\"` ask for more: no prose (a sentence of 40 letters) before the line, or none behind it. `unless` is a pattern that forbids the match,
`min-chars` and `max-chars` bound the line, `on = \"raw\"` matches the line as it is.

Lines are matched **folded**: NFKC, lower case, traditional Han as simplified, no zero-width characters, no spaces but one between two alphabetic words. Patterns are
folded as well, so write them naturally. `：，；？！（）` fold to `:,;?!()` and `……` to `......`; `。、“”《》` stay. A regex (Rust syntax, linear time, up to 4 KiB of source and
1 MiB compiled) needs a literal of two characters (or a sign such as `>` or `★`) that every match contains, or `always = true`; at most 32 patterns may say that.

`words = \"name\"` asks in addition that a list under `[words]` covers `cover` = 80 percent of the line's letters (digits with their counters, tokens such as
`abc123` or `example.com`, and punctuation aside; an entry `*网` sets names such as 某某学习网 aside as well): furniture is made of few words, and an honest sentence with one of them in it is covered only in part.

A line longer than 120 characters is a flattened page: it is matched sentence by sentence, and only the sentence goes. Cuts and `drop-between` leave at least 200
letters or 20 % of the text; otherwise nothing happens and the flag `cut_refused` is set. Steps look at the text as it stood at the start of a pass; passes repeat until
nothing changes.

";

/// The reference as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(HEAD);
    for (place, title, intro) in [
        (Place::Rules, "Steps of rule files", ""),
        (
            Place::Profiles,
            "Normalisers of profiles",
            "A profile (`rules/profiles/*.toml`, or the folder `profiles` of an overlay directory) names packs and normalisers in the order they run; the step \
             `kind = \"rules\"` stands where site files and packs act.\n\n",
        ),
    ] {
        let _ = write!(out, "## {title}\n\n{intro}");
        for kind in KINDS.iter().filter(|kind| kind.doc.place == place) {
            step(&mut out, kind.doc);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn step(out: &mut String, doc: &StepDoc) {
    let _ = write!(out, "### `{}`\n\n{}\n\n{}\n\n", doc.kind, doc.what, doc.why);
    if !doc.params.is_empty() {
        out.push_str("| parameter | type | default | |\n|---|---|---|---|\n");
        for param in doc.params {
            let kind = match param.kind {
                ParamKind::Text => "text".to_owned(),
                ParamKind::Bool => "true or false".to_owned(),
                ParamKind::Count => "number".to_owned(),
                ParamKind::Choice(words) => words.join(", "),
                ParamKind::Pattern => "pattern".to_owned(),
            };
            let default = if param.default.is_empty() { "required".to_owned() } else { format!("`{}`", param.default) };
            let _ = writeln!(out, "| `{}` | {kind} | {default} | {} |", param.name, param.doc);
        }
        out.push('\n');
    }
    for example in doc.examples {
        self::example(out, example);
    }
}

fn example(out: &mut String, example: &Example) {
    if !example.toml.is_empty() {
        let _ = write!(out, "```toml\n{}\n```\n\n", example.toml);
    }
    let shown = |text: &str| text.trim_end_matches('\n').chars().map(visible).collect::<String>();
    if example.before == example.after {
        let _ = write!(out, "```text\n{}\n```\n\nstays as it is.\n\n", shown(example.before));
    } else {
        let _ = write!(
            out,
            "```diff\n{}\n{}\n```\n\n",
            prefixed(&shown(example.before), "- "),
            prefixed(&shown(example.after), "+ ")
        );
    }
}

fn prefixed(text: &str, prefix: &str) -> String {
    text.lines().map(|line| format!("{prefix}{line}")).collect::<Vec<_>>().join("\n")
}

/// Characters nobody sees are shown as their code.
fn visible(c: char) -> String {
    if crate::text::class::is_invisible(c) { format!("<U+{:04X}>", c as u32) } else { c.to_string() }
}

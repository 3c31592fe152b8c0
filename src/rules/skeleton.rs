//! The commented skeleton that `taoxi rules new ID` writes.

use super::step::is_kebab;

/// A rule file to start from; `None` when the id is not kebab-case.
#[must_use]
pub fn skeleton(id: &str) -> Option<String> {
    is_kebab(id).then(|| TEMPLATE.replace("{id}", id))
}

const TEMPLATE: &str = r#"# A rule file for taoxi. The reference is docs/rules.md; check with `taoxi rules check DIR` and `taoxi rules test DIR`.
id = "{id}"
title = "Name of the site, for people"
why = "What the site adds to its pages, in a sentence."
# Registrable domains; subdomains match.
hosts = ["example.com"]
# What marks the site when the URL is not known: something that only its own furniture says.
signs = ["某某文库版权所有"]

# A line that goes. Patterns are matched on folded lines: NFKC, lower case, simplified Han, no spaces within Chinese.
[[step]]
id = "contact"
kind = "drop-line"
line = { regex = '^加(?:客服)?微信:?\w+$' }

# A phrase inside a line; with a group named drop only that group goes.
[[step]]
id = "credit"
kind = "drop-span"
span = { contains = "（来自某某文库）" }

# Everything from a line on. The cut leaves at least 200 letters or 20 % of the text.
[[step]]
id = "preview-wall"
kind = "cut-after"
line = { regex = '^\.{6,}预览结束' }
flag = "truncated"

# Every step must fire in a test, and one test must show what stays.
[[test]]
name = "furniture goes"
input = """
报告的第一段写在这里，说明了全部情况（来自某某文库）。
加客服微信：0000000
报告的第二段。
……预览结束……
购买后阅读全文
"""
expect = """
报告的第一段写在这里，说明了全部情况。
报告的第二段。
"""
flags = ["truncated"]

[[test]]
name = "a report may speak of the same things"
input = "市民可以加微信群了解情况，预览结束后再提交。\n"
unchanged = true
"#;

//! Selectors of filter lists that CSS does not have here (`:has()`, `:not()`, siblings, positions, texts), as XPath.

use crate::html::XPath;

/// Deepest nesting of brackets.
const MAX_NESTING: usize = 8;

/// An expression for the same elements; the error names what has none.
pub(super) fn to_xpath(selector: &str) -> Result<String, String> {
    let mut parser = Parser { rest: selector, nesting: 0 };
    let list = parser.list("//")?;
    if !parser.rest.is_empty() {
        return Err(format!("`{}`", first(parser.rest)));
    }
    let xpath = list.join(" | ");
    match xpath.parse::<XPath>() {
        Ok(_) => Ok(xpath),
        Err(error) => Err(error.to_string()),
    }
}

fn first(rest: &str) -> String {
    let end = rest.char_indices().skip(1).find(|(_, c)| !c.is_alphanumeric() && *c != '-').map(|(at, _)| at);
    rest[..end.unwrap_or(rest.len())].to_owned()
}

/// A compound selector: a name and what stands in brackets behind it.
struct Compound {
    name: String,
    conditions: Vec<String>,
    /// Steps that lead on from it.
    further: String,
}

impl Compound {
    /// As a condition on the node itself.
    fn on_self(&self) -> String {
        format!("self::{}{}", self.name, self.brackets())
    }

    fn brackets(&self) -> String {
        let mut out = String::new();
        for condition in &self.conditions {
            out.extend(["[", condition.as_str(), "]"]);
        }
        out
    }
}

struct Parser<'s> {
    rest: &'s str,
    nesting: usize,
}

impl<'s> Parser<'s> {
    fn skip_space(&mut self) -> bool {
        let trimmed = self.rest.trim_start();
        let skipped = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        skipped
    }

    fn eat(&mut self, mark: char) -> bool {
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Complex selectors up to a bracket or the end, each beginning with `start`.
    fn list(&mut self, start: &str) -> Result<Vec<String>, String> {
        let mut all = vec![self.complex(start)?];
        while self.eat(',') {
            all.push(self.complex(start)?);
        }
        Ok(all)
    }

    fn complex(&mut self, start: &str) -> Result<String, String> {
        self.skip_space();
        let mut out = String::new();
        // In `:has()`, a combinator may come first.
        let mut combinator = if start == ".//" { self.combinator() } else { None };
        let mut lead = start;
        loop {
            self.skip_space();
            let compound = self.compound()?;
            let (name, brackets) = (compound.name.as_str(), compound.brackets());
            let brackets = brackets.as_str();
            match combinator {
                None => out.extend([lead, name, brackets]),
                Some(mark) => {
                    let own = if out.is_empty() { "." } else { "" };
                    match mark {
                        '>' => out.extend([own, "/", name, brackets]),
                        '+' => out.extend([own, "/following-sibling::*[1][self::", name, "]", brackets]),
                        _ => out.extend([own, "/following-sibling::", name, brackets]),
                    }
                }
            }
            out.push_str(&compound.further);
            let spaced = self.skip_space();
            if self.rest.is_empty() || self.rest.starts_with([',', ')']) {
                return Ok(out);
            }
            combinator = self.combinator();
            lead = "//";
            if combinator.is_none() && !spaced {
                return Err(format!("`{}`", first(self.rest)));
            }
        }
    }

    fn combinator(&mut self) -> Option<char> {
        ['>', '+', '~'].into_iter().find(|&mark| self.eat(mark))
    }

    fn compound(&mut self) -> Result<Compound, String> {
        let before = self.rest;
        let mut compound = Compound { name: "*".to_owned(), conditions: Vec::new(), further: String::new() };
        if !self.eat('*') && self.rest.starts_with(is_name) {
            compound.name = self.name()?.to_lowercase();
        }
        loop {
            if !compound.further.is_empty() && self.rest.starts_with(['.', '#', '[', ':']) {
                return Err("a condition behind :upward() or :xpath()".to_owned());
            }
            if self.eat('.') {
                let class = literal(&format!(" {} ", self.name()?))?;
                compound.conditions.push(format!("contains(concat(' ', normalize-space(@class), ' '), {class})"));
            } else if self.eat('#') {
                compound.conditions.push(format!("@id={}", literal(&self.name()?)?));
            } else if self.eat('[') {
                compound.conditions.push(self.attribute()?);
            } else if self.eat(':') {
                self.pseudo(&mut compound)?;
            } else {
                break;
            }
        }
        if self.rest.len() == before.len() { Err(format!("`{}`", first(self.rest))) } else { Ok(compound) }
    }

    fn name(&mut self) -> Result<String, String> {
        let end = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || rest.starts_with('\\') {
            return Err("a name with an escape, or none".to_owned());
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn attribute(&mut self) -> Result<String, String> {
        self.skip_space();
        let name = self.name()?.to_lowercase();
        self.skip_space();
        if self.eat(']') {
            return Ok(format!("@{name}"));
        }
        let operator = ['~', '^', '$', '*', '|'].into_iter().find(|&mark| self.eat(mark));
        if !self.eat('=') {
            return Err("an attribute selector that cannot be read".to_owned());
        }
        self.skip_space();
        let mut value = if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (value, rest) = self.rest[1..].split_once(quote).ok_or("a string without an end")?;
            if value.contains('\\') {
                return Err("a string with an escape".to_owned());
            }
            self.rest = rest;
            value.to_owned()
        } else {
            self.name()?
        };
        self.skip_space();
        let folds = self.eat('i') || self.eat('I');
        self.skip_space();
        if !self.eat(']') {
            return Err("an attribute selector that cannot be read".to_owned());
        }
        let mut place = format!("@{name}");
        if folds {
            value = value.to_ascii_lowercase();
            place = format!("translate(@{name}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')");
        }
        if value.is_empty() && !matches!(operator, None | Some('|')) {
            return Err("an empty value, which matches nothing".to_owned());
        }
        let (length, text) = (value.chars().count(), literal(&value)?);
        Ok(match operator {
            None => format!("{place}={text}"),
            Some('~') => {
                format!("contains(concat(' ', normalize-space({place}), ' '), {})", literal(&format!(" {value} "))?)
            }
            Some('^') => format!("starts-with({place}, {text})"),
            Some('$') => format!("substring({place}, string-length({place}) - {length} + 1)={text}"),
            Some('*') => format!("contains({place}, {text})"),
            Some(_) => format!("({place}={text} or starts-with({place}, {}))", literal(&format!("{value}-"))?),
        })
    }

    /// What stands in the parentheses that come next.
    fn argument(&mut self) -> Result<&'s str, String> {
        let mut depth = 0_usize;
        for (at, c) in self.rest.char_indices() {
            depth = match c {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            if depth == 0 {
                if at == 0 {
                    break;
                }
                let inside = &self.rest[1..at];
                self.rest = &self.rest[at + 1..];
                return Ok(inside.trim());
            }
        }
        Err("a bracket that is missing or never closed".to_owned())
    }

    /// The expressions of a selector list in parentheses.
    fn inner<T>(&mut self, read: impl FnOnce(&mut Parser<'_>) -> Result<T, String>) -> Result<T, String> {
        if self.nesting >= MAX_NESTING {
            return Err("brackets nested too deep".to_owned());
        }
        let mut parser = Parser { rest: self.argument()?, nesting: self.nesting + 1 };
        let out = read(&mut parser)?;
        if parser.rest.is_empty() { Ok(out) } else { Err(format!("`{}`", first(parser.rest))) }
    }

    fn pseudo(&mut self, compound: &mut Compound) -> Result<(), String> {
        let name = self.name()?.to_lowercase();
        let tag = compound.name.clone();
        let condition = match name.as_str() {
            "has" | "-abp-has" | "if" => self.inner(|parser| parser.list(".//"))?.join(" or "),
            "not" if !self.rest.starts_with("(:has") => format!("not({})", self.inner(compounds)?),
            "not" => self.inner(|parser| {
                parser.rest = parser.rest.trim_start_matches(':');
                let mut has = Compound { name: "*".to_owned(), conditions: Vec::new(), further: String::new() };
                parser.pseudo(&mut has)?;
                Ok(format!("not({})", has.conditions.join(" and ")))
            })?,
            "is" | "where" | "matches" => self.inner(compounds)?,
            "has-text" | "-abp-contains" | "contains" => {
                let text = self.argument()?;
                if text.starts_with('/') {
                    return Err("a regular expression".to_owned());
                }
                format!("contains(., {})", literal(text.trim_matches(['"', '\'']))?)
            }
            "min-text-length" => format!("string-length(.) >= {}", self.number()?),
            "empty" => "not(node())".to_owned(),
            "first-child" => "not(preceding-sibling::*)".to_owned(),
            "last-child" => "not(following-sibling::*)".to_owned(),
            "only-child" => "not(preceding-sibling::*) and not(following-sibling::*)".to_owned(),
            "first-of-type" if tag != "*" => format!("not(preceding-sibling::{tag})"),
            "last-of-type" if tag != "*" => format!("not(following-sibling::{tag})"),
            "nth-child" => format!("count(preceding-sibling::*) = {} - 1", self.number()?),
            "nth-last-child" => format!("count(following-sibling::*) = {} - 1", self.number()?),
            "nth-of-type" if tag != "*" => format!("count(preceding-sibling::{tag}) = {} - 1", self.number()?),
            "nth-last-of-type" if tag != "*" => format!("count(following-sibling::{tag}) = {} - 1", self.number()?),
            "upward" | "nth-ancestor" => {
                let argument = self.argument()?;
                compound.further = match argument.parse::<usize>() {
                    Ok(steps @ 1..=64) => format!("/ancestor::*[{steps}]"),
                    Ok(_) => return Err("`:upward()` that far".to_owned()),
                    Err(_) => {
                        let inner = Parser { rest: argument, nesting: self.nesting }.compound()?;
                        format!("/ancestor::{}{}[1]", inner.name, inner.brackets())
                    }
                };
                return Ok(());
            }
            "xpath" => {
                let argument = self.argument()?;
                compound.further = match argument.strip_prefix("..") {
                    Some(rest) => format!("/..{rest}"),
                    None => return Err("`:xpath()` that does not begin with `..`".to_owned()),
                };
                return Ok(());
            }
            _ => return Err(format!("`:{name}`")),
        };
        compound.conditions.push(condition);
        Ok(())
    }

    fn number(&mut self) -> Result<usize, String> {
        let argument = self.argument()?;
        argument.parse().map_err(|_| format!("`({argument})`"))
    }
}

/// Compounds of which one must hold for the node itself.
fn compounds(parser: &mut Parser<'_>) -> Result<String, String> {
    let mut all = Vec::new();
    loop {
        parser.skip_space();
        let compound = parser.compound()?;
        if !compound.further.is_empty() {
            return Err("`:upward` within brackets".to_owned());
        }
        all.push(compound.on_self());
        parser.skip_space();
        if !parser.eat(',') {
            return Ok(all.join(" or "));
        }
    }
}

/// A string of XPath, which knows no escapes.
fn literal(text: &str) -> Result<String, String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        (true, true) => Err("a text with both kinds of quotes".to_owned()),
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_become_expressions() {
        for (selector, expected) in [
            ("div:has(> .ad)", "//div[./*[contains(concat(' ', normalize-space(@class), ' '), ' ad ')]]"),
            ("p + q", "//p/following-sibling::*[1][self::q]"),
            ("p ~ #a", "//p/following-sibling::*[@id='a']"),
            ("li:nth-child(2) > a", "//li[count(preceding-sibling::*) = 2 - 1]/a"),
            (
                "li:not(.a, b)",
                "//li[not(self::*[contains(concat(' ', normalize-space(@class), ' '), ' a ')] or self::b)]",
            ),
            ("p:has-text(Sponsored)", "//p[contains(., 'Sponsored')]"),
            (
                "a[href$=\".pdf\"]:upward(2)",
                "//a[substring(@href, string-length(@href) - 4 + 1)='.pdf']/ancestor::*[2]",
            ),
            ("i:upward(div.x)", "//i/ancestor::div[contains(concat(' ', normalize-space(@class), ' '), ' x ')][1]"),
            ("a:not(:has(b)), c", "//a[not(.//b)] | //c"),
            ("a:xpath(../..)", "//a/../.."),
        ] {
            assert_eq!(to_xpath(selector).as_deref(), Ok(expected), "{selector}");
        }
    }

    #[test]
    fn what_has_no_expression_is_named() {
        for (selector, expected) in [
            ("a:hover", "`:hover`"),
            ("a:has-text(/x/)", "a regular expression"),
            ("li:nth-child(2n+1)", "`(2n+1)`"),
            (":matches-css(color: red)", "`:matches-css`"),
            ("a:has(b", "a bracket that is missing or never closed"),
            ("", "``"),
            ("a >", "``"),
            ("a$", "`$`"),
        ] {
            assert_eq!(to_xpath(selector), Err(expected.to_owned()), "{selector}");
        }
        let deep = format!("a{}b{}", ":has(".repeat(3000), ")".repeat(3000));
        assert_eq!(to_xpath(&deep), Err("brackets nested too deep".to_owned()));
    }
}

//! CSS selectors as expressions, and expressions as CSS selectors where both mean the same elements.

use super::ast::{Axis, Comparison, Expr, Function, NodeTest, Predicate, Start, Step};
use crate::html::selector::{Combinator, Selector};

/// Most selectors that one path becomes, where `or` has to be written out.
const MAX_ALTERNATIVES: usize = 16;

pub(super) fn from_css(selector: &Selector, attribute: Option<&str>) -> Expr {
    let paths = selector.alternatives.iter().map(|complex| {
        let mut steps = Vec::new();
        for (combinator, compound) in &complex.compounds {
            if *combinator != Combinator::Child {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: NodeTest::Node, predicates: Vec::new() });
            }
            let test = compound.tag.as_ref().map_or(NodeTest::Any, |tag| NodeTest::Name(tag.clone()));
            let condition = |test| Predicate { expr: Expr::Attribute(test), is_positional: false };
            let predicates = compound.tests.iter().cloned().map(condition).collect();
            steps.push(Step { axis: Axis::Child, test, predicates });
        }
        if let Some(name) = attribute {
            let test = NodeTest::Name(name.to_lowercase().into());
            steps.push(Step { axis: Axis::Attribute, test, predicates: Vec::new() });
        }
        Expr::Path { from: Start::Root, steps }
    });
    Expr::Union(paths.collect())
}

pub(super) fn to_css(expr: &Expr) -> Option<String> {
    let paths = match expr {
        Expr::Union(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut out = Vec::new();
    for path in paths {
        out.extend(selectors(path)?);
    }
    (out.len() <= MAX_ALTERNATIVES).then(|| out.join(", "))
}

pub(super) fn to_css_value(expr: &Expr) -> Option<(String, Option<String>)> {
    let Expr::Path { from: Start::Root, steps } = expr else { return Some((to_css(expr)?, None)) };
    match steps.split_last() {
        Some((Step { axis: Axis::Attribute, test: NodeTest::Name(name), predicates }, before)) => {
            let elements = Expr::Path { from: Start::Root, steps: before.to_vec() };
            predicates.is_empty().then_some(())?;
            Some((to_css(&elements)?, Some(name.to_string())))
        }
        _ => Some((to_css(expr)?, None)),
    }
}

/// The selectors that a path becomes.
fn selectors(path: &Expr) -> Option<Vec<String>> {
    let Expr::Path { from: Start::Root, steps } = path else { return None };
    let mut out = vec![String::new()];
    let mut below = false;
    for step in steps {
        if step.axis == Axis::DescendantOrSelf && step.test == NodeTest::Node && step.predicates.is_empty() {
            below = true;
            continue;
        }
        let combinator = match (step.axis, out.iter().all(String::is_empty)) {
            (Axis::Child, true) if below => "",
            (Axis::Descendant, true) => "",
            (Axis::Child, false) if !below => " > ",
            (Axis::Child | Axis::Descendant, false) => " ",
            _ => return None,
        };
        below = false;
        let compounds = compounds(step)?;
        if out.len() * compounds.len() > MAX_ALTERNATIVES {
            return None;
        }
        out = out
            .iter()
            .flat_map(|before| compounds.iter().map(move |compound| format!("{before}{combinator}{compound}")))
            .collect();
    }
    (!below && out.iter().all(|selector| !selector.is_empty())).then_some(out)
}

/// What a step asks of an element, as compound selectors of which one must match.
fn compounds(step: &Step) -> Option<Vec<String>> {
    let name = match &step.test {
        NodeTest::Name(name) if is_ident(name) => name,
        NodeTest::Any => "",
        _ => return None,
    };
    let mut out = vec![name.to_owned()];
    for predicate in &step.predicates {
        if predicate.is_positional {
            return None;
        }
        out = both(&out, &conditions(&predicate.expr)?)?;
    }
    out.iter().all(|compound| !compound.is_empty()).then_some(out)
}

/// Each of the one with each of the other.
fn both(first: &[String], second: &[String]) -> Option<Vec<String>> {
    let pairs = first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}")));
    (first.len() * second.len() <= MAX_ALTERNATIVES).then(|| pairs.collect())
}

/// Conditions of which one must hold.
fn conditions(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::And(all) => {
            let mut out = vec![String::new()];
            for expr in all {
                out = both(&out, &conditions(expr)?)?;
            }
            Some(out)
        }
        Expr::Or(all) => {
            let mut out = Vec::new();
            for expr in all {
                out.extend(conditions(expr)?);
            }
            Some(out)
        }
        _ => Some(vec![condition(expr)?]),
    }
}

fn condition(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path { .. } => Some(format!("[{}]", attribute(expr)?)),
        Expr::Compare(Comparison::Equal, left, right) => {
            let (name, value) = match (&**left, &**right) {
                (name, Expr::Literal(value)) | (Expr::Literal(value), name) => (attribute(name)?, value),
                _ => return None,
            };
            if name == "id" && is_ident(value) { Some(format!("#{value}")) } else { test(name, "=", value) }
        }
        Expr::Call(Function::Contains, arguments) => {
            let [place, Expr::Literal(value)] = arguments.as_slice() else { return None };
            if let Some(name) = words(place) {
                let word = value.strip_prefix(' ')?.strip_suffix(' ')?;
                if word.is_empty() || word.contains(char::is_whitespace) {
                    return None;
                }
                return if name == "class" && is_ident(word) {
                    Some(format!(".{word}"))
                } else {
                    test(name, "~=", word)
                };
            }
            test(attribute(place)?, "*=", value)
        }
        Expr::Call(Function::StartsWith, arguments) => {
            let [place, Expr::Literal(value)] = arguments.as_slice() else { return None };
            test(attribute(place)?, "^=", value)
        }
        _ => None,
    }
}

/// `@name`.
fn attribute(expr: &Expr) -> Option<&str> {
    let Expr::Path { from: Start::Here, steps } = expr else { return None };
    match steps.as_slice() {
        [Step { axis: Axis::Attribute, test: NodeTest::Name(name), predicates }] if predicates.is_empty() => {
            is_ident(name).then_some(name)
        }
        _ => None,
    }
}

/// `concat(' ', normalize-space(@name), ' ')`, the usual way to ask for a word.
fn words(expr: &Expr) -> Option<&str> {
    let Expr::Call(Function::Concat, parts) = expr else { return None };
    let [Expr::Literal(before), Expr::Call(Function::NormalizeSpace, inner), Expr::Literal(after)] = parts.as_slice()
    else {
        return None;
    };
    let [inner] = inner.as_slice() else { return None };
    (&**before == " " && &**after == " ").then(|| attribute(inner))?
}

/// An empty value would match everywhere in XPath and nowhere in CSS.
fn test(name: &str, operator: &str, value: &str) -> Option<String> {
    if (value.is_empty() && operator != "=") || value.contains(char::is_control) {
        return None;
    }
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    Some(format!("[{name}{operator}\"{value}\"]"))
}

/// Whether a name can stand in a selector as it is.
fn is_ident(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii();
    let start = name.trim_start_matches('-');
    name.len() - start.len() < 2 && start.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(inside)
}

#[cfg(test)]
mod tests {
    use super::super::XPath;
    use super::*;

    fn css(xpath: &str) -> Option<String> {
        xpath.parse::<XPath>().unwrap().to_css()
    }

    #[test]
    fn what_css_can_say_becomes_css() {
        for (xpath, expected) in [
            ("//div", "div"),
            ("//div[@class='a b']", "div[class=\"a b\"]"),
            ("//div[@id = 'main']", "div#main"),
            ("//div[@id='1a']", "div[id=\"1a\"]"),
            ("//*[contains(@class, \"ad\")]", "[class*=\"ad\"]"),
            ("//p[starts-with(@id,'x')]", "p[id^=\"x\"]"),
            ("//p[contains(concat(' ',normalize-space(@class),' '),' md ')]", "p.md"),
            ("//p[contains(concat(' ', normalize-space(@rel), ' '), ' x ')]", "p[rel~=\"x\"]"),
            ("//p[contains(concat(' ',normalize-space(@class),' '),' a:b ')]", "p[class~=\"a:b\"]"),
            ("//a[@href and @rel='x']", "a[href][rel=\"x\"]"),
            ("//a[@x or @y]/b", "a[x] > b, a[y] > b"),
            ("//ul//li/a", "ul li > a"),
            ("//ul/descendant::li", "ul li"),
            ("//h1 | //h2[(@class='t')]", "h1, h2[class=\"t\"]"),
            ("//x-card", "x-card"),
        ] {
            assert_eq!(css(xpath).as_deref(), Some(expected), "{xpath}");
            assert!(Selector::parse(expected).is_ok(), "{expected}");
        }
    }

    #[test]
    fn attributes_are_told_from_their_elements() {
        let value = |xpath: &str| xpath.parse::<XPath>().unwrap().to_css_value();
        let expected = ("meta[name=\"author\"]".to_owned(), Some("content".to_owned()));
        assert_eq!(value("//meta[@name='author']/@content"), Some(expected));
        assert_eq!(value("//h1"), Some(("h1".to_owned(), None)));
        assert_eq!(value("//time//@datetime"), None);
    }

    #[test]
    fn what_css_cannot_say_stays() {
        for xpath in [
            "//p[1]",
            "/html/body",
            "//p/text()",
            "//a/..",
            "//p[contains(., 'x')]",
            "//p[@a != 'b']",
            "//*",
            "//p[contains(@class, '')]",
            "//p[not(@a)]",
            "//div[p]",
            "//a/@href",
            "string('x')",
            "(//p)[1]",
            "//p//",
            "//p[contains(concat(' ',@class,' '),' a ')]",
            "//p[contains(concat(' ',normalize-space(@class),' '),'a')]",
        ] {
            if let Ok(xpath) = xpath.parse::<XPath>() {
                assert_eq!(xpath.to_css(), None, "{xpath:?}");
            }
        }
    }
}

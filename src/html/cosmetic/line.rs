//! One line of a filter list.

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// Blank, a comment or a header.
    Nothing,
    /// About requests; not for us.
    Network,
    /// Hides elements.
    Hide { domains: Domains<'l>, selector: &'l str },
    /// Takes a rule with this very selector back.
    Show { domains: Domains<'l>, selector: &'l str },
    /// Takes all rules (or all generic ones) back on a host and below it.
    Except { host: &'l str, generic_only: bool },
    /// Hides elements in a way that needs a browser; the reason names it.
    Refused(&'static str),
}

/// Where a rule acts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Domains<'l> {
    /// On these hosts and below them; everywhere if there are none.
    pub(super) on: Vec<Domain<'l>>,
    /// But not on these.
    pub(super) off: Vec<Domain<'l>>,
}

/// A host, or one with any ending (`example.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain<'l> {
    Host(&'l str),
    Entity(&'l str),
}

/// Reads a line.
pub(super) fn read(line: &str) -> Line<'_> {
    read_with(line, false)
}

/// Reads a line; `extended` takes `#?#` rules, whose selectors are not those of CSS, as others.
pub(super) fn read_with(line: &str, extended: bool) -> Line<'_> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('!') || (line.starts_with('[') && !line.starts_with("[$")) {
        return Line::Nothing;
    }
    let Some((start, mark)) = separator(line) else { return network(line) };
    let selector = line[start + mark.len()..].trim();
    let is_exception = mark.contains('@');
    match mark.trim_matches(['#', '@']) {
        "" => {}
        "?" if extended => {}
        "?" => return Line::Refused("#?#"),
        "%" => return Line::Refused("#%#"),
        _ => return Line::Refused("#$#"),
    }
    if line.starts_with("[$") {
        return Line::Refused("[$…]");
    }
    if selector.starts_with("+js(") || selector.starts_with("script:inject(") {
        return Line::Refused("+js()");
    }
    if selector.starts_with('^') {
        return Line::Refused("##^");
    }
    if selector.is_empty() {
        return Line::Refused("an empty selector");
    }
    let Some(domains) = domains(&line[..start]) else { return Line::Refused("a pattern of hosts") };
    // Removing and hiding are one thing for a text.
    let selector = selector.strip_suffix(":remove()").unwrap_or(selector);
    if is_exception { Line::Show { domains, selector } } else { Line::Hide { domains, selector } }
}

/// The first `##`, `#@#`, `#?#`, `#$#` and their like, with its place.
pub(super) fn separator(line: &str) -> Option<(usize, &str)> {
    const MARKS: [&str; 10] = ["##", "#@#", "#?#", "#@?#", "#$#", "#@$#", "#$?#", "#@$?#", "#%#", "#@%#"];
    line.match_indices('#').find_map(|(at, _)| {
        let mark = MARKS.iter().find(|mark| line[at..].starts_with(**mark))?;
        Some((at, &line[at..at + mark.len()]))
    })
}

fn domains(text: &str) -> Option<Domains<'_>> {
    let mut domains = Domains::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "*") {
        let (list, name) = match part.strip_prefix('~') {
            Some(name) => (&mut domains.off, name),
            None => (&mut domains.on, part),
        };
        let (name, entity) = match name.strip_suffix(".*") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if !plain {
            return None;
        }
        list.push(if entity { Domain::Entity(name) } else { Domain::Host(name) });
    }
    Some(domains)
}

/// `@@||host^$elemhide`; everything else without a separator is about requests.
fn network(line: &str) -> Line<'_> {
    let except = || {
        let (pattern, options) = line.strip_prefix("@@||")?.rsplit_once('$')?;
        let host = pattern.trim_end_matches(['^', '/', '*']);
        let is_host = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
        let has = |names: [&str; 2]| options.split(',').any(|option| names.contains(&option.trim()));
        let all = has(["elemhide", "ehide"]);
        (is_host && (all || has(["generichide", "ghide"]))).then_some(Line::Except { host, generic_only: !all })
    };
    except().unwrap_or(Line::Network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on<'l>(domains: &[Domain<'l>]) -> Domains<'l> {
        Domains { on: domains.to_vec(), off: Vec::new() }
    }

    #[test]
    fn lines_are_told_apart() {
        for (line, expected) in [
            ("", Line::Nothing),
            ("! ##.ad", Line::Nothing),
            ("[Adblock Plus 2.0]", Line::Nothing),
            ("||ads.example^$third-party", Line::Network),
            ("/banner/*#/", Line::Network),
            ("##.ad", Line::Hide { domains: on(&[]), selector: ".ad" }),
            ("*##.ad:remove()", Line::Hide { domains: on(&[]), selector: ".ad" }),
            ("###ad", Line::Hide { domains: on(&[]), selector: "#ad" }),
            ("a.example##.ad", Line::Hide { domains: on(&[Domain::Host("a.example")]), selector: ".ad" }),
            ("a.*##.ad", Line::Hide { domains: on(&[Domain::Entity("a")]), selector: ".ad" }),
            ("a.example#@#.ad", Line::Show { domains: on(&[Domain::Host("a.example")]), selector: ".ad" }),
            ("@@||a.example^$generichide", Line::Except { host: "a.example", generic_only: true }),
            ("@@||a.example^$script,elemhide", Line::Except { host: "a.example", generic_only: false }),
            ("@@||a.example/x$elemhide", Line::Network),
            ("a.example##+js(x)", Line::Refused("+js()")),
            ("a.example#?#.a:-abp-has(.b)", Line::Refused("#?#")),
            ("a.example#$#.a { color: red }", Line::Refused("#$#")),
            ("a.example##^script", Line::Refused("##^")),
            ("/a[0-9]/##.ad", Line::Refused("a pattern of hosts")),
            ("[$path=/x]a.example##.ad", Line::Refused("[$…]")),
            ("##", Line::Refused("an empty selector")),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
        let expected = Domains { on: vec![Domain::Host("a.example")], off: vec![Domain::Host("b.a.example")] };
        assert_eq!(read("a.example,~b.a.example##p"), Line::Hide { domains: expected, selector: "p" });
    }
}

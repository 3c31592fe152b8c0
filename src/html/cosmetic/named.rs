//! The rules of a list that name a host, as they are written: for whoever makes a rule file of them.

use super::line::{Domain, Line, read_with, separator};

/// A rule that names a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedRule<'l> {
    /// Hides what the selector means, which may be one that CSS does not have.
    Hide(&'l str),
    /// Takes a rule with this very selector back.
    Show(&'l str),
    /// Names only hosts below this one.
    Below,
    /// Cannot be read; the reason.
    Refused(&'static str),
}

/// A line of a list that names a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'l> {
    /// Its number, from 1.
    pub number: usize,
    /// The line.
    pub line: &'l str,
    /// What it says.
    pub rule: NamedRule<'l>,
    /// It leaves out a host below this one.
    pub leaves_out: bool,
}

/// The lines of a list that name a host or one above it. Rules without a host are not among them.
pub fn named<'l>(list: &'l str, host: &str) -> Vec<Named<'l>> {
    let mut out = Vec::new();
    for (number, line) in (1..).zip(list.lines()) {
        let line = line.trim();
        let (domains, rule) = match read_with(line, true) {
            Line::Hide { domains, selector } => (domains, NamedRule::Hide(selector)),
            Line::Show { domains, selector } => (domains, NamedRule::Show(selector)),
            Line::Refused(reason) if names(line, host) => {
                out.push(Named { number, line, rule: NamedRule::Refused(reason), leaves_out: false });
                continue;
            }
            _ => continue,
        };
        let on = domains.on.iter().any(|domain| covers(*domain, host));
        let off = domains.off.iter().any(|domain| covers(*domain, host));
        let below = |domain: &Domain<'_>| matches!(domain, Domain::Host(name) if is_below(name, host) && *name != host);
        if on && !off {
            let leaves_out = domains.off.iter().any(below);
            out.push(Named { number, line, rule, leaves_out });
        } else if !off && domains.on.iter().any(below) {
            out.push(Named { number, line, rule: NamedRule::Below, leaves_out: false });
        }
    }
    out
}

/// Whether the part of a line before its mark has the host among its names.
fn names(line: &str, host: &str) -> bool {
    let before = separator(line).map_or("", |(at, _)| &line[..at]);
    before.split(',').any(|name| is_below(host, name.trim().trim_start_matches('~')))
}

fn is_below(host: &str, above: &str) -> bool {
    let rest = host.len().checked_sub(above.len()).and_then(|at| Some((host.get(..at)?, host.get(at..)?)));
    !above.is_empty()
        && rest.is_some_and(|(before, end)| {
            end.eq_ignore_ascii_case(above) && (before.is_empty() || before.ends_with('.'))
        })
}

fn covers(domain: Domain<'_>, host: &str) -> bool {
    match domain {
        Domain::Host(name) => is_below(host, name),
        // The ending that `.*` stands for has one or two labels.
        Domain::Entity(name) => {
            let shorter = host.rsplit_once('.').map(|(rest, _)| rest);
            let shortest = shorter.and_then(|rest| rest.rsplit_once('.')).map(|(rest, _)| rest);
            [shorter, shortest].into_iter().flatten().any(|host| is_below(host, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_a_host_are_found() {
        let list = "! x\n##.ad\na.example##.b\na.example,~w.a.example##.c\nb.example##.d\na.*#@#.e\nw.a.example##.f\n\
            a.example#?#.g:-abp-has(.h)\na.example##+js(x)\n||a.example^\nxa.example##.i\n";
        let found: Vec<(usize, NamedRule<'_>)> =
            named(list, "a.example").into_iter().map(|named| (named.number, named.rule)).collect();
        let expected = [
            (3, NamedRule::Hide(".b")),
            (4, NamedRule::Hide(".c")),
            (6, NamedRule::Show(".e")),
            (7, NamedRule::Below),
            (8, NamedRule::Hide(".g:-abp-has(.h)")),
            (9, NamedRule::Refused("+js()")),
        ];
        assert_eq!(found, expected);
        let below: Vec<usize> = named(list, "w.a.example").into_iter().map(|named| named.number).collect();
        assert_eq!(below, [3, 6, 7, 8, 9]);
    }
}

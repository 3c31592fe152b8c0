//! The grammar of selectors: a cursor over the source that fails at the byte where it stopped.

use crate::html::selector::{Combinator, Complex, Compound, Operator, Selector, SelectorError, Test};

/// Parses a whole selector list.
pub(super) fn parse(source: &str) -> Result<Selector, SelectorError> {
    let mut cursor = Cursor { source, at: 0 };
    let mut alternatives = vec![cursor.complex()?];
    while cursor.eat(',') {
        alternatives.push(cursor.complex()?);
    }
    match cursor.peek() {
        None => Ok(Selector { alternatives }),
        Some(found) => Err(SelectorError::Unsupported { offset: cursor.at, found }),
    }
}

struct Cursor<'s> {
    source: &'s str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn skip_space(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.at > start
    }

    fn complex(&mut self) -> Result<Complex, SelectorError> {
        self.skip_space();
        let mut compounds = vec![(Combinator::None, self.compound()?)];
        loop {
            let spaced = self.skip_space();
            let combinator = match self.peek() {
                None | Some(',') => return Ok(Complex { compounds }),
                Some('>') => {
                    self.at += 1;
                    self.skip_space();
                    Combinator::Child
                }
                Some(_) if spaced => Combinator::Descendant,
                Some(found) => return Err(SelectorError::Unsupported { offset: self.at, found }),
            };
            compounds.push((combinator, self.compound()?));
        }
    }

    fn compound(&mut self) -> Result<Compound, SelectorError> {
        let start = self.at;
        let mut compound = Compound::default();
        if self.peek().is_some_and(|c| is_name(c) || c == '\\') {
            compound.tag = Some(self.name()?.to_ascii_lowercase().into());
        }
        loop {
            let test = match self.peek() {
                Some('.') => self.shorthand("class", Operator::Word)?,
                Some('#') => self.shorthand("id", Operator::Equals)?,
                Some('[') => self.attribute()?,
                _ => break,
            };
            compound.tests.push(test);
        }
        if self.at > start {
            return Ok(compound);
        }
        Err(match self.peek() {
            None | Some(',' | '>') => SelectorError::Empty { offset: start },
            Some(found) => SelectorError::Unsupported { offset: start, found },
        })
    }

    /// `.class` or `#id`.
    fn shorthand(&mut self, name: &str, operator: Operator) -> Result<Test, SelectorError> {
        self.at += 1;
        Ok(Test { name: name.into(), operator, value: self.name()?.into() })
    }

    /// `[name]` or `[name operator value]`.
    fn attribute(&mut self) -> Result<Test, SelectorError> {
        let open = self.at;
        self.at += 1;
        self.skip_space();
        let name: Box<str> = self.name()?.to_ascii_lowercase().into();
        self.skip_space();
        let operator = match self.peek() {
            None => {
                return Err(SelectorError::Unclosed { offset: open, open: '[' });
            }
            Some(']') => Operator::Present,
            Some('=') => Operator::Equals,
            Some('~') => Operator::Word,
            Some('^') => Operator::Prefix,
            Some('$') => Operator::Suffix,
            Some('*') => Operator::Substring,
            Some(_) => return Err(SelectorError::BadAttribute { offset: self.at }),
        };
        if self.eat(']') {
            return Ok(Test { name, operator, value: "".into() });
        }
        self.at += usize::from(operator != Operator::Equals);
        if !self.eat('=') {
            return Err(SelectorError::BadAttribute { offset: self.at });
        }
        self.skip_space();
        let value = self.value()?.into();
        self.skip_space();
        match self.peek() {
            Some(']') => self.at += 1,
            None => {
                return Err(SelectorError::Unclosed { offset: open, open: '[' });
            }
            Some(found) => return Err(SelectorError::Unsupported { offset: self.at, found }),
        }
        Ok(Test { name, operator, value })
    }

    fn value(&mut self) -> Result<String, SelectorError> {
        let open = self.at;
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            return self.name();
        };
        self.at += 1;
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => value.extend(self.escape()),
                _ if c == quote => return Ok(value),
                _ => value.push(c),
            }
        }
        Err(SelectorError::Unclosed { offset: open, open: quote })
    }

    fn name(&mut self) -> Result<String, SelectorError> {
        let start = self.at;
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                name.extend(self.escape());
            } else if is_name(c) {
                self.at += c.len_utf8();
                name.push(c);
            } else {
                break;
            }
        }
        if name.is_empty() { Err(SelectorError::MissingName { offset: start }) } else { Ok(name) }
    }

    /// What follows a backslash: a character, or up to six hexadecimal digits and a space (CSS Syntax 4.3.7).
    fn escape(&mut self) -> Option<char> {
        let mut code = 0;
        let mut digits = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 6) {
            code = code * 16 + digit;
            digits += 1;
            self.at += 1;
        }
        if digits == 0 {
            return self.next();
        }
        if self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        Some(char::from_u32(code).filter(|&c| c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> SelectorError {
        parse(source).expect_err(source)
    }

    #[test]
    fn every_supported_form_is_read() {
        for source in [
            "p", ".a", "#b", "[c]", "[c=d]", "[c='d e']", "[c~=d]", "[c^=\"d\"]", "[c$=d]", "[c*=d]", "p.a#b[c]",
            "a b", "a>b", "a > b c", "a, b,c", " a ", ".md\\:flex", "#\\31 0", "x-card", ".正文", "[ data-x = 'y' ]",
        ] {
            assert!(parse(source).is_ok(), "{source}: {:?}", parse(source));
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let selector = parse(".md\\:flex#\\31 0").unwrap();
        let tests = &selector.alternatives[0].compounds[0].1.tests;
        assert_eq!((&*tests[0].value, &*tests[1].value), ("md:flex", "10"));
    }

    #[test]
    fn everything_else_is_refused_where_it_stands() {
        use SelectorError::{BadAttribute, Empty, MissingName, Unclosed, Unsupported};
        let cases = [
            ("", Empty { offset: 0 }),
            ("a,", Empty { offset: 2 }),
            ("a > ", Empty { offset: 4 }),
            ("> a", Empty { offset: 0 }),
            (".", MissingName { offset: 1 }),
            ("a#", MissingName { offset: 2 }),
            ("[]", MissingName { offset: 1 }),
            ("*", Unsupported { offset: 0, found: '*' }),
            ("a:hover", Unsupported { offset: 1, found: ':' }),
            ("a + b", Unsupported { offset: 2, found: '+' }),
            ("a ~ b", Unsupported { offset: 2, found: '~' }),
            ("a|b", Unsupported { offset: 1, found: '|' }),
            ("[a=b i]", Unsupported { offset: 5, found: 'i' }),
            ("[a!=b]", BadAttribute { offset: 2 }),
            ("[a|=b]", BadAttribute { offset: 2 }),
            ("[a^b]", BadAttribute { offset: 3 }),
            ("p[a", Unclosed { offset: 1, open: '[' }),
            ("[a=b", Unclosed { offset: 0, open: '[' }),
            ("[a='b]", Unclosed { offset: 3, open: '\'' }),
        ];
        for (source, expected) in cases {
            assert_eq!(error(source), expected, "{source}");
        }
    }
}

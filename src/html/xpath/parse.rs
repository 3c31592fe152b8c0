//! The grammar of XPath 1.0 (W3C 1999, section 3): a cursor over the source that fails at the byte where it stopped.

use thiserror::Error;

use super::ast::{Arithmetic, Axis, Comparison, Expr, Function, Gives, NodeTest, Predicate, Start, Step};

/// Longest expression, in bytes.
pub const MAX_SOURCE: usize = 4 << 10;
/// Most operators, steps, calls and brackets of an expression.
pub const MAX_PARTS: usize = 512;
/// Deepest nesting of brackets and calls.
pub const MAX_NESTING: usize = 32;

/// Why an expression was refused. Offsets are in bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum XPathError {
    /// Over [`MAX_SOURCE`].
    #[error("an XPath of {0} bytes is too long; at most {MAX_SOURCE} are read")]
    TooLong(usize),
    /// Over [`MAX_PARTS`] or [`MAX_NESTING`].
    #[error("the XPath has more than {MAX_PARTS} parts, or more than {MAX_NESTING} brackets within each other")]
    TooComplex,
    /// Something that cannot stand there.
    #[error("byte {offset}: {found} cannot stand here in an XPath; expected {expected}")]
    Unexpected {
        /// Where it stands.
        offset: usize,
        /// What stands there.
        found: String,
        /// What could.
        expected: &'static str,
    },
    /// A string that does not end.
    #[error("byte {offset}: the string that begins here is never closed")]
    Unclosed {
        /// Where it begins.
        offset: usize,
    },
    /// No function of XPath 1.0, or one that asks for what a page does not have.
    #[error("byte {offset}: there is no function `{name}()` here")]
    UnknownFunction {
        /// Where it stands.
        offset: usize,
        /// Its name.
        name: String,
    },
    /// Too few or too many arguments, or a string where nodes are wanted.
    #[error("byte {offset}: `{name}()` cannot take these arguments")]
    Arguments {
        /// Where it stands.
        offset: usize,
        /// Its name.
        name: &'static str,
    },
    /// XPath that is not supported here.
    #[error("byte {offset}: {what} cannot be evaluated here")]
    Unsupported {
        /// Where it stands.
        offset: usize,
        /// What it is.
        what: &'static str,
    },
}

/// Parses an expression.
pub(super) fn parse(source: &str) -> Result<Expr, XPathError> {
    if source.len() > MAX_SOURCE {
        return Err(XPathError::TooLong(source.len()));
    }
    let mut parser = Parser { source, at: 0, parts: 0, nesting: 0 };
    let expr = parser.or()?;
    parser.skip_space();
    if parser.at < source.len() { Err(parser.unexpected("the end, an operator or a step")) } else { Ok(expr) }
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
    parts: usize,
    nesting: usize,
}

type Parsed<T> = Result<T, XPathError>;

impl<'s> Parser<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at = self.source.len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Takes a mark if it comes next.
    fn eat(&mut self, mark: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    fn peeks(&mut self, mark: &str) -> bool {
        self.skip_space();
        self.rest().starts_with(mark)
    }

    /// Takes an operator that is a word, if it comes next.
    fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let found = self.name_length() == word.len() && self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn expect(&mut self, mark: &str, expected: &'static str) -> Parsed<()> {
        if self.eat(mark) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &'static str) -> XPathError {
        let found = match self.rest().chars().next() {
            None => "the end".to_owned(),
            Some(found) => format!("`{found}`"),
        };
        XPathError::Unexpected { offset: self.at, found, expected }
    }

    fn count(&mut self) -> Parsed<()> {
        self.parts += 1;
        if self.parts > MAX_PARTS { Err(XPathError::TooComplex) } else { Ok(()) }
    }

    /// Reads something in brackets.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(XPathError::TooComplex);
        }
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut all = vec![self.and()?];
        while self.eat_word("or") {
            self.count()?;
            all.push(self.and()?);
        }
        Ok(one_or(all, Expr::Or))
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut all = vec![self.comparison()?];
        while self.eat_word("and") {
            self.count()?;
            all.push(self.comparison()?);
        }
        Ok(one_or(all, Expr::And))
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        const MARKS: [(&str, Comparison); 6] = [
            ("!=", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let mut left = self.sum()?;
        while let Some((_, comparison)) = MARKS.iter().find(|(mark, _)| self.eat(mark)) {
            self.count()?;
            left = Expr::Compare(*comparison, Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = if self.eat("+") {
                Arithmetic::Add
            } else if self.eat("-") {
                Arithmetic::Subtract
            } else {
                return Ok(left);
            };
            self.count()?;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.unary()?;
        loop {
            let operator = if self.eat("*") {
                Arithmetic::Multiply
            } else if self.eat_word("div") {
                Arithmetic::Divide
            } else if self.eat_word("mod") {
                Arithmetic::Modulo
            } else {
                return Ok(left);
            };
            self.count()?;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let mut minus = false;
        let mut any = false;
        while self.eat("-") {
            self.count()?;
            (minus, any) = (!minus, true);
        }
        let inner = self.union()?;
        Ok(match (any, minus) {
            (false, _) => inner,
            (true, true) => Expr::Negate(Box::new(inner)),
            (true, false) => Expr::Negate(Box::new(Expr::Negate(Box::new(inner)))),
        })
    }

    fn union(&mut self) -> Parsed<Expr> {
        let mut all = vec![self.path()?];
        let offset = self.at;
        while self.eat("|") {
            self.count()?;
            all.push(self.path()?);
        }
        if all.len() > 1 && all.iter().any(|expr| expr.gives() != Gives::Nodes) {
            return Err(XPathError::Unexpected {
                offset,
                found: "`|` beside a string or number".to_owned(),
                expected: "paths on both sides of it",
            });
        }
        Ok(one_or(all, Expr::Union))
    }

    fn path(&mut self) -> Parsed<Expr> {
        self.skip_space();
        if self.peeks("/") {
            let mut steps = Vec::new();
            if self.eat("//") {
                steps.push(any_below());
                steps.push(self.step()?);
            } else {
                self.eat("/");
                self.skip_space();
                if self.begins_step() {
                    steps.push(self.step()?);
                }
            }
            self.steps(&mut steps)?;
            return Ok(Expr::Path { from: Start::Root, steps });
        }
        if let Some(primary) = self.primary()? {
            let offset = self.at;
            let predicates = self.predicates()?;
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            if predicates.is_empty() && steps.is_empty() {
                return Ok(primary);
            }
            if primary.gives() != Gives::Nodes {
                return Err(XPathError::Unexpected {
                    offset,
                    found: "a step or bracket behind a string or number".to_owned(),
                    expected: "it behind a path",
                });
            }
            return Ok(Expr::Path { from: Start::At(Box::new(primary), predicates), steps });
        }
        let mut steps = vec![self.step()?];
        self.steps(&mut steps)?;
        Ok(Expr::Path { from: Start::Here, steps })
    }

    /// Further steps, each behind its `/` or `//`.
    fn steps(&mut self, steps: &mut Vec<Step>) -> Parsed<()> {
        loop {
            if self.eat("//") {
                steps.push(any_below());
            } else if !self.eat("/") {
                return Ok(());
            }
            steps.push(self.step()?);
        }
    }

    fn begins_step(&self) -> bool {
        self.rest().starts_with(['.', '@', '*']) || self.name_length() > 0
    }

    /// A literal, a number, a call or something in parentheses.
    fn primary(&mut self) -> Parsed<Option<Expr>> {
        self.skip_space();
        let rest = self.rest();
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = rest[1..].find(quote).ok_or(XPathError::Unclosed { offset: self.at })?;
                self.at += end + 2;
                Ok(Some(Expr::Literal(rest[1..=end].into())))
            }
            Some('(') => {
                self.at += 1;
                let inner = self.nested(Self::or)?;
                self.expect(")", "`)`")?;
                Ok(Some(inner))
            }
            Some('$') => Err(XPathError::Unsupported { offset: self.at, what: "a variable" }),
            Some(c) if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                let number = rest[..length].parse().map_err(|_| self.unexpected("a number such as 1 or 2.5"))?;
                self.at += length;
                Ok(Some(Expr::Number(number)))
            }
            _ => self.call(),
        }
    }

    /// A function call; what looks like one may be a node test.
    fn call(&mut self) -> Parsed<Option<Expr>> {
        let (offset, name) = (self.at, &self.rest()[..self.name_length()]);
        let behind = self.rest()[name.len()..].trim_start();
        if name.is_empty() || !behind.starts_with('(') || matches!(name, "node" | "text" | "comment") {
            return Ok(None);
        }
        if name == "processing-instruction" {
            return Err(XPathError::Unsupported { offset, what: "processing-instruction()" });
        }
        let function = Function::from_name(name)
            .ok_or_else(|| XPathError::UnknownFunction { offset, name: name.chars().take(40).collect() })?;
        self.at += name.len();
        self.expect("(", "`(`")?;
        self.count()?;
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.nested(Self::or)?);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")", "`,` or `)`")?;
        }
        let (name, least, most) = function.signature();
        let wants_nodes = matches!(function, Function::Count | Function::Sum | Function::LocalName | Function::Name);
        let fits = (least..=most).contains(&arguments.len())
            && (!wants_nodes || arguments.iter().all(|argument| argument.gives() == Gives::Nodes));
        if fits { Ok(Some(Expr::Call(function, arguments))) } else { Err(XPathError::Arguments { offset, name }) }
    }

    fn step(&mut self) -> Parsed<Step> {
        self.count()?;
        self.skip_space();
        if self.eat("..") {
            return Ok(bare(Axis::Parent, NodeTest::Node));
        }
        if self.eat(".") {
            // `.[…]` is no XPath 1.0, but its meaning is plain, and site files write it.
            return Ok(Step { predicates: self.predicates()?, ..bare(Axis::SelfNode, NodeTest::Node) });
        }
        let offset = self.at;
        let axis = if self.eat("@") { Axis::Attribute } else { self.axis()? };
        self.skip_space();
        let test = self.node_test()?;
        if axis == Axis::Attribute && !matches!(test, NodeTest::Name(_)) {
            return Err(XPathError::Unsupported { offset, what: "an attribute without a name" });
        }
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    /// `name::`, or nothing for children.
    fn axis(&mut self) -> Parsed<Axis> {
        let (offset, name) = (self.at, &self.rest()[..self.name_length()]);
        let behind = self.rest()[name.len()..].trim_start();
        if name.is_empty() || !behind.starts_with("::") {
            return Ok(Axis::Child);
        }
        let Some(axis) = Axis::from_name(name) else {
            return Err(match name {
                "namespace" => XPathError::Unsupported { offset, what: "the namespace axis" },
                _ => self.unexpected("an axis such as child:: or following-sibling::"),
            });
        };
        self.at += name.len();
        self.expect("::", "`::`")?;
        Ok(axis)
    }

    fn node_test(&mut self) -> Parsed<NodeTest> {
        if self.eat("*") {
            return Ok(NodeTest::Any);
        }
        let name = &self.rest()[..self.name_length()];
        if name.is_empty() {
            return Err(self.unexpected("a name, `*`, `@`, `.` or node()"));
        }
        let kind = match name {
            "node" => Some(NodeTest::Node),
            "text" => Some(NodeTest::Text),
            "comment" => Some(NodeTest::Comment),
            _ => None,
        };
        self.at += name.len();
        if let Some(kind) = kind.filter(|_| self.peeks("(")) {
            self.expect("(", "`(`")?;
            self.expect(")", "`)`")?;
            return Ok(kind);
        }
        Ok(NodeTest::Name(name.to_lowercase().into()))
    }

    fn predicates(&mut self) -> Parsed<Vec<Predicate>> {
        let mut all = Vec::new();
        while self.eat("[") {
            self.count()?;
            let expr = self.nested(Self::or)?;
            self.expect("]", "`]` or an operator")?;
            all.push(Predicate { is_positional: expr.gives() == Gives::Number || expr.asks_position(), expr });
        }
        Ok(all)
    }

    /// Bytes of the name that comes next. A single colon may stand in it, as in `og:title`, but not `::`.
    fn name_length(&self) -> usize {
        let rest = self.rest();
        let is_start = |c: char| c.is_alphabetic() || c == '_';
        if !rest.starts_with(is_start) {
            return 0;
        }
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let first = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let Some(second) = rest[first..].strip_prefix(':').filter(|second| second.starts_with(is_start)) else {
            return first;
        };
        first + 1 + second.find(|c| !part(c)).unwrap_or(second.len())
    }
}

fn bare(axis: Axis, test: NodeTest) -> Step {
    Step { axis, test, predicates: Vec::new() }
}

/// What `//` stands for.
fn any_below() -> Step {
    bare(Axis::DescendantOrSelf, NodeTest::Node)
}

fn one_or(mut all: Vec<Expr>, several: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        Some(last) => {
            all.push(last);
            several(all)
        }
        None => several(all),
    }
}

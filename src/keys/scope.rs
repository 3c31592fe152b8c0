//! What a key may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::KeyError;

/// One thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Look: rules, collections, jobs and their results.
    Read,
    /// Wash and compare documents, try rules.
    Clean,
    /// Add documents to collections and forget them; start, cancel and remove jobs.
    Index,
    /// Everything: also reload rules, make and remove collections.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Clean, Self::Index, Self::Admin];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Clean => "clean",
            Self::Index => "index",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes. `admin` implies all others; between those nothing implies anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self(Scope::Admin.bit());

    /// Whether a scope is in the set or implied by it.
    pub const fn allow(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// The scopes that were given, without those implied.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(","))
    }
}

impl FromStr for Scopes {
    type Err = KeyError;

    /// Reads `clean,index`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut scopes = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
            scopes.0 |= known.ok_or_else(|| KeyError::UnknownScope(name.chars().take(40).collect()))?.bit();
        }
        if scopes.0 == 0 { Err(KeyError::NoScope) } else { Ok(scopes) }
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Scope::as_str))
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer)?.join(",").parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_implies_all_and_nothing_else_implies_anything() {
        for given in Scope::ALL {
            let scopes: Scopes = given.as_str().parse().unwrap();
            for asked in Scope::ALL {
                assert_eq!(scopes.allow(asked), given == asked || given == Scope::Admin, "{given} {asked}");
            }
        }
        assert!(Scope::ALL.into_iter().all(|scope| Scopes::ALL.allow(scope) && !Scopes::default().allow(scope)));
    }

    #[test]
    fn lists_are_read_and_written_in_one_order() {
        let scopes: Scopes = " index , clean,clean".parse().unwrap();
        assert_eq!(scopes.to_string(), "clean,index");
        assert_eq!(serde_json::to_string(&scopes).unwrap(), r#"["clean","index"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(r#"["index","clean"]"#).unwrap(), scopes);
        for wrong in ["", " , ", "cleen", "clean,write", "ADMIN"] {
            assert!(wrong.parse::<Scopes>().is_err(), "{wrong}");
        }
    }
}

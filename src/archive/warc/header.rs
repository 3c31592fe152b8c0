//! The header of a WARC record (WARC/1.1, section 4): a version line and named fields, up to an empty line.

/// A record's header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::archive) struct Header {
    /// The version line, such as `WARC/1.1`.
    pub version: String,
    /// The fields in their order.
    pub fields: Vec<(String, String)>,
    /// The header as it stands, without the empty line.
    pub raw: Vec<u8>,
}

impl Header {
    /// Reads a header of whole lines, the empty one left out.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines();
        let version = lines.next().unwrap_or_default().trim_end().to_owned();
        Self { version, fields: fields(lines), raw: bytes.to_vec() }
    }

    /// The first field of a name, whatever the case it is written in.
    pub(in crate::archive) fn get(&self, name: &str) -> Option<&str> {
        get(&self.fields, name)
    }

    /// The URI of a field, without the angle brackets that stand around some.
    pub(in crate::archive) fn uri(&self, name: &str) -> Option<&str> {
        let uri = self.get(name)?;
        Some(uri.strip_prefix('<').and_then(|uri| uri.strip_suffix('>')).unwrap_or(uri))
    }

    /// `WARC-Type` in lower case.
    pub(in crate::archive) fn kind(&self) -> String {
        self.get("WARC-Type").unwrap_or_default().to_ascii_lowercase()
    }

    /// `Content-Length`, if it is a number.
    pub(super) fn length(&self) -> Option<u64> {
        self.get("Content-Length")?.parse().ok()
    }
}

/// Named fields, as WARC and HTTP write them. A line that begins with a space goes on with the value before it.
pub(super) fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines {
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            Some((name, value)) => fields.push((name.trim().to_owned(), value.trim().to_owned())),
            None => {}
        }
    }
    fields
}

/// The first field of a name, whatever the case it is written in.
pub(super) fn get<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_whatever_their_case_and_folding() {
        let header = Header::parse(
            "WARC/1.0\r\nWARC-Type: Response\r\nwarc-target-uri:<https://a.example/页>\r\nX: a\r\n\tb\r\nContent-Length: 7\r\n"
                .as_bytes(),
        );
        assert_eq!((header.version.as_str(), header.kind().as_str()), ("WARC/1.0", "response"));
        assert_eq!(header.uri("WARC-Target-URI"), Some("https://a.example/页"));
        assert_eq!((header.get("x"), header.length()), (Some("a b"), Some(7)));
    }

    #[test]
    fn a_length_that_is_no_number_is_none() {
        for length in ["", "-1", "1e9", "99999999999999999999999"] {
            assert_eq!(Header::parse(format!("WARC/1.1\nContent-Length: {length}\n").as_bytes()).length(), None);
        }
    }
}

//! What the body of a request is, as its Content-Type says.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::problem::Problem;
use crate::document::MediaType;
use crate::error::Code;

/// What a body is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A JSON object.
    Json,
    /// A record a line.
    Lines,
    /// A document itself, with the charset that the header declares.
    Raw(MediaType, Option<String>),
    /// A rule file.
    Toml,
}

/// The kind of a request's body, among those that a call takes.
pub fn kind(request: &HttpRequest, taken: &[&str]) -> Result<Kind, Problem> {
    let value = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let refused =
        || Problem::new(Code::UnsupportedMediaType, format!("Content-Type must be one of {}", taken.join(", ")));
    let (essence, parameters) = split(value.ok_or_else(refused)?);
    let kind = match essence.as_str() {
        "application/json" => Kind::Json,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => Kind::Lines,
        "text/plain" => Kind::Raw(MediaType::Text, charset(parameters)),
        "text/html" | "application/xhtml+xml" => Kind::Raw(MediaType::Html, charset(parameters)),
        "application/octet-stream" => Kind::Raw(MediaType::Auto, None),
        "application/toml" => Kind::Toml,
        _ => return Err(refused()),
    };
    if taken.contains(&essence.as_str()) || (kind == Kind::Lines && taken.contains(&super::lines::NDJSON)) {
        Ok(kind)
    } else {
        Err(refused())
    }
}

fn split(value: &str) -> (String, &str) {
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    (essence.trim().to_ascii_lowercase(), parameters)
}

fn charset(parameters: &str) -> Option<String> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn of(value: &str) -> Option<Kind> {
        let request = TestRequest::default().insert_header(("content-type", value)).to_http_request();
        let taken = ["application/json", "application/x-ndjson", "text/plain", "text/html", "application/octet-stream"];
        kind(&request, &taken).ok()
    }

    #[test]
    fn types_are_told_apart_whatever_their_parameters() {
        assert_eq!(of("application/JSON; charset=utf-8"), Some(Kind::Json));
        assert_eq!(of("application/jsonl"), Some(Kind::Lines));
        assert_eq!(
            of("text/html;x=y; Charset=\"GB18030\""),
            Some(Kind::Raw(MediaType::Html, Some("GB18030".to_owned())))
        );
        assert_eq!(of("application/octet-stream"), Some(Kind::Raw(MediaType::Auto, None)));
        assert_eq!(of("application/toml"), None);
        assert_eq!(of("application/pdf"), None);
        assert_eq!(of(""), None);
    }
}

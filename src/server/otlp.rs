//! Where spans are sent: the setting, else what the variables of OpenTelemetry say.

use super::error::ServeError;

/// Where a collector takes spans, below the address of the collector.
const PATH: &str = "/v1/traces";

/// The address that spans are sent to, if any. `env` looks up variables.
pub fn endpoint(setting: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, ServeError> {
    let refused = |setting, wanted, given: &str| Err(ServeError::Setting { setting, wanted, given: given.to_owned() });
    if !cfg!(feature = "otlp") {
        // The variables may be meant for everything on a machine; the setting is meant for this program.
        let wanted = "empty, since this taoxi was built without the feature otlp";
        return if setting.is_empty() { Ok(None) } else { refused("otlp.endpoint", wanted, setting) };
    }
    let variable = |name| env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let below = |base: &str| format!("{}{PATH}", base.trim_end_matches('/'));
    let own = Some(setting).filter(|setting| !setting.is_empty()).map(|base| ("otlp.endpoint", below(base)));
    let whole = || Some(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")?));
    let base = || Some(("OTEL_EXPORTER_OTLP_ENDPOINT", below(&variable("OTEL_EXPORTER_OTLP_ENDPOINT")?)));
    let Some((name, url)) = own.or_else(whole).or_else(base) else { return Ok(None) };
    if !url.starts_with("http://") {
        let wanted =
            "an address that begins with http:// (a collector nearby takes spans without TLS and passes them on)";
        return refused(name, wanted, &url);
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(setting: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        endpoint(setting, &env).map_err(|error| error.to_string())
    }

    #[cfg(feature = "otlp")]
    #[test]
    fn the_setting_comes_first_then_the_variables() {
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b:1/x");
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/");
        let url = |url: &str| Ok(Some(url.to_owned()));
        assert_eq!(found("", &[]), Ok(None));
        assert_eq!(found("http://a:4318", &[traces, base]), url("http://a:4318/v1/traces"));
        assert_eq!(found("", &[traces, base]), url("http://b:1/x"));
        assert_eq!(found("", &[base]), url("http://c:4318/v1/traces"));
        assert_eq!(found("http://a:4318", &[("OTEL_SDK_DISABLED", "true")]), Ok(None));
    }

    #[cfg(feature = "otlp")]
    #[test]
    fn what_needs_tls_is_refused_by_name() {
        assert!(found("https://a:4318", &[]).unwrap_err().contains("otlp.endpoint"));
        let refused = found("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c")]).unwrap_err();
        assert!(refused.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{refused}");
    }

    #[cfg(not(feature = "otlp"))]
    #[test]
    fn without_the_feature_the_setting_is_refused_and_the_variables_are_not_looked_at() {
        assert!(found("http://a:4318", &[]).unwrap_err().contains("feature otlp"));
        assert_eq!(found("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c")]), Ok(None));
    }
}

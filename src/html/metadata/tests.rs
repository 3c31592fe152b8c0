use super::*;

fn value(found: Option<&Found>) -> Option<(&str, &str)> {
    found.map(|found| (found.value.as_str(), found.from))
}

fn with<'p>(metas: &[(&'p str, &'p str)]) -> Facts<'p> {
    Facts { metas: metas.to_vec(), ..Facts::default() }
}

#[test]
fn the_best_source_of_each_value_counts() {
    let facts = Facts {
        title: Some("清淤工程完工_要闻_青石网"),
        language: Some("zh-cn"),
        metas: vec![
            ("og:title", "清淤工程完工&amp;通水 - 青石网"),
            ("og:site_name", "青石网"),
            ("Author", "田小满"),
            ("article:published_time", "not a date"),
            ("pubdate", "2024-03-05T09:12:00+08:00"),
            ("og:locale", "en_US"),
        ],
        links: vec![("alternate", "/en"), ("Canonical", "../b?x=1#top")],
        ..Facts::default()
    };
    let page = metadata(&facts, Some("https://news.example/a/c.html"));
    assert_eq!(value(page.title.as_ref()), Some(("清淤工程完工&通水", "og:title")));
    assert_eq!(value(page.author.as_ref()), Some(("田小满", "author")));
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05T09:12:00+08:00", "pubdate")));
    assert_eq!(value(page.language.as_ref()), Some(("zh-CN", "lang")));
    assert_eq!(value(page.canonical.as_ref()), Some(("https://news.example/b?x=1", "link")));
    assert_eq!(value(page.site.as_ref()), Some(("青石网", "og:site_name")));
}

#[test]
fn json_ld_goes_before_meta() {
    let script =
        r#"{"@type":"NewsArticle","headline":"清淤工程完工","datePublished":"2024-03-05","author":["甲","乙"]}"#;
    let facts = Facts {
        json_ld: vec![script],
        ..with(&[("author", "丙"), ("og:title", "别的标题"), ("date", "2020-01-01")])
    };
    let page = metadata(&facts, None);
    assert_eq!(value(page.title.as_ref()), Some(("清淤工程完工", "json-ld")));
    assert_eq!(value(page.author.as_ref()), Some(("甲, 乙", "json-ld")));
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05", "json-ld")));
}

#[test]
fn dublin_core_microdata_time_and_lines_are_read() {
    let page = metadata(
        &with(&[("DC.Title", "题"), ("DC.creator", "甲"), ("dc.creator", "乙"), ("DC.date.issued", "2024-03-05")]),
        None,
    );
    assert_eq!(value(page.title.as_ref()), Some(("题", "dc.title")));
    assert_eq!(value(page.author.as_ref()), Some(("甲, 乙", "dc.creator")));
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05", "dc.date.issued")));

    let facts = Facts {
        items: vec![("headline", "题"), ("author name", "甲"), ("datePublished", "5 March 2024")],
        ..Facts::default()
    };
    let page = metadata(&facts, None);
    assert_eq!(value(page.author.as_ref()), Some(("甲", "itemprop")));
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05", "itemprop")));

    let facts = Facts { times: vec!["x", "2024-03-05"], headings: vec!["题目"], ..Facts::default() };
    let page = metadata(&facts, None);
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05", "time")));
    assert_eq!(value(page.title.as_ref()), Some(("题目", "h1")));

    let facts = Facts {
        lines: vec!["发布时间：2024年3月5日 09:12 来源：青石日报 作者：甲乙"],
        times: vec!["2020-01-01"],
        ..Facts::default()
    };
    let page = metadata(&facts, None);
    assert_eq!(value(page.date.as_ref()), Some(("2024-03-05", "line")));
    assert_eq!(value(page.author.as_ref()), Some(("甲乙", "line")));
    assert_eq!(value(page.site.as_ref()), Some(("青石日报", "line")));
}

#[test]
fn a_page_that_says_nothing_has_nothing() {
    assert_eq!(metadata(&Facts::default(), None), Metadata::default());
    let hostile =
        with(&[("og:title", " "), ("author", "https://a.example"), ("og:url", "javascript:x"), ("language", "x")]);
    assert_eq!(metadata(&hostile, None), Metadata::default());
}

#[test]
fn values_are_bounded_however_long_they_are_written() {
    let long = "长".repeat(1 << 20);
    let metas: Vec<(&str, &str)> =
        ["og:title", "author", "og:site_name", "date", "language", "og:url"].map(|name| (name, long.as_str())).into();
    let page = metadata(&with(&metas), Some("https://a.example/"));
    assert_eq!(page.title.unwrap().value.chars().count(), MAX_TITLE);
    assert_eq!((page.author, page.site, page.date, page.language, page.canonical), (None, None, None, None, None));
}

#[test]
fn language_tags_are_brought_into_their_usual_case() {
    for (text, expected) in [
        ("zh_cn", Some("zh-CN")),
        ("ZH-hant-tw", Some("zh-Hant-TW")),
        ("en", Some("en")),
        ("en-US, fr", Some("en-US")),
        ("en_US.UTF-8", Some("en-US")),
        ("chinese", None),
        ("中文", None),
        ("", None),
        ("e1", None),
    ] {
        assert_eq!(tag(text).as_deref(), expected, "{text}");
    }
}

use super::*;

const FIRST: &str =
    "河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了。施工队一共清出淤泥三万方，运到城外的砖厂制砖。";
const SECOND: &str = "工程师说，水深比去年增加了一米半，今年汛期不会再淹到老街。下一步要在两岸种上柳树，再修一条步道。";

fn text(source: &str) -> String {
    embedded(source, "", &Limits::default()).map(|found| found.text).unwrap_or_default()
}

#[test]
fn text_is_found_in_every_kind_of_script() {
    let html = format!("<p>{FIRST}</p><p>{SECOND}</p>").replace('/', "\\/");
    let escaped = html.replace("\\/", "/").replace('<', "\\u003c").replace('>', "\\u003E");
    let both = format!("{FIRST}\n{SECOND}");
    for script in [
        format!(
            "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{FIRST}\\n{SECOND}\"}}</script>"
        ),
        format!(
            "<script id=__NEXT_DATA__ type=application/json>{{\"props\":{{\"a\":\"x\",\"body\":\"{html}\"}}}}</script>"
        ),
        format!("<SCRIPT>window.__NUXT__=(function(a){{return {{data:[{{content:\"{escaped}\"}}]}}}}(1))</SCRIPT>"),
        format!("<script>// don't\nvar it's;\nwindow.__INITIAL_STATE__ = {{detail: '{FIRST}<br>{SECOND}'}};</script>"),
        format!("<script>var page = {{html: `<div>{FIRST}</div>\n<div>{SECOND}</div>`}}</script>"),
        format!("<script>x={{\"html\":\"&lt;p&gt;{FIRST}&lt;/p&gt;&lt;p&gt;{SECOND}&lt;/p&gt;\"}}</script>"),
        format!("<script>x={{\"html\":\"<p>{FIRST}</p><p>{SECOND}</p>\"</body>"),
    ] {
        assert_eq!(text(&script), both, "{script}");
    }
}

#[test]
fn paragraphs_under_one_key_are_joined() {
    let parts = [
        FIRST,
        SECOND,
        "第三段说的是经费，由省里和市里各出一半，账目已经公布。",
        "第四段没有别的内容，只有一句感谢的话。",
    ];
    let list: Vec<String> = parts.iter().map(|part| format!("{{\"type\":\"p\",\"text\":\"{part}\"}}")).collect();
    let plain = format!("<script>window.data={{\"title\":\"清淤\",\"blocks\":[{}]}}</script>", list.join(","));
    assert_eq!(text(&plain), parts.join("\n"));
    let streamed: Vec<String> =
        parts.iter().map(|part| format!("[\\\"$\\\",\\\"p\\\",null,{{\\\"children\\\":\\\"{part}\\\"}}]")).collect();
    let flight = format!("<script>self.__next_f.push([1,\"2a:[{}]\\n\"])</script>", streamed.join(","));
    assert_eq!(text(&flight), parts.join("\n"));
}

#[test]
fn code_styles_and_addresses_are_no_text() {
    for script in [
        "function f(){var a=\"b\";if(a==='c'){return \"d\"}}".repeat(50),
        format!("x=\"{}\"", ".a{color:red;margin:0 1px;} ".repeat(100)),
        format!("x=\"{}\"", "https://a.example/b/c?d=e&f=g,".repeat(50)),
        format!("x=\"{}\"", "aGVsbG8gd29ybGQ".repeat(400)),
        format!("x=\"{}\"", "one_two three=four, five_six; ".repeat(50)),
    ] {
        assert_eq!(text(&format!("<script>{script}</script>")), "", "{}", &script[..60]);
    }
}

#[test]
fn a_page_that_shows_its_text_is_left_alone() {
    let source = format!("<script>x=\"{FIRST}{SECOND}\"</script>");
    let limits = Limits::default();
    assert!(embedded(&source, "a few words", &limits).is_some());
    assert_eq!(embedded(&source, &"word ".repeat(50), &limits), None);
    assert_eq!(embedded(&source, &"word ".repeat(40), &limits), None, "not three times as much");
}

/// Run for the result only: what is quadratic would not come back.
#[test]
fn hostile_scripts_are_read_in_time() {
    for unit in [
        "\"", "'", "`", "\\\"", "\"\\", "'\\'", "\"a\":", "{\"a\":", "[", "\"<p>", "\"&lt;", "<script>", "</script>",
        "\"{\\\"", "1:[\"",
    ] {
        let source = format!("<script>{}", unit.repeat((1 << 20) / unit.len()));
        let _ = embedded(&source, "", &Limits::default());
    }
}

#[test]
fn messages_for_developers_and_menus_are_no_text() {
    let message = "The listener of the harbour needs a function as its first argument, and it got none.";
    let call = format!("if(!listener)console.error(\"{message}\");log('{message} Once more.');");
    assert_eq!(embedded(&format!("<script>{}</script>", call.repeat(9)), "", &Limits::default()), None);
    let menu = "Boats, Nets, Oars, Sails, Ropes, Buoys, ".repeat(20);
    let page = format!("<script>window.menu = {{\"links\": \"{menu}\"}}</script>");
    assert_eq!(embedded(&page, "", &Limits::default()), None);
}

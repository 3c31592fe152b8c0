//! What a page looks like as plain text.

#![allow(clippy::unwrap_used)] // a selector that does not parse fails the test

use taoxi::html::{Limits, Rendered, Selector, Site, render};

fn page(source: &str) -> Rendered {
    render(source, Site::default(), &Limits::default())
}

fn text(source: &str) -> String {
    page(source).text
}

fn table(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(text(source), *expected, "{source}");
    }
}

#[test]
fn blocks_are_lines_without_blank_lines_between() {
    table(&[
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a<p>b", "a\nb"),
        ("<h1>a</h1>b<div><div>c</div></div>d", "a\nb\nc\nd"),
        ("a<br>b<br/><br>c</br>d", "a\nb\nc\nd"),
        ("a<hr>b", "a\nb"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "a\nb\nc\nd\ne"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
        ("a<b>b</b><span>c</span> <i>d</i>", "abc d"),
        ("<span style='display:block'>a</span>b", "a\nb"),
        ("a</p>b", "a\nb"),
    ]);
}

#[test]
fn white_space_collapses_except_in_preformatted_text() {
    table(&[
        ("  a \n\t b  <b> c</b> <p> d </p> ", "a b c\nd"),
        ("中文\n换行", "中文换行"),
        ("中文<b>\n粗</b>", "中文粗"),
        ("<pre>\n a\n\n  b</pre>c", " a\n\n  b\nc"),
        ("<pre>a<br>b\r\nc\n</pre>d", "a\nb\nc\nd"),
        ("<textarea>\na  <b>\n</textarea>x", "a  <b>\nx"),
        ("<p style='white-space:pre-wrap'>a  b\nc</p>", "a b\nc"),
        ("a&nbsp;&nbsp;b", "a\u{a0}\u{a0}b"),
    ]);
}

#[test]
fn inline_elements_that_meet_are_words_of_their_own() {
    table(&[
        ("<a href=/>Home</a><a href=/t>Tides</a>", "Home Tides"),
        ("<span>Boots</span><!-- --><span><b>Harbour</b></span>", "Boots Harbour"),
        ("was <span>19.95</span><span class=br></span>now <s>18</s>", "was 19.95 now 18"),
        ("<b>T</b><span>he</span> be<i>gin</i>ning H<sub>2</sub>O 10<sup>15</sup>", "The beginning H2O 1015"),
        ("<i>long</i><wbr><i>word</i> <b>un</b>done", "longword undone"),
        ("<a>首页</a><a>正文</a>", "首页正文"),
        ("<pre><b>let</b><i>ter</i></pre>", "letter"),
        ("<p><a>one</a><a>two</a></p><p><a>three</a></p>", "one two\nthree"),
    ]);
}

#[test]
fn rows_are_lines_and_cells_are_joined_by_tabs() {
    table(&[
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>e", "a\tb\nc\td\ne"),
        ("<table><tbody><tr><td> a </td> <td><b>b</b></td></tr></tbody></table>", "a\tb"),
        ("<table><tr><td><p>a</p><td><p>b</p></table>", "a\tb"),
        ("<table><tr><td>a<td><p>b<p>c<td>d</table>", "a\nb\nc\nd"),
        ("<table><tr><td>a<td><table><tr><td>b<td>c</table><td>d</table>", "a\nb\tc\nd"),
        ("<table><caption>t</caption><tr><td>a</table>", "t\na"),
    ]);
}

#[test]
fn what_is_not_text_is_dropped() {
    table(&[
        ("a<script>if (a<b) '</p>'</script>b", "ab"),
        ("a<style>p{}</style><!-- c --><template>t</template><svg><text>s</text><style>x</style></svg>b", "ab"),
        ("a<iframe><p>x</p></iframe><select><option>x<option>y</select><button>z</button>b", "ab"),
        ("<img alt=x>a<video>no video</video><canvas>x</canvas><object>y</object>", "a"),
        ("<ruby>漢<rp>(</rp><rt>かん<rp>)</rp></ruby>字", "漢字"),
        ("<h2><button>Question</button></h2>answer", "Question\nanswer"),
        ("<template shadowrootmode=open>x</template>", "x"),
        ("<svg/>a<svg><circle/>s<p>b", "a\nb"),
        ("<math><mi>x</mi><annotation>\\x</annotation></math>", "x"),
        ("<head><title>t</title><meta charset=x></head>b", "b"),
    ]);
}

#[test]
fn hidden_text_is_dropped() {
    table(&[
        ("a<p hidden>b</p>c", "ac"),
        ("a<div hidden id=S:0>b</div>", "a\nb"),
        ("a<div style='display:none'>b<div>c</div>d</div>e", "ae"),
        ("<p hidden=until-found>a</p>", "a"),
        ("a<i aria-hidden=true>icon</i><div aria-hidden=true>slide</div>", "a\nslide"),
        ("<body style='opacity:0' hidden>a", "a"),
        ("a<dialog>b</dialog><dialog open>c</dialog><div popover>d</div>", "a\nc"),
        ("<b hidden>x<div>y</b>z</div>", "z"),
    ]);
}

#[test]
fn a_page_that_hides_most_of_its_text_is_waiting_for_its_script() {
    table(&[
        ("<noscript>a</noscript>b", "b"),
        ("<noscript><p>a</p></noscript><script>x</script>", "a"),
        ("<frameset><noframes>a</noframes></frameset>", "a"),
        ("<div style='display:none'>a</div>", "a"),
        ("Skip<div style='opacity:0'>to the text of the page</div>", "Skip\nto the text of the page"),
    ]);
}

#[test]
fn entities_are_decoded() {
    table(&[("&lt;p&gt; &amp;amp; &#x6dd8;&#27927; &copy &bogus; &#0;", "<p> &amp; 淘洗 © &bogus; \u{fffd}")]);
}

#[test]
fn broken_pages_keep_their_text() {
    table(&[
        ("<html><body>a</body></html>b<html><body>c</body></html>d", "abcd"),
        ("<div><b>a</div>b</b>c", "a\nbc"),
        ("<b><div>a</b>b</div>c", "ab\nc"),
        ("</div></td></x>a</b>", "a"),
        ("<p>a</p><script src=x><p>b</p>", "a\nb"),
        ("<p>a</p><script>var x = 1;<p>b</p></body></html>", "a\nb"),
        ("<p>a</p><script>var x = '<p>b", "a"),
        ("<title>t<body>a", "a"),
        ("a<plaintext>b</p>", "a\nb</p>"),
        ("a<![CDATA[b&c]]>d", "ab&cd"),
        ("a<![CDATA[b>c", "ac"),
        ("a\0b<p>\0c", "ab\nc"),
        ("a<", "a<"),
        ("a<淘>b", "a<淘>b"),
        ("a<xmp><p>b</xmp>c", "a\n<p>b\nc"),
    ]);
}

#[test]
fn the_page_says_its_title_language_and_address() {
    let page = page(
        "<html lang=zh-CN><title> 标\n题 &amp; b</title><title>2</title><link rel=canonical href=/a><svg><title>s</title></svg>x",
    );
    assert_eq!(page.title.as_deref(), Some("标题 & b"));
    assert_eq!(page.language.as_deref(), Some("zh-CN"));
    assert_eq!(page.canonical.as_deref(), Some("/a"));
    assert_eq!(page.text, "x");
}

fn chosen(source: &str, content: &str, remove: &str) -> String {
    let parse = |list: &str| (!list.is_empty()).then(|| Selector::parse(list).unwrap());
    let (content, remove) = (parse(content), parse(remove));
    let site = Site { content: content.as_slice(), remove: remove.as_slice(), filters: None };
    render(source, site, &Limits::default()).text
}

#[test]
fn only_content_is_rendered_when_it_is_there() {
    let source = "<p>x</p><div class='a b'><p>y</p></div>z<p class=a>w</p>";
    assert_eq!(chosen(source, ".a", ""), "y\nw");
    assert_eq!(chosen(source, ".none", ""), "x\ny\nz\nw");
    assert_eq!(chosen("<div hidden><div id=c>y<p hidden>z</p></div></div>", "#c", ""), "y");
    assert_eq!(chosen("<nav><p id=c>y</nav>z", "#c", "nav"), "z");
}

#[test]
fn removed_elements_are_left_out() {
    assert_eq!(chosen("a<div class=ad>b<p>c</p></div>d", "", ".ad"), "ad");
    assert_eq!(chosen("<p class=a>x</p><p>y", ".b", ".a"), "y");
}

#[test]
fn selectors_choose_as_css_does() {
    let source = "<main id=m><div class='x y' data-k='one two'><p lang=zh>a</p></div><p>b</p></main><p>c</p>";
    for (selector, expected) in [
        ("main p", "a\nb"),
        ("main > p", "b"),
        ("div p", "a"),
        ("#m > .y.x > p", "a"),
        ("main > div p[lang]", "a"),
        ("P", "a\nb\nc"),
        ("[data-k~=two]", "a"),
        ("[data-k^=one]", "a"),
        ("[data-k$=two]", "a"),
        ("[data-k*='e t']", "a"),
        ("[lang=zh], #none", "a"),
        ("p > p", "a\nb\nc"),
        ("div > main p", "a\nb\nc"),
        ("[data-k=one]", "a\nb\nc"),
        ("[data-k*='']", "a\nb\nc"),
        (".X", "a\nb\nc"),
    ] {
        assert_eq!(chosen(source, selector, ""), expected, "{selector}");
    }
}

#[test]
fn many_selectors_work_like_few() {
    let list: Vec<String> = (0..150).map(|i| format!("div .c{i}")).collect();
    assert_eq!(chosen("<div><p>a</p><b><p class=c149>b</p></b></div>", &list.join(","), ""), "b");
}

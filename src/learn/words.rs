//! What is known of furniture and of documents before any page is seen: words that sites write around a text, and headings and formulas
//! that documents share because they are of one kind.

use std::sync::LazyLock;

use crate::steps::regexp::Regexp;

/// Words that stand in furniture and seldom in titles. Folded.
const FURNITURE: &[&str] = &[
    "首页", "当前位置", "您的位置", "所在位置", "上一篇", "下一篇", "上一条", "下一条", "上一页", "下一页", "猜你喜欢",
    "相关推荐", "相关阅读", "相关文章", "相关文档", "相关资料", "热门", "推荐阅读", "延伸阅读", "更多精彩", "点击",
    "浏览", "阅读次数", "阅读量", "人气", "来源", "作者", "编辑", "责编", "发布", "更新时间", "发表于", "分享", "收藏",
    "点赞", "打印", "关闭窗口", "返回顶部", "返回列表", "版权", "免责", "声明", "转载", "侵权", "举报", "客服", "微信",
    "公众号", "qq", "扫码", "扫一扫", "二维码", "下载", "全文", "登录", "注册", "会员", "vip", "广告", "备案", "icp",
    "标签", "关键字", "评论", "上传", "文档编号", "格式", "页数", "预览", "试读", "未读", "搜索", "字体", "字号",
    "导航", "客户端", "app", "关注我们", "联系我们", "关于我们", "网站地图", "友情链接", "站长", "网友", "投稿",
    "范文网", "文库", "资料网", "作文网", "写作网", "本站", "本网", "小编", "www.", ".com", ".cn", ".net", ".org",
    "http", "copyright", "all rights reserved", "related", "read more", "comments", "posted", "filed under", "tagged",
    "previous", "next article", "share", "tweet", "subscribe", "newsletter", "sign up", "sign in", "log in", "privacy",
    "terms of", "contact us", "advertisement", "sponsored", "follow us", "home", "menu", "search", "print this",
    "e-mail", "click here", "views", "min read", "updated", "cookie", "back to top", "you may also like", "trending",
    "recommended", "most read", "breadcrumb", "download", "©", "▲", "»", ">",
];

/// Words of furniture that opens a list of links: what follows on the next lines is no text.
const OPENERS: &[&str] = &[
    "相关", "推荐", "热门", "热点", "猜你喜欢", "看了又看", "还看了", "还在看", "最新", "更多", "排行", "延伸阅读",
    "阅读排行", "精彩", "友情链接", "标签", "评论", "上一篇", "下一篇", "您可能", "你可能", "大家都在", "随机", "栏目",
    "导航", "目录导航", "related", "recommended", "popular", "trending", "you may also", "you might also", "more from",
    "more stories", "latest", "most read", "read next", "further reading", "comments", "categories", "recent posts",
    "archives",
];

/// Words of walls that hide the rest of a text.
const WALLS: &[&str] = &[
    "预览结束", "试读结束", "阅读全文", "查看全文", "剩余", "未读", "还剩", "付费", "会员", "解锁", "购买", "开通",
    "完整版", "下载全文", "继续阅读", "免费试读", "subscribe to continue", "to continue reading", "read the full",
    "members only", "sign in to read", "unlock",
];

/// Headings and formulas that documents of one kind share. Matched on shapes: numbers are `#`.
const GENRE: &str = concat!(
    r"^(?:第[一二三四五六七八九十百千零〇#]+[条章节款项篇编部分]+|[一二三四五六七八九十]+[、.．]|[\(（][一二三四五六七八九十#]+[\)）]|#[、.．)])",
    r"|^(?:总则|附则|目录|前言|引言|序言|摘要|正文|结语|结论|后记|参考文献|致谢|附件|附录|附表|附:|注:|备注|说明|此复|妥否|以上|谢谢|",
    r"主题词|抄送|抄报|主送|印发|签发|各.{0,20}:$|尊敬的|敬爱的|同志们|各位|此致|敬礼|特此|现将|请遵照|请认真|联系人|联系电话|会议|时间:|地点:|",
    r"申请人|报告人|述职人|汇报人|承诺人|指导思想|工作目标|组织领导|主要任务|工作要求|保障措施|基本情况|存在问题|存在的问题|下一步)",
    r"|^#(?:年|/|-|\.)#(?:月|/|-|\.)#日?$|^[二〇零一三四五六七八九十]+年[一二三四五六七八九十]+月[一二三四五六七八九十]*日?$|^#年#月$|^#年$",
    r"|^(?:introduction|abstract|summary|background|conclusion|references|overview|results|discussion|methods|appendix|chapter #|section #|ingredients|instructions|directions|example)",
    r"|^(?:q|a|问|答|记者|主持人):|^[\p{P}\p{S}#\s]*$"
);

/// Where a credit is told by: who says where a text comes from, or where more of it is.
const CREDIT: &str = concat!(
    r"(?:[a-z0-9-]+\.)+(?:com|cn|net|org|cc|info|top|io|me|tv|co|vip|club|xyz|site|edu|gov)",
    r"|来自|来源|转载|转自|摘自|出自|出处|原文|本文由|由.{1,12}(?:整理|收集|提供|发布|编辑)|整理发布|版权|更多.{0,12}(?:请|尽在|关注|访问|搜索)|",
    r"关注.{0,6}(?:公众号|微信)|公众号|微信|加v|qq|扫码|点击|下载|客服|搜索|百度一下|阅读全文|查看全文|广告|.{1,8}(?:网|文库|论坛|网站|在线|学习吧|贴吧)(?:$|[\)）】\]])|",
    r"read more|click here|originally (?:published|posted)|source:|via |courtesy of|follow us|subscribe|advertisement|©|copyright"
);

/// How titles of documents begin and end. Matched on the literals of a template, with spaces between them.
const TITLE: &str = concat!(
    r"^(?:关于|论|浅谈|浅析|试论|谈谈|我的|我|最新|#年|年)?\s?(?:的)?(?:通知|通告|公告|意见|报告|方案|计划|总结|制度|办法|细则|条例|规定|决定|批复|函|请示|讲话|致辞|",
    r"讲稿|发言|心得|体会|心得体会|读后感|观后感|作文|范文|论文|教案|说课稿|反思|演讲稿|倡议书|申请书|合同|协议|简历|纪要|简报|工作|工作总结|工作报告|工作计划|实施方案|",
    r"调研报告|汇报|述职报告|学习|活动|会议|管理|教育|建设|发展|情况|情况报告|汇编|大全|精选)(?:的)?$|^关于|^how to|^what is|^why |^the |^a "
);
static TITLE_REGEX: LazyLock<Option<Regexp>> = LazyLock::new(|| Regexp::new(TITLE, true).ok());
static GENRE_REGEX: LazyLock<Option<Regexp>> = LazyLock::new(|| Regexp::new(GENRE, true).ok());
static CREDIT_REGEX: LazyLock<Option<Regexp>> = LazyLock::new(|| Regexp::new(CREDIT, true).ok());

/// Whether one of the words stands in a folded text; a word of letters only as a whole one.
fn any(words: &[&str], text: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    words.iter().any(|word| {
        let whole = word.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
        text.match_indices(word).any(|(at, _)| {
            !whole || !(letter(text[..at].chars().next_back()) || letter(text[at + word.len()..].chars().next()))
        })
    })
}

/// Whether a folded text says something that sites say around a text.
pub(super) fn is_furniture(text: &str) -> bool {
    any(FURNITURE, text) || is_page_number(text)
}

/// Whether a shape is the number of a page: `第#页共#页`, `page#of#`.
pub(super) fn is_page_number(shape: &str) -> bool {
    let rest = shape.replace(['#', '/', '-', '(', ')', ' ', ',', ':', '[', ']', '【', '】'], "");
    shape.contains('#')
        && matches!(rest.as_str(), "第页" | "第页共页" | "共页第页" | "页" | "page" | "pageof" | "第部分" | "第段")
}

/// Whether a folded text opens a list of links.
pub(super) fn is_opener(text: &str) -> bool {
    any(OPENERS, text) && text.chars().count() <= 40
}

/// Whether a folded text is a wall before the rest of a text.
pub(super) fn is_wall(text: &str) -> bool {
    any(WALLS, text)
}

/// Whether a shape is a heading or formula of the kind of document.
pub(super) fn is_genre(shape: &str) -> bool {
    GENRE_REGEX.as_ref().and_then(Regexp::get).is_some_and(|regex| regex.is_match(shape))
}

/// Whether what lines share is how titles of documents begin or end.
pub(super) fn is_title(said: &str) -> bool {
    TITLE_REGEX.as_ref().and_then(Regexp::get).is_some_and(|regex| regex.is_match(said))
}

/// Whether a folded span says where a text comes from or where more of it is.
pub(super) fn is_credit(text: &str) -> bool {
    CREDIT_REGEX.as_ref().and_then(Regexp::get).is_some_and(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_formulas_belong_to_the_genre() {
        for shape in [
            "二、工作开展情况", "第一章总则", "第三十二条", "(一)加强领导", "特此通知。", "附件:", "#年#月#日",
            "各有关单位:", "----", "#",
        ] {
            assert!(is_genre(shape), "{shape}");
        }
        for shape in ["相关推荐", "浏览次数:#", "责任编辑:", "某某网版权所有", "上一篇:没有了"]
        {
            assert!(!is_genre(shape), "{shape}");
        }
    }

    #[test]
    fn credits_name_a_source() {
        for text in
            ["(来自某某写作网)", "www.example.com", "更多范文请关注公众号", "本文由小编整理", "read more at example"]
        {
            assert!(is_credit(text), "{text}");
        }
        for text in ["法律、法规另有规定的", "县级以上人民政府", "中华人民共和国"] {
            assert!(!is_credit(text), "{text}");
        }
    }
}

//! What short texts around an article say: where it ends, what is related, who wrote it, whose rights these are.

use memchr::memmem;

/// What a block says about its place. Only short blocks are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cues {
    /// An article ends here: 责任编辑, 上一篇.
    pub(super) end: bool,
    /// Other pages follow.
    pub(super) related: bool,
    /// Source, author, time, readers.
    pub(super) byline: bool,
    /// Rights, registrations, terms.
    pub(super) legal: bool,
    /// Something to click: share, sign in, reply.
    pub(super) action: bool,
}

const MAX_WORDS: u32 = 40;

const END: &[&str] = &[
    "责任编辑", "责编", "上一篇", "下一篇", "上一页", "下一页", "编辑：", "編輯：", "校对：", "审核：", "前一篇",
    "后一篇", "返回顶部", "分享到", "previous post", "next post", "previous article", "next article", "filed under",
    "tagged",
];
const RELATED: &[&str] = &[
    "相关阅读", "相关文章", "相关推荐", "相关新闻", "推荐阅读", "热门推荐", "猜你喜欢", "延伸阅读", "更多精彩",
    "大家都在看", "热点", "排行", "相关链接", "最新文章", "related", "you may also", "you might", "more from",
    "read next", "recommended", "popular", "trending", "latest", "similar", "more stories", "also like", "関連",
];
const BYLINE: &[&str] = &[
    "来源：", "来源:", "來源", "作者：", "作者:", "记者", "发布时间", "发布于", "发表于", "阅读", "浏览", "字号",
    "点击", "时间：", "published", "updated", "posted", "written by", "min read", "reading time",
];
const LEGAL: &[&str] = &[
    "版权", "著作权", "转载", "备案", "icp", "copyright", "all rights reserved", "privacy", "terms of", "cookie",
    "免责声明", "举报", "©",
];
const ACTION: &[&str] = &[
    "登录", "注册", "收藏", "点赞", "评论", "分享", "关注", "扫码", "二维码", "下载", "share", "sign in", "sign up",
    "log in", "subscribe", "reply", "report", "newsletter", "add to cart", "comment", "follow", "download",
];

pub(super) fn of(text: &str, words: u32) -> Cues {
    if words > MAX_WORDS || words == 0 {
        return Cues::default();
    }
    let lower = text.to_ascii_lowercase();
    let any = |list: &[&str]| list.iter().any(|cue| memmem::find(lower.as_bytes(), cue.as_bytes()).is_some());
    Cues {
        end: any(END),
        related: words <= 15 && any(RELATED),
        byline: any(BYLINE),
        legal: any(LEGAL),
        action: words <= 20 && any(ACTION),
    }
}

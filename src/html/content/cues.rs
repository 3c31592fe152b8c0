//! What short texts around an article say: where it ends, what is related, who wrote it, whose rights these are.

use std::sync::LazyLock;

/// What a block says about its place. Only short blocks are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the block; no two depend on each other
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

/// The cues by their first two bytes.
struct Index {
    /// A bit for each pair of bytes that a cue begins with.
    begins: Vec<u64>,
    /// Pair, cue, list; in order.
    cues: Vec<(u16, &'static [u8], u8)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { begins: vec![0; 1 << 10], cues: Vec::new() };
    for (list, cues) in [END, RELATED, BYLINE, LEGAL, ACTION].into_iter().enumerate() {
        for cue in cues.iter().map(|cue| cue.as_bytes()) {
            let pair = pair(cue[0], cue[1]);
            index.begins[usize::from(pair >> 6)] |= 1 << (pair & 63);
            index.cues.push((pair, cue, list as u8));
        }
    }
    index.cues.sort_unstable();
    index
});

const fn pair(first: u8, second: u8) -> u16 {
    u16::from_le_bytes([first.to_ascii_lowercase(), second.to_ascii_lowercase()])
}

pub(super) fn of(text: &str, words: u32) -> Cues {
    if words > MAX_WORDS || words == 0 {
        return Cues::default();
    }
    let index = &*INDEX;
    let bytes = text.as_bytes();
    let mut found = 0_u8;
    for (at, two) in bytes.windows(2).enumerate() {
        let pair = pair(two[0], two[1]);
        if index.begins[usize::from(pair >> 6)] >> (pair & 63) & 1 == 0 {
            continue;
        }
        let first = index.cues.partition_point(|(other, ..)| *other < pair);
        for (_, cue, list) in index.cues[first..].iter().take_while(|(other, ..)| *other == pair) {
            if bytes.get(at..at + cue.len()).is_some_and(|here| here.eq_ignore_ascii_case(cue)) {
                found |= 1 << list;
            }
        }
    }
    Cues {
        end: found & 1 != 0,
        related: words <= 15 && found & 2 != 0,
        byline: found & 4 != 0,
        legal: found & 8 != 0,
        action: words <= 20 && found & 16 != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_known_by_what_they_say() {
        assert!(of("责任编辑：某某", 6).end);
        assert!(of("Related articles", 2).related);
        assert!(of("COPYRIGHT 2020", 2).legal);
        assert_eq!(of("Nothing of the kind", 4), Cues::default());
        assert_eq!(of("Related articles", MAX_WORDS + 1), Cues::default());
    }
}

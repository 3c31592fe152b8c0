#!/usr/bin/env python3
"""Two corpora that break naive finders, with truth in the same form as the corpus maker's.

    special.py --out DIR --case previews [--n 5000] [--seed 7]
        One long text and N previews of it, each as another site would show it: cut to 40-70 % from its start, numbers
        masked its own way, its own punctuation width, its own advertisement at the end. Truth: one cluster.

    special.py --out DIR --case tail [--n 20000] [--seed 7] [--body LOW-HIGH]
        N texts with bodies of 150-600 characters, no two alike, that all end in the same 300 characters. Truth: no
        copies at all. Runs with --n 2000 and --n 20000 show whether time grows in proportion. Bodies of less than the
        tail's length make texts that have more than half in common: --body 450-900 makes none of those.

All texts are invented from a list of single characters: nothing is copied, and the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

SIGNS = (
    "天地山水风云雨雪花草木林田野河海湖泉石沙金银铜铁光影星月春夏秋冬晨昏晴暖清凉红绿青蓝黄白紫灰长短高低深浅远近宽窄"
    "城乡村镇街巷桥路港湾岛岸楼阁亭台院墙门窗屋顶灯塔仓库厂矿店铺馆所站场园区农工商学军医师生客友邻亲父母兄弟姐妹儿女"
    "书笔墨纸琴棋画诗歌曲舞戏剧球船车马牛羊鱼鸟虫蜂蝶鹤鹰松柏竹梅兰菊荷桃李杏枣梨茶酒米面油盐糖果豆麦稻棉麻丝布衣帽鞋"
    "看听说读写讲问答想记忆学教练习试验查测算量称计划谋求找寻选择定购买卖租借还付收送取拿放搬运装卸修补造建设立开关闭合"
    "起落升降进出往返转移动静停留住居坐卧行走跑跳飞游泳登攀推拉提举握持抱扶帮助救护养育种植收割采摘挖掘钻探冶炼锻铸织染"
    "洗刷扫除整理编排印刷刊载播映展示宣布通告报导评论议商谈判签订约束规范监督考核奖励表彰批准授予任命聘请招募培训指导"
)
CLAUSES = (
    "{a}{b}在{c}的{d}边{e}着{f}",
    "因为{a}{b}，{c}便把{d}{e}到{f}里",
    "{a}对{b}说，{c}和{d}都要{e}{f}",
    "从{a}到{b}，{c}一直{d}着{e}的{f}",
    "{n}年{m}月，{a}{b}了{c}，共{n}件{d}",
    "如果{a}不{b}，那么{c}的{d}就会{e}{f}",
    "{a}的{b}约有{n}处，其中{c}占{m}成，{d}次之",
    "人们把{a}{b}叫做{c}，也有人称它{d}{e}",
    "第{m}次{a}之后，{b}与{c}各{d}了{n}回{e}",
    "{a}{b}{c}，{d}{e}{f}",
)
MASKS = ("*", "**", "x", "xx", "__", "××", "某", "＊", "…")
SITES = ("文库", "范文", "资料", "公文", "课件", "论文", "方案", "知识", "写作", "文档")
TAILS = (
    "............试读结束............\n查看全文加客服微信{n}\n{site}网(可搜索更多资料)\n{date}\n相关推荐\n扫码关注\n返回顶部",
    "责任编辑:小{one} 来源:网络 点击:{n}次\n分享到:微信 微博 QQ空间\n上一篇:没有了\n关于我们 联系我们 网站地图",
    "已阅读{m}页,还剩{m}页未读,继续免费阅读\n下载本文档\n版权说明:本文档由用户提供并上传,收益归属内容提供方",
    "剩余{m}页未读,继续阅读\n收藏 分享 举报\n{site}网 {date} 上传\n资源评论({m})\n最新资源",
    "以上内容为试读部分,购买后可看全文\n价格:{m}元\n{site}网客服电话:400-{n}\n热门下载\n猜你喜欢",
    "展开阅读全文\n本文由{site}网友{one}{one}分享\n发布于{date} 阅读({n}) 评论({m})\n京ICP备{n}号",
)


class Writer:
    """Invents prose."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def word(self) -> str:
        """Two characters."""
        return self.random.choice(SIGNS) + self.random.choice(SIGNS)

    def clause(self) -> str:
        """A clause with fresh words and numbers."""
        words = {key: self.word() for key in "abcdef"}
        numbers = {"n": self.random.randint(13, 2999), "m": self.random.randint(2, 12)}
        return self.random.choice(CLAUSES).format(**words, **numbers)

    def prose(self, length: int) -> str:
        """Paragraphs of sentences, cut at the length and closed with a full stop."""
        out, size = [], 0
        while size < length:
            clauses = [self.clause() for _ in range(self.random.randint(1, 3))]
            sentence = "，".join(clauses) + "。" + ("\n" if self.random.random() < 0.25 else "")
            out.append(sentence)
            size += len(sentence)
        text = "".join(out)[: length - 1]
        return (text[:-1] + self.random.choice(SIGNS) if text[-1] in "，。\n" else text) + "。"


def masked(text: str, rand: random.Random) -> str:
    """Some or all numbers hidden behind one site's mark."""
    mark, share = rand.choice(MASKS), rand.choice((0.0, 0.5, 0.9, 1.0))
    return re.sub(r"\d+", lambda found: mark if rand.random() < share else found[0], text)


def width(text: str, rand: random.Random) -> str:
    """One site's punctuation: full, half, or half with other stops."""
    style = rand.randrange(3)
    if style == 0:
        return text
    text = unicodedata.normalize("NFKC", text)
    return text.replace("。", ".").replace("、", ",") if style == 1 else text


def advertisement(rand: random.Random) -> str:
    """What one site puts at the end."""
    values = {
        "n": rand.randint(1000000, 9999999),
        "m": rand.randint(2, 30),
        "site": "".join(rand.choice(SIGNS) for _ in range(2)) + rand.choice(SITES),
        "one": rand.choice(SIGNS),
        "date": f"20{rand.randint(10, 24)}年{rand.randint(1, 12)}月{rand.randint(1, 28)}日",
    }
    return "\n".join(tail.format(**values) for tail in rand.sample(TAILS, rand.randint(1, 2)))


def previews(n: int, seed: int) -> Iterator[tuple[str, int, str, str]]:
    """The text and its previews: name, cluster, kind, text."""
    text = Writer(f"{seed} previews").prose(3000)
    yield "b0", 0, "orig", text
    for number in range(n):
        rand = random.Random(f"{seed} preview {number}")
        part = text[: int(len(text) * rand.uniform(0.4, 0.7))]
        shown = width(masked(part, rand), rand)
        yield f"b0-{number}", 0, "preview", shown + "\n\n" + advertisement(rand) + "\n"


def tails(n: int, seed: int, low: int, high: int) -> Iterator[tuple[str, int, str, str]]:
    """Texts of their own with one tail: name, cluster, kind, text."""
    tail = Writer(f"{seed} tail").prose(300)
    for number in range(n):
        writer = Writer(f"{seed} body {number}")
        body = writer.prose(writer.random.randint(low, high))
        yield f"t{number}", number, "orig", body + "\n" + tail


def main() -> None:
    """Writes the case's corpus.jsonl and truth.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--case", choices=("previews", "tail"), required=True)
    parser.add_argument("--n", type=int, help="how many previews (5000) or texts (20000)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--body", default="150-600", help="lengths of the bodies of the tail case")
    args = parser.parse_args()
    low, high = map(int, args.body.split("-"))
    if args.case == "previews":
        documents = list(previews(args.n or 5000, args.seed))
    else:
        documents = list(tails(args.n or 20000, args.seed, low, high))
    random.Random(args.seed).shuffle(documents)
    args.out.mkdir(parents=True, exist_ok=True)
    corpus, truth = args.out / "corpus.jsonl", args.out / "truth.jsonl"
    with corpus.open("w", encoding="utf8") as texts, truth.open("w", encoding="utf8") as truths:
        for number, (name, cluster, kind, text) in enumerate(documents):
            ident = f"d{number:07d}"
            texts.write(json.dumps({"id": ident, "text": text}, ensure_ascii=False) + "\n")
            record = {"id": ident, "cluster": cluster, "kind": kind, "name": name, "parts": []}
            truths.write(json.dumps(record, ensure_ascii=False) + "\n")
    print(len(documents), "documents,", corpus.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

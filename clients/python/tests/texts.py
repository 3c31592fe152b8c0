"""Made-up texts."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BENCH = ROOT.parent / "shared" / "bench"


def report(number: int, sentences: int = 30) -> str:
    """A text of made-up words: two numbers share nothing."""
    state = number * 7919 + 17
    out = []
    for _ in range(sentences):
        words = []
        for _ in range(20):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            words.append(chr(0x4E00 + (state >> 33) % 5000))
        out.append("".join(words).replace("某", "甲") + "。")
    return "\n".join("".join(out[at : at + 3]) for at in range(0, sentences, 3)) + "\n"


NOISE = "责任编辑:佚名 点击:2341次\n上一篇:没有了 下一篇:没有了\n返回顶部\n"


def every_kind() -> list[dict[str, str]]:
    """Documents with copies of every kind among them."""
    out: list[dict[str, str]] = []

    def add(name: str, text: str, date: str | None = None) -> None:
        out.append({"id": name, "text": text, "date": date or "", "source": name[:4]})

    shared = report(5000, 12)
    for n in range(60):
        whole = report(n)
        add(f"whole-{n}", whole, f"2021-03-{n % 28 + 1:02}")
        sentences = whole.replace("\n", "").split("。")
        half = "。".join(sentences[:19]) + "。"
        if n % 3 == 0:
            add(f"again-{n}", whole + NOISE, f"2020-03-{n % 28 + 1:02}")
            add(f"near-{n}", whole.replace(whole[40:44], "改写四字").replace(whole[400:403], "又三字"), "2019-01-01")
        if n % 4 == 0:
            # Exact copies of a cut text belong to whoever holds that.
            add(f"cut-{n}", half)
            add(f"cut-{n}-again", half.replace("。", "."), "2018-05-06")
        if n % 5 == 0:
            add(f"part-{n}", "。".join(sentences[4:11]) + "。")
        if n % 6 == 0:
            add(f"overlap-{n}", "。".join(sentences[:9]) + "。" + report(1000 + n, 20))
        if n % 10 == 0:
            add(f"joined-{n}", "\n".join(report(n + more) for more in range(3)))
            add(f"joined-{n}-other", "\n".join(report(n + more) for more in (0, 4, 5)))
    for n in range(115):
        # A passage that more have than are looked at; of some it is nearly all there is.
        add(f"tail-{n}", report(2000 + n, 2 if n % 5 == 0 else 25) + shared)
    for n in range(105):
        # A crowd of one text, each with a change of its own.
        at = n * 3
        crowd = report(3000, 24)
        add(f"crowd-{n}", crowd[:at] + "变" + crowd[at + 1 :], f"2021-01-{n % 28 + 1:02}")
    for n in range(12):
        figures = [
            f"最高气温{20 + n}度，最低气温{9 + n}度，相对湿度百分之{40 + n}，降水概率百分之{10 + n}，气压{990 + n}百帕"
        ]
        add(f"form-{n}", f"今天白天多云，{figures[0]}，夜间晴，明天有风，请注意防暑降温，出门带伞。")
        add(f"short-{n}", report(4000 + n // 4, 2)[:36] + "一二三四"[n % 4] + "。")
    for n in range(3):
        add(f"empty-{n}", "，。！")
    return out

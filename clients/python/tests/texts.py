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

#!/usr/bin/env python3
"""Washes texts that are one small piece over and over, and prints those that take longest.

    hostile_texts.py [--taoxi PATH] [--bytes N] [--show N]

Each piece is repeated to N bytes and to four times as many. Washing takes time in proportion to the length, so the second time
is some four times the first; a step that compares every place of a text with every other shows as sixteen. `× plain` is
how much longer the longer text takes than prose of the same length. Seconds are CPU time of one process with one thread,
less those of an empty text.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from html_peers import cpu

ROOT = Path(__file__).resolve().parent.parent.parent
#: What stands between lone numbers that look like those of pages.
PAGE = "中" * 160
PROSE = "春天的时候，河边的树都绿了。孩子们在桥上看船，老人坐在门口说话。\n"

PIECES = [
    *("1\n", "1\n2\n3\n", "- 1 -\n", "第1页\n", f"1\n{PAGE}\n", f"1\n2\n{PAGE}\n", "9999\n", "1 ", "1, ", "1,234 ", "1 000 000 ", "1，"),
    *("12。3", "3.", "13。7亿", "1万2千3百", "五百二十万", "1-2", "1~2", "1/2 ", "1:00", "1e5 ", "0x", "$1,000", "￥100", "20%", "％"),
    *("。", "，", ",", "，,", "、", "；", "...", "。。", "！！", "……", "——", "-", "_", "=", "#", "*", "|"),
    *("(", "（", "（\n", "[", "]", "{", "}", "「", "」", "《", "》", "《a》", "【", "】", "(a)", "[1]", "（1）\n"),
    *("“", "”", '"', "'", "‘", "’", "a’", '"a"\n', "“a\n", "”\n“", "\\", " ” ", "a“", "(“", "中“"),
    *("a", "a ", "a\n", "a\tb\n", "|a|b|\n", "| --- |\n", "# a\n", "1. a\n", "一、\n", "中", "中\n", "中 ", "Ａ", "１", "ａ ", "　"),
    *("\n", " \n", "\t\n", "\r\n", "\t", " ", "\u200b", "\ufeff", "\u00ad", "\u0301", "e\u0301", "é", "ﬁ", "㈱", "\ufffd", "Ã©", "â€œ", "Ã©a", "Ã¢â‚¬â„¢", "```\n", "```\na\n```\n"),
    *("臺灣", "萬", "zhōng ", "中(zhōng)", "中国(zhong guo)", "2020年", "2020年1月", "1月1日", "第3章\n", "第一部分\n", "目录\n"),
    *("http://a.b/", "a@b.c ", "QQ:12345678 ", "微信:abc ", "电话:13800000000\n", "阅读全文\n", "点击", "来源：a\n", "声明："),
    *("责任编辑：\n", "上一篇：a\n下一篇：b\n", "版权所有\n", "附件：", "摘要", "关键词：", "xxx", "××", "□", "<p>", "&nbsp;", "&amp;"),
]


def washing(program: str, path: Path, text: str, timeout: float) -> tuple[float, str]:
    """CPU seconds of washing a text, and what went wrong."""
    path.write_text(text, encoding="utf8", newline="")
    before = cpu()
    try:
        done = subprocess.run([program, "clean", "--threads", "1", str(path)], capture_output=True, timeout=timeout, check=False)
        said = done.stderr.decode(errors="replace").strip().splitlines()
        wrong = "" if done.returncode == 0 else (said or [f"status {done.returncode}"])[-1]
    except subprocess.TimeoutExpired:
        wrong = f"over {timeout:.0f} s"
    return cpu() - before, wrong


def main() -> None:
    """Runs all pieces and prints the slowest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taoxi", default=str(ROOT / "target" / "release" / "taoxi"), help="the program under test")
    parser.add_argument("--bytes", type=int, default=250_000, help="length of the shorter text")
    parser.add_argument("--show", type=int, default=12, help="how many to print")
    parser.add_argument("--timeout", type=float, default=60, help="seconds after which a run is ended")
    args = parser.parse_args()
    if not Path(args.taoxi).exists():
        sys.exit(f"{args.taoxi} is not there: cargo build --release, or name one with --taoxi")
    with tempfile.TemporaryDirectory(prefix="hostile-texts-") as folder:
        path = Path(folder) / "text.txt"

        def wash(piece: str, length: int) -> tuple[float, str]:
            size = len(piece.encode())
            return washing(args.taoxi, path, piece * (length // size + 1), args.timeout)

        start = min(washing(args.taoxi, path, "", args.timeout)[0] for _ in range(5))
        # Prose is soon washed: ten times as much is timed.
        plain = max((wash(PROSE, 40 * args.bytes)[0] - start) / 10, 0.001)
        rows = []
        for piece in PIECES:
            short, _ = wash(piece, args.bytes)
            long, wrong = wash(piece, 4 * args.bytes)
            rows.append((long - start, short - start, piece, wrong))
    rows.sort(key=lambda row: (row[3] == "", -row[0]))
    print(f"{len(PIECES)} pieces, {args.bytes:,} and {4 * args.bytes:,} bytes; prose {plain:.3f} s, the program alone {start:.2f} s\n")
    print(f"{'piece':<22}{'seconds':>9}{'4 × long':>10}{'× plain':>9}  went wrong")
    for long, short, piece, wrong in rows[: args.show]:
        print(f"{piece[:14]!r:<22}{long:>9.2f}{long / max(short, 0.01):>10.1f}{long / plain:>9.1f}  {wrong}")
    if any(wrong for *_, wrong in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()

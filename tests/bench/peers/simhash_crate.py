"""The Rust `simhash` crate: a small program around it (simhash-crate/) does the work, this file starts it.

published  The crate's own `simhash(text)`, which splits at white space, with Hamming radius 3, the radius of
           Manku, Jain and Das Sarma, "Detecting Near-Duplicates for Web Crawling" (WWW 2007), for 64-bit codes.
chars      `simhash_stream` over character 3-grams of the text as it is, radius 3.
generous   The same over washed text.
units      Washed text cut as the program under test cuts it: letters only, a Han character or a word is a unit,
           3-grams of units, radius 3.
tuned      `units` at the radius that sweep.py found best on another corpus (see README.md).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import common

HERE = Path(__file__).resolve().parent / "simhash-crate"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[3] / "target")) / "peers"
VARIANTS = {
    "published": common.Variant("words, radius 3", params={"grams": "words", "radius": 3}),
    "chars": common.Variant("char 3-grams, radius 3", params={"grams": "chars", "radius": 3}),
    "generous": common.Variant("washed, char 3-grams, radius 3", True, {"grams": "chars", "radius": 3}),
    "units": common.Variant("washed, 3-grams of units, radius 3", True, {"grams": "units", "radius": 3}),
    "tuned": common.Variant("washed, 3-grams of units, radius 10", True, {"grams": "units", "radius": 10}),
}


def program() -> Path:
    """Where cargo puts the program."""
    return TARGET / "release" / "simhash-crate"


def prepare() -> None:
    """Builds the program with the locked versions."""
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", str(TARGET)]
    subprocess.run(command, cwd=HERE, check=True)


def version() -> str | None:
    """The crate's locked version, when there is a cargo to build it with or a program built before."""
    if not shutil.which("cargo") and not program().exists():
        return None
    lock = (HERE / "Cargo.lock").read_text(encoding="utf8")
    return lock.split('name = "simhash"\nversion = "', 1)[1].split('"', 1)[0]


def run(corpus: Path, out: Path, grams: str, radius: int) -> None:
    """Starts the program in place of this process, so that only it is measured."""
    command = [str(program()), "--corpus", str(corpus), "--out", str(out), "--grams", grams, "--radius", str(radius)]
    os.execv(command[0], command)


def main() -> None:
    """As in `common.main`, but the program reads and writes by itself."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--variant", default="published", choices=list(VARIANTS))
    parser.add_argument("--set", action="append", default=[])
    args, _ = parser.parse_known_args()
    if args.corpus and args.out:
        run(args.corpus, args.out, **common.override(VARIANTS[args.variant].params, args.set))
    common.main("simhash-crate", None, VARIANTS, lambda texts: (), prepare, version)


if __name__ == "__main__":
    main()

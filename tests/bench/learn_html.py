#!/usr/bin/env python3
"""What learned [html] rules do to the extraction of HTML pages: leave one out, host by host.

    learn_html.py --taoxi target/release/taoxi [--bench ../shared/bench/html] [--least 4] [--most-hosts N]
    learn_html.py --taoxi 'target/fold{}/taoxi' --folds target/content/models/folds.txt

For each host with enough pages, each page is washed with what was learned from the host's other pages, and with the shipped rules alone.
The model of the main content that comes with the program was learned from these very pages. With --folds, a number for each page of the bench as
tests/bench/content/folds.py gives it, the program of a host is the one named by its fold: built with the model that saw none of its pages.
Word F1 as in the bench's score.py. Prints a line per host and the means. Only the standard library.
"""
import argparse, collections, json, lzma, os, subprocess, sys, tempfile, urllib.parse

SECOND = {"co", "com", "gov", "org", "net", "edu", "ac", "or", "ne", "go"}


def host(url):
    """The registrable domain, near enough for grouping a bench."""
    parts = (urllib.parse.urlparse(url).hostname or "").lower().split(".")
    return ".".join(parts[-3:] if len(parts) > 2 and parts[-2] in SECOND and len(parts[-1]) == 2 else parts[-2:])


def clean(taoxi, pages, rules):
    """Texts by id."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf8") as f:
        for p in pages:
            f.write(json.dumps({"id": p["id"], "url": p["url"], "html": p["html"]}, ensure_ascii=False) + "\n")
        f.flush()
        command = [taoxi, "clean", f.name, "--format", "ndjson", "--profile", "keep", "--threads", "1"]
        out = subprocess.run(command + (["--rules", rules] if rules else []), capture_output=True, text=True).stdout
    return {r["id"]: r.get("text", "") for r in map(json.loads, out.splitlines())}


def learn(taoxi, pages, folder):
    path = os.path.join(folder, "pages.jsonl")
    with open(path, "w", encoding="utf8") as f:
        for p in pages:
            f.write(json.dumps({"id": p["id"], "url": p["url"], "html": p["html"]}, ensure_ascii=False) + "\n")
    rules = os.path.join(folder, "rules")
    run = subprocess.run([taoxi, "rules", "learn", path, "--host", host(pages[0]["url"]), "--out", rules, "--threads", "1"], capture_output=True, text=True)
    if run.returncode:
        print(run.stderr, file=sys.stderr)
    files = [os.path.join(rules, name) for name in os.listdir(rules)] if os.path.isdir(rules) else []
    return rules, any("[html]" in open(name, encoding="utf8").read() for name in files)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--taoxi", required=True)
    parse.add_argument("--folds")
    parse.add_argument("--bench", default="../shared/bench/html")
    parse.add_argument("--least", type=int, default=4)
    parse.add_argument("--most-hosts", type=int, default=10**6)
    args = parse.parse_args()
    sys.path.insert(0, args.bench)
    from score import f1
    hosts = collections.defaultdict(list)
    with lzma.open(os.path.join(args.bench, "pages.jsonl.xz"), "rt", encoding="utf8") as f:
        folds = open(args.folds, encoding="utf8").read().split() if args.folds else None
        for number, line in enumerate(f):
            page = json.loads(line)
            page["taoxi"] = args.taoxi.replace("{}", folds[number]) if folds else args.taoxi
            hosts[host(page["url"])].append(page)
    chosen = sorted(name for name, pages in hosts.items() if name and len(pages) >= args.least)[: args.most_hosts]
    rows = []
    for name in chosen:
        pages = hosts[name]
        taoxi = pages[0]["taoxi"]
        before = clean(taoxi, pages, None)
        rules_of = 0
        scores = []
        for page in pages:
            others = [p for p in pages if p is not page]
            with tempfile.TemporaryDirectory() as folder:
                rules, has = learn(taoxi, others, folder)
                after = clean(taoxi, [page], rules)
            rules_of += has
            scores.append((f1(before.get(page["id"], ""), page["text"]), f1(after.get(page["id"], ""), page["text"])))
        a, b = (sum(column) / len(scores) for column in zip(*scores))
        rows.append((name, len(pages), rules_of, a, b))
        print(f"{name:32} n={len(pages):3} with [html] {rules_of:3}  F1 {a:.4f} -> {b:.4f}  {b - a:+.4f}", flush=True)
    n = sum(row[1] for row in rows)
    a, b = (sum(row[1] * row[at] for row in rows) / max(n, 1) for at in (3, 4))
    better, worse = (sum(1 for row in rows if test(row[4] - row[3])) for test in (lambda d: d > 1e-4, lambda d: d < -1e-4))
    print(f"{len(rows)} hosts, {n} pages: F1 {a:.4f} -> {b:.4f}; {better} hosts better, {worse} worse")


if __name__ == "__main__":
    main()

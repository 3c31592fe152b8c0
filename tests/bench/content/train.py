#!/usr/bin/env python3
"""Trains the model of the main content. See README.md."""

import argparse
import collections
import itertools
import json
import math
import os
import struct
import subprocess

import lightgbm as lgb
import numpy as np
import scipy.optimize
import scipy.sparse

import folds as folding

MAGIC = b"TXC2"
KINDS = ["article", "collection", "documentation", "forum", "listing", "product", "service"]
MIN_DOMAINS = 10
MIN_ODDS = 0.6
LEAF = 1 << 15
# Words of the regression: seen on this many domains; how much a large weight costs; steps.
WEIGHED_DOMAINS = 8
WEIGHED_L2 = 3e-5
WEIGHED_STEPS = 60
MIN_WEIGHT = 0.01
# Parts of a fold: the rows that a forest learns from know the words of all folds but the one left out and their own part.
PARTS = 2
# Rows that a forest learns from, drawn by weight.
ROWS = 80000
TREES = 500
TREES_SECOND = 300
# First probabilities that the program looks at again, `DOUBTED` in src/html/content/model.rs; the others stay as they are.
DOUBTED = (0.05, 0.85)
# Forests of the second look, each of rows drawn anew; their mean decides.
FORESTS_SECOND = 2
PARAMS = dict(
    objective="cross_entropy",
    learning_rate=0.03,
    num_leaves=31,
    min_data_in_leaf=60,
    min_sum_hessian_in_leaf=0.5,
    lambda_l2=5.0,
    feature_fraction=0.25,
    bagging_fraction=0.7,
    bagging_freq=1,
    max_bin=63,
    force_col_wise=True,
    num_threads=1,
    verbose=-1,
    deterministic=True,
)
PARAMS_SECOND = PARAMS | dict(min_sum_hessian_in_leaf=2.0, lambda_l2=15.0, min_data_in_leaf=120)
KIND_TREES = 60
KIND_PARAMS = dict(
    objective="binary",
    learning_rate=0.08,
    num_leaves=8,
    min_data_in_leaf=10,
    lambda_l2=5.0,
    feature_fraction=0.3,
    bagging_fraction=0.8,
    bagging_freq=1,
    num_threads=1,
    verbose=-1,
    seed=folding.SEED,
    deterministic=True,
)


class Data:
    """What the program extracted."""

    def __init__(self, folder, pages):
        self.names = [f"{at}_{name}" for at, name in enumerate(open(f"{folder}/names.txt").read().split())]
        self.blocks = np.fromfile(f"{folder}/blocks.u32", dtype="<u4").reshape(-1, 4)
        self.all = np.fromfile(f"{folder}/all.u32", dtype="<u4").reshape(-1, 4)
        base = np.fromfile(f"{folder}/base.f32", dtype="<f4")
        self.base = base.reshape(len(self.blocks), -1)
        self.tokens = np.fromfile(f"{folder}/tokens.u32", dtype="<u4").reshape(-1, 4)
        self.truth = np.array([int(line.split("\t")[2]) for line in open(f"{folder}/pages.tsv")], dtype=float)
        self.pages = folding.read(pages)
        self.fold = np.array(folding.split(self.pages))
        self.page = self.blocks[:, 0]
        self.words = self.blocks[:, 2].astype(float)
        self.hits = self.blocks[:, 3].astype(float)
        share = self.hits / np.maximum(self.words, 1)
        self.label = share
        total = np.bincount(self.page, self.words, len(self.pages))
        floor = np.maximum(self.truth, 0.2 * total)
        self.weight = self.words / np.maximum(floor, 20)[self.page]
        found = np.bincount(self.all[:, 0], self.all[:, 2], len(self.pages)) / np.maximum(self.truth, 1)
        self.good = (found > 0.5)[self.page]
        self.row_fold = self.fold[self.page]


class Words:
    """What is learned of words, from any choice of pages."""

    def __init__(self, data, folder):
        self.data = data
        number = {name: i for i, name in enumerate(sorted({page["domain"] for page in data.pages}))}
        self.domain = np.array([number[page["domain"]] for page in data.pages])
        # Whole domains are in a part, too.
        random = np.random.RandomState(folding.SEED).randint(PARTS, size=len(number))
        self.part = random[self.domain]
        weighed = np.fromfile(f"{folder}/weighed.u32", dtype="<u4").reshape(-1, 4)
        key = weighed[:, 1].astype(np.uint64) | (weighed[:, 2].astype(np.uint64) << np.uint64(32))
        keys, place = np.unique(key, return_inverse=True)
        seen = np.unique(place * len(number) + self.domain[data.page[weighed[:, 0]]])
        often = np.bincount(seen // len(number), minlength=len(keys)) >= WEIGHED_DOMAINS
        new = np.cumsum(often) - 1
        rows = often[place]
        self.keys = keys[often]
        values = weighed[rows, 3].copy().view("<f4")
        shape = (len(data.page), len(self.keys))
        self.matrix = scipy.sparse.csr_matrix((values, (weighed[rows, 0], new[place[rows]])), shape=shape)

    def votes(self, pages):
        """Log-odds of content by word, each domain with one vote."""
        rows = self.data.tokens[pages[self.data.tokens[:, 0]]]
        key = (rows[:, 1].astype(np.uint64) << np.uint64(16)) | self.domain[rows[:, 0]].astype(np.uint64)
        unique, place = np.unique(key, return_inverse=True)
        words = np.bincount(place, rows[:, 2])
        hits = np.bincount(place, rows[:, 3])
        vote = hits / np.maximum(words, 1)
        tokens, place = np.unique(unique >> np.uint64(16), return_inverse=True)
        count = np.bincount(place)
        votes = np.bincount(place, vote)
        base = votes.sum() / count.sum()
        odds = np.log((votes + 2 * base) / (count - votes + 2 * (1 - base))) - math.log(base / (1 - base))
        good = (count >= MIN_DOMAINS) & (np.abs(odds) >= MIN_ODDS)
        return dict(zip(tokens[good].tolist(), odds[good].tolist()))

    def weights(self, pages):
        """Weights of a logistic regression of the label on words."""
        rows = np.flatnonzero(pages[self.data.page] & self.data.good)
        x, y, w = self.matrix[rows], self.data.label[rows], self.data.weight[rows]
        w = w / w.sum()
        across = x.T.tocsr()

        def loss(t):
            z = x @ t[:-1].astype(np.float32) + t[-1]
            apart = w * (1 / (1 + np.exp(-z)) - y)
            value = (w * (np.logaddexp(0, z) - y * z)).sum() + WEIGHED_L2 / 2 * (t[:-1] ** 2).sum()
            return value, np.append(across @ apart.astype(np.float32) + WEIGHED_L2 * t[:-1], apart.sum())

        start = np.zeros(x.shape[1] + 1)
        found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=dict(maxiter=WEIGHED_STEPS))
        return found.x[:-1]

    def table(self, pages):
        """All that is known of words: hash, votes, weight around and inside."""
        votes = self.votes(pages)
        known = collections.defaultdict(lambda: [0.0, 0.0, 0.0])
        for word, odds in votes.items():
            known[word][0] = odds
        for key, weight in zip(self.keys.tolist(), self.weights(pages).tolist()):
            if abs(weight) >= MIN_WEIGHT:
                known[key & 0xFFFFFFFF][1 + (key >> 32)] = weight
        return [(word, *known[word]) for word in sorted(known)]

    def write(self, job):
        """The table of pages that are in neither a fold nor a part, as a file."""
        path, fold, other, part = job
        pages = np.ones(len(self.data.pages), bool) if fold is None else self.data.fold != fold
        if other is not None:
            pages &= (self.data.fold != other) | (self.part != part)
        entries = b"".join(struct.pack("<I3f", *entry) for entry in self.table(pages))
        with open(path, "wb") as file:
            file.write(entries)


def write_tables(data, tool, pages, folder):
    """Tables for every fold left out, and with it each part of every other; the features they give."""
    os.makedirs(f"{folder}/tables", exist_ok=True)
    words = Words(data, folder)
    every = range(folding.FOLDS)
    jobs = [(None, None, None), *((fold, None, None) for fold in every)]
    jobs += [(f, o, part) for f, o in itertools.permutations(every, 2) for part in range(PARTS)]
    for job in jobs:
        words.write((f"{folder}/tables/{name(*job)}.bin", *job))
        print("w", end="", flush=True)
    with open(f"{folder}/tables/pages.txt", "w") as out:
        for fold, part in zip(data.fold.tolist(), words.part.tolist()):
            others = [name(other, fold, part) for other in every if other != fold]
            print(name(fold, None, None), *others, file=out)
    subprocess.run([tool, "odds", pages, f"{folder}/tables", f"{folder}/odds.f32"], check=True)


def name(fold, other, part):
    """The name of the table without a fold and a part of another."""
    return "-".join(str(each) for each in ("all" if fold is None else fold, other, part) if each is not None)


def column(rows_fold, test):
    """Which of the five columns belongs to rows of a fold when `test` is left out as well; 0 for nobody else."""
    if test is None or test == rows_fold:
        return 0
    return 1 + [other for other in range(folding.FOLDS) if other != rows_fold].index(test)


def pick(data, columns, test):
    """The columns that rows may know when `test` is the fold to be predicted."""
    out = np.empty((len(data.page), columns.shape[2]), dtype=np.float32)
    for fold in range(folding.FOLDS):
        rows = data.row_fold == fold
        out[rows] = columns[rows, column(fold, test)]
    return out


def choose(words, p):
    """The prefix of greatest expected F1, as the program does it."""
    order = np.argsort(-p, kind="stable")
    n, q = words[order], p[order]
    expected = 2 * np.cumsum(n * q) / np.maximum(np.cumsum(n) + (n * q).sum(), 1e-9)
    cut = int(np.argmax(expected)) + 1 if len(expected) else 0
    taken = np.zeros(len(words), bool)
    taken[order[:cut]] = True
    return taken


def score(data, p):
    """About F1 by page: words of the matched subsequence."""
    out = np.zeros(len(data.pages))
    bounds = np.searchsorted(data.page, np.arange(len(data.pages) + 1))
    for number in range(len(data.pages)):
        rows = slice(bounds[number], bounds[number + 1])
        taken = choose(data.words[rows], p[rows])
        n, hit = data.words[rows][taken].sum(), data.hits[rows][taken].sum()
        out[number] = 2 * hit / max(n + data.truth[number], 1)
    return out


def table(data, f1):
    rows = collections.defaultdict(list)
    for page, value in zip(data.pages, f1):
        kind = page["set"]
        for key in (kind, f"{kind}:{page['type']}", *(["zh"] if page["lang"] == "zh" else [])):
            rows[key].append(value)
    for key, values in sorted(rows.items()):
        print(f"{key:28} n={len(values):5} F1={np.mean(values):.4f} ±{np.std(values) / len(values) ** 0.5:.4f}")


class Mean:
    """The mean of the log-odds of several forests."""

    def __init__(self, boosters):
        self.boosters = boosters

    def predict(self, x):
        """Probabilities."""
        return 1 / (1 + np.exp(-np.mean([booster.predict(x, raw_score=True) for booster in self.boosters], axis=0)))


def forest_bytes(model):
    """The trees as the program reads them."""
    boosters = model.boosters if isinstance(model, Mean) else [model]
    features = boosters[0].num_feature()
    roots, nodes, leaves = [], [], []

    def below(x):
        """The greatest f32 that is not above x."""
        y = np.float32(x)
        return y if float(y) <= x else np.nextafter(y, np.float32(-np.inf))

    def add(tree):
        if "leaf_value" in tree and "split_feature" not in tree:
            leaves.append(np.float32(tree["leaf_value"] / len(boosters)))
            return LEAF | (len(leaves) - 1)
        assert tree["decision_type"] == "<="
        at = len(nodes)
        nodes.append(None)
        less, more = add(tree["left_child"]), add(tree["right_child"])
        nodes[at] = (tree["split_feature"], below(tree["threshold"]), more, less)
        return at

    for tree in (tree for booster in boosters for tree in booster.dump_model()["tree_info"]):
        roots.append(add(tree["tree_structure"]))
    assert max(len(nodes), len(leaves)) <= LEAF
    out = struct.pack("<II", features, len(roots)) + struct.pack(f"<{len(roots)}H", *roots)
    out += struct.pack("<I", len(nodes)) + b"".join(struct.pack("<HfHH", *node) for node in nodes)
    return out + struct.pack("<I", len(leaves)) + struct.pack(f"<{len(leaves)}f", *leaves)


def check(work, path):
    """Whether the program's probabilities are those of LightGBM, both of unseen pages.

    The program hands the first probabilities to the second look as 32-bit floats that may differ in the last bit; one that stands on
    a threshold can fall to its other side. More than one in ten thousand would be a fault.
    """
    said = np.concatenate([json.loads(line)["p"] for line in open(path, encoding="utf8")])
    apart = np.abs(said - np.load(f"{work}/p2.npy"))
    print(f"{(apart > 1e-6).sum()} of {len(said)} probabilities differ by more than 1e-6, the most by {apart.max():.1e}")
    raise SystemExit(int((apart > 1e-6).mean() > 1e-4))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", required=True, help="JSON lines with the truth")
    parser.add_argument("--tool", required=True, help="the built example `content`")
    parser.add_argument("--work", required=True, help="a folder for what is in between")
    parser.add_argument("--extract", action="store_true", help="read the pages anew")
    parser.add_argument("--second", action="store_true", help="train the second look as well")
    parser.add_argument("--keep", action="store_true", help="keep the first look's probabilities of the last run")
    parser.add_argument("--check", help="an output of the program, whose probabilities are to be those found here")
    parser.add_argument("--models", help="a folder for the models")
    args = parser.parse_args()
    if args.check:
        return check(args.work, args.check)
    if args.extract:
        subprocess.run([args.tool, "extract", args.pages, args.work], check=True)
    data = Data(args.work, args.pages)
    if args.extract:
        write_tables(data, args.tool, args.pages, args.work)
    odds = np.fromfile(f"{args.work}/odds.f32", dtype="<f4").reshape(len(data.page), folding.FOLDS, -1)
    print(f"{len(data.pages)} pages, {len(data.page)} rows, {data.base.shape[1]} + {odds.shape[2]} features", flush=True)
    every = range(folding.FOLDS)
    p = np.zeros((len(data.page), folding.FOLDS), dtype=np.float32)
    firsts, names = {}, data.names[: data.base.shape[1] + odds.shape[2]]
    if args.keep:
        p = np.load(f"{args.work}/p.npy")
    for test in every:
        x = np.hstack([data.base, pick(data, odds, test)])
        rows = data.row_fold == test
        if args.models or not args.keep:
            firsts[test] = learn(data, x, ~rows, TREES, names)
        if args.keep:
            continue
        p[rows, 0] = firsts[test].predict(x[rows])
        for other in range(test) if args.second else ():
            both = rows | (data.row_fold == other)
            booster = learn(data, x, ~both, TREES, names)
            p[rows, column(test, other)] = booster.predict(np.hstack([data.base[rows], pick(data, odds, other)[rows]]))
            rest = data.row_fold == other
            p[rest, column(other, test)] = booster.predict(x[rest])
    np.save(f"{args.work}/p.npy", p)
    table(data, score(data, p[:, 0]))
    seconds = {}
    if args.second:
        if not args.keep:
            p.astype("<f4").tofile(f"{args.work}/p.f32")
            subprocess.run([args.tool, "second", args.pages, f"{args.work}/p.f32", f"{args.work}/second.f32"], check=True)
        second = np.fromfile(f"{args.work}/second.f32", dtype="<f4").reshape(len(data.page), folding.FOLDS, -1)
        whole = np.fromfile(f"{args.work}/second.f32.pages", dtype="<f4").reshape(len(data.pages), folding.FOLDS, -1)
        kinds, kind_models = guess_kinds(data, whole)
        second = np.concatenate([second, kinds[data.page]], axis=2)
        names = data.names + KINDS
        final = np.zeros(len(data.page))
        for test in every:
            x = np.hstack([data.base, pick(data, odds, test), pick(data, second, test)])
            rows = data.row_fold == test
            seconds[test] = learn(data, x, ~rows, TREES_SECOND, names, PARAMS_SECOND, FORESTS_SECOND)
            final[rows] = seconds[test].predict(x[rows])
        doubted = (p[:, 0] >= DOUBTED[0]) & (p[:, 0] <= DOUBTED[1])
        print(f"looked at again: {doubted.mean():.3f}")
        final = np.where(doubted, final, p[:, 0])
        np.save(f"{args.work}/p2.npy", final)
        print("second look")
        table(data, score(data, final))
    if args.models:
        os.makedirs(args.models, exist_ok=True)
        everyone = np.ones(len(data.page), bool)
        x = np.hstack([data.base, pick(data, odds, None)])
        firsts[None] = learn(data, x, everyone, TREES, data.names[: x.shape[1]])
        if args.second:
            x = np.hstack([x, pick(data, second, None)])
            seconds[None] = learn(data, x, everyone, TREES_SECOND, names, PARAMS_SECOND, FORESTS_SECOND)
        for test, first in firsts.items():
            with open(f"{args.work}/tables/{name(test, None, None)}.bin", "rb") as file:
                entries = file.read()
            out = MAGIC + struct.pack("<I", len(entries) // 16) + entries
            for model in [first, *([*kind_models[test], seconds[test]] if args.second else [])]:
                out += forest_bytes(model)
            with open(f"{args.models}/{'all' if test is None else test}.bin", "wb") as file:
                file.write(out)
        with open(f"{args.models}/folds.txt", "w") as file:
            file.writelines(f"{fold}\n" for fold in data.fold)


def guess_kinds(data, whole):
    """How likely each page is of each kind, for each of its five columns; and the models by the fold left out."""
    truth = np.array([[page["type"] == kind for kind in KINDS] for page in data.pages], float)
    out = np.zeros((len(data.pages), folding.FOLDS, len(KINDS)), np.float32)
    every = range(folding.FOLDS)

    def known(without):
        """The columns that the pages of other folds may know."""
        x = np.empty((len(data.pages), whole.shape[2]), np.float32)
        for fold in every:
            rows = data.fold == fold
            x[rows] = whole[rows, column(fold, without[0] if without else None)]
        return x

    def fit(without):
        rows = ~np.isin(data.fold, list(without))
        x = known(without)
        return [lgb.train(KIND_PARAMS, lgb.Dataset(x[rows], truth[rows, at]), KIND_TREES) for at in range(len(KINDS))]

    models = {}
    for test in every:
        models[test] = fit((test,))
        rows = data.fold == test
        for at, model in enumerate(models[test]):
            out[rows, 0, at] = model.predict(whole[rows, 0])
    for first, last in itertools.combinations(every, 2):
        for at, model in enumerate(fit((first, last))):
            for fold, other in ((first, last), (last, first)):
                rows = data.fold == fold
                out[rows, column(fold, other), at] = model.predict(whole[rows, column(fold, other)])
    models[None] = fit(())
    right = out[:, 0].argmax(1) == truth.argmax(1)
    print(f"kind of page guessed: {right.mean():.3f}")
    return out, models


def learn(data, x, rows, trees, names, params=PARAMS, forests=1):
    """Forests of rows drawn by weight, each at its share of the weight."""
    rows = np.flatnonzero(rows & data.good)
    weight = data.weight[rows]
    low, high = 0.0, weight.max()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(1, weight / middle).sum() > ROWS else (low, middle)
    share = np.minimum(1, weight / high)
    boosters = []
    for seed in range(folding.SEED, folding.SEED + forests):
        drawn = np.random.RandomState(seed).rand(len(rows)) < share
        taken = rows[drawn]
        options = dict(max_bin=params["max_bin"])
        train = lgb.Dataset(x[taken], data.label[taken], weight=(weight / share)[drawn], feature_name=names, params=options)
        boosters.append(lgb.train(params | dict(seed=seed), train, trees))
    print(".", end="", flush=True)
    return Mean(boosters)


if __name__ == "__main__":
    main()

"""Pages into five folds by registrable domain, so that no domain is both learned and tested."""

import collections
import json
import lzma
import random

import tldextract

FOLDS = 5
SEED = 7
extract = tldextract.TLDExtract(suffix_list_urls=())  # the list that comes with the package


def domain(page):
    """The registrable domain of a page's URL; a page without one is its own domain."""
    return extract(page["url"]).top_domain_under_public_suffix or page["url"] or page["id"]


def read(path):
    """id, set, type, language and domain of each page."""
    out = []
    opened = lzma.open(path, "rt", encoding="utf8") if path.endswith(".xz") else open(path, encoding="utf8")
    with opened as lines:
        for line in lines:
            page = json.loads(line)
            out.append(
                {
                    "id": page["id"],
                    "set": page["id"].split("/")[0],
                    "type": page["type"],
                    "lang": page["lang"],
                    "domain": domain(page),
                }
            )
    return out


def split(pages, folds=FOLDS, seed=SEED):
    """A fold for each page: domains in random order, each to the fold that has the fewest pages like its own."""
    groups = collections.defaultdict(list)
    for number, page in enumerate(pages):
        groups[page["domain"]].append(number)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda name: -len(groups[name]))
    counts = [collections.Counter() for _ in range(folds)]
    out = [0] * len(pages)
    for name in order:
        kinds = [pages[number]["set"] + pages[number]["type"] for number in groups[name]]
        best = min(range(folds), key=lambda fold: (sum(counts[fold][kind] for kind in kinds), sum(counts[fold].values())))
        for number, kind in zip(groups[name], kinds):
            out[number] = best
            counts[best][kind] += 1
    return out

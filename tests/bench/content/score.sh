#!/usr/bin/env bash
# Scores the main content, each page by the model of its fold: score.sh PAGES.jsonl MODELS SCORER
set -euo pipefail
pages=$1 models=$2 scorer=$3
out=$(mktemp)
trap 'rm -f "$out"' EXIT
cargo run --quiet --release --no-default-features --example content -- run "$pages" "$models/folds.txt" "$models" "$out"
python3 "$scorer" "$out"

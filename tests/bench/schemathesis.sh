#!/usr/bin/env bash
# Nonsense for the service: requests that Schemathesis makes up from /openapi.json, right ones and wrong ones. No answer may be a fault of the server,
# and each must have a status, a media type and a body as the description says. Needs a release build.
#
#   tests/bench/schemathesis.sh [EXAMPLES FOR EACH CALL]     SCHEMATHESIS: the program; TAOXI: the service; SEED: for other requests
set -euo pipefail
cd "$(dirname "$0")/../.."
examples=${1:-60}
schemathesis=${SCHEMATHESIS:-schemathesis}
taoxi=${TAOXI:-target/release/taoxi}
seed=${SEED:-1}
room=$(mktemp -d)
service=
end() {
  [ -z "$service" ] || kill -9 "$service" 2>/dev/null || true
  rm -rf "$room"
}
trap end EXIT

TAOXI_LOG_LEVEL=warn TAOXI_TIMEOUTS_BODY=5 "$taoxi" serve --listen 127.0.0.1:0 --data "$room/data" 2>"$room/log" &
service=$!
url=
for _ in $(seq 100); do
  url=$(sed -n 's/^taoxi: listening on //p' "$room/log")
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { cat "$room/log"; exit 1; }

ask() { curl --silent --show-error --fail --max-time 20 "$@"; }

# Something to be found: a collection with a document, a finished job.
ask -X PUT "$url/v1/collections/c" >/dev/null
ask "$url/v1/collections/c/documents" -H 'content-type: application/json' -d '{"id": "d", "text": "第一份文件的正文。"}' >/dev/null
job=$(ask "$url/v1/jobs/dedupe" -H 'content-type: application/x-ndjson' -d '{"id": "d", "text": "正文。"}' | sed -n 's/.*"job":"\([^"]*\)".*/\1/p')
cat >"$room/known.toml" <<TOML
[parameters]
"path.collection" = "c"
"path.job" = "$job"
"path.name" = "documents.ndjson"
"path.id" = "d"
"path.crawl" = "w"
TOML
: >"$room/any.toml"

failed=0
# Requests with such names, held to the description, and to one more check.
made_up() {
  local names=$1 check=$2
  shift 2
  "$schemathesis" --config-file "$room/$names.toml" run "$url/openapi.json" \
    --checks "${check}status_code_conformance,content_type_conformance,response_schema_conformance" \
    --phases examples,coverage,fuzzing,stateful --max-examples "$examples" --seed "$seed" --workers 2 --request-timeout 20 \
    --generation-database none --suppress-health-check all --continue-on-failure --warnings off --no-color "$@" || failed=1
}
for names in any known; do
  printf '== %s names\n' "$names"
  # Deleting what the other calls are to find is left to the run with any names.
  keep=()
  [ "$names" = any ] || keep=(--exclude-method DELETE)
  made_up "$names" not_a_server_error, "${keep[@]}"
done

# It has lived through all of it.
ask "$url/readyz" >/dev/null || failed=1
count=$(ask "$url/metrics" | sed -n 's/^taoxi_http_requests_total{.*} //p' | awk '{ sum += $1 } END { print sum }')
printf '%s requests were answered\n' "$count"
if grep -q '"level":"ERROR"' "$room/log"; then
  grep '"level":"ERROR"' "$room/log" | head -20
  failed=1
fi
exit "$failed"

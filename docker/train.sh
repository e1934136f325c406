#!/bin/bash
# Makes the AOT cache: starts the extracted service, has it do once what most do first, then much of it, and stops it. The cache holds
# what is loaded and linked for that, and which code was busy: the JIT of later starts compiles that at once.
#   docker/train.sh DIRECTORY CACHE     where manyhands.jar and lib/ are, and the file to be written; JAVA or PATH has the java that will use it
set -euo pipefail
cache=$2
java=${JAVA:-java}
data=$(mktemp -d)
log=$data/service.log
trap 'kill "${service:-}" 2>/dev/null || true; rm -rf "$data"' EXIT

# The paths are part of the cache: it serves who names the jar in the same way.
"$java" -XX:AOTCacheOutput="$cache" -Dorg.sqlite.lib.path="$1/native" -jar "$1/manyhands.jar" --server.address=127.0.0.1 --server.port=0 \
  --manyhands.data-dir="$data/data" >"$log" 2>&1 &
service=$!
port=""
for _ in {1..600}; do
  port=$(sed -n 's/.*Tomcat started on port \([0-9]*\).*/\1/p' "$log")
  [ -z "$port" ] || break
  kill -0 "$service" || { cat "$log" >&2; exit 1; }
  sleep 0.2
done
url=http://127.0.0.1:$port

get() { curl -fsS --retry 5 --retry-all-errors -o /dev/null "$@"; }
# Runs a job and reads it in the ways there are.
run() {
  local job
  job=$(curl -fsS "$url/api/v1/jobs?wait=60" -H 'Content-Type: application/json' -d "$1" | tee "$data/job.json" | sed 's/^{"id":"\([^"]*\)".*/\1/')
  grep -q '"state":"SUCCEEDED"' "$data/job.json" || { cat "$data/job.json" "$log" >&2; exit 1; }
  get "$url/api/v1/jobs/$job"
  get "$url/api/v1/jobs/$job/results"
  get "$url/api/v1/jobs/$job/results" -H 'Accept: application/x-ndjson'
  get "$url/api/v1/jobs/$job/events"
  get "$url/api/v1/jobs/$job/report"
  get "$url/api/v1/jobs/$job/log"
}

get "$url/actuator/health/readiness"
run '{"function": "check_prime", "inputs": {"range": {"start": 100000000, "stop": 100000100}}}'
run '{"function": {"runtime": "command", "command": ["cat"]}, "inputs": [1, 2, 3], "workers": 1, "timeouts": {"item": 60}}'
run '{"function": "sum_of_squares", "inputs": [1, 2, 3], "reduce": "sum"}'
identity='"function": {"runtime": "command", "command": ["cat"]}'
if command -v python3 >/dev/null; then
  identity='"function": {"runtime": "python", "code": "def f(x): return x"}'
  run "{$identity, \"inputs\": [1, 2, 3], \"seed\": 1}"
fi
(echo '{"function": "check_prime"}'; seq 1 100) | get "$url/api/v1/jobs?wait=60" -H 'Content-Type: application/x-ndjson' --data-binary @-
for path in "" api/v1/jobs api/v1/functions api/v1/workers api/v1/limits actuator/health/liveness actuator/prometheus v3/api-docs swagger-ui/index.html client/; do
  get "$url/$path"
done

# The work of a busy service: many small jobs by several clients, many small chunks, many items in one request.
# The fragment is not sent: it makes so many requests.
curl -fsS --no-progress-meter --parallel --parallel-max 8 -o /dev/null -H 'Content-Type: application/json' \
  -d "{$identity, \"inputs\": [1]}" "$url/api/v1/jobs?wait=60#[1-6000]"
for _ in {1..3}; do
  run "{$identity, \"inputs\": {\"range\": {\"start\": 0, \"stop\": 20000}}, \"chunking\": {\"size\": 1}}"
done
echo "{$identity, \"inputs\": [$(seq -s, 1 300000)]}" >"$data/many.json"
for _ in {1..5}; do
  run "@$data/many.json"
done

kill "$service"
# A JVM that was told to stop ends with 143, when the cache is written.
wait "$service" || [ $? = 143 ]
[ -s "$cache" ] || { cat "$log" >&2; exit 1; }

#!/usr/bin/env python3
"""Ours against what people use instead, end to end: one command starts, runs, checks and compares everything.

    python3 src/bench/peers.py [--rows gcd,identity] [--rounds 5] [--quick] [--json FILE] [--jfr FILE]

wants the packaged jar, a JDK 25 and, for each peer, Debian's package of it; docs/explanation/performance.md says how it measures and why. Runs
on loopback only, leaves nothing behind, and exits with 1 when results differ from the serial ones, not when a target is missed.
"""
import argparse
import datetime
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import traceback

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"  # as our workers have it; before anybody loads numpy

import batches  # noqa: E402
import clients  # noqa: E402
import contenders  # noqa: E402
import costs  # noqa: E402
import figures  # noqa: E402
import latencies  # noqa: E402
import service  # noqa: E402
from bench import Bench, load_average, remove  # noqa: E402

ROWS = {
    "gcd": batches.gcd, "gcd40": batches.gcd40, "primes-range": batches.primes_range, "primes": batches.primes_list,
    "pi": batches.pi, "pi-numpy": batches.pi_numpy, "identity": batches.identity, "tail": batches.tail,
    "threads": batches.threads,
    "latency": latencies.latency, "rate": latencies.rate, "follow": latencies.follow,
    "first": latencies.first, "cold": latencies.cold,
    "java-gcd": batches.java_gcd, "java-primes": batches.java_primes, "java-identity": batches.java_identity,
    "java-sum": batches.java_sum,
    "client-map": clients.client_map, "client-submit": clients.client_submit, "crossover": clients.crossover,
    "efficiency": batches.efficiency, "stream": costs.stream, "chunk": costs.chunk, "start": costs.start,
}


def main():
    options = parse()
    java = options.java or service.find_java()
    directory = tempfile.mkdtemp(prefix="manyhands-bench-", dir=options.directory)
    jvm = options.jvm + ([f"-XX:StartFlightRecording=filename={os.path.abspath(options.jfr)},settings=profile"] if options.jfr else [])
    for missing in contenders.MISSING:
        print(f"not on this machine, left out: {missing}", flush=True)
    bench = Bench(java, options.jar, directory, 2 if options.quick else options.rounds, options.quick, jvm, options.appendfsync)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # ends what was started; after the pools, which must not have it
    rows, loads, failed = [], {}, []
    try:
        for key in options.rows:
            before, start = load_average(), time.perf_counter()
            try:
                rows.append(ROWS[key](bench))
            except Exception:  # the other rows are worth having all the same
                traceback.print_exc()
                failed.append(key)
                continue
            loads[key] = [before, load_average()]
            print(f"\n{rows[-1].title}: {time.perf_counter() - start:.0f} s, load {before:.1f} to {loads[key][1]:.1f}")
            print(figures.table(rows[-1:]), flush=True)
            for note in [*rows[-1].cpu_notes(), *rows[-1].notes]:
                print("  " + note, flush=True)
            if options.json:
                write(options, java, rows, loads)
    finally:
        bench.close()
        if options.keep:
            print("kept: " + directory)
        else:
            remove(directory)
    print("\n" + figures.table(rows))
    if failed:
        raise SystemExit("failed: " + ", ".join(failed))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda text: text.split(","), default=list(ROWS), help="of " + ", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a small form in some minutes: shows that it works, not how fast it is")
    parser.add_argument("--json", help="write machine, versions, all samples and figures to this file; guard.py compares two")
    parser.add_argument("--jar", default=service.JAR)
    parser.add_argument("--java", help="of a JDK 25")
    parser.add_argument("--jfr", help="record the service with JDK Flight Recorder into this file")
    parser.add_argument("--jvm", action="append", default=[], help="an option of the service's JVM, as --jvm=-Xmx1g")
    parser.add_argument("--appendfsync", choices=["everysec", "always"], default="everysec",
                        help="of Celery's Redis: only with always is a task on disk before it is answered, as our jobs are")
    parser.add_argument("--directory", help="where data goes, ours and theirs: on a real disk")
    parser.add_argument("--keep", action="store_true", help="leave the data and the log of the service there")
    options = parser.parse_args()
    for key in options.rows:
        if key not in ROWS:
            parser.error(f"--rows: there is no {key}; there are {', '.join(ROWS)}")
    if not os.path.exists(options.jar):
        parser.error(f"--jar: there is no {options.jar}; ./mvnw -DskipTests package makes it")
    options.jar = os.path.abspath(options.jar)
    return options


def write(options, java, rows, loads):
    with open(options.json + ".part", "w") as file:
        json.dump({"when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "quick": options.quick,
                   "rounds": options.rounds, "machine": machine(), "versions": versions(java, options.jar),
                   "load": loads, "rows": [row.as_json() for row in rows]}, file, indent=1)
    os.replace(options.json + ".part", options.json)


def machine():
    with open("/proc/cpuinfo") as cpuinfo:
        models = {line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")}
    return {"processors": contenders.CORES, "model": ", ".join(sorted(models)), "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf(
        "SC_PAGE_SIZE"), "system": platform.platform()}


def versions(java, jar):
    with open(jar, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    known = {"python": sys.version.split()[0], "java": service.version_of(java), "jar": digest}
    for module in (contenders.joblib, contenders.distributed, contenders.celery):
        if module:
            known[module.__name__] = module.__version__
    commit = subprocess.run(["git", "-C", service.REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return dict(known, commit=commit.stdout.strip())


if __name__ == "__main__":
    main()

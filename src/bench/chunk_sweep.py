#!/usr/bin/env python3
"""The automatic chunk size against fixed ones: is it ever worth a user's while to choose?

    python3 src/bench/chunk_sweep.py [--url http://127.0.0.1:8080] [--rounds 5] [--only WORD] [--token T]

needs a running service on an otherwise quiet machine and nothing but the standard library. A round runs every size once, in
another order each time, so that a drift of the machine's speed meets all of them; the table shows medians of the time from
submitting a job to being told of its end. The goal is auto within 1.15 of the best fixed size, whatever the items are like.
"""
import argparse
import json
import os
import random
import statistics
import time
import urllib.request

GOAL = 1.15

MICRO_CODE = '''
def micro(x):  # about 1 µs
    n = x
    for i in range(20):
        n += i
    return n
'''
# By the clock, so that another program on the machine does not make an item longer.
SPIN_CODE = '''
from time import perf_counter
def spin(seconds):
    end = perf_counter() + seconds
    while perf_counter() < end: pass
'''

WORKLOADS = [
    # name, code, inputs, sizes: large enough that messages do not take most of the time, small enough that workers share the items
    ("200,000 items of 1 µs", MICRO_CODE, {"range": {"stop": 200_000}}, [64, 256, 1024, 4096, 16384]),
    ("400 items of 10 ms", SPIN_CODE, {"repeat": {"value": 0.01, "times": 400}}, [1, 4, 16, 64, 256]),
    ("8 items of 1 s", SPIN_CODE, {"repeat": {"value": 1.0, "times": 8}}, [1, 4]),
    ("1,980 of 0.5 ms, then 20 of 50 ms", SPIN_CODE, [0.0005] * 1980 + [0.05] * 20, [1, 4, 16, 64, 256, 1024]),
]


class Client:
    def __init__(self, url, token):
        self.url = url
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = "Bearer " + token

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/api/v1" + path, data, self.headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def run(self, code, inputs, size):
        """Seconds from submitting the job to its end, and the job."""
        start = time.perf_counter()
        job = self.call("/jobs?wait=300", {
            "function": {"runtime": "python", "code": code}, "inputs": inputs, "chunking": {"size": size}})
        took = time.perf_counter() - start
        assert job["state"] == "SUCCEEDED", job
        return took, job


def sweep(client, code, inputs, sizes, rounds):
    """Returns the seconds of the rounds by size, and for each round of `auto` its seconds and the chunk sizes of its job."""
    for size in ("auto", sizes[-1]):
        client.run(code, inputs, size)  # warm workers
    seconds, chosen = {size: [] for size in sizes}, []
    for round_number in range(rounds):
        order = list(sizes)
        random.Random(round_number).shuffle(order)
        for size in order:
            took, job = client.run(code, inputs, size)
            seconds[size].append(took)
            if size == "auto":
                chosen.append((took, job["chunkSizes"]))
    return seconds, chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="workloads with this in their name")
    parser.add_argument("--token", default=os.environ.get("MANYHANDS_TOKEN"))
    options = parser.parse_args()
    client = Client(options.url, options.token)
    workloads = [workload for workload in WORKLOADS if options.only in workload[0]]
    if not workloads:
        parser.error("--only %s: there is %s" % (options.only, "; ".join(workload[0] for workload in WORKLOADS)))
    missed = []
    for name, code, inputs, fixed in workloads:
        seconds, chosen = sweep(client, code, inputs, ["auto"] + fixed, options.rounds)
        median = {size: statistics.median(of_size) for size, of_size in seconds.items()}
        best = min(fixed, key=median.get)
        print(f"\n{name}\n  {'size':>6} {'median s':>9} {'min-max':>15} {'÷ best fixed':>13}")
        for size, of_size in seconds.items():
            spread = f"{min(of_size):.3f}-{max(of_size):.3f}"
            note = "  best fixed" if size == best else ""
            print(f"  {size:>6} {median[size]:9.3f} {spread:>15} {median[size] / median[best]:13.2f}{note}")
        ratio = median["auto"] / median[best]
        if ratio > GOAL:
            missed.append(f"{name}: {ratio:.2f}")
        middle = sorted(chosen, key=lambda one: one[0])[len(chosen) // 2][1]
        print("  chunkSizes of auto: " + json.dumps(middle))
    print("\nauto ÷ best fixed " + (f"is above {GOAL} for {'; '.join(missed)}" if missed else f"is at most {GOAL} throughout"))


if __name__ == "__main__":
    main()

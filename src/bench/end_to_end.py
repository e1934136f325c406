#!/usr/bin/env python3
"""The end-to-end path against multiprocessing.Pool: submit over HTTP, compute, read all results in the client.

    python3 src/bench/end_to_end.py [--url http://127.0.0.1:8080] [--rounds 5] [--token T]

needs a running service on an otherwise quiet machine and nothing but the standard library. Each round runs ours, then the
pool's, so that a drift of the machine's speed meets both; the table shows medians and their ratio.
"""
import argparse
import json
import multiprocessing
import os
import statistics
import time
import urllib.request

GCD_CODE = '''
def gcd(pair):
    a, b = pair
    for i in range(min(a, b), 0, -1):
        if a % i == 0 and b % i == 0:
            return i
'''
PRIME_CODE = '''
def check_prime(n):
    if n % 2 == 0:
        return n == 2
    i = 3
    while i * i <= n:
        if n % i == 0:
            return False
        i += 2
    return n > 1
'''
IDENTITY_CODE = 'def identity(x): return x\n'
exec(GCD_CODE + PRIME_CODE + IDENTITY_CODE)  # the very same source for the pool

PAIRS = [[1963309, 2265973], [2030677, 3814172], [1551645, 2229620], [2039045, 2020802], [1823712, 1924928],
         [2293129, 1020491], [1281238, 2273782], [3823812, 4237281], [3812741, 4729139], [1292391, 2123811]]
PRIMES = range(100_000_000, 100_100_000)
MILLION = range(1_000_000)


def as_range(numbers):
    return {"range": {"start": numbers.start, "stop": numbers.stop}}


WORKLOADS = [
    # name, code, inputs for us, function and inputs for the pool
    ("gcd of ten pairs", GCD_CODE, PAIRS, "gcd", PAIRS),
    ("gcd of forty pairs", GCD_CODE, PAIRS * 4, "gcd", PAIRS * 4),
    ("check_prime, as range", PRIME_CODE, as_range(PRIMES), "check_prime", PRIMES),
    ("check_prime, as numbers", PRIME_CODE, list(PRIMES), "check_prime", list(PRIMES)),
    ("identity of a million, as numbers", IDENTITY_CODE, list(MILLION), "identity", list(MILLION)),
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

    def run(self, code, inputs):
        job = self.call("/jobs?wait=300", {"function": {"runtime": "python", "code": code}, "inputs": inputs})
        results, offset = [], 0
        while offset is not None:
            page = self.call(f"/jobs/{job['id']}/results?limit=100000&offset={offset}")
            results += page["results"]
            offset = page["next"]
        return results, job


def seconds(task):
    start = time.perf_counter()
    result = task()
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--token", default=os.environ.get("MANYHANDS_TOKEN"))
    options = parser.parse_args()
    client = Client(options.url, options.token)
    pool = multiprocessing.Pool()
    print(f"{'workload':36} {'ours s':>8} {'pool s':>8} {'ratio':>6}  {'min-max of ratios':18} speedup")
    for name, code, ours, entry, theirs in WORKLOADS:
        function = globals()[entry]
        client.run(code, ours)  # warm workers on both sides
        pool.map(function, theirs)
        rounds, speedups = [], []
        for _ in range(options.rounds):
            our_time, (results, job) = seconds(lambda: client.run(code, ours))
            pool_time, expected = seconds(lambda: pool.map(function, theirs))
            assert results == expected, name + ": the results differ"
            rounds.append((our_time, pool_time, our_time / pool_time))
            speedups.append(job["speedup"])
        our_time, pool_time, ratio = (statistics.median(column) for column in zip(*rounds))
        ratios = [r[2] for r in rounds]
        print(f"{name:36} {our_time:8.3f} {pool_time:8.3f} {ratio:6.2f}  {min(ratios):.2f}-{max(ratios):.2f}{'':9} "
              f"{statistics.median(speedups):.2f}")
    trivial = []
    for i in range(300):
        took, _ = seconds(lambda: client.call("/jobs?wait=10", {
            "function": {"runtime": "python", "code": IDENTITY_CODE}, "inputs": [i]}))
        trivial.append(took * 1000)
    trivial = sorted(trivial[50:])
    print(f"one trivial durable job, submit to result: p50 {trivial[len(trivial) // 2]:.2f} ms, "
          f"p99 {trivial[int(len(trivial) * 0.99)]:.2f} ms")


if __name__ == "__main__":
    main()

"""Rows of many small jobs: what one costs, how many there can be, and how soon a result arrives."""
import itertools
import json
import os
import subprocess
import threading

from bench import timed
from client import Client
from contenders import HERE, CeleryPeer, Ours, definition
from figures import Row, percentile
from processes import cpu_seconds
from service import Service
import functions

CLIENTS = 32


def latency(bench):
    """One job after the other, each submitted, durable, computed and read, by one client."""
    count = 50 if bench.quick else 300
    row = Row("latency", "one trivial job, submit to result")
    peer = bench.peer(CeleryPeer, bench.directory)
    singles = {"ours": []}
    ours = Ours(bench.client)
    runs = {"ours": lambda: one_by_one(lambda item: ours.run(functions.identity, [item])[0], count, singles["ours"])}
    if peer:
        singles["Celery"] = []
        runs["Celery"] = lambda: one_by_one(lambda item: peer.one(functions.identity, item), count, singles["Celery"])
    for run in runs.values():
        run()
    for samples in singles.values():
        samples.clear()
    bench.interleave(row, runs)
    rounds = [singles["ours"][i:i + count] for i in range(0, len(singles["ours"]), count)]
    row.figure("p50", [percentile(one, 0.50) * 1000 for one in rounds], 2, unit="ms")
    row.figure("p99", [percentile(one, 0.99) * 1000 for one in rounds], 10, unit="ms", tolerance=0.5)
    if peer:
        row.ratio("Celery", 0.6)
        row.notes.append(f"Celery: p99 {percentile(singles['Celery'], 0.99) * 1000:.1f} ms")
    return row


def one_by_one(run, count, singles):
    """Runs this many items one by one. Returns the median of their seconds, and adds the seconds of each to `singles`."""
    mine = []
    for item in range(count):
        took, result = timed(run, item)
        assert result == item
        mine.append(took)
    singles += mine
    return percentile(mine, 0.5)


def first(bench):
    """The first jobs of a new service, one after the other: installed, as the plain jar, and beside them the warm service."""
    count = 400
    row = Row("first", f"first {count} trivial jobs of a new service")
    singles, starts, numbers = {"ours": [], "the plain jar": [], "warm": []}, [], itertools.count()

    warm, ours = bench.client, bench.installed  # before the clock of processor time starts

    def fresh(name, command):
        with Service(command, os.path.join(bench.directory, f"first-{next(numbers)}")) as service:
            if name == "ours":
                starts.append(service.start_seconds)
            client = Client(service.port)
            p50 = one_by_one(lambda item: Ours(client).run(functions.identity, [item])[0], count, singles[name])
            client.close()
            return p50

    bench.interleave(row, {
        "ours": lambda: fresh("ours", ours),
        "the plain jar": lambda: fresh("the plain jar", bench.plain),
        "warm": lambda: one_by_one(lambda item: Ours(warm).run(functions.identity, [item])[0], count, singles["warm"])})
    row.figure("p50", [one * 1000 for one in row.samples["ours"]], 4, unit="ms")
    row.ratio("warm", 2, name="ratio to a warm service", tolerance=0.25)
    row.figure("ready after", starts, 2.5, unit="s")
    row.notes += [f"{name}: p50 {percentile(all_of_it, 0.5) * 1000:.2f} ms, p99 {percentile(all_of_it, 0.99) * 1000:.1f} ms"
                  for name, all_of_it in singles.items()]
    return row


def cold(bench):
    """One item on a new worker, from submission to result, in a service that is warm."""
    count = 3 if bench.quick else 10
    row = Row("cold", "one item on a new worker")
    numbers = itertools.count()

    def java(client):
        # A job with another limit of memory gets a new worker.
        return client.map("check_prime", [7], memory=f"{1024 + next(numbers)}MiB")

    def python(client):
        return client.map({"runtime": "python", "code": f"def f(x): return x  # {next(numbers)}"}, [7])

    def of_so_many(run, client):
        return percentile([timed(run, client)[0] for _ in range(count)], 0.5)

    with Service(bench.plain, os.path.join(bench.directory, "cold")) as service:
        client = Client(service.port)
        for item in range(300):
            Ours(client).run(functions.identity, [item])
        bench.interleave(row, {
            "ours": lambda: of_so_many(java, bench.client), "Python": lambda: of_so_many(python, bench.client),
            "the plain jar, Java": lambda: of_so_many(java, client), "the plain jar, Python": lambda: of_so_many(python, client)})
        client.close()
    row.figure("Java", [one * 1000 for one in row.samples["ours"]], 120, unit="ms")
    row.figure("Java, the plain jar", [one * 1000 for one in row.samples["the plain jar, Java"]], 120, unit="ms")
    row.figure("Python", [one * 1000 for one in row.samples["Python"]], 40, unit="ms")
    return row


def follow(bench):
    """One item after the other into an open job, each followed to its line: from before the append to after the line, by one client
    that appends on one connection and reads on another."""
    count = 100 if bench.quick else 500
    row = Row("follow", "one item into an open job, append to line")
    singles = []
    reader = Client(bench.service.port)
    job = bench.client.call("POST", "/jobs", {"function": definition(functions.identity), "inputs": {"open": True}})["id"]
    lines = reader.request("GET", f"/jobs/{job}/results?follow=true&order=completion", accept="application/x-ndjson")

    def append(item):
        bench.client.request("POST", f"/jobs/{job}/inputs", b"%d\n" % item, content_type="application/x-ndjson").read()
        return json.loads(lines.readline())["value"]

    try:
        one_by_one(append, count, [])
        bench.interleave(row, {"ours": lambda: one_by_one(append, count, singles)})
    finally:
        bench.client.request("POST", f"/jobs/{job}/close").read()
        lines.read()
        reader.close()
    rounds = [singles[i:i + count] for i in range(0, len(singles), count)]
    row.figure("p50", [percentile(one, 0.50) * 1000 for one in rounds], 5, unit="ms")
    row.figure("p99", [percentile(one, 0.99) * 1000 for one in rounds], 20, unit="ms", tolerance=0.5)
    return row


def rate(bench):
    """Many clients at once. Ours are in a program of their own, so that what they cost is not the service's; Celery's as its
    users have them: threads of one program, or one group of all tasks, whichever is faster."""
    jobs = 400 if bench.quick else 2_000
    row = Row("rate", f"{jobs:,} trivial jobs, {CLIENTS} clients", unit="jobs/s")
    body = json.dumps({"function": definition(functions.identity), "inputs": ["@"]}).replace('"@"', "@")
    own_cpu = {}
    load = subprocess.Popen([bench.java, "-XX:+UseSerialGC", os.path.join(HERE, "Load.java"), str(bench.service.port), str(CLIENTS),
                             body], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ours():
        load.stdin.write(f"{jobs}\n")
        load.stdin.flush()
        before = cpu_seconds(bench.service.pid)
        seconds, cpu, p50, p99 = map(float, load.stdout.readline().split())
        own_cpu.setdefault("ours", []).append(
            f"{cpu:.2f} s of {seconds:.2f} s (the service {cpu_seconds(bench.service.pid) - before:.2f} s; p50 {p50:.1f} ms, p99 {p99:.1f} ms)")
        return jobs / seconds

    runs = {"ours": ours}
    peer = bench.peer(CeleryPeer, bench.directory)
    if peer:
        runs["Celery (threads)"] = lambda: rate_of(lambda: by_threads(peer, jobs), jobs, own_cpu, "Celery (threads)")
        runs["Celery (group)"] = lambda: rate_of(lambda: peer.run(functions.identity, range(jobs)), jobs, own_cpu, "Celery (group)")
    for _ in range(1 if bench.quick else 4):  # the JIT has seen one client only
        ours()
    for run in runs.values():
        run()
    try:
        bench.interleave(row, runs)
    finally:
        load.stdin.close()
        load.wait()
        load.stdout.close()
    row.notes += [f"CPU of the clients of {name}: {cpu[-1]}" for name, cpu in own_cpu.items()]
    if peer:
        best = max(("Celery (threads)", "Celery (group)"), key=row.median)
        row.figure("times the rate", [our / their for our, their in zip(row.samples["ours"], row.samples[best])], 5, against=best,
                   at_least=True, tolerance=0.15)
    else:
        row.figure("rate", row.samples["ours"], 0, unit="jobs/s", at_least=True)
    return row


def rate_of(run, jobs, own_cpu, name):
    before = os.times()
    took, results = timed(run)
    after = os.times()
    assert results == list(range(jobs))
    own_cpu.setdefault(name, []).append(f"{after.user + after.system - before.user - before.system:.2f} s of {took:.2f} s")
    return jobs / took


def by_threads(peer, jobs):
    results, items, lock = [None] * jobs, iter(range(jobs)), threading.Lock()

    def client():
        while True:
            with lock:
                item = next(items, None)
            if item is None:
                return
            results[item] = peer.one(functions.identity, item)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

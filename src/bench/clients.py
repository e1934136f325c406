"""Rows through the Python client: its executor in place of the standard library's, by programs that changed one import."""
import os
import statistics
import sys

from batches import EXECUTOR, best_size, checked, without_hopeless
from bench import timed
from contenders import CORES, run_slice
from figures import Row, percentile
from latencies import one_by_one
from service import REPOSITORY
import functions

sys.path.insert(0, os.path.join(REPOSITORY, "src", "client", "python", "src"))
import manyhands  # noqa: E402

COSTS = (1, 3, 10, 30, 100, 300)  # of an item, in µs
WORK = 2_000_000  # µs of all items, so that what a job costs in any case hardly counts
NEAR = 1.05


class Through:
    """The client's executor, for as long as a row needs it."""

    def __init__(self, bench):
        url = f"http://127.0.0.1:{bench.service.port}"
        self.executor = manyhands.Executor(CORES, client=manyhands.Client(url))

    def map(self, function, items):
        return list(self.executor.map(function, items))

    def one(self, item):
        return self.executor.submit(functions.identity, item).result()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.executor.shutdown()


def client_map(bench):
    count = 20_000 if bench.quick else 200_000
    row = Row("client-map", f"Executor.map of {count:,} numbers, one import changed")
    with Through(bench) as ours:
        runs = in_turns(bench, row, ours, functions.identity, range(count))
        bench.interleave(row, runs)
    row.ratio(row.best(peer for peer in row.samples if peer.startswith(EXECUTOR)), 1.5, "ratio to Executor")
    return row


def client_submit(bench):
    count = 50 if bench.quick else 300
    row = Row("client-submit", "submit(f, x).result() through the client")
    singles = []
    with Through(bench) as ours:
        one_by_one(ours.one, count, [])
        bench.interleave(row, {"ours": lambda: one_by_one(ours.one, count, singles)})
    rounds = [singles[i:i + count] for i in range(0, len(singles), count)]
    row.figure("p50", [percentile(one, 0.50) * 1000 for one in rounds], 5, unit="ms")
    row.notes.append(f"p99 {percentile(singles, 0.99) * 1000:.1f} ms")
    return row


def crossover(bench):
    """The smallest cost of an item from which ours is near the best pool in this program, ten times the largest if there is none;
    and what an item costs without its work."""
    row = Row("crossover", f"items from which we are within {NEAR} of the best pool", unit="us")
    steps = steps_of_a_microsecond()
    near, is_near, table = 10 * COSTS[-1], True, []
    with Through(bench) as ours:
        for cost in reversed(COSTS):
            each = Row("crossover", f"items of {cost} us")
            items = [max(1, round(cost * steps))] * min(200_000, WORK // (20 if bench.quick else 1) // cost)
            bench.interleave(each, in_turns(bench, each, ours, functions.burn, items))
            peer = each.best(name for name in each.samples if name != "ours")
            ratio = statistics.median(our / their for our, their in zip(each.samples["ours"], each.samples[peer]))
            table.append(f"{cost} us: {ratio:.2f} of {peer}")
            is_near = is_near and ratio <= NEAR
            near = cost if is_near else near
        row.add("ours", near)
        row.notes += [*table, split(bench, ours)]
    row.figure("from", row.samples["ours"], 10, unit="us")
    return row


def steps_of_a_microsecond():
    took = min(timed(functions.burn, 100_000)[0] for _ in range(5))
    return 100_000 / took / 1e6


def split(bench, ours):
    """What an item without work costs, by who has the time."""
    count = 20_000 if bench.quick else 200_000
    items, row = list(range(count)), Row("split", "identity")
    bench.interleave(row, {"ours": lambda: timed(ours.map, functions.identity, items)[0]})
    parts = {who: statistics.median(one[who] for one in row.cpu["ours"]) / count * 1e6 for who in row.cpu["ours"][0]}
    return "an item without work: " + ", ".join(f"{who} {parts[who]:.2f} us" for who in ("client", "service", "workers"))


def in_turns(bench, row, ours, function, items):
    """Ours, and the executor and the pool with their best chunk sizes; each has run once."""
    expected = run_slice(function, items)
    runs = {"ours": ours.map}
    for name, make in ((EXECUTOR, bench.pools.executor_map), ("Pool.map", bench.pools.map)):
        size = best_size(row, name, make, function, items, expected)
        runs[f"{name} (best, {size})"] = make(size)
    return without_hopeless(row, {name: checked(row, run, function, items, expected) for name, run in runs.items()})

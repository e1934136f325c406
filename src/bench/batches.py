"""Rows in which a function is mapped over a list: ours against every pool there is."""
import concurrent.futures

from bench import HOPELESS, timed
from contenders import CORES, CeleryPeer, DaskPeer, ForkJoinPeer, JoblibPeer, Ours, definition, run_slice
from figures import Row
import functions

MOST_MESSAGES = 200_000  # with more items, a message for each is not tried with Executor.map: a message takes some 170 µs
POOL, EXECUTOR = "Pool.map", "Executor.map"
PAIRS = [[1963309, 2265973], [2030677, 3814172], [1551645, 2229620], [2039045, 2020802], [1823712, 1924928],
         [2293129, 1020491], [1281238, 2273782], [3823812, 4237281], [3812741, 4729139], [1292391, 2123811]]


def gcd(bench):
    return against_all(bench, "gcd", "gcd of ten pairs", functions.gcd, PAIRS[:4] if bench.quick else PAIRS, 1.00)


def gcd40(bench):
    return against_all(bench, "gcd40", "gcd of forty pairs", functions.gcd, PAIRS if bench.quick else PAIRS * 4, 1.00)


def primes_range(bench):
    return against_all(bench, "primes-range", "check_prime, as a range", functions.check_prime, primes(bench), 0.95)


def primes_list(bench):
    return against_all(bench, "primes", "check_prime, as numbers", functions.check_prime, list(primes(bench)), 1.00)


def primes(bench):
    return range(100_000_000, 100_010_000 if bench.quick else 100_100_000)


def pi(bench):
    return against_all(bench, "pi", "pi, pure Python", functions.estimate_pi, samples_of_pi(bench), 1.00)


def pi_numpy(bench):
    return against_all(bench, "pi-numpy", "pi, numpy", functions.estimate_pi_numpy, samples_of_pi(bench), 1.00)


def samples_of_pi(bench):
    return [[seed, 100_000 if bench.quick else 1_000_000] for seed in range(16)]


def identity(bench):
    count = 100_000 if bench.quick else 1_000_000
    row = against_all(bench, "identity", f"identity of {count:,} numbers", functions.identity, list(range(count)), None)
    row.ratio(row.best(peer for peer in row.samples if peer.startswith(POOL)), 1.5, "ratio to Pool")
    row.ratio(row.best(peer for peer in row.samples if peer.startswith(EXECUTOR)), 0.5, "ratio to Executor")
    return row


def tail(bench):
    """The last hundredth costs a hundred times as much: the pools' slices have it all in one."""
    count = 200 if bench.quick else 2_000
    items = [10_000] * (count * 99 // 100) + [1_000_000] * (count // 100)
    return against_all(bench, "tail", f"{count:,} items, heavy tail", functions.burn, items, 0.95)


def threads(bench):
    """Items that wait, several at a time in one worker, against a pool of as many threads in one program."""
    items, width = [0.1] * (8 if bench.quick else 40), 4
    row = Row("threads", f"{len(items)} waits of 0.1 s, 1 × {width} threads")
    pool = concurrent.futures.ThreadPoolExecutor(width)
    peer = f"ThreadPoolExecutor({width})"

    def ours(function, waits):
        return bench.client.map(definition(function), waits, workers=1, threads=width)

    runs = {"ours": checked(row, ours, functions.wait, items, items),
            peer: checked(row, lambda function, waits: list(pool.map(function, waits)), functions.wait, items, items)}
    for run in runs.values():
        run()
    try:
        bench.interleave(row, runs)
    finally:
        pool.shutdown()
    row.ratio(peer, 1.05, tolerance=0.03)
    return row


def efficiency(bench):
    """Ours against plain processes that have their parts from the start: what the machine itself gives."""
    items = [200_000] * (40 if bench.quick else 400)
    row = Row("efficiency", f"efficiency, {len(items)} items of equal work")
    ours, limit = Ours(bench.client).run, bench.pools.plain_map
    expected = [functions.burn(items[0])] * len(items)
    contenders = {"ours": checked(row, ours, functions.burn, items, expected),
                  "plain processes": checked(row, limit, functions.burn, items, expected)}
    for run in contenders.values():
        run()
    bench.interleave(row, contenders)
    row.ratio("plain processes", 0.97, "efficiency", tolerance=0.03, inverse=True)
    return row


def against_all(bench, key, title, function, items, limit):
    """Ours against the pools with their default and their best chunk size, Joblib, Dask and Celery."""
    row = Row(key, title)
    expected = run_slice(function, items)
    runs = {"ours": Ours(bench.client).run}
    for kind in (JoblibPeer, DaskPeer, CeleryPeer):
        peer = bench.peer(kind, bench.directory)
        if peer:
            runs[kind.name] = peer.run
    runs[f"{POOL} (default)"] = bench.pools.map(None)
    if len(items) <= MOST_MESSAGES:
        runs[f"{EXECUTOR} (default)"] = bench.pools.executor_map(1)
    else:
        row.notes.append(f"{EXECUTOR} (default): not run, as a message for each of {len(items):,} items takes minutes")
    for name, make in ((POOL, bench.pools.map), (EXECUTOR, bench.pools.executor_map)):
        size = best_size(row, name, make, function, items, expected)
        runs[f"{name} (best, {size})"] = make(size)
    timed_runs = {name: checked(row, run, function, items, expected) for name, run in runs.items()}
    timed_runs["ours"]()
    promising = without_hopeless(row, timed_runs)
    if "Dask" not in promising:
        bench.end(DaskPeer)
    bench.interleave(row, promising)
    bench.end(DaskPeer)  # its scheduler lives in this process and would take part in the next row
    if limit is not None:
        row.ratio(row.best(peer for peer in row.samples if peer != "ours"), limit)
    return row


def checked(row, run, function, items, expected):
    """Returns a function that runs once and returns its seconds. It raises AssertionError if a result is not the serial one."""
    def seconds():
        took, results = timed(run, function, items)
        if results != expected:
            raise AssertionError(f"{row.title}: the results differ from the serial ones")
        return took
    return seconds


def best_size(row, name, make, function, items, expected):
    """Returns the chunk size with the least time, by one run each. Sizes with more than 20,000 messages are not tried."""
    sizes = {max(1, len(items) // (share * CORES)) for share in (1, 4, 16, 64, 512)} | {1}
    swept = {size: checked(row, make(size), function, items, expected)() for size in sizes if len(items) / size <= 20_000}
    best = min(swept, key=swept.get)
    row.notes.append(f"{name}: of chunk sizes {', '.join(map(str, sorted(swept)))} {best} is best")
    return best


def without_hopeless(row, runs):
    """Runs each once, to warm it, and leaves out those that are far behind, unless a target is about them."""
    first = {name: run() for name, run in runs.items()}
    best = min(seconds for name, seconds in first.items() if name != "ours")
    for name, seconds in first.items():
        if name != "ours" and "(best" not in name and seconds > HOPELESS * best:
            row.samples[name] = [seconds]
            row.notes.append(f"{name}: {seconds:.2f} s once, not run again")
    return {name: run for name, run in runs.items() if name not in row.samples}


# ---- Java functions against a ForkJoinPool

def java_gcd(bench):
    items = PAIRS * 4
    return against_fork_join(bench, "java-gcd", "Java: gcd of forty pairs", "gcd", "Gcd", items,
                             [number for pair in items for number in pair], number_of)


def java_primes(bench):
    return against_fork_join(bench, "java-primes", "Java: check_prime, as a range", "check_prime", "CheckPrime", primes(bench),
                             primes(bench), lambda word: word == "true")


def java_identity(bench):
    items = list(range(100_000 if bench.quick else 1_000_000))
    return against_fork_join(bench, "java-identity", f"Java: identity of {len(items):,} numbers", "identity", "Identity", items,
                             items, number_of)


def java_sum(bench):
    items = range(100_000 if bench.quick else 1_000_000)
    return against_fork_join(bench, "java-sum", f"Java: sum of a range of {len(items):,}", "sum", "Identity", items, items, number_of,
                             reduce="sum")


def number_of(word):
    return int(word)


def against_fork_join(bench, key, title, name, class_name, items, numbers, read, **options):
    row = Row(key, title)
    peer = bench.peer(ForkJoinPeer, bench.java, bench.java_functions() + "/bench.jar", bench.sdk())
    peer.items(numbers)
    function = {"runtime": "java", "class": "bench.Functions$" + class_name, "jar": "bench.jar"}
    expected = [read(word) for word in peer.seconds(name)[1]]

    def ours():
        took, results = timed(lambda: bench.client.map(function, items, **options))
        if (results if isinstance(results, list) else [results]) != expected:
            raise AssertionError(f"{title}: the results differ from the peer's")
        return took

    for _ in range(3):  # both JVMs compile what they run often
        ours(), peer.seconds(name)
    bench.interleave(row, {"ours": ours, peer.name: lambda: peer.seconds(name)[0]})
    row.ratio(peer.name, 1.05)
    row.notes.append("the peer's numbers and results never leave its memory")
    return row

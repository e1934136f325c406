"""What shared objects cost, beside those of `multiprocessing` and of Redis, in turns: one call each, and a counter of several workers.

python3 src/bench/shared.py [--rounds 6] [--jar target/manyhands.jar]

The rows of Redis want redis-server on the PATH, and the package `redis` for this Python.
"""
import argparse
import multiprocessing
import statistics
import tempfile
import time

from client import Client
from redis_server import RedisServer
from service import JAR, Service, find_java, installed

CALLS = 5_000
WORKERS, TIMES = 4, 1_000

ONE_WORKER = """
import manyhands
from time import perf_counter as clock

def timed(calls, call):
    began = clock()
    for _ in range(calls):
        call()
    return (clock() - began) / calls * 1e6

def f(calls):
    seen, gate, number = map(manyhands.shared, ("seen", "gate", "number"))
    seen["a"] = 1
    def turn():
        gate.acquire()
        gate.release()
    return [
        timed(calls, lambda: seen.get("a")),
        timed(calls, lambda: seen.__setitem__("a", 2)),
        timed(calls, turn),
        timed(calls, lambda: number.value),
    ]
"""
NAMES = "dict: get", "dict: set", "lock: acquire, release", "value: read"

COUNTER = """
import manyhands
from time import perf_counter as clock

def f(times):
    gate, total = manyhands.shared("gate"), manyhands.shared("total")
    began = clock()
    for _ in range(times):
        with gate:
            total.value += 1
    return began, clock()
"""
COUNTED = {"gate": {"lock": {}}, "total": {"value": 0}}
SET = "counter"


def timed(calls, call):
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


def run(client, code, inputs, workers, **options):
    function = {"runtime": "python", "code": code, "entry": "f"}
    return client.submit(function, inputs, workers=workers, **options)


def calls_of_ours(client):
    shared = {"seen": {"dict": {}}, "gate": {"lock": {}}, "number": {"value": 0}}
    return client.results(run(client, ONE_WORKER, [CALLS], 1, shared=shared))[0]


def calls_of_theirs():
    lock, number = multiprocessing.Lock(), multiprocessing.Value("q", 0)

    def turn():
        lock.acquire()
        lock.release()

    with multiprocessing.Manager() as manager:
        seen = manager.dict(a=1)
        held = [timed(CALLS, lambda: seen.get("a")), timed(CALLS, lambda: seen.__setitem__("a", 2))]
    return [*held, timed(CALLS, turn), timed(CALLS, lambda: number.value)]


def calls_of_redis(port):
    import redis

    there = redis.Redis(port=port)
    lock = there.lock("gate")
    there.hset("seen", "a", 1)
    there.set("number", 0)

    def turn():
        lock.acquire()
        lock.release()

    calls = lambda: there.hget("seen", "a"), lambda: there.hset("seen", "a", 2), turn, lambda: there.get("number")
    return [timed(CALLS // 5, call) for call in calls]


def counter_of_ours(client):
    """From start to end, with workers that the job starts."""
    began = time.perf_counter()
    done = run(client, COUNTER, [TIMES] * WORKERS, WORKERS, shared=COUNTED)
    seconds = time.perf_counter() - began
    check(total_at(client, f"/jobs/{done['id']}/shared"))
    return seconds


def warm_counter_of_ours(client):
    """From start to end with the warm workers of a set, and in the loops alone."""
    path = f"/shared/{SET}"
    client.call("POST", path + "/total", {"do": "set", "args": [0]})
    began = time.perf_counter()
    done = run(client, COUNTER, [TIMES] * WORKERS, WORKERS, sharedSet=SET, chunking={"size": 1})
    seconds = time.perf_counter() - began
    check(total_at(client, path))
    return seconds, in_loops(client.results(done))


def total_at(client, path):
    return {each["name"]: each["value"] for each in client.call("GET", path)["shared"]}["total"]


def in_loops(times):
    """From the first beginning of a loop to the last end."""
    return max(end for _, end in times) - min(began for began, _ in times)


def begin(lock, number):
    global gate, total
    gate, total = lock, number


def count(times):
    began = time.perf_counter()
    for _ in range(times):
        with gate:
            total.value += 1
    return began, time.perf_counter()


def counter_of_theirs():
    began = time.perf_counter()
    number = multiprocessing.RawValue("q", 0)
    with multiprocessing.Pool(WORKERS, begin, (multiprocessing.Lock(), number)) as pool:
        pool.map(count, [TIMES] * WORKERS, 1)
    seconds = time.perf_counter() - began
    check(number.value)
    return seconds


def warm_counter_of_theirs(pool, number):
    number.value = 0
    began = time.perf_counter()
    times = pool.map(count, [TIMES] * WORKERS, 1)
    seconds = time.perf_counter() - began
    check(number.value)
    return seconds, in_loops(times)


def check(number):
    if number != WORKERS * TIMES:
        raise SystemExit(f"the sum is {number}, not {WORKERS * TIMES}")


def shown(samples, unit):
    return f"{statistics.median(samples):8.2f} {unit} ({min(samples):.2f}-{max(samples):.2f})"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--jar", default=JAR)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="manyhands-bench-") as directory, RedisServer(directory) as redis:
        command = installed(find_java(), given.jar, directory)
        number = multiprocessing.RawValue("q", 0)
        with multiprocessing.Pool(WORKERS, begin, (multiprocessing.Lock(), number)) as pool:
            with Service(command, directory, settings=[f"--manyhands.workers.slots={WORKERS}"]) as service:
                client = Client(service.port)
                client.call("PUT", f"/shared/{SET}", {"shared": COUNTED})
                turns = {
                    "ours": lambda: calls_of_ours(client),
                    "multiprocessing": calls_of_theirs,
                    "counter": lambda: counter_of_ours(client),
                    "their counter": counter_of_theirs,
                    "warm counter": lambda: warm_counter_of_ours(client),
                    "their warm counter": lambda: warm_counter_of_theirs(pool, number),
                }
                if redis.port is not None:
                    turns["Redis"] = lambda: calls_of_redis(redis.port)
                found = in_turns(turns, given.rounds)
    for at, name in enumerate(NAMES):
        peers = [f"{peer} {shown([one[at] for one in found[peer]], 'us')}" for peer in ("multiprocessing", "Redis") if peer in found]
        print(f"{name:32} {shown([one[at] for one in found['ours']], 'us')}   {'   '.join(peers)}")
    if redis.port is None:
        print("skipped: no redis")
    compare("counter, pool made, start to end", found["counter"], found["their counter"])
    for at, name in enumerate(("counter, pool warm, start to end", "counter, pool warm, loops alone")):
        compare(name, *([one[at] for one in found[side]] for side in ("warm counter", "their warm counter")))


def in_turns(turns, rounds):
    """Returns the results of each turn, by name, without those of the first round."""
    found = {name: [] for name in turns}
    for number in range(rounds + 1):
        for name in list(turns) if number % 2 else list(turns)[::-1]:
            result = turns[name]()
            if number > 0:
                found[name].append(result)
    return found


def compare(name, ours, theirs):
    ours, theirs = ([1e3 * one for one in side] for side in (ours, theirs))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs))
    print(f"{name:32} {shown(ours, 'ms')}   multiprocessing {shown(theirs, 'ms')}   {ratio:.1f}")


if __name__ == "__main__":
    main()

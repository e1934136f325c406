"""What shared objects cost, beside those of `multiprocessing`, in turns: one call each, and a counter of several workers.

python3 src/bench/shared.py [--rounds 6] [--jar target/manyhands.jar]
"""
import argparse
import multiprocessing
import statistics
import tempfile
import time

from client import Client
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

def f(times):
    gate, total = manyhands.shared("gate"), manyhands.shared("total")
    for _ in range(times):
        with gate:
            total.value += 1
"""


def timed(calls, call):
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


def run(client, code, inputs, workers, shared):
    function = {"runtime": "python", "code": code, "entry": "f"}
    return client.submit(function, inputs, workers=workers, shared=shared)


def calls_of_ours(client):
    shared = {"seen": {"dict": {}}, "gate": {"lock": {}}, "number": {"value": 0}}
    return client.results(run(client, ONE_WORKER, [CALLS], 1, shared))[0]


def calls_of_theirs():
    lock, number = multiprocessing.Lock(), multiprocessing.Value("q", 0)

    def turn():
        lock.acquire()
        lock.release()

    with multiprocessing.Manager() as manager:
        seen = manager.dict(a=1)
        held = [timed(CALLS, lambda: seen.get("a")), timed(CALLS, lambda: seen.__setitem__("a", 2))]
    return [*held, timed(CALLS, turn), timed(CALLS, lambda: number.value)]


def counter_of_ours(client):
    began = time.perf_counter()
    shared = {"gate": {"lock": {}}, "total": {"value": 0}}
    done = run(client, COUNTER, [TIMES] * WORKERS, WORKERS, shared)
    seconds = time.perf_counter() - began
    objects = client.call("GET", f"/jobs/{done['id']}/shared")["shared"]
    check({each["name"]: each["value"] for each in objects}["total"])
    return seconds


def begin(lock, number):
    global gate, total
    gate, total = lock, number


def count(times):
    for _ in range(times):
        with gate:
            total.value += 1


def counter_of_theirs():
    began = time.perf_counter()
    number = multiprocessing.RawValue("q", 0)
    with multiprocessing.Pool(WORKERS, begin, (multiprocessing.Lock(), number)) as pool:
        pool.map(count, [TIMES] * WORKERS, 1)
    seconds = time.perf_counter() - began
    check(number.value)
    return seconds


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
    ours, theirs, counters = [], [], ([], [])
    with tempfile.TemporaryDirectory(prefix="manyhands-bench-") as directory:
        command = installed(find_java(), given.jar, directory)
        with Service(command, directory, settings=[f"--manyhands.workers.slots={WORKERS}"]) as service:
            client = Client(service.port)
            turns = [
                lambda: ours.append(calls_of_ours(client)),
                lambda: theirs.append(calls_of_theirs()),
                lambda: counters[0].append(counter_of_ours(client)),
                lambda: counters[1].append(counter_of_theirs()),
            ]
            for number in range(given.rounds + 1):
                for turn in turns if number % 2 else turns[::-1]:
                    turn()
                if number == 0:  # warm
                    for samples in (ours, theirs, *counters):
                        samples.clear()
    for at, name in enumerate(NAMES):
        print(f"{name:24} {shown([one[at] for one in ours], 'us')}   multiprocessing {shown([one[at] for one in theirs], 'us')}")
    print(f"{'counter, start to end':24} {shown([1e3 * one for one in counters[0]], 'ms')}   multiprocessing {shown([1e3 * one for one in counters[1]], 'ms')}")


if __name__ == "__main__":
    main()

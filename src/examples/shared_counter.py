"""Adds to one number from several processes: a value and its lock.

Most counters need no shared object: return a number, and let `reduce="sum"` add it up.
"""

import multiprocessing
import time

import manyhands as mh
from both_ways import compare

PROCESSES = 2
TIMES = 5_000


def count(part):
    time.sleep(0.3)
    total = mh.shared("total")
    for _ in range(TIMES):
        with total.get_lock():
            total.value += 1


def ours():
    job = mh.map(count, range(PROCESSES), workers=PROCESSES, shared={"total": {"value": 0}})
    job.result()
    return job.shared("total")


def begin(shared_total):
    global total
    total = shared_total


def count_there(part):
    time.sleep(0.3)
    for _ in range(TIMES):
        with total.get_lock():
            total.value += 1


def theirs():
    counted = multiprocessing.Value("q", 0)
    with multiprocessing.Pool(PROCESSES, begin, (counted,)) as pool:
        pool.map(count_there, range(PROCESSES), 1)
    return counted.value


if __name__ == "__main__":
    compare(ours, theirs)

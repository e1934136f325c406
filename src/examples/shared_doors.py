"""Lets at most two of four processes use something at once: a semaphore."""

import multiprocessing
import time

import manyhands as mh
from both_ways import compare

PROCESSES = 4
DOORS = 2


def enter(_):
    inside, most = mh.shared("inside"), mh.shared("most")
    with mh.shared("doors"):
        now = inside.add(1)
        with most.get_lock():
            most.value = max(most.value, now)
        time.sleep(0.1)
        inside.add(-1)


def ours():
    shared = {"doors": {"semaphore": DOORS}, "inside": {"value": 0}, "most": {"value": 0}}
    job = mh.map(enter, range(8), threads=PROCESSES, shared=shared)
    job.result()
    return job.shared("most")


def begin(shared_doors, shared_inside, shared_most):
    global doors, inside, most
    doors, inside, most = shared_doors, shared_inside, shared_most


def enter_there(_):
    with doors:
        with inside.get_lock():
            inside.value += 1
            now = inside.value
        with most.get_lock():
            most.value = max(most.value, now)
        time.sleep(0.1)
        with inside.get_lock():
            inside.value -= 1


def theirs():
    shared = multiprocessing.Semaphore(DOORS), *(multiprocessing.Value("q", 0) for _ in "ab")
    with multiprocessing.Pool(PROCESSES, begin, shared) as pool:
        pool.map(enter_there, range(8), 1)
    return shared[2].value


if __name__ == "__main__":
    compare(ours, theirs)

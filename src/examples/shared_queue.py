"""Walks a graph in several processes, which find work for each other: a queue and a dict.

An item takes nodes until there has been none for a while.
"""

import multiprocessing
import queue
import time

import manyhands as mh
from both_ways import compare

PROCESSES = 2
NODES = 100


def neighbours(node):
    time.sleep(0.004)
    return [each for each in (2 * node, 2 * node + 1) if each <= NODES]


def walk(part):
    todo, seen = mh.shared("todo"), mh.shared("seen")
    while True:
        try:
            node = todo.get(timeout=0.3)
        except queue.Empty:
            return
        for each in neighbours(node):
            if seen.add(each) == 1:
                todo.put(each)


def start(part):
    if part == 0:
        mh.shared("seen").add(1)
        mh.shared("todo").put(1)
    walk(part)


def ours():
    shared = {"todo": {"queue": {}}, "seen": {"dict": {}}}
    job = mh.map(start, range(PROCESSES), workers=PROCESSES, shared=shared)
    job.result()
    return len(job.shared("seen"))


def walk_there(todo, seen, lock):
    while True:
        try:
            node = todo.get(timeout=0.3)
        except queue.Empty:
            return
        for each in neighbours(node):
            with lock:
                is_new = each not in seen
                seen[each] = True
            if is_new:
                todo.put(each)


def theirs():
    with multiprocessing.Manager() as manager:
        todo, seen, lock = manager.Queue(), manager.dict({1: True}), manager.Lock()
        todo.put(1)
        arguments = [(todo, seen, lock)] * PROCESSES
        with multiprocessing.Pool(PROCESSES) as pool:
            pool.starmap(walk_there, arguments, 1)
        return len(seen)


if __name__ == "__main__":
    compare(ours, theirs)

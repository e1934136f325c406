"""Visits each page once in several processes: one program, which runs with either library.

`setdefault` and `add` of the dicts of Manyhands do this in one step, without a lock.
"""

import multiprocessing
import time

import manyhands as mh
from both_ways import compare

PAGES = ["home", "news", "home", "about", "news", "help"] * 20


def begin(*given):
    global seen, visits, gate
    seen, visits, gate = given


def visit(page):
    time.sleep(0.01)
    with gate:
        if page in seen:
            return 0
        seen[page] = len(page)
        visits.value += 1
    return 1


def run(library):
    with library.Manager() as manager:
        shared = manager.dict(), manager.Value("i", 0), manager.Lock()
        with library.Pool(2, begin, shared) as pool:
            new = pool.map(visit, PAGES)
        return sum(new), sorted(shared[0].items()), shared[1].value


def ours():
    return run(mh)


def theirs():
    return run(multiprocessing)


if __name__ == "__main__":
    compare(ours, theirs)

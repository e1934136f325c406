"""Looks for a factor in several processes, and stops all of them when one is found: a flag.

Reading the flag costs one look into memory, so that an inner loop can do it. Without shared
objects, `reduce="any"` stops the job when an item returns a factor.
"""

import math
import multiprocessing

import manyhands as mh
from both_ways import compare

NUMBER = 40_000_003 * 40_000_021
PARTS = 4


def parts():
    end = math.isqrt(NUMBER) + 1
    edges = [3 + 2 * (end * part // PARTS // 2) for part in range(PARTS + 1)]
    return list(zip(edges, edges[1:]))


def look(first, end):
    found = mh.shared("found")
    for factor in range(first, end, 2):
        if NUMBER % factor == 0:
            found.value = True
        if found.value:
            return False
    return True


def ours():
    job = mh.starmap(look, parts(), workers=PARTS, shared={"found": {"value": False}})
    return all(job.result())


def begin(shared_found):
    global found
    found = shared_found


def look_there(first, end):
    for factor in range(first, end, 2):
        if NUMBER % factor == 0:
            found.value = True
        if found.value:
            return False
    return True


def theirs():
    flag = multiprocessing.RawValue("b", False)
    with multiprocessing.Pool(PARTS, begin, (flag,)) as pool:
        return all(pool.starmap(look_there, parts(), 1))


if __name__ == "__main__":
    compare(ours, theirs)

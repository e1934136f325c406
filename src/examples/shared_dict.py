"""Counts the letters of words in several processes: a dict, and a list of what was odd.

`add` counts in one step. With a Manager, the counting needs a lock.
"""

import multiprocessing
import time

import manyhands as mh
from both_ways import compare

WORDS = ["tea", "ten", "net", "x", "neat", "eaten"] * 25


def count(word):
    time.sleep(0.005)
    letters = mh.shared("letters")
    for letter in word:
        letters.add(letter)
    if len(word) < 2:
        mh.shared("odd").append(word)


def ours():
    job = mh.map(count, WORDS, shared={"letters": {"dict": {}}, "odd": {"list": []}})
    job.result()
    return sorted(job.shared("letters").items()), len(job.shared("odd"))


def begin(shared_letters, shared_odd, shared_lock):
    global letters, odd, lock
    letters, odd, lock = shared_letters, shared_odd, shared_lock


def count_there(word):
    time.sleep(0.005)
    for letter in word:
        with lock:
            letters[letter] = letters.get(letter, 0) + 1
    if len(word) < 2:
        odd.append(word)


def theirs():
    with multiprocessing.Manager() as manager:
        shared = manager.dict(), manager.list(), manager.Lock()
        with multiprocessing.Pool(2, begin, shared) as pool:
            pool.map(count_there, WORDS)
        return sorted(shared[0].items()), len(shared[1])


if __name__ == "__main__":
    compare(ours, theirs)

"""Counts in a file from several processes, which take turns: a lock."""

import multiprocessing
import os
import tempfile
import time

import manyhands as mh
from both_ways import compare

PROCESSES = 2
TIMES = 300


def add_one(path):
    with open(path, "r+") as file:
        number = int(file.read())
        file.seek(0)
        file.write(str(number + 1))


def count(path):
    gate = mh.shared("gate")
    time.sleep(0.3)
    for _ in range(TIMES):
        with gate:
            add_one(path)


def in_a_file(way):
    handle, path = tempfile.mkstemp()
    os.write(handle, b"0")
    os.close(handle)
    os.chmod(path, 0o666)  # the workers of the service may be of another user
    try:
        way(path)
        with open(path) as file:
            return int(file.read())
    finally:
        os.remove(path)


def ours():
    def way(path):
        shared = {"gate": {"lock": {}}}
        mh.map(count, [path] * PROCESSES, workers=PROCESSES, shared=shared).result()

    return in_a_file(way)


def begin(lock):
    global gate
    gate = lock


def count_there(path):
    time.sleep(0.3)
    for _ in range(TIMES):
        with gate:
            add_one(path)


def theirs():
    def way(path):
        with multiprocessing.Pool(PROCESSES, begin, (multiprocessing.Lock(),)) as pool:
            pool.map(count_there, [path] * PROCESSES, 1)

    return in_a_file(way)


if __name__ == "__main__":
    compare(ours, theirs)

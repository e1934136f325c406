"""Runs an example in both ways, and compares the answers."""

import sys
import time


def compare(ours, theirs):
    answers = []
    for name, way in (("manyhands", ours), ("multiprocessing", theirs)):
        began = time.perf_counter()
        answers.append(way())
        print("%-15s %.2f s  %r" % (name, time.perf_counter() - began, answers[-1]), flush=True)
    if answers[0] != answers[1]:
        sys.exit("the answers differ")

"""A module with shared objects of its own, as a program has that was written for multiprocessing.

Its functions travel by name, and the module as source.
"""

import functools

import manyhands as mh

from . import sharing_more

total = mh.Value("i", 0)
seen = mh.Dict()
unused = mh.Value(0.0)


def _counted(x):
    with total.get_lock():
        total.value += x
    return sharing_more.marked(x)


def count(x):
    """Uses the objects by other functions, and by another module."""
    return _counted(x)


class Counter:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return _counted(self.factor * x)

    def by(self, x):
        return _counted(self.factor * x)


def quiet(function):
    @functools.wraps(function)
    def run(x):
        function(x)

    return run


@quiet
def wrapped(x):
    total.add(x)


@mh.function
def decorated(x):
    return total.add(x)


def hidden(x):
    return globals()["unused"].value


def begin(shared_total):
    global begun
    begun = shared_total


def add_to_begun(x):
    begun.add(x)

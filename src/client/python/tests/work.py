"""Functions and a class that only the tests have: they travel as the source of this module."""

import os

import manyhands as mh


class Point:
    """A class of a module that only the caller has."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(other) is Point and other.x == self.x

    def __hash__(self):
        return hash(self.x)

    def moved(self, by):
        return Point(self.x + by)


def square(x):
    return x * x


def fails_at_two(x):
    if x == 2:
        raise LookupError("no", x)
    return x


def crash_at_two(x):
    if x == 2:
        os.abort()
    return x


@mh.function(timeout=60)
def decorated(x):
    """Says what it does."""
    return x + 1 if x < 5 else decorated(x - 5)


def who(x):
    import manyhands

    try:
        manyhands.map(abs, [1])
    except RuntimeError as refused:
        return manyhands.item_index(), manyhands.stopped(), str(refused)

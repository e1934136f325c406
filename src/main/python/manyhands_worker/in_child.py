"""The module `manyhands` in a process that a function has started, and that runs no item itself."""

import os
import sys

# As in page.py of the worker, which this process cannot import.
WORD_BYTES = 8
ATTENTION, STOP, CHUNK = 1, 2, 8

_control = None


def stopped():
    """Returns whether the result of the item that this process works for is no longer wanted."""
    chunk = _word(CHUNK)
    return _word(ATTENTION) != 0 and 0 < chunk <= _word(STOP)


def item_index():
    """Returns -1: this process runs no item."""
    return -1


def traceparent():
    """Returns None: the position in a trace is known only to the function."""
    return None


def rng():
    raise RuntimeError(
        "this process runs no item, so that its random numbers would not be the same in the next"
        " run; call manyhands.rng() in the function and hand the numbers over"
    )


def shared(name):
    raise RuntimeError(
        "this process runs no item, and only the worker reaches shared objects; call"
        " manyhands.shared(%r) in the function and hand over what the process needs" % (name,)
    )


def __getattr__(name):
    """Returns what stands for the client's names. Raises AttributeError for other names."""
    names = {}
    path = os.path.join(os.path.dirname(os.path.realpath(__file__)), "client_names.py")
    with open(path, encoding="utf-8") as source:
        exec(compile(source.read(), path, "exec"), names)
    globals().update(__getattr__=names["stand_in"])
    return names["stand_in"](name)


def _word(number):
    global _control
    if _control is None:
        path = os.path.join(os.path.dirname(__file__), "control")
        _control = os.open(path, os.O_RDONLY)
    word = os.pread(_control, WORD_BYTES, number * WORD_BYTES)
    return int.from_bytes(word, sys.byteorder, signed=True)

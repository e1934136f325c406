"""A condition and an event that Ctrl-C cannot leave locked."""

import collections
import threading


class Condition(type(threading.RLock()), threading.Condition):
    """A condition whose lock is itself, so that `with` runs no Python code.

    The `with` of threading.Condition is Python code. Ctrl-C between the lock and the end of
    `__enter__`, or at the begin of `__exit__`, leaves its lock taken for ever.
    """

    def __init__(self):
        self._waiters = collections.deque()


class Event(threading.Event):
    """An event that the main thread can set, whatever it did when Ctrl-C came."""

    def __init__(self):
        super().__init__()
        self._cond = Condition()

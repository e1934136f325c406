"""Shared objects as in multiprocessing: `counter = mh.Value("i", 0)`, used by a function of a job.

An object is a declaration until a job uses it: its state is here. From then on its state is the
job's, and each call here is a request to the service. The objects of a Manager belong to no job.
"""

import itertools
import queue
import time
from operator import index

from .errors import NotInWorker, ServiceError
from .shared_state import Here, Missing

ABSENT = object()
# The codes of multiprocessing and ctypes, by the type of the value that is kept.
CODES = {"?": bool, **dict.fromkeys("bhilq", int), **dict.fromkeys("fd", float)}
INTEGERS = range(-(2**63), 2**63)
FIRST_LOOK, LONGEST_LOOK = 0.01, 0.25  # seconds between looks of a wait

_numbers = itertools.count(1)


class Shared:
    """The common part of shared objects. Threads may share one; a fork may once a job has it."""

    __manyhands_shared__ = True
    KIND = ""

    def __init__(self, state, manager=None):
        self._name = "%s.%d" % (self.KIND, next(_numbers))
        self._home = Here(self.KIND, state)  # a Here, and a There once a job has the object
        self._manager = manager  # the Manager that made the object; None: one job may use it

    def __repr__(self):
        return "<manyhands %s %r %s>" % (self.KIND, self._name, self._home)

    def __reduce__(self):
        raise TypeError(
            "shared object %r travels with a function of a job only, and not to other processes"
            " or into values" % self._name
        )

    def _declared(self, packed):
        """Returns the declaration with the state that the object has here."""
        raise NotImplementedError

    def _rest(self):
        """Returns what gives a There the state that the declaration has not; None for nothing."""
        return None

    def _only_items(self):
        """Refuses to take a lock here that a job has."""
        if not self._home.is_local:
            raise NotInWorker(
                "%r is %s, and only items of jobs take it: a value and a dict have add() for a"
                " change in one step" % (self._name, self._home)
            )


class Value(Shared):
    """A truth value, an integer of 64 bits or a float: `Value("i", 0)`, `Value(False)`.

    `lock` is accepted: each value has a lock, and reading or setting `value` does not take it.
    """

    KIND = "value"

    def __init__(self, typecode_or_value, value=ABSENT, *, lock=True, _manager=None):
        if lock is not True and lock is not False:
            raise TypeError("a shared value has a lock of its own: leave 'lock' out")
        if isinstance(typecode_or_value, (bool, int, float)) and value is ABSENT:
            kind, value = _type_of(typecode_or_value), typecode_or_value
        else:
            code = getattr(typecode_or_value, "_type_", typecode_or_value)  # of ctypes
            kind = CODES.get(code) if isinstance(code, str) else None
            if kind is None:
                raise TypeError(
                    "a shared value is a truth value, an integer of 64 bits or a float, as in"
                    ' Value("?", False), Value("q", 0), Value("d", 0.0); its type is one of %s,'
                    " not %r; for anything else use a Dict with one key"
                    % (" ".join(map(repr, CODES)), typecode_or_value)
                )
            value = kind() if value is ABSENT else value
        self._type = kind
        super().__init__(self._checked(value), _manager)
        self._lock = ValueLock(self)

    def _checked(self, value):
        if self._type is int:
            value = index(value)
            if value not in INTEGERS:
                raise OverflowError("a shared value holds an integer of 64 bits, not %d" % value)
            return value
        return self._type(value)

    @property
    def value(self):
        return self._type(self._home.call("get"))

    @value.setter
    def value(self, value):
        self._home.call("set", self._home.number(self._checked(value)))

    def add(self, n=1):
        """Adds a number, in one step for all items; returns the sum."""
        if self._type is bool:
            raise TypeError("%r holds a truth value, which has no sum" % self._name)
        return self._type(self._home.call("add", self._home.number(n)))

    def get_lock(self):
        """Returns the lock of the value, which a thread may take more than once."""
        return self._lock

    def _declared(self, packed):
        value = self._home.state
        if self._type is float and value - value != 0:
            raise ValueError("%r is %r: the first value of a float is finite" % (self._name, value))
        return {"value": value}


class Lockable:
    """The methods of a lock, here: of threads of this process as long as no job has the object."""

    def acquire(self, blocking=True, timeout=None):
        self._only_items()
        timeout = -1 if timeout is None or not blocking else timeout
        return self._home.lock.acquire(blocking, timeout)

    def release(self):
        self._only_items()
        self._home.lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *raised):
        self.release()


class ValueLock(Lockable):
    """The lock of a Value."""

    def __init__(self, value):
        self._value = value

    @property
    def _home(self):
        return self._value._home

    def _only_items(self):
        self._value._only_items()


class Lock(Lockable, Shared):
    """A lock that one item at a time holds, across all workers of its job."""

    KIND = "lock"

    def __init__(self, *, _manager=None):
        super().__init__(None, _manager)

    def locked(self):
        if self._home.is_local:
            return self._home.lock.locked()
        return self._home.view()["holder"] is not None

    def _declared(self, packed):
        return {"lock": {}}


class Semaphore(Lockable, Shared):
    """A semaphore with this many permits. Permits of a worker that ends return by themselves."""

    KIND = "semaphore"

    def __init__(self, value=1, *, _manager=None):
        if index(value) < 1:
            raise ValueError("a shared semaphore has at least 1 permit, not %d" % value)
        super().__init__(index(value), _manager)

    def acquire(self, blocking=True, timeout=None):
        self._only_items()
        return self._home.lock.acquire(blocking, timeout if blocking else None)

    def get_value(self):
        """Returns how many permits are free."""
        return self._home.call("length")

    def _declared(self, packed):
        return {"semaphore": self._home.state}


class Sized(Shared):
    def __len__(self):
        return self._home.call("length")

    def clear(self):
        self._home.call("clear")


class Dict(Sized):
    """A dict with texts and integers as keys. Each call is one step for all items."""

    KIND = "dict"

    def __init__(self, *args, _manager=None, **entries):
        super().__init__({}, _manager)
        self.update(*args, **entries)

    def __getitem__(self, key):
        home = self._home
        try:
            return home.opened(home.call("get", home.key(key)))
        except Missing:
            raise KeyError(key) from None

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def __setitem__(self, key, value):
        home = self._home
        home.call("set", home.key(key), home.packed(value))

    def __delitem__(self, key):
        self.pop(key)

    def __contains__(self, key):
        return self._home.call("contains", self._home.key(key))

    def setdefault(self, key, default=None):
        """Returns the value of the key, which is now the default if the key was missing."""
        home = self._home
        return home.opened(home.call("setdefault", home.key(key), home.packed(default)))

    def pop(self, key, default=ABSENT):
        home = self._home
        try:
            return home.opened(home.call("pop", home.key(key)))
        except Missing:
            if default is ABSENT:
                raise KeyError(key) from None
            return default

    def update(self, *args, **entries):
        """Sets all these keys in one step, or none of them."""
        home, arguments = self._home, []
        for key, value in dict(*args, **entries).items():
            arguments += home.key(key), home.packed(value)
        if arguments:
            home.call("update", *arguments)

    def add(self, key, n=1):
        """Adds to the number of the key, which counts as 0 if it is missing; returns the sum."""
        home = self._home
        return home.call("add", home.key(key), home.number(n))

    def compare_and_set(self, key, old, new):
        """Sets the key if its value is `old`; returns whether it was."""
        home = self._home
        while True:  # equal values may have different pickles, so that they are compared here
            try:
                there = home.call("get", home.key(key))
            except Missing:
                return False
            if not home.opened(there) == old:
                return False
            if home.call("compareAndSet", home.key(key), home.again(there), home.packed(new)):
                return True

    def keys(self):
        """Returns a list of the keys."""
        return self._home.call("keys")

    def items(self):
        """Returns a list of pairs."""
        home = self._home
        return [(key, home.opened(value)) for key, value in home.call("items")]

    def values(self):
        """Returns a list of the values."""
        return [value for _, value in self.items()]

    def copy(self):
        """Returns an ordinary dict with the entries."""
        return dict(self.items())

    def __iter__(self):
        return iter(self.keys())

    def _declared(self, packed):
        entries = self._home.state.items()
        return {"dict": {key: packed(value) for key, value in entries if isinstance(key, str)}}

    def _rest(self):  # the keys of a declaration are texts
        entries = [each for each in self._home.state.items() if not isinstance(each[0], str)]

        def update(there):
            pairs = [(there.key(key), there.packed(value)) for key, value in entries]
            there.call("update", *itertools.chain.from_iterable(pairs))

        return update if entries else None


class List(Sized):
    """A list. Each call is one step for all items; a slice or a loop is over a copy."""

    KIND = "list"

    def __init__(self, elements=(), *, _manager=None):
        super().__init__([], _manager)
        self.extend(elements)

    def append(self, value):
        self._home.call("append", self._home.packed(value))

    def extend(self, values):
        """Appends all these values in one step, or none of them."""
        texts = [self._home.packed(value) for value in values]
        if texts:
            self._home.call("extend", *texts)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return self._all()[at]
        try:
            return self._home.opened(self._home.call("get", self._home.number(index(at))))
        except Missing:
            raise IndexError("list index out of range") from None

    def _all(self):
        home = self._home
        elements = home.call("slice", home.number(0), home.number(INTEGERS[-1]))
        return [home.opened(each) for each in elements]

    def __setitem__(self, at, value):
        if isinstance(at, slice):
            raise TypeError("a slice of a shared list cannot be set; set elements, or extend it")
        home = self._home
        try:
            home.call("set", home.number(index(at)), home.packed(value))
        except Missing:
            raise IndexError("list assignment index out of range") from None

    def pop(self, at=-1):
        home = self._home
        try:
            return home.opened(home.call("pop", home.number(index(at))))
        except Missing:
            raise IndexError("pop from an empty list, or index out of range") from None

    def __iter__(self):
        return iter(self._all())

    def _declared(self, packed):
        return {"list": [packed(each) for each in self._home.state]}


class Queue(Shared):
    """A queue, with the methods of queue.Queue. Each element is taken once.

    A wait here asks the service again and again, some times a second.
    """

    KIND = "queue"

    def __init__(self, maxsize=0, *, _manager=None):
        self._most = index(maxsize) if maxsize > 0 else None
        super().__init__([], _manager)

    def put(self, item, block=True, timeout=None):
        if not _waited(lambda: self._put(item), block, timeout):
            raise queue.Full

    def _put(self, item):
        home = self._home
        if home.is_local and self.full():
            return False
        try:
            home.call("put", home.packed(item))
        except ServiceError as refused:
            if refused.status == 409 and self.full():
                return False
            raise
        return True

    def get(self, block=True, timeout=None):
        found = []

        def take():
            home = self._home
            try:
                found.append(home.opened(home.call("get")))
            except Missing:
                return False
            return True

        if not _waited(take, block, timeout):
            raise queue.Empty
        return found[0]

    def put_nowait(self, item):
        self.put(item, False)

    def get_nowait(self):
        return self.get(False)

    def qsize(self):
        return self._home.call("length")

    def empty(self):
        return self.qsize() == 0

    def full(self):
        return self._most is not None and self.qsize() >= self._most

    def clear(self):
        self._home.call("clear")

    def _declared(self, packed):
        return {"queue": {} if self._most is None else {"size": self._most}}

    def _rest(self):
        elements = list(self._home.state)

        def put_all(there):
            for each in elements:
                there.call("put", there.packed(each))

        return put_all if elements else None


def _type_of(value):
    return next(kind for kind in (bool, int, float) if isinstance(value, kind))


def _waited(attempt, block, timeout):
    """Makes attempts until one succeeds, or the time is over. Returns whether one did."""
    if timeout is not None and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    end = None if timeout is None else time.monotonic() + timeout
    pause = FIRST_LOOK
    while not attempt():
        left = pause if end is None else end - time.monotonic()
        if not block or left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_LOOK)
    return True



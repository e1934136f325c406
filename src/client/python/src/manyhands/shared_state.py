"""Where the state of a shared object is: here until a job uses the object, then at the service."""

import copy
import json
import threading

from . import values
from .owner import Owner
from .packing import Packer

READS = ("get", "contains", "keys", "items", "length", "slice")


class Missing(Exception):
    """There is no such key, index or element."""


class Here:
    """State in this process, with the operations that the service has."""

    is_local = True

    def __init__(self, kind, state):
        self.state = state
        self._kind, self._owner = kind, Owner()
        self._guard, self._is_claimed = threading.Lock(), False
        self.lock = None
        if kind in ("value", "lock"):
            self.lock = threading.Lock() if kind == "lock" else threading.RLock()
        elif kind == "semaphore":
            self.lock = threading.BoundedSemaphore(state)

    def __str__(self):
        return "of no job yet"

    def call(self, do, *arguments):
        self._check_process()
        with self._guard:
            if self._is_claimed and (do not in READS or self._kind == "queue" and do == "get"):
                raise RuntimeError("a job that uses this shared object is being submitted")
            try:
                return OPERATIONS[self._kind][do](self, *arguments)
            except LookupError:
                raise Missing from None

    def _check_process(self):
        if not self._owner.is_here():
            raise RuntimeError(
                "this process was forked before a job used the shared object, and would have a"
                " copy: use it first, or use the multiprocessing of Python between such processes"
            )

    def claim(self):
        """Has the state stay as it is, while a job with it is submitted."""
        self._check_process()
        with self._guard:
            if self._is_claimed:
                raise RuntimeError("a job that uses this shared object is being submitted")
            if not self._is_free():
                raise RuntimeError(
                    "a thread of this process holds a lock that the job uses: submit the job after"
                    " the release, because items cannot wait for this process"
                )
            self._is_claimed = True
        return self

    def _is_free(self):
        """Returns whether no thread holds a lock of the object, or a permit."""
        if self._kind == "semaphore":
            return self.lock._value == self.state
        if self.lock is None:
            return True
        if self._kind == "value" and self.lock._is_owned() or not self.lock.acquire(blocking=False):
            return False
        self.lock.release()
        return True

    def release(self):
        self._is_claimed = False

    def key(self, key):
        if not isinstance(key, (str, int)):
            raise wrong_key(key)
        return str(key) if isinstance(key, str) else int(key)

    def packed(self, value):
        """Returns a copy: a value that changes later changes nothing here, as nothing there."""
        return value if type(value) in values.SCALARS else copy.deepcopy(value)

    opened = packed

    def number(self, n):
        return n

    again = number


class There:
    """State at the service, which a job or a set has."""

    is_local = False

    def __init__(self, http, path, form, owner, before, job):
        """
        form: "python" or "json", as the values of the job
        owner: a text for people, such as a job with its id
        before: the Here that the object had
        job: the Job whose object it is; None for that of a Manager
        """
        self.http, self.path, self._form, self._owner = http, path, form, owner
        self.before, self.job = before, job
        self.is_taken = threading.Lock()  # held once a second job has got the state

    def __str__(self):
        return "of " + self._owner

    def call(self, do, *arguments):
        body = '{"do":"%s","args":[%s]}' % (do, ",".join(arguments))
        answer = self.http.call("POST", self.path, body.encode(), repeat=do in READS).json()
        if answer.get("missing"):
            raise Missing
        return answer.get("result")

    def view(self):
        """Returns the object as the service describes it."""
        return self.http.json("GET", self.path, query={"limit": "1"})

    def key(self, key):
        if not isinstance(key, (str, int)):
            raise wrong_key(key)
        return json.dumps(str(key) if isinstance(key, str) else int(key))

    def packed(self, value):
        return values.packed(value, self._form, dumps)

    def opened(self, value):
        return values.decode(value, True) if self._form == "python" else value

    number = staticmethod(json.dumps)
    again = staticmethod(json.dumps)  # a value as the service has it


def wrong_key(key):
    return TypeError(
        "a key of a shared dict is text or an integer, and this one is of type %s; use str(key) or"
        " repr(key)" % type(key).__name__
    )


def dumps(value, packer=None):
    """Returns the pickle of a value that a shared object will hold.

    packer: notes the modules that the pickle needs; None if they are there already
    """
    own = Packer()
    pickled = own.dumps(value)
    if own.shared:
        raise TypeError("a shared object holds values, and no other shared object")
    if packer is not None:
        packer.modules |= own.modules
        packer.by_value |= own.by_value
    return pickled


def content(http, path, opened):
    """Returns what a shared object holds now, as a copy; of a lock and a semaphore, the view.

    opened: returns the values of a list of values as the service has them
    """
    held, offset = [], 0
    while offset is not None:
        page = http.json("GET", path, query={"offset": str(offset), "limit": "1000"})
        held += page.get("entries", page.get("elements", ()))
        offset = page["next"]
    kind = page["kind"]
    if kind == "dict":
        return dict(zip([one["key"] for one in held], opened([one["value"] for one in held])))
    if kind in ("list", "queue"):
        return list(opened(held))
    return page["value"] if kind == "value" else page


def _set_value(home, value):
    home.state = value


def _add_to_value(home, n):
    with home.lock:
        home.state += n
        return home.state


def _add_to_key(home, key, n):
    home.state[key] = total = home.state.get(key, 0) + n
    return total


def _compare_and_set(home, key, old, new):
    is_there = home.state[key] == old
    if is_there:
        home.state[key] = new
    return is_there


def _of_state(call):
    return lambda home, *arguments: call(home.state, *arguments)


def _in_all(**operations):
    return {name: _of_state(call) for name, call in operations.items()}


OPERATIONS = {
    "value": {"get": lambda home: home.state, "set": _set_value, "add": _add_to_value},
    "lock": {},
    "semaphore": {"length": lambda home: home.lock._value},
    "dict": {
        "add": _add_to_key,
        "compareAndSet": _compare_and_set,
        **_in_all(
            get=dict.__getitem__,
            set=dict.__setitem__,
            setdefault=dict.setdefault,
            pop=lambda entries, key: entries.pop(key),
            contains=dict.__contains__,
            update=lambda entries, *pairs: entries.update(zip(pairs[::2], pairs[1::2])),
            keys=list,
            items=lambda entries: list(entries.items()),
            length=len,
            clear=dict.clear,
        ),
    },
    "list": _in_all(
        append=list.append,
        extend=lambda elements, *more: elements.extend(more),
        get=list.__getitem__,
        slice=lambda elements, first, end: elements[first:end],
        set=list.__setitem__,
        pop=list.pop,
        length=len,
        clear=list.clear,
    ),
    "queue": _in_all(put=list.append, get=lambda held: held.pop(0), length=len, clear=list.clear),
}

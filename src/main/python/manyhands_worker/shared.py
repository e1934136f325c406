"""Shared objects as user code has them: dicts, lists, queues and semaphores of the service."""

from operator import index

from .client_names import Unusable
from .json_text import decode, quoted
from .shared_page import SharedLock, SharedValue, stays_here
from .shared_remote import END, Late, Missing, Remote, UnknownShared

ABSENT = object()  # in the place of a default


class SharedObjects:
    """The shared objects of a job, by name."""

    def __init__(self, described, awaited, make_page, calls, user, envelopes, non_finite):
        """
        described: the member `shared` of the job's frame
        awaited: the Awaited by name, which become the objects
        make_page: returns the SharedPage
        envelopes: the Envelopes of jobs with Python values; None for JSON values
        """
        worker = described["worker"]
        self.page = None  # the SharedPage; None if there is neither a value nor a lock
        self._by_name = {}
        for name, one in described["objects"].items():
            kind = one["kind"]
            if kind in ("value", "lock"):
                self.page = page = self.page or make_page()
                page.calls = calls
                if kind == "value":
                    made = SharedValue, name, page, one["word"], one["type"], worker, user
                else:
                    made = SharedLock, name, page, one["word"], worker, user
            else:
                remote = Remote(name, calls, user, envelopes, non_finite)
                made = HELD[kind], remote, one
            self._by_name[name] = become(awaited.get(name), *made)

    def named(self, name):
        try:
            return self._by_name[name]
        except (KeyError, TypeError):
            names = ", ".join(self._by_name)
            raise UnknownShared(
                "the job declares no shared object %r; it declares %s" % (name, names)
            ) from None


class Awaited(Unusable):
    """A shared object in code that is loaded before the job begins. It becomes the job's object."""

    __module__ = "manyhands"

    def __init__(self, name, user):
        def refuse():
            if user.job is not None:
                user.shared(name)  # raises, because the job has no such object
            raise RuntimeError(
                "shared objects belong to a job, and the code is loaded before the job begins;"
                " use manyhands.shared(%r) in the function" % name
            )

        super().__init__(refuse)


def become(awaited, kind, *arguments):
    """Returns a new object of a kind: the Awaited itself if there is one."""
    if awaited is None:
        return kind(*arguments)
    vars(awaited).clear()
    object.__setattr__(awaited, "__class__", kind)
    awaited.__init__(*arguments)
    return awaited


def no_objects(name):
    """Returns an error for a process that has no shared objects."""
    return UnknownShared(
        "the job declares no shared objects; submit the job with"
        ' "shared": {%s: {"dict": {}}}, or with another kind' % quoted(str(name))
    )


class Handle:
    """The common part of all objects that the service holds."""

    __module__ = "manyhands"
    KIND = ""

    def __init__(self, remote, described):
        self._remote = remote

    def __repr__(self):
        return "<manyhands.shared(%r): %s>" % (self._remote.name, self.KIND)

    def __reduce__(self):
        raise stays_here(self._remote.name)


class Sized(Handle):
    __module__ = "manyhands"

    def __len__(self):
        return int(self._remote.call(b"length"))

    def clear(self):
        self._remote.call(b"clear")


class SharedDict(Sized):
    """A dict of the job. Keys are text or integers. Each call is atomic."""

    __module__ = "manyhands"
    KIND = "dict"

    def __getitem__(self, key):
        remote = self._remote
        try:
            body = remote.call(b"get", remote.key(key))
        except Missing:
            raise KeyError(key) from None
        return remote.value(body)

    def get(self, key, default=None):
        remote = self._remote
        try:
            body = remote.call(b"get", remote.key(key))
        except Missing:
            return default
        return remote.value(body)

    def __setitem__(self, key, value):
        remote = self._remote
        remote.call(b"set", remote.key(key), remote.text(value))

    def __delitem__(self, key):
        try:
            self._remote.call(b"pop", self._remote.key(key))
        except Missing:
            raise KeyError(key) from None

    def __contains__(self, key):
        return self._remote.call(b"contains", self._remote.key(key)) == b"true"

    def setdefault(self, key, default=None):
        """Returns the value of the key, which is now the default if the key was missing."""
        remote = self._remote
        return remote.value(remote.call(b"setdefault", remote.key(key), remote.text(default)))

    def pop(self, key, default=ABSENT):
        remote = self._remote
        try:
            body = remote.call(b"pop", remote.key(key))
        except Missing:
            if default is ABSENT:
                raise KeyError(key) from None
            return default
        return remote.value(body)

    def update(self, other=(), **more):
        """Sets all these keys in one step, or none of them."""
        entries = {**dict(other), **more}
        remote, arguments = self._remote, []
        for key, value in entries.items():
            arguments += remote.key(key), remote.text(value)
        if arguments:
            remote.call(b"update", *arguments)

    def add(self, key, n=1):
        """Adds to the number of the key, which counts as 0 if it is missing; returns the sum."""
        remote = self._remote
        return remote.value(remote.call(b"add", remote.key(key), remote.number(n)))

    def compare_and_set(self, key, old, new):
        """Sets the key if its value is `old`; returns whether it was."""
        return self._remote.compare_and_set(key, old, new)

    def keys(self):
        """Returns a list of the keys."""
        return decode(self._remote.call(b"keys").decode())

    def items(self):
        """Returns a list of pairs."""
        return self._remote.pairs(self._remote.call(b"items"))

    def values(self):
        """Returns a list of the values."""
        return [value for _, value in self.items()]

    def __iter__(self):
        return iter(self.keys())


class SharedList(Sized):
    """A list of the job. Each call is atomic; a slice or a loop is over a copy."""

    __module__ = "manyhands"
    KIND = "list"

    def append(self, value):
        self._remote.call(b"append", self._remote.text(value))

    def extend(self, values):
        """Appends all these values in one step, or none of them."""
        texts = [self._remote.text(value) for value in values]
        if texts:
            self._remote.call(b"extend", *texts)

    def __getitem__(self, at):
        remote = self._remote
        if isinstance(at, slice):
            return self._slice(at)
        try:
            body = remote.call(b"get", b"%d" % index(at))
        except Missing:
            raise IndexError("list index out of range") from None
        return remote.value(body)

    def _slice(self, at):
        first = 0 if at.start is None else index(at.start)
        end = END if at.stop is None else index(at.stop)
        if first < 0 or end < 0 or at.step is not None:
            return self._between(0, END)[at]  # the length is known after the call
        return self._between(first, max(first, end))

    def _between(self, first, end):
        return self._remote.values(self._remote.call(b"slice", b"%d" % first, b"%d" % end))

    def __setitem__(self, at, value):
        remote = self._remote
        if isinstance(at, slice):
            raise TypeError("a slice of a shared list cannot be set; set elements, or extend it")
        try:
            remote.call(b"set", b"%d" % index(at), remote.text(value))
        except Missing:
            raise IndexError("list assignment index out of range") from None

    def pop(self, at=-1):
        remote = self._remote
        try:
            body = remote.call(b"pop", b"%d" % index(at))
        except Missing:
            raise IndexError("pop from an empty list, or index out of range") from None
        return remote.value(body)

    def __iter__(self):
        return iter(self._between(0, END))


class SharedQueue(Handle):
    """A queue of the job, with the methods of queue.Queue. Each element is taken once."""

    __module__ = "manyhands"
    KIND = "queue"

    def __init__(self, remote, described):
        super().__init__(remote, described)
        from queue import Empty, Full

        self._empty, self._full = Empty, Full
        self._size = described.get("size")

    def put(self, item, block=True, timeout=None):
        check(timeout)
        try:
            self._remote.wait(b"put", block, timeout, self._remote.text(item))
        except Late:
            raise self._full from None

    def get(self, block=True, timeout=None):
        check(timeout)
        try:
            body = self._remote.wait(b"get", block, timeout)
        except Late:
            raise self._empty from None
        return self._remote.value(body)

    def put_nowait(self, item):
        self.put(item, False)

    def get_nowait(self):
        return self.get(False)

    def qsize(self):
        return int(self._remote.call(b"length"))

    def empty(self):
        return self.qsize() == 0

    def full(self):
        return self._size is not None and self.qsize() >= self._size

    def clear(self):
        self._remote.call(b"clear")


class SharedSemaphore(Handle):
    """A semaphore of the job. A worker that ends gives its permits back."""

    __module__ = "manyhands"
    KIND = "semaphore"

    def acquire(self, blocking=True, timeout=None):
        """Returns whether a permit was taken. timeout: seconds; None for no limit"""
        check(timeout)
        try:
            self._remote.wait(b"acquire", blocking, timeout)
        except Late:
            return False
        return True

    def release(self):
        try:
            self._remote.call(b"release")
        except TypeError as refused:
            raise ValueError(*refused.args) from None

    def get_value(self):
        """Returns how many permits are free."""
        return int(self._remote.call(b"length"))

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *raised):
        self.release()


def check(timeout):
    if timeout is not None and not timeout >= 0:
        raise ValueError("timeout is %r; it must not be negative" % (timeout,))


HELD = {kind.KIND: kind for kind in (SharedDict, SharedList, SharedQueue, SharedSemaphore)}

"""Shared values and locks, in a page of memory that all workers of the job map.

The kernel gives the record locks of a process back when the process dies. No child has the locks of
its parent, and what user code writes into the page breaks no lock.
"""

import os
from _thread import allocate_lock, get_ident
from errno import EACCES, EAGAIN
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, lockf
from mmap import mmap
from time import monotonic, sleep, time_ns

from .descriptors import open_hidden
from .json_text import quoted
from .page import PAGE_BYTES, WORD_BYTES
from .shared_calls import Stopped

VERSION = 1
HOLDER, HOLDERS_ITEM, SINCE = 1, 2, 3  # words of an object after its value

EXCLUSIVE = LOCK_EX | LOCK_NB
YIELDS = 100  # looks at a held lock before the thread sleeps: together about as long as a sleep
FIRST_SLEEP = 0.00005
LONGEST_SLEEP = 0.001
TELL_SECONDS = 1.0  # a longer wait is reported to the service

rest_a_moment = getattr(os, "sched_yield", lambda: sleep(0))


class SharedPage:
    """The mapped page, and the locks in it that this process holds.

    The file is open as long as the process lives: closing it would give back all record locks.
    """

    def __init__(self, path):
        self.calls = None  # the Calls; None where the service is not told of waits
        self.fd = open_hidden(path, os.O_RDWR)
        page = memoryview(mmap(self.fd, PAGE_BYTES))
        self.integers, self.numbers = page.cast("q"), page.cast("d")
        if self.integers[0] != VERSION:
            raise RuntimeError("the page of shared values has layout %d" % self.integers[0])
        self.held = set()  # locks; each is added and removed by the thread that has it
        self._locks = []
        os.register_at_fork(after_in_child=self._forget)

    def add(self, lock):
        self._locks.append(lock)

    def _forget(self):
        """Forgets the locks of the parent process in a process that user code forked."""
        self.held.clear()
        for lock in self._locks:
            lock.begin_unheld()

    def releasing(self, call):
        """Returns a function that calls, and releases the locks that the call has left held.

        The next holder finds such a lock abandoned. Otherwise an item that fails before it releases
        a lock would keep all other items waiting.
        """
        held = self.held

        def run(item):
            try:
                return call(item)
            finally:
                if held:
                    thread = get_ident()
                    for lock in [*held]:
                        lock.abandon(thread)

        return run


class SharedLock:
    """A lock of the job: at most one thread of one process holds it, as with threading.Lock.

    `abandoned` is true if the holder before has ended without releasing the lock. The data
    that the lock guards may then be half changed.
    """

    __module__ = "manyhands"

    def __init__(self, name, page, word, worker, user, is_reentrant=False):
        self.abandoned = False
        self._name = name
        self._page = page
        self._words = page.integers
        self._holder, self._item, self._since = word + HOLDER, word + HOLDERS_ITEM, word + SINCE
        self._first_byte = word * WORD_BYTES
        self._number = worker + 1
        self._user = user
        self._is_reentrant = is_reentrant
        self.begin_unheld()
        page.add(self)

    def begin_unheld(self):
        self._inner = allocate_lock()  # excludes threads, which record locks do not
        self._owner = None  # the thread that has the lock; None: this process has not
        self._depth = 0  # how often the owner has acquired it once more

    def acquire(self, blocking=True, timeout=None):
        """Returns whether the lock is now held. timeout: seconds; None or -1 for no limit"""
        if timeout is not None and timeout < 0 and timeout != -1:
            raise ValueError("timeout is %r; it must be a positive number, or -1" % timeout)
        if self._is_reentrant and self._owner == get_ident():
            self._depth += 1
            return True
        if not blocking:
            return self._try()
        if self._words[self._holder] == 0 and self._try():
            return True
        return self._wait(None if timeout == -1 else timeout)

    def _wait(self, timeout):
        words, holder = self._words, self._holder
        for _ in range(YIELDS):
            rest_a_moment()
            # Each try is a call of the kernel, and slows the holder down. A dead holder has the
            # word, too: the lock is therefore tried after each sleep in any case.
            if words[holder] == 0 and self._try():
                return True
        now = monotonic()
        tell_at, end = now + TELL_SECONDS, None if timeout is None else now + timeout
        seconds, is_told = FIRST_SLEEP, False
        try:
            while True:
                if self._user.stopped():
                    raise Stopped("the item is no longer wanted")
                if end is not None:
                    seconds = min(seconds, end - monotonic())
                    if seconds <= 0:
                        return self._try()
                sleep(seconds)
                if self._try():
                    return True
                seconds = min(1.5 * seconds, LONGEST_SLEEP)
                if not is_told and monotonic() > tell_at:
                    is_told = True
                    self._tell(b"await")
        finally:
            if is_told:
                self._tell(b"awaited")

    def _tell(self, do):
        """Reports a wait to the service, which reports a job whose items all wait."""
        calls = self._page.calls
        if calls is not None and not calls.is_elsewhere():
            head = b'{"op":"shared","object":%b,"do":"%b","chunk":%d,"call":'
            calls.tell(head % (quoted(self._name).encode(), do, self._user.running()[0]), b"}")

    def _try(self):
        if not self._gain():
            return False
        self._owner = get_ident()
        self._page.held.add(self)
        words, holder = self._words, self._holder
        self.abandoned = words[holder] != 0
        words[self._item] = self._user.item_index()
        words[self._since] = time_ns() // 1000
        words[holder] = self._number  # last: the other words are read only if there is a holder
        return True

    def _gain(self):
        if not self._inner.acquire(False):
            return False
        try:
            lockf(self._page.fd, EXCLUSIVE, WORD_BYTES, self._first_byte)
            return True
        except BaseException as refused:
            is_held = isinstance(refused, OSError) and refused.errno in (EAGAIN, EACCES)
            if not is_held:
                self._unlock()  # a signal handler of user code may raise at any time
            self._inner.release()
            if is_held:
                return False
            raise

    def _unlock(self):
        lockf(self._page.fd, LOCK_UN, WORD_BYTES, self._first_byte)

    def release(self):
        if self._owner is None or self._is_reentrant and self._owner != get_ident():
            raise RuntimeError("%r is not held here, and cannot be released" % self._name)
        if self._depth > 0:
            self._depth -= 1
            return
        words = self._words
        words[self._holder] = words[self._item] = words[self._since] = 0
        self._let_go()

    def abandon(self, thread):
        """Releases the lock as if its process had ended, if this thread has it."""
        if self._owner == thread:
            self._depth = 0
            self._let_go()

    def _let_go(self):
        self._unlock()
        self._owner = None
        self._page.held.discard(self)
        self._inner.release()

    def locked(self):
        """Returns whether a thread of any process holds the lock."""
        if self._owner is not None:
            return True
        if self._words[self._holder] == 0:
            return False
        if not self._gain():
            return True
        self._unlock()  # it is abandoned, and stays so
        self._inner.release()
        return False

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *raised):
        self.release()

    def __repr__(self):
        return "<manyhands.shared(%r): lock>" % self._name

    def __reduce__(self):
        raise stays_here(self._name)


class SharedValue:
    """A truth value or a number that all items of the job read and set."""

    __module__ = "manyhands"

    def __init__(self, name, page, word, kind, worker, user):
        self._name = name
        self._words = page.numbers if kind == "number" else page.integers
        self._word = word
        self._kind = kind
        self._lock = SharedLock(name, page, word, worker, user, is_reentrant=True)

    @property
    def value(self):
        found = self._words[self._word]
        return found != 0 if self._kind == "bool" else found

    @value.setter
    def value(self, value):
        try:
            self._words[self._word] = bool(value) if self._kind == "bool" else value
        except TypeError:
            raise TypeError(
                "%r holds %s, not a value of type %s; use a dict for other values"
                % (self._name, KINDS[self._kind], type(value).__name__)
            ) from None
        except (ValueError, OverflowError):
            raise OverflowError(
                "%r holds %s, and this one is too large" % (self._name, KINDS[self._kind])
            ) from None

    def add(self, n=1):
        """Adds a number under the lock of the value; returns the sum."""
        if self._kind == "bool":
            raise TypeError("%r holds a truth value, which has no sum" % self._name)
        with self._lock:
            self.value = total = self.value + n
            return total

    def get_lock(self):
        """Returns the lock of the value; a thread may acquire it more than once."""
        return self._lock

    def __repr__(self):
        return "<manyhands.shared(%r): value>" % self._name

    def __reduce__(self):
        raise stays_here(self._name)


KINDS = {"bool": "a truth value", "integer": "an integer of 64 bits", "number": "a float"}


def stays_here(name):
    return TypeError(
        "%r is a shared object, which only its worker can use; hand on what it contains" % name
    )

"""Results that are there later, in the forms of multiprocessing.pool."""

import collections
import itertools
import queue
import threading
import time
from multiprocessing import TimeoutError

from . import flow
from .condition import Event
from .errors import JobFailed, ManyhandsError
from .errors import TimeoutError as Late
from .owner import Owner
from .values import POOL

# How many items an iterator of results reads ahead of the results that were taken.
AHEAD = 10_000
# After these seconds, an iterator that waits for room looks whether its pool has ended.
LOOK = 0.5


class AsyncResult:
    """A result that is there later, as in multiprocessing."""

    def __init__(self, callback=None, error_callback=None, job=None):
        self._callback, self._error_callback = callback, error_callback
        self._ended = Event()
        self._value, self._raised = None, None
        self.job, self._owner = job, Owner()

    def ready(self):
        return self._ended.is_set()

    def successful(self):
        if not self.ready():
            raise ValueError("{0!r} not ready".format(self))
        return self._raised is None

    def wait(self, timeout=None):
        self._ended.wait(timeout)

    def get(self, timeout=None):
        try:
            self._ended.wait(timeout)
        except BaseException:  # Ctrl-C: nobody waits any more
            self._cancel()
            raise
        if not self.ready():
            raise TimeoutError
        if self._raised is not None:
            raise self._raised
        return self._value

    def _cancel(self):
        if self.job is not None and self._owner.is_here():
            self.job.give_up()

    def _take(self, future):
        raised = future.exception() if not future.cancelled() else ManyhandsError("cancelled")
        self._set(None if raised else future.result(), raised)

    def _collect(self, running):
        """Waits for all results, also after an error. Runs in a thread of its own."""
        value, raised = [], None
        try:
            for block in self.job.blocks():
                for record in block.failed.values():
                    if raised is None or "error" not in record:
                        failed = self.job.exception_of(record, POOL)
                        if isinstance(failed, JobFailed):
                            raise failed
                        raised = raised or failed
                try:
                    value.extend(self.job.opened(block.values))
                except Exception as failed:  # a class that cannot be imported here
                    raised = raised or failed
        except JobFailed as failed:
            raised = flow.broken(str(failed), failed)
        except BaseException as failed:
            raised = failed
        try:
            self._set(None if raised else value, raised)
        finally:
            del running[self]  # last, because a join of the pool waits for what is in it

    def _set(self, value, raised):
        self._value, self._raised = value, raised
        chosen = self._callback if raised is None else self._error_callback
        try:
            if chosen is not None:
                chosen(value if raised is None else raised)
        finally:
            self._ended.set()


class Results:
    """An iterator of results that are there later. `next` has a time limit, as there."""

    def __init__(self, unordered):
        self._unordered = unordered
        self._ready = queue.SimpleQueue()  # futures, and an _End as the last
        self._room = threading.Semaphore(AHEAD)
        self._count, self._taken, self._end = 0, 0, None
        self._held = collections.deque()

    def __iter__(self):
        return self

    def _feed(self, calls, func, items, chunksize, star):
        """Reads the iterable and submits its items. Runs in a thread of its own.

        calls: the Flow, which is held for this thread
        """
        try:
            self._submit_all(calls, func, items, chunksize, star)
        finally:
            calls.release()

    def _submit_all(self, calls, func, items, chunksize, star):
        count, failed = 0, None
        while failed is None:
            if calls.broken:
                failed = flow.broken(calls.broken)
                break
            chunk = []
            try:
                chunk = list(itertools.islice(items, chunksize))
            except Exception as raised:  # of the caller's iterator: it costs its chunk
                failed = raised
            if not chunk:
                break
            for each in chunk:
                self._wait_for_room(calls)
                future = calls.submit(func, tuple(each) if star else (each,), {})
                count += 1
                if self._unordered:
                    future.add_done_callback(self._ready.put)
                else:
                    self._ready.put(future)
        self._ready.put(_End(count, failed))

    def _wait_for_room(self, calls):
        """Waits until results were taken: not for a join, as nobody may take one before its end."""
        while not (calls.is_joined or calls.broken) and not self._room.acquire(timeout=LOOK):
            pass

    def next(self, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while self._end is None or self._taken < self._end.count:
            future = self._next_future(end)
            if isinstance(future, _End):
                self._end = future
                continue
            try:
                value = future.result(None if end is None else max(0, end - time.monotonic()))
            except Late:
                if future.done():  # the function itself raised it
                    self._count_one()
                    raise
                self._held.append(future)
                raise TimeoutError from None
            except BaseException:
                self._count_one()
                raise
            self._count_one()
            return value
        failed, self._end = self._end.failed, _End(self._taken, None)
        if failed is not None:
            raise failed
        raise StopIteration

    __next__ = next

    def _next_future(self, end):
        if self._held:
            return self._held.popleft()
        try:
            return self._ready.get(timeout=None if end is None else max(0, end - time.monotonic()))
        except queue.Empty:
            raise TimeoutError from None

    def _count_one(self):
        self._taken += 1
        self._room.release()


class _End:
    """Says how many results there are in all, and why the iterable failed."""

    def __init__(self, count, failed):
        self.count, self.failed = count, failed

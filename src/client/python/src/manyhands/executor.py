"""An Executor as in concurrent.futures, whose processes belong to the service."""

import collections
import concurrent.futures
import itertools
import threading
import time
import weakref

from . import flow
from .client import default
from .errors import JobFailed, ManyhandsError, TimeoutError
from .owner import Owner
from .values import EXECUTOR

SHUT_DOWN = "cannot schedule new futures after shutdown"


class Executor(concurrent.futures.Executor):
    """Runs calls on the workers of a service, in place of concurrent.futures.ProcessPoolExecutor.

    `submit` makes its calls items of one open job; each `map` is a job of its own. A call that
    crashes its worker gets the exception WorkerCrash, and the executor goes on.

    `mp_context` is accepted and ignored: the processes are not children of this one. `client` is a
    manyhands.Client, or None for the service that the environment names. All other keywords are
    options of the jobs, such as `memory="1GB"`.
    """

    def __init__(
        self,
        max_workers=None,
        mp_context=None,
        initializer=None,
        initargs=(),
        *,
        max_tasks_per_child=None,
        client=None,
        **options,
    ):
        if max_workers is not None and max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")
        if max_tasks_per_child is not None:
            if not isinstance(max_tasks_per_child, int):
                raise TypeError("max_tasks_per_child must be an integer")
            if max_tasks_per_child <= 0:
                raise ValueError("max_tasks_per_child must be >= 1")
            options["recycle"] = max_tasks_per_child
        if max_workers is not None:
            options["workers"] = max_workers
        self._client = client or default()
        self._options = options
        self._initializer = initializer, initargs
        self._lock = threading.Lock()
        self._jobs = []
        self._flow = flow.Flow(self._client, options, initializer, initargs, EXECUTOR)
        self._owner = self._flow.owner
        # An executor that nobody holds any more lets its calls end, and then its threads.
        self._finalizer = weakref.finalize(self, flow.Flow.close, self._flow)
        self._finalizer.atexit = False
        flow.finish_at_exit(self._flow)

    def submit(self, fn, /, *args, **kwargs):
        """Returns a Future for `fn(*args, **kwargs)`."""
        self._owner.check("executor")
        with self._lock:
            self._check_open()
            return self._flow.submit(fn, args, kwargs)

    def submit_batch(self, calls):
        """Returns a Future for the list of the results of these calls, made one after the other."""
        self._owner.check("executor")
        with self._lock:
            self._check_open()
            return self._flow.submit(None, calls, None)

    def map(self, fn, *iterables, timeout=None, chunksize=1, buffersize=None):
        """Returns an iterator of the results, in order. One job, whose chunks the service sizes.

        With `buffersize`, at most so many items are read ahead of the results that were taken.
        """
        if chunksize < 1:
            raise ValueError("chunksize must be >= 1.")
        if buffersize is not None and not isinstance(buffersize, int):
            raise TypeError("buffersize must be an integer or None")
        if buffersize is not None and buffersize < 1:
            raise ValueError("buffersize must be None or > 0")
        self._owner.check("executor")
        end = None if timeout is None else time.monotonic() + timeout
        if buffersize is not None:
            items = zip(*iterables)
            first = [self.submit(fn, *each) for each in itertools.islice(items, buffersize)]
            return _buffered(weakref.ref(self), fn, items, collections.deque(first), end)
        with self._lock:
            self._check_open()
        job = self._map(fn, iterables)
        with self._lock:
            self._jobs = [each for each in self._jobs if not each.is_over] + [job]
        return self._results(job, end)

    def _map(self, fn, iterables):
        initializer, initargs = self._initializer
        options = dict(self._options, initializer=initializer, initargs=initargs)
        return self._client.map(fn, *iterables, **options)

    @staticmethod
    def _results(job, end):
        owner = Owner()

        def results():
            timeout = None if end is None else end - time.monotonic()
            try:
                yield from job.results(timeout)
            except JobFailed as failed:
                raise flow.broken(str(failed), failed) from None
            finally:
                if owner.is_here() and not job.is_over:
                    job.give_up()  # as the standard library does: nobody takes the rest

        return results()

    @property
    def _broken(self):
        return self._flow.broken

    def _check_open(self):
        if self._flow.broken:
            raise flow.broken(self._flow.broken)
        if self._flow.is_closed:
            raise RuntimeError(SHUT_DOWN)

    def shutdown(self, wait=True, *, cancel_futures=False):
        """Accepts no more calls; waits for those that were made, unless `wait` is false.

        A forked process that leaves a `with` block ends nothing: the executor is its parent's.
        """
        if not self._owner.is_here():
            return
        with self._lock:
            self._flow.close()
            jobs = list(self._jobs)
        if cancel_futures:  # without the lock, as callbacks run
            self._flow.cancel_pending()
            for job in jobs:
                self._cancel_items(job)
        if wait:
            self._flow.join()
            for job in jobs:
                job.wait()

    def _cancel_items(self, job):
        try:
            if not job.refresh().is_over:
                self._client.cancel_items(job, [[0, job.view["items"]["total"]]])
        except ManyhandsError:
            pass  # the job has ended, or the service is away

    def __exit__(self, kind, raised, traceback):
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.terminate_workers()  # as Ctrl-C reaches the processes of the standard library
        try:
            return super().__exit__(kind, raised, traceback)
        except KeyboardInterrupt:
            self.terminate_workers()
            raise

    def terminate_workers(self):
        """Stops all calls at once, also those that run. Their futures have BrokenProcessPool."""
        if not self._owner.is_here():
            return
        with self._lock:
            jobs, self._jobs = self._jobs, []
        self._flow.terminate("the executor was terminated")
        for job in jobs:
            if not job.is_over:
                job.give_up()

    kill_workers = terminate_workers


def _buffered(executor, fn, items, futures, end):
    """Yields results and reads an item for each, as the standard library does from Python 3.14."""
    owner = Owner()
    try:
        while futures:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0 and not futures[0].done():
                raise TimeoutError()
            value = futures[0].result(left)
            futures.popleft()
            alive = executor()
            for each in itertools.islice(items, 1 if alive is not None else 0):
                futures.append(alive.submit(fn, *each))
            del alive
            yield value
    finally:
        calls = [future for future in futures if not future.done()]
        if calls and owner.is_here():
            calls[0].flow.cancel(calls)

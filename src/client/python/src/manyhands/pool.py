"""A Pool as in multiprocessing, whose processes belong to the service."""

import threading
import warnings
import weakref

from . import flow
from .client import default
from .later import AsyncResult, Results
from .values import POOL


class Pool:
    """Runs calls on the workers of a service, in place of multiprocessing.Pool.

    `map` and `starmap` are a job each; the chunks are the service's, and `chunksize` only groups
    what `imap` reads. `processes` is the most workers at once, None for all. `context` is accepted
    and ignored. All other keywords are options of the jobs.
    """

    def __init__(
        self,
        processes=None,
        initializer=None,
        initargs=(),
        maxtasksperchild=None,
        context=None,
        *,
        client=None,
        **options,
    ):
        if processes is not None and processes < 1:
            raise ValueError("Number of processes must be at least 1")
        if maxtasksperchild is not None:
            if not isinstance(maxtasksperchild, int) or maxtasksperchild <= 0:
                raise ValueError("maxtasksperchild must be a positive int or None")
            options["recycle"] = maxtasksperchild
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")
        if processes is not None:
            options["workers"] = processes
        self._client = client or default()
        self._options = options
        self._initializer = initializer, initargs
        self._jobs = {}  # of map and starmap, while they run: the AsyncResult, and its thread
        self._flow = flow.Flow(self._client, options, initializer, initargs, POOL)
        self._finalizer = weakref.finalize(self, flow.Flow.close, self._flow)
        self._finalizer.atexit = False
        self._state = "RUN"  # last: a pool that was not made has none
        flow.terminate_at_exit(self)

    def __repr__(self):
        return "<%s state=%s at %s>" % (type(self).__name__, self._state, self._client.http.url)

    def __del__(self):
        if self.__dict__.get("_state") == "RUN" and self._flow.owner.is_here():
            text = "unclosed running multiprocessing pool %r" % self
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)

    def __reduce__(self):
        raise NotImplementedError("pool objects cannot be passed between processes or pickled")

    def __enter__(self):
        self._check_running()
        return self

    def __exit__(self, kind, raised, traceback):
        self.terminate()

    # ---- one call

    def apply(self, func, args=(), kwds=None):
        return self.apply_async(func, args, kwds).get()

    def apply_async(self, func, args=(), kwds=None, callback=None, error_callback=None):
        self._check_running()
        future = self._flow.submit(func, tuple(args), dict(kwds or {}))
        result = AsyncResult(callback, error_callback)
        future.add_done_callback(result._take)
        return result

    # ---- one job

    def map(self, func, iterable, chunksize=None):
        return self._all(func, iterable, False, None, None).get()

    def starmap(self, func, iterable, chunksize=None):
        return self._all(func, iterable, True, None, None).get()

    def map_async(self, func, iterable, chunksize=None, callback=None, error_callback=None):
        return self._all(func, iterable, False, callback, error_callback)

    def starmap_async(self, func, iterable, chunksize=None, callback=None, error_callback=None):
        return self._all(func, iterable, True, callback, error_callback)

    def _all(self, func, iterable, star, callback, error_callback):
        self._check_running()
        initializer, initargs = self._initializer
        options = dict(self._options, initializer=initializer, initargs=initargs)
        submit = self._client.starmap if star else self._client.map
        if not hasattr(iterable, "__len__"):
            iterable = list(iterable)
        job = submit(func, iterable, **options)
        result = AsyncResult(callback, error_callback, job)
        collecting = {"target": result._collect, "args": (self._jobs,), "daemon": True}
        self._jobs[result] = thread = threading.Thread(name="manyhands", **collecting)
        thread.start()
        return result

    # ---- results one by one

    def imap(self, func, iterable, chunksize=1):
        return self._iterate(func, iterable, chunksize, False, False)

    def imap_unordered(self, func, iterable, chunksize=1):
        return self._iterate(func, iterable, chunksize, True, False)

    def istarmap(self, func, iterable, chunksize=1):
        """Returns an iterator of `func(*each)`, which multiprocessing has not."""
        return self._iterate(func, iterable, chunksize, False, True)

    def istarmap_unordered(self, func, iterable, chunksize=1):
        """Returns an iterator of `func(*each)` in the order in which the calls end."""
        return self._iterate(func, iterable, chunksize, True, True)

    def _iterate(self, func, iterable, chunksize, unordered, star):
        self._check_running()
        if chunksize < 1:
            raise ValueError("Chunksize must be 1+, not {0:n}".format(chunksize))
        results = Results(unordered)
        feeding = (self._flow, func, iter(iterable), chunksize, star)
        self._flow.hold()
        threading.Thread(target=results._feed, args=feeding, daemon=True).start()
        return results

    # ---- the end

    def close(self):
        """Accepts no more calls."""
        if self._state == "RUN":
            self._state = "CLOSE"

    def terminate(self):
        """Stops all calls at once, also those that run.

        A forked process that leaves a `with` block ends nothing: the pool is its parent's.
        """
        if self._state == "TERMINATE" or not self._flow.owner.is_here():
            return
        self._state = "TERMINATE"
        self._flow.terminate("the pool was terminated")
        for result in list(self._jobs):
            result._cancel()

    def join(self):
        """Waits until all calls have ended."""
        if self._state == "RUN":
            raise ValueError("Pool is still running")
        if self._state not in ("CLOSE", "TERMINATE"):
            raise ValueError("In unknown state")
        if not self._flow.owner.is_here():
            return
        self._flow.close()
        self._flow.join()
        limit = flow.LAST_SECONDS if self._state == "TERMINATE" else None
        for thread in list(self._jobs.values()):
            thread.join(limit)

    def _check_running(self):
        self._flow.owner.check("pool")
        if self._state != "RUN":
            raise ValueError("Pool not running")

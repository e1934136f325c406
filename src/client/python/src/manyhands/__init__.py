"""Manyhands: one function over many inputs, on the workers of a service.

    import manyhands as mh

    job = mh.map(f, range(1000), name="squares", progress=True)
    print(job.result())

In place of the pools of the standard library: `mh.Executor`, `mh.Pool`, `mh.joblib.register()`.
The environment says where the service is: MANYHANDS_URL and MANYHANDS_TOKEN.
"""

import importlib as _importlib

from .version import VERSION as __version__

# Where each name is. Modules are imported when a name is used, so that `import manyhands` is quick.
_PLACES = {
    "Client": "client",
    "Executor": "executor",
    "Pool": "pool",
    "Job": "submitted",
    "function": "decorated",
    "Manager": "manager",
    **dict.fromkeys(("Value", "Lock", "Semaphore", "Dict", "List", "Queue"), "objects"),
    **dict.fromkeys(
        (
            "ManyhandsError",
            "ServiceError",
            "NotReachable",
            "WrongToken",
            "JobFailed",
            "ItemError",
            "ItemSkipped",
            "ItemTimeout",
            "WorkerCrash",
            "OutOfMemory",
            "NotTrusted",
            "NotSendable",
            "NotInWorker",
            "SharedFull",
        ),
        "errors",
    ),
}
_MODULES = ("client", "errors", "joblib")

__all__ = ["__version__", "map", "starmap", "job", "jobs", "joblib", *_PLACES]
__all__ += ["stopped", "item_index", "rng", "traceparent", "shared"]


def map(function, *iterables, **options):
    """Submits `function(x, …)` for the items of the iterables, and returns the Job."""
    return _client().map(function, *iterables, **options)


def starmap(function, arguments, **options):
    """Submits `function(*each)` for each of the arguments, and returns the Job."""
    return _client().starmap(function, arguments, **options)


def job(job_id, trust=False):
    """Returns a job by its id. Pickles of other processes' jobs open only with `trust=True`."""
    return _client().job(job_id, trust)


def jobs(limit=100, **filters):
    """Yields jobs, newest first."""
    return _client().jobs(limit, **filters)


def _client():
    from .client import default

    return default()


def _only_in_worker(name):
    def call(*arguments):
        from .errors import NotInWorker

        raise NotInWorker(
            "manyhands.%s() is about the item that a worker runs, and this process is no worker"
            % name
        )

    call.__name__ = call.__qualname__ = name
    call.__doc__ = "In a worker only: see docs/how-to/functions.md."
    return call


stopped, item_index, rng, traceparent, shared = (
    _only_in_worker(_name)
    for _name in ("stopped", "item_index", "rng", "traceparent", "shared")
)


def __getattr__(name):
    if name in _PLACES:
        return getattr(_importlib.import_module("." + _PLACES[name], __name__), name)
    if name in _MODULES:
        return _importlib.import_module("." + name, __name__)
    raise AttributeError("module 'manyhands' has no attribute %r" % name)


def __dir__():
    return sorted(__all__)

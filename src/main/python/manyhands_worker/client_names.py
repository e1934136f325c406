"""The names of the Python client's module `manyhands`, in a process that has no client.

User code may import its own module in a worker, and that module may import the client: for
`@function`, or for what it does elsewhere. The import must work. A call says what is missing.
"""

CALLS = ("map", "starmap", "job", "jobs", "Client", "Executor", "Pool", "Job")
CALLS += ("client", "errors", "joblib")
SHARED = ("Value", "Lock", "Semaphore", "Dict", "List", "Queue", "Manager")
ERRORS = (
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
)
_made = {}


def stand_in(name):
    """Returns what stands for a name of the client; raises AttributeError for any other name."""
    if name == "function":
        return _function
    if name in SHARED:
        return UnusableManager if name == "Manager" else unusable
    if name not in CALLS and name not in ERRORS:
        raise AttributeError("module 'manyhands' has no attribute %r" % name)
    if name not in _made:
        _made[name] = Absent(name) if name in CALLS else type(name, (Exception,), {})
    return _made[name]


def _function(decorated=None, **options):
    """Decorates nothing: in a worker a function is called, and not submitted."""
    return (lambda each: each) if decorated is None else decorated


class Absent:
    """Stands for a part of the client. A call raises an error that says where to call it."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *args, **kwargs):
        raise RuntimeError(
            "manyhands.%s() needs the client, and this process is a worker or was started by one:"
            " call it in the program that submits jobs" % self._name
        )

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent("%s.%s" % (self._name, name))


class Unusable:
    """An object whose every use raises an error."""

    def __init__(self, raising):
        self.__dict__["_raising"] = raising

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._raising()

    def _use(self, *args):
        self._raising()

    __setattr__ = __enter__ = __exit__ = __getitem__ = __setitem__ = __delitem__ = _use
    __contains__ = __len__ = __iter__ = _use


def unusable(*args, **kwargs):
    """Stands for a shared object that a module of the user makes when it is imported.

    The client puts the objects of the job in the places of those that a function refers to.
    """
    return Unusable(_raise_unshared)


def _raise_unshared():
    raise RuntimeError(
        "this shared object is none of the job's, because the client did not see that the function"
        ' uses it: name it with manyhands.map(..., shared={"name": ...}), and call'
        ' manyhands.shared("name") in the function'
    )


class UnusableManager:
    """Stands for a Manager that a module of the user makes when it is imported."""

    def __init__(self, *args, **kwargs):
        self.dict = self.list = self.Queue = self.Value = self.Lock = self.Semaphore = unusable

    def shutdown(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass

"""A Manager as in multiprocessing: shared objects that several jobs use."""

import os
import threading
import time

from .client import default
from .errors import ServiceError
from .options import seconds
from .owner import Owner
from .packing import Packer
from .objects import ABSENT, Dict, List, Lock, Queue, Semaphore, Value
from .shared_jobs import Declared

# How long the end of jobs is waited for that use the objects, before those are left to their ttl.
LAST_SECONDS = 1


class Manager:
    """Makes shared objects that jobs, pools and executors use, also at the same time.

        with mh.Manager() as m, mh.Pool() as pool:
            seen = m.dict()
            pool.map(f, xs)  # f refers to seen

    The objects begin here. The first job that uses one creates all of them at the service, and no
    more can be made then. `ttl` is how many seconds the service keeps them after their last use by a
    job or by this program, an hour if it is None. The end of the `with` block deletes them.
    """

    def __init__(self, ttl=None, *, client=None):
        self._client = client or default()
        self._ttl = ttl
        self._guard, self._owner = threading.Lock(), Owner()
        self._objects = {}  # by name
        self._name = None  # of the set at the service, once there is one
        self._is_over = False

    def __repr__(self):
        return "<Manager %s at %s>" % (self._name or "of no job yet", self._client.http.url)

    def __reduce__(self):
        raise TypeError("a Manager stays in its process; its objects travel with functions of jobs")

    def dict(self, *args, **entries):
        return self._add(Dict(*args, _manager=self, **entries))

    def list(self, elements=()):
        return self._add(List(elements, _manager=self))

    def Queue(self, maxsize=0):
        return self._add(Queue(maxsize, _manager=self))

    def Value(self, typecode_or_value, value=ABSENT, *, lock=True):
        return self._add(Value(typecode_or_value, value, lock=lock, _manager=self))

    def Lock(self):
        return self._add(Lock(_manager=self))

    def Semaphore(self, value=1):
        return self._add(Semaphore(value, _manager=self))

    def _add(self, one):
        self._owner.check("Manager")
        with self._guard:
            if self._is_over:
                raise RuntimeError("the Manager was shut down: make another one")
            if self._name is not None:
                raise RuntimeError(
                    "a job uses objects of this Manager, and all of them are created together:"
                    " make this one before that job, or in a second Manager"
                )
            self._objects[one._name] = one
        return one

    def _made(self):
        """Returns the name of the set at the service, which is created at the first call."""
        if self._name is None:
            self._owner.check("Manager")
            with self._guard:
                if self._name is None:
                    self._name = self._create()
        if self._is_over:
            raise RuntimeError("the Manager was shut down, and its objects are gone: make another one")
        return self._name

    def _create(self):
        name = "python-" + os.urandom(8).hex()
        declared = Declared(self._objects, "python", Packer())
        path, body = "/api/v1/shared/" + name, {"shared": declared, "values": "python"}
        if self._ttl is not None:
            body["ttl"] = seconds(self._ttl)
        try:
            self._client.http.json("PUT", path, body)
        except BaseException:
            declared.release()
            raise
        declared.bind(self._client.http, path, "python", "Manager " + name)
        return name

    def shutdown(self):
        """Deletes the objects. If jobs use them yet, the service keeps them for their ttl."""
        if not self._owner.is_here() or self._is_over:
            return
        with self._guard:
            self._is_over = True
        end = time.monotonic() + LAST_SECONDS
        while self._name is not None:
            try:
                self._client.http.call("DELETE", "/api/v1/shared/" + self._name)
                return
            except ServiceError as refused:
                if refused.status == 404:  # the ttl is over
                    return
                if refused.status != 409:
                    raise
            if time.monotonic() > end:
                return
            time.sleep(0.05)  # the jobs of a pool that was just terminated are about to end

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.shutdown()

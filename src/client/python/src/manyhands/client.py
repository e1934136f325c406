"""A service as seen from Python: submits jobs, finds them again, and knows the service's Python."""

import json
import os
import threading

from . import functions, shared_jobs
from . import options as job_options
from .feeding import LEASE, Feeder
from .http import Http, new_key
from .packing import Packer
from .sources import Runtime
from .submitted import Job
from .values import packed

NDJSON = "application/x-ndjson"


class Client:
    """A connection to one service.

    Without arguments, the environment says where it is (MANYHANDS_URL, http://127.0.0.1:8080 if it
    is not set) and which token it wants (MANYHANDS_TOKEN). `retry` is how many seconds a request is
    repeated while the service is away (MANYHANDS_RETRY, 60). Threads may share a client.
    """

    def __init__(self, url=None, token=None, retry=None):
        self.http = Http(url, token, retry)
        self._runtime = None
        self._salt = None, None

    def __repr__(self):
        return repr(self.http)

    def map(self, function, *iterables, **options):
        """Submits `function(x, …)` for the items of the iterables, and returns the Job.

        `function` is any callable, or the name of a function that the service knows. Several
        iterables give several arguments, as with the map of Python. All options of a job are
        keyword arguments: docs/reference/job.md, in the spelling of Python (`max_failures`).
        """
        if not iterables:
            raise TypeError("map() needs a function and at least one iterable")
        if len(iterables) > 1:
            return self.starmap(function, zip(*iterables), **options)
        return self._submit(function, iterables[0], False, options)

    def starmap(self, function, arguments, **options):
        """Submits `function(*each)` for each of the arguments, and returns the Job."""
        return self._submit(function, arguments, True, options)

    def job(self, job_id, trust=False):
        """Returns a job by its id, from any process and at any time.

        Pickles of a job that another process submitted are opened only with `trust=True`.
        """
        return Job(self, self.http.json("GET", "/api/v1/jobs/" + job_id), trust)

    def jobs(self, limit=100, **filters):
        """Yields jobs, newest first. The filters are those of the service: state, label, q, …"""
        cursor, left = None, limit
        while left > 0:
            query = {**filters, "limit": min(left, 1000), "cursor": cursor}
            page = self.http.json("GET", "/api/v1/jobs", query=query)
            for view in page["jobs"]:
                yield Job(self, view, False)
            left, cursor = left - len(page["jobs"]), page.get("next")
            if cursor is None:
                return

    def service(self):
        """Returns version, load and the last ten minutes of the service."""
        return self.http.json("GET", "/api/v1/service")

    def runtime(self):
        """Returns the Python of the service. Asked once."""
        if self._runtime is None:
            runtimes = self.http.json("GET", "/api/v1/runtimes")["runtimes"]
            self._runtime = Runtime(next(r for r in runtimes if r["runtime"] == "python"))
        return self._runtime

    def salt(self):
        """Returns a random text of this client in this process."""
        pid, text = self._salt
        if pid != os.getpid():
            text = os.urandom(12).hex()
            self._salt = os.getpid(), text
        return text

    def _submit(self, function, items, star, options):
        watch = options.get("progress")
        head = job_options.members(options)
        is_ours = callable(function)
        values = head.pop("values", "python" if is_ours else "json")
        if values != "json":
            head["values"] = values
        packer = Packer()
        if star:
            head["call"] = "starmap"
        if options.get("common"):
            head["common"] = {
                k: _Text(packed(v, values, packer.dumps))
                for k, v in options["common"].items()
            }
        if "shared" in head:
            shared_jobs.name_all(head["shared"], packer)
            head["shared"] = _packed_objects(head["shared"], values, packer.dumps)
        if is_ours and "name" not in head:
            head["name"] = functions.named(function)[:200]

        def define():
            initializer, initargs = options.get("initializer"), options.get("initargs", ())
            modules = options.get("modules") or ()

            def then():
                shared_jobs.declare(head, packer, values)

            return functions.definition(
                function, self, packer, initializer, initargs, modules, then
            )

        ready = _ready(items, star)
        if ready is not None:
            head["function"] = define()
            job = self.post(head, json.dumps(ready))
        else:
            job = Feeder(self, head, packer, values, star).job_of(items, define)
        if watch:
            from .progress import watch as start_watching

            start_watching(job, watch)
        return job

    def post(self, head, inputs):
        """Submits a job whose inputs are JSON text, exactly once."""
        body = _body(head, inputs)
        headers = {"Idempotency-Key": new_key()}
        declared = head.get("shared")
        has_objects = isinstance(declared, shared_jobs.Declared)
        try:
            answer = self.http.call("POST", "/api/v1/jobs", body, headers=headers)
        except BaseException:
            if has_objects:
                declared.release()
            raise
        job = Job(self, answer.json(), True, head.get("reduce", "list") != "list")
        if has_objects:
            declared.bind_to_job(self.http, job)
        return job

    def open(self, head, lease=LEASE):
        """Submits a job that gets its items later.

        lease: seconds after which the service ends the job if this process has gone away
        """
        return self.post(head, '{"open":true,"idle":%d}' % lease)

    def ping(self, job):
        """Says that the client of an open job is still there."""
        self.http.call("POST", "/api/v1/jobs/%s/ping" % job.id)

    def append(self, job, first, lines):
        """Appends items to an open job: exactly once, because the index of the first is given."""
        body = ("\n".join(lines) + "\n").encode()
        path = "/api/v1/jobs/%s/inputs" % job.id
        self.http.call("POST", path, body, query={"first": first}, content_type=NDJSON)

    def cancel_items(self, job, ranges):
        """Cancels items that no worker has begun. Returns the state of each item, in ranges."""
        path = "/api/v1/jobs/%s/items/cancel" % job.id
        return self.http.json("POST", path, {"items": ranges})["items"]

    def close(self, job):
        """Says that no more items come to an open job."""
        self.http.call("POST", "/api/v1/jobs/%s/close" % job.id)


class _Text:
    """A member whose text is made already."""

    def __init__(self, text):
        self.text = text


def _packed_objects(declared, values, dumps):
    """Returns shared objects whose first entries are values of the job."""

    def value(entry):
        return json.loads(packed(entry, values, dumps))

    objects = {}
    for name, kinds in declared.items():
        if shared_jobs.is_shared(kinds):
            objects[name] = kinds
            continue
        objects[name] = kinds = dict(kinds)
        if isinstance(kinds.get("dict"), dict):
            kinds["dict"] = {key: value(entry) for key, entry in kinds["dict"].items()}
        elif isinstance(kinds.get("list"), (list, tuple)):
            kinds["list"] = [value(entry) for entry in kinds["list"]]
    return objects


def _body(head, inputs):
    common = head.get("common")
    others = {name: value for name, value in head.items() if name != "common"}
    text = json.dumps(others)[:-1]
    if common:
        pairs = ("%s:%s" % (json.dumps(name), value.text) for name, value in common.items())
        text += ',"common":{%s}' % ",".join(pairs)
    return ('%s,"inputs":%s}' % (text, inputs)).encode()


def _ready(items, star):
    """Returns inputs that are no list: a range, or the results of another job. Else None."""
    if star:
        return None
    if type(items) is range:
        if len(items) > 1000 and items.step > 0:
            return {"range": {"start": items.start, "stop": items.stop, "step": items.step}}
    elif isinstance(items, Job):
        return {"results": items.id}
    return None


_lock = threading.Lock()
_default = None


def _after_fork():
    global _lock
    _lock = threading.Lock()  # another thread may have had it, and does not run in the fork


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def default():
    """Returns the client that the functions of the package use, from the environment."""
    global _default
    with _lock:
        place = os.environ.get("MANYHANDS_URL"), os.environ.get("MANYHANDS_TOKEN")
        if _default is None or _default[0] != place:
            if _default is not None:
                _default[1].http.close()
            _default = place, Client()
        return _default[1]

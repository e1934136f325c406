"""A service as seen from Python: submits jobs, finds them again, and knows the service's Python."""

import itertools
import json
import os
import threading
import time

from . import functions
from . import options as job_options
from .errors import JobFailed, ManyhandsError, NotSendable, ServiceError
from .http import Http, new_key
from .owner import Owner
from .packing import Packer
from .sources import Runtime
from .submitted import Job
from .values import encode

# Inputs beyond these are sent in further requests, while the job already runs.
FIRST_BYTES, BATCH_BYTES, BATCH_ITEMS = 1 << 20, 4 << 20, 50_000
# A batch that is not full is sent after this many seconds, so that its items can run.
BATCH_SECONDS = 5
NDJSON = "application/x-ndjson"
# After this many seconds without its client, an open job is given up by the service.
LEASE = 60


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
                k: _Text(packed(v, values, packer)) for k, v in options["common"].items()
            }
        ready = _ready(items, star)
        if ready is None:
            texts = (packed(each, values, packer, star) for each in items)
            first, more = _first(texts)
        head["function"] = functions.definition(
            function,
            self,
            packer,
            options.get("initializer"),
            options.get("initargs", ()),
            options.get("modules") or (),
        )
        if is_ours and "name" not in head:
            head["name"] = functions.named(function)[:200]
        if ready is not None:
            job = self.post(head, json.dumps(ready))
        elif not more:
            job = self.post(head, "[%s]" % ",".join(first))
        else:
            job = self.open(head)
            self._append_all(job, itertools.chain(first, texts), packer)
        if watch:
            from .progress import watch as start_watching

            start_watching(job, watch)
        return job

    def post(self, head, inputs):
        """Submits a job whose inputs are JSON text, exactly once."""
        body = _body(head, inputs)
        headers = {"Idempotency-Key": new_key()}
        answer = self.http.call("POST", "/api/v1/jobs", body, headers=headers)
        return Job(self, answer.json(), True, head.get("reduce", "list") != "list")

    def open(self, head):
        """Submits a job that gets its items later, and that ends if this process goes away."""
        return self.post(head, '{"open":true,"idle":%d}' % LEASE)

    def append(self, job, first, texts):
        """Appends items to an open job: exactly once, because the index of the first is given."""
        body = ("\n".join(texts) + "\n").encode()
        path = "/api/v1/jobs/%s/inputs" % job.id
        self.http.call("POST", path, body, query={"first": first}, content_type=NDJSON)

    def close(self, job):
        """Says that no more items come to an open job."""
        self.http.call("POST", "/api/v1/jobs/%s/close" % job.id)

    def _append_all(self, job, texts, packer):
        known, keeper, owner = set(packer.modules), _Keeper(self, job), Owner()
        try:
            sent = 0
            keeper.start()
            for batch in batches(texts):
                if packer.modules - known:
                    raise NotSendable(
                        "later items need modules that the first ones did not (%s): name them with"
                        " modules=[…]" % ", ".join(sorted(packer.modules - known))
                    )
                self.append(job, sent, batch)
                sent += len(batch)
            self.close(job)
        except ServiceError as refused:
            if refused.status != 409 or not job.refresh().is_over:
                job.cancel()
                raise
            if job.view["state"] != "SUCCEEDED":  # else it has its answer, and needs no more items
                raise job._failed() or JobFailed(
                    job.id,
                    "job %s ended before all of its items were sent: it is %s (%s)"
                    % (job.id, job.view["state"], job.view["stopReason"]),
                ) from refused
        except BaseException:  # the caller's iterator failed, or Ctrl-C
            if owner.is_here():  # an iterator may have forked
                job.cancel()
            raise
        finally:
            keeper.stop()


class _Keeper:
    """Keeps an open job while its client waits for a slow iterable. A thread of its own pings."""

    def __init__(self, client, job):
        self._client, self._path = client, "/api/v1/jobs/%s/ping" % job.id
        self._stopped = threading.Event()

    def start(self):
        threading.Thread(target=self._ping, name="manyhands-ping", daemon=True).start()

    def stop(self):
        self._stopped.set()

    def _ping(self):
        while not self._stopped.wait(LEASE / 4):
            try:
                self._client.http.call("POST", self._path)
            except ManyhandsError:
                pass  # the next append meets the same error, and raises it


class _Text:
    """A member whose text is made already."""

    def __init__(self, text):
        self.text = text


def _body(head, inputs):
    common = head.get("common")
    others = {name: value for name, value in head.items() if name != "common"}
    text = json.dumps(others)[:-1]
    if common:
        pairs = ("%s:%s" % (json.dumps(name), value.text) for name, value in common.items())
        text += ',"common":{%s}' % ",".join(pairs)
    return ('%s,"inputs":%s}' % (text, inputs)).encode()


def packed(value, values, packer, star=False):
    """Returns the text of an item. Under `json` it is the value itself."""
    if values == "json":
        return json.dumps(list(value) if star and not isinstance(value, dict) else value)
    if star:
        value = value if isinstance(value, dict) else tuple(value)
    return encode(value, packer.dumps)


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


def _first(texts):
    """Returns the first texts, and whether there are too many for one request."""
    first, size = [], 0
    for text in texts:
        first.append(text)
        size += len(text)
        if size > FIRST_BYTES or len(first) > BATCH_ITEMS:
            return first, True
    return first, False


def batches(texts):
    """Yields the texts as lists: each is bounded in bytes, items, and seconds of collecting."""
    batch, size, since = [], 0, time.monotonic()
    for text in texts:
        batch.append(text)
        size += len(text)
        is_full = size > BATCH_BYTES or len(batch) >= BATCH_ITEMS
        if is_full or time.monotonic() - since >= BATCH_SECONDS:
            yield batch
            batch, size, since = [], 0, time.monotonic()
    if batch:
        yield batch


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

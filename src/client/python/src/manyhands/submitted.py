"""A job: its results as they come, its errors, what it printed, and where its time went."""

import asyncio
import itertools
import time
from urllib.parse import quote

from . import values
from .errors import ItemSkipped, JobFailed, ManyhandsError, TimeoutError
from .reading import OrderedReader, Reader, log_lines

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
# Why a job stops when its answer is known: what was not run cannot change it.
ANSWERED = ("all", "any", "find", "stopWhen")
LONGEST_WAIT = 30
LAST_PATIENCE = 3  # seconds, of a program that ends


class Failure:
    """A failed item: `index`, `kind` (ERROR, CRASH, …), `exception`, `traceback`, `attempts`."""

    def __init__(self, error, trusted):
        self.index, self.kind = error["index"], error["kind"]
        self.attempts, self.traceback = error["attempts"], error["traceback"]
        self.exception = values.exception_of(error, trusted)

    def __repr__(self):
        return "<item %d: %s %r>" % (self.index, self.kind, self.exception)


class Job:
    """A job of the service. Iterate over it for its results, in the order of the inputs."""

    def __init__(self, client, view, trusted, reduces=None):
        self._client = client
        self._has_pickles = view["values"] == "python"  # JSON may look like an envelope: not opened
        self._may_open, self._trusted = trusted, trusted and self._has_pickles
        self._reduces = reduces  # whether it has one result; None if that is not known
        self.view = view
        self.id = view["id"]
        self._path = "/api/v1/jobs/" + self.id

    def __repr__(self):
        items = self.view["items"]
        return "<Job %s %s %s %d/%d>" % (
            self.id,
            self.view["name"] or "",
            self.view["state"],
            items["done"],
            items["total"],
        )

    @property
    def state(self):
        """The state of the job now: WAITING, QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
        return (self if self.is_over else self.refresh()).view["state"]

    @property
    def is_over(self):
        """Whether the job had ended when it was last looked at."""
        return self.view["state"] in ENDED

    def refresh(self, wait=0):
        """Looks at the job again, at its end or after some seconds, and returns it."""
        query = {"wait": "%.3f" % wait} if wait else None
        self.view = self._client.http.json("GET", self._path, query=query, timeout=90)
        return self

    def look(self):
        """Returns the job as the service shows it now. Changes nothing here, unless it is over."""
        view = self._client.http.json("GET", self._path)
        if view["state"] in ENDED:
            self.view = view
        return view

    def wait(self, timeout=None):
        """Waits for the end of the job, and returns it. Never raises for failed items."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_over:
            left = LONGEST_WAIT if deadline is None else deadline - time.monotonic()
            self.refresh(max(0.001, min(LONGEST_WAIT, left)))
            if not self.is_over and deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError("job %s has not ended in %g s" % (self.id, timeout))
        return self

    def __len__(self):
        if self.view["inputsOpen"]:
            self.refresh()
        return self.view["items"]["total"]

    def __iter__(self):
        return self.results()

    def results(self, timeout=None, return_exceptions=False, flavour=values.EXECUTOR):
        """Returns an iterator of the results in the order of the inputs, each as it comes.

        It raises the first error, or yields exceptions in the places of their values. A job that
        failed or was cancelled as a whole raises at the end, unless an item has said so.
        """
        return itertools.chain.from_iterable(self._results(timeout, return_exceptions, flavour))

    def _results(self, timeout, return_exceptions, flavour):
        for block in self.blocks(timeout):
            if block.failed:
                yield self._outcomes(block, flavour, return_exceptions)
            else:
                yield self.opened(block.values)

    def _outcomes(self, block, flavour, return_exceptions):
        for index, value in enumerate(block.values, block.first):
            record = block.failed.get(index, {"value": value})
            yield self.outcome(record, flavour, return_exceptions)

    def opened(self, values):
        """Returns an iterable of values that the service sent. It holds none that it opened."""
        if self._has_pickles and dict in set(map(type, values)):
            return map(self._open, values)
        return values

    def as_completed(self, timeout=None, return_exceptions=False):
        """Yields pairs of index and result, as items are finished."""
        deadline = None if timeout is None else time.monotonic() + timeout
        reader, kinds = Reader(self._client.http, self.id, "completion"), set()
        for record in reader.records(deadline):
            if "value" not in record:
                kinds.add("error" in record)
            yield record["index"], self.outcome(record, values.EXECUTOR, return_exceptions)
        self._check_end(reader.state, kinds)

    def records(self, order="input", timeout=None, follow=True):
        """Yields the lines of results as the service sends them."""
        deadline = None if timeout is None else time.monotonic() + timeout
        return Reader(self._client.http, self.id, order, follow).records(deadline)

    def blocks(self, timeout=None):
        """Yields Blocks of results in order. Raises after the last if the job did not end well."""
        deadline = None if timeout is None else time.monotonic() + timeout
        reader, kinds = OrderedReader(self._client.http, self), set()
        for block in reader.blocks(deadline):
            kinds.update("error" in record for record in block.failed.values())
            yield block
        self._check_end(reader.state, kinds)

    def _check_end(self, state, kinds):
        """Raises if a job did not end well, and no line of an item says so.

        kinds: has True if a line had an error, and False if an item was not run
        """
        if state in ("CANCELLED", "FAILED") and False not in kinds:
            raised = self._failed()
            if raised is None and not (True in kinds and state == "FAILED"):
                raised = ItemSkipped(
                    "job %s is %s: it may have ended before all of its items were there"
                    % (self.id, state)
                )
            if raised is not None:
                raise raised

    def outcome(self, record, flavour=values.EXECUTOR, return_exceptions=False):
        """Returns the value of a line of results. No reference to the value is held here."""
        if "value" in record:
            return self._open(record["value"])
        raised = self.exception_of(record, flavour)
        if return_exceptions:
            return raised
        raise raised

    def exception_of(self, record, flavour=values.EXECUTOR):
        """Returns the exception for a line of results without a value."""
        if "error" in record:
            return values.exception_of(record["error"], self._trusted, flavour)
        return self._failed() or ItemSkipped(
            "item %d was not run: job %s is %s" % (record["index"], self.id, self.state)
        )

    def _failed(self):
        """Returns the exception for a job that failed as a whole, else None."""
        if not self.is_over:
            self.refresh()
        error = self.view["error"]
        if not error:
            return None
        failed = JobFailed(self.id, error["message"], error.get("traceback"))
        if failed.remote_traceback:
            failed.__cause__ = values.EXECUTOR.cause(failed.remote_traceback)
        return failed

    def result(self, timeout=None, return_exceptions=False):
        """Waits, and returns all results as a list, or the one result of `reduce`.

        Raises the first error, if there is one and `return_exceptions` is not set.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self._has_one_result():
            return list(self.results(timeout, return_exceptions))
        self.wait(None if deadline is None else max(0, deadline - time.monotonic()))
        if self._failed():
            raise self._failed()
        if self.state == "FAILED" and not return_exceptions:
            for failure in self.errors():
                raise failure.exception
        self._check_whole()
        result = self.view.get("result")
        if isinstance(result, dict) and "value" in result and "index" in result:
            return {**result, "value": self._open(result["value"])}
        return self._open(result)

    def _check_whole(self):
        """Refuses the result of a reduction over a part of the items, unless it is the answer."""
        skipped, reason = self.view["items"]["skipped"], self.view["stopReason"]
        if self.state == "CANCELLED" or (skipped and reason not in ANSWERED):
            raise ItemSkipped(
                "job %s is %s (%s), and %d of its items were not run: its result is of a part only"
                % (self.id, self.state, reason, skipped)
            )

    def _open(self, value):
        return values.decode(value, self._trusted, self.id) if self._has_pickles else value

    def _has_one_result(self):
        """Returns whether the job reduces its results. The one of a reduction is never a list."""
        if self._reduces is None:
            self.wait()
            self._reduces = not isinstance(self.view.get("result", []), list)
        return self._reduces

    def __await__(self):
        loop = asyncio.get_event_loop()
        return loop.run_in_executor(None, self.result).__await__()

    def errors(self):
        """Returns the failed items, as a list of Failure."""
        found, cursor = [], None
        while True:
            query = {"state": "FAILED", "limit": 1000, "cursor": cursor, "data": "true"}
            page = self._client.http.json("GET", self._path + "/items", query=query)
            found += [Failure(each["error"], self._trusted) for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    def retry(self, only="failed", **options):
        """Runs the failed items again, as a new job, and returns it.

        `only="unfinished"` also runs the items without an outcome, and `only=[3, 5]` these items.
        Other options of a job replace those of this one; `function=` is a corrected function.
        """
        from .functions import definition
        from .options import members

        function = options.pop("function", None)
        body = members(options)
        if function is not None:
            body["function"] = definition(
                function, self._client, modules=options.get("modules") or ()
            )
        if isinstance(only, str):
            body["only"] = only
        else:
            body["items"] = [[index, index + 1] for index in sorted(only)]
        view = self._client.http.json("POST", self._path + "/retry", body, repeat=False)
        return Job(self._client, view, self._may_open, False)

    def cancel(self):
        """Cancels the job: what has not finished is not run. Finished items keep their results."""
        self.view = self._client.http.json("POST", self._path + "/cancel")
        return self

    def give_up(self):
        """Cancels the job if the service answers within seconds. Returns whether it did.

        For a program that ends, or an exception on its way: it has no time, and raises nothing.
        """
        try:
            path, soon = self._path + "/cancel", {"patience": LAST_PATIENCE, "timeout": LAST_PATIENCE}
            self.view = self._client.http.json("POST", path, **soon)
            return True
        except ManyhandsError:
            return False

    def delete(self):
        """Deletes the job, which must have ended, with its results."""
        self._client.http.call("DELETE", self._path, repeat=False)

    def shared(self, name):
        """Returns what a shared object of the job holds now, as a copy.

        A value is returned itself, a dict as a dict, a list and a queue as a list. For a lock and a
        semaphore, the service's description is returned.
        """
        from .shared_state import content

        path = "%s/shared/%s" % (self._path, quote(name, safe=""))
        return content(self._client.http, path, self.opened)

    def report(self):
        """Returns where the time went, and what to do about it."""
        return self._client.http.json("GET", self._path + "/report")

    def timeline(self, path=None):
        """Writes what each worker did, and when: a picture for *.svg, trace events for *.json.

        Without a path, returns the SVG as a text.
        """
        form = "trace" if path is not None and str(path).endswith(".json") else "svg"
        answer = self._client.http.call(
            "GET", self._path + "/timeline", query={"format": form}, accept="*/*"
        )
        if path is None:
            return answer.body.decode()
        with open(path, "wb") as file:
            file.write(answer.body)
        return path

    def log(self, follow=False, item=None):
        """Returns what the job printed; with `follow` yields the lines until the job has ended."""
        if follow:
            return log_lines(self._client.http, self._path + "/log", item, self._has_ended)
        query = {"item": item}
        answer = self._client.http.call(
            "GET", self._path + "/log", query=query, accept="text/plain"
        )
        return answer.body.decode()

    def _has_ended(self):
        return self.look()["state"] in ENDED

    def _repr_html_(self):
        from .progress import picture_of

        return picture_of(self)

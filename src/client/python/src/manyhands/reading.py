"""Results and logs of a job as streams that go on after a cut or a restart of the service."""

import itertools
import json
import re
import time

from .errors import NotReachable, ServiceError, TimeoutError
from .http import AGAIN, CUT, Attempts

GAP = re.compile(r"\[(\d+) lines of the job are not kept here")
# A page is much cheaper than lines, and does not wait for what is not there yet. After the first
# pause, or between pages, a result waits for at most this many seconds.
FIRST_PAUSE, PAUSE = 0.02, 0.05
PAGE, MOST_PAGE_BYTES = 500_000, 16 << 20
# Pages with fewer results are not worth their requests, and lines in blocks of more are too slow.
FEW, MANY = 1000, 2000


def repeated(http, read, deadline=None):
    """Yields from `read(attempts)`, and calls it again after a cut, until it has returned True.

    It calls `attempts.renew()` whenever it has got on. Raises concurrent.futures.TimeoutError at
    the deadline.
    """
    attempts = Attempts(http.patience)
    while True:
        try:
            if (yield from read(attempts)):
                return
            cut = ConnectionError("the stream was cut")
        except NotReachable:  # after repeats
            raise
        except ServiceError as refused:
            if refused.status not in AGAIN:
                raise
            cut = refused
        except CUT as failed:
            cut = failed
        if deadline is not None and time.monotonic() > deadline - 0.001:
            raise TimeoutError()
        if not attempts.wait():
            raise http.unreachable(cut)


class Reader:
    """Reads the lines of results of one job. One thread reads; another may close."""

    def __init__(self, http, job_id, order="input", follow=True, start=0):
        self._http = http
        self._path = "/api/v1/jobs/%s/results" % job_id
        self._query = {"order": order, "follow": "true" if follow else "false"}
        self._place = "at" if order == "completion" else "index"
        self._stream = None
        self._closed = False
        self.state = None  # of the job, once all of its records were read
        self.start = start  # the place of the next record; None after the last

    def records(self, deadline=None):
        """Yields a record for each item, in order, until the job has ended.

        Raises concurrent.futures.TimeoutError at the deadline. Reading can be continued then.
        """
        for block in self.blocks(deadline):
            for record in block:
                self.start = record[self._place] + 1
                yield record
                if self._closed:
                    return

    def blocks(self, deadline=None):
        """Yields the records that arrive together, as lists. They are read together, too."""
        try:
            yield from repeated(self._http, lambda a: self._read(a, deadline), deadline)
        finally:
            self._end_stream()

    def _read(self, attempts, deadline):
        query = {**self._query, "from": self.start}
        accept = "application/x-ndjson"
        self._end_stream()
        if self._closed:
            return True
        self._stream = stream = self._http.stream(self._path, query, accept, deadline)
        for lines in stream.blocks(deadline):
            records = json.loads(b"[%b]" % b",".join(lines))
            end = records.pop()["end"] if records and "end" in records[-1] else None
            if records:
                attempts.renew()
                after = records[-1][self._place] + 1
                yield records
                self.start = after
            if end is not None:
                self.start, self.state = end["next"], end.get("state")
                if self.start is None:
                    return True
            if self._closed:
                return True
        return self._closed

    def close(self):
        """Ends the reading, from any thread."""
        self._closed = True
        self._end_stream()

    def _end_stream(self):
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class Block:
    """Results of items that follow each other."""

    __slots__ = ("first", "values", "failed")

    def __init__(self, first, values, failed):
        self.first = first
        self.values = values  # as the service sends them; None where `failed` has the item
        self.failed = failed  # by index: the lines of items without a value


class OrderedReader:
    """Reads the results of one job in the order of its inputs: pages of many, lines of few."""

    def __init__(self, http, job):
        self._http, self._job = http, job
        self._start = 0
        self._has_pages = True
        self.state = None  # of the job, once all of its results were read

    def blocks(self, deadline=None):
        """Yields Blocks as results come, until the job has ended.

        Raises concurrent.futures.TimeoutError at the deadline.
        """
        pause = FIRST_PAUSE
        while self._start is not None:
            if self._has_pages:
                yield from self._by_page(pause, deadline)
                pause = PAUSE
            if self._start is not None:
                yield from self._by_line(deadline)
        self.state = self._job.wait().state

    def _by_page(self, pause, deadline):
        """Yields pages until one has few results, because the next ones are not there yet."""
        path = "/api/v1/jobs/%s/results" % self._job.id
        while self._start is not None:
            if pause and not self._job.is_over:
                self._await_end(pause, deadline)
            is_over = self._job.is_over
            query = {"offset": self._start, "limit": PAGE, "data": "true"}
            answer = self._http.call("GET", path, query=query, most=MOST_PAGE_BYTES)
            page = None if answer is None else answer.json()
            if page is None or "reduce" in page:
                self._has_pages = False
                return
            self._start, values = page["next"], page["results"]
            if values:
                yield Block(page["offset"], values, _failed_of(page))
            if len(values) < FEW and not is_over:
                return
            pause = 0 if len(values) == PAGE else PAUSE

    def _await_end(self, seconds, deadline):
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError()
            seconds = min(seconds, left)
        self._job.refresh(max(0.001, seconds))

    def _by_line(self, deadline):
        """Yields lines until they are so many that pages are better, or to the end."""
        reader = Reader(self._http, self._job.id, "input", start=self._start)
        blocks = reader.blocks(deadline)
        try:
            for records in blocks:
                yield from _blocks_of(records)
                self._start = records[-1]["index"] + 1
                if len(records) >= MANY and self._has_pages:
                    return
            self._start = reader.start
        finally:
            blocks.close()


def _failed_of(page):
    failed = {}
    for start, end in page["skipped"]:
        failed.update((index, {"index": index}) for index in range(start, end))
    for error in page["errors"]:
        failed[error["index"]] = {"index": error["index"], "error": error}
    return failed


def _blocks_of(records):
    """Yields lines as Blocks. Those of a reduction have gaps between them."""
    first = records[0]["index"]
    if records[-1]["index"] - first + 1 == len(records):
        values = [record.get("value") for record in records]
        yield Block(first, values, {r["index"]: r for r in records if "value" not in r})
    else:
        for record in records:
            yield from _blocks_of([record])


def log_lines(http, path, item, is_over):
    """Yields the lines of a job's log until the job has ended. After a cut, yields no line again.

    is_over: returns whether the job has ended
    """
    query, seen = {"item": item, "follow": "true"}, 0

    def read(attempts):
        nonlocal seen
        stream, place = http.stream(path, query, "text/plain"), 0
        try:
            for line in itertools.chain.from_iterable(stream.blocks()):
                text = line.decode().lstrip(" ")  # spaces are signs of life
                gap = GAP.match(text)
                place += int(gap.group(1)) if gap else 1
                if place > seen:
                    seen = place
                    attempts.renew()
                    yield text
        finally:
            stream.close()
        return is_over()

    return repeated(http, read)

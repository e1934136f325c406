"""Results and logs of a job as streams that go on after a cut or a restart of the service."""

import json
import re
import time

from .errors import ServiceError, TimeoutError
from .http import AGAIN, CUT, Attempts

GAP = re.compile(r"\[(\d+) lines of the job are not kept here")


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
        self.start = start

    def records(self, deadline=None):
        """Yields a record for each item, in order, until the job has ended.

        Raises concurrent.futures.TimeoutError at the deadline. Reading can be continued then.
        """
        attempts = Attempts(self._http.patience)
        try:
            while not self._closed:
                try:
                    before = self.start
                    for record in self._read(deadline):
                        yield record
                        if self._closed:
                            return
                    if self.start is None:
                        return
                    cut = ConnectionError("the stream of results was cut")
                except ServiceError as refused:
                    if refused.status not in AGAIN:
                        raise
                    cut = refused
                except CUT as failed:
                    cut = failed
                if deadline is not None and time.monotonic() > deadline - 0.001:
                    raise TimeoutError()
                if self.start != before:
                    attempts = Attempts(self._http.patience)
                elif not self._closed and not attempts.wait():
                    raise self._http.unreachable(cut)
        finally:
            self._end_stream()

    def _read(self, deadline):
        query = {**self._query, "from": self.start}
        accept = "application/x-ndjson"
        self._end_stream()
        self._stream = stream = self._http.stream(self._path, query, accept, deadline)
        place, loads = self._place, json.loads
        for line in stream.lines(deadline):
            record = loads(line)
            end = record.get("end")
            if end is not None:
                self.start, self.state = end["next"], end.get("state")
                return
            self.start = record[place] + 1
            yield record

    def close(self):
        """Ends the reading, from any thread."""
        self._closed = True
        self._end_stream()

    def _end_stream(self):
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def log_lines(http, path, item, is_over):
    """Yields the lines of a job's log until the job has ended. After a cut, yields no line again.

    is_over: returns whether the job has ended
    """
    query, seen, attempts = {"item": item, "follow": "true"}, 0, Attempts(http.patience)
    while True:
        try:
            stream, place = http.stream(path, query, "text/plain"), 0
            try:
                for line in stream.lines():
                    text = line.decode().lstrip(" ")  # spaces are signs of life
                    gap = GAP.match(text)
                    place += int(gap.group(1)) if gap else 1
                    if place > seen:
                        seen, attempts = place, Attempts(http.patience)
                        yield text
            finally:
                stream.close()
            if is_over():
                return
            cut = ConnectionError("the log was cut")
        except ServiceError as refused:
            if refused.status not in AGAIN:
                raise
            cut = refused
        except CUT as failed:
            cut = failed
        if not attempts.wait():
            raise http.unreachable(cut)

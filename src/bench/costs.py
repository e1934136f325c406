"""Rows without a peer: what the service itself costs in memory, processor time and time to start."""
import http.client
import itertools
import json
import os
import threading
import time

from bench import timed
from client import Client
from contenders import Ours, definition
from figures import Row
from processes import cpu_seconds, rss_bytes
from service import Service
import functions


def chunk(bench):
    """Processor time of the service for a chunk with next to nothing in it, from queue to durable outcome."""
    count = 2_000 if bench.quick else 20_000
    row = Row("chunk", f"overhead of a chunk, {count:,} of one item", unit="us")
    function = definition(functions.identity)

    def overhead():
        before = cpu_seconds(bench.service.pid)
        bench.client.submit(function, range(count), chunking={"size": 1})
        return (cpu_seconds(bench.service.pid) - before) / count * 1e6

    for _ in range(4):  # until the JIT has compiled what it needs
        overhead()
    bench.interleave(row, {"ours": overhead})
    row.figure("CPU", row.samples["ours"], 50, unit="us")
    return row


def start(bench):
    """The time to start: as in the image, which is how the service of all rows is started, and as the plain jar."""
    row = Row("start", "start, extracted, AOT cache")
    numbers = itertools.count()

    def started(command):
        with Service(command, os.path.join(bench.directory, f"start-{next(numbers)}")) as service:
            client = Client(service.port)
            first, _ = timed(lambda: Ours(client).run(functions.identity, [1]))
            client.close()
        return service.start_seconds, first

    firsts = []

    def as_in_the_image():
        seconds, first = started(bench.installed)
        firsts.append(first)
        return seconds

    plain = {} if bench.quick else {"the plain jar": lambda: started(bench.plain)[0]}
    bench.interleave(row, {"ours": as_in_the_image, **plain})
    row.figure("answers after", row.samples["ours"], 2.5, unit="s")
    row.figure("first result after", firsts, 0.3, unit="s")
    row.notes += [f"{name} answers after {row.median(name):.2f} s" for name in plain]
    return row


def stream(bench):
    """Items as lines up, results as lines down, both at once, in a service with little memory of its own; one run.

    A warm-up with three tenths of the items comes first. Until then, the JIT takes tens of megabytes at times, which are not the job's.
    """
    count = 500_000 if bench.quick else 10_000_000
    row = Row("stream", f"{count:,} items as lines, in and out")
    with Service(bench.installed, os.path.join(bench.directory, "stream"), ["-Xmx256m", *bench.jvm]) as service:
        streamed(service, "warm-up", count * 3 // 10)
        seconds, rss = timed(lambda: streamed(service, "stream", count))
    row.add("ours", seconds)
    tenths = [max(held for done, held in rss if part * count <= 10 * done <= (part + 1) * count) for part in range(10)]
    row.figure("RSS after the first tenth, by that in it", [max(tenths[1:]) / tenths[0]], 1.10)
    row.notes.append(f"with -Xmx256m; RSS at most {', '.join(str(held >> 20) for held in tenths)} MB in each tenth; "
                     f"{count / seconds:,.0f} items/s")
    return row


def streamed(service, name, count):
    """Runs a job. Returns pairs, as its results came: the number of results, and the bytes of the service's memory then."""
    reader = Reader(service)
    uploaded = threading.Thread(target=upload, args=(service.port, name, count, reader))
    uploaded.start()
    reader.read(name, count)
    uploaded.join()
    return reader.rss


def upload(port, name, count, reader):
    """Sends a job and its items as one request, in pieces as they are made. The reader gets the answer, for its messages."""
    def lines():
        yield json.dumps({"function": definition(functions.identity), "name": name}).encode() + b"\n"
        for first in range(0, count, 10_000):
            yield b"".join(b"%d\n" % item for item in range(first, min(first + 10_000, count)))

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1200)
    connection.request("POST", "/api/v1/jobs", lines(), {"Content-Type": "application/x-ndjson"},
                       encode_chunked=True)
    answer = connection.getresponse()
    reader.answer = answer.status, answer.read()
    connection.close()


class Reader:
    """Follows the results of the newest job, checks each, and notes the service's memory as it goes."""

    def __init__(self, service):
        self.service = service
        self.rss = []
        self.answer = None

    def read(self, name, count):
        client = Client(self.service.port, timeout=1200)
        job = self._await_job(client, name)
        answer = client.request("GET", f"/jobs/{job}/results?follow=true", accept="application/x-ndjson")
        done, rest = 0, b""
        while block := answer.read1(1 << 20):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            for value in json.loads(b"[" + b",".join(lines) + b"]"):
                if "end" in value:
                    assert value["end"]["state"] == "SUCCEEDED", value
                elif value["index"] != done or value["value"] != done:
                    raise AssertionError(f"item {done}: {value}")
                else:
                    done += 1
            self.rss.append((done, rss_bytes(self.service.pid)))
        assert done == count, f"{done:,} of {count:,} results; the upload was answered with {self.answer}"
        client.close()

    def _await_job(self, client, name):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            jobs = [job for job in client.call("GET", "/jobs?limit=1")["jobs"] if job["name"] == name]
            if jobs:
                return jobs[0]["id"]
            time.sleep(0.01)
        raise AssertionError(f"the job does not show while it is uploaded; the upload was answered with {self.answer}")

"""Requests: repeats after cuts and refusals, streams that go on, and what is never shown."""

import contextlib
import http.server
import json
import os
import threading
import unittest
from unittest import mock

from manyhands import errors, reading
from manyhands.client import Client
from manyhands.http import Http
from manyhands.reading import OrderedReader, Reader, log_lines


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers as the script of the server says: a list of functions of the handler."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.path, dict(self.headers), self.rfile.read(length)))
        self.server.connections.add(self.client_address)
        self.server.script.pop(0)(self)

    do_POST = do_GET

    def log_message(self, *args):
        pass


def answer(status, body, **headers):
    def send(handler):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return send


def cut(handler):
    handler.close_connection = True
    with contextlib.suppress(OSError):  # the reader may have closed it
        handler.connection.shutdown(2)


def cut_stream(body):
    """Sends a part of a stream and then cuts it."""

    def send(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        handler.wfile.flush()
        cut(handler)

    return send


class HttpTest(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        self.server.seen, self.server.script, self.server.connections = [], [], set()
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        self.http = Http(self.url, "a-secret-token", 5)
        self.addCleanup(self.http.close)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def test_a_cut_and_a_busy_service_are_met_with_a_repeat(self):
        busy = answer(503, {"detail": "later"}, Retry_After="0")
        self.server.script = [cut, busy, answer(200, {"id": "j"})]
        headers = {"Idempotency-Key": "one"}
        self.assertEqual(self.http.json("POST", "/x", {"a": 1}, headers=headers), {"id": "j"})
        self.assertEqual({seen[1]["Idempotency-Key"] for seen in self.server.seen}, {"one"})
        self.assertEqual([seen[2] for seen in self.server.seen], [b'{"a": 1}'] * 3)

    def test_a_silent_request_does_not_use_up_the_patience(self):
        heard = threading.Event()
        self.addCleanup(heard.set)
        self.server.script = [lambda handler: heard.wait(60), answer(200, {"id": "j"})]
        self.http = Http(self.url, None, 0.3)
        self.http._was_reached = True
        self.assertEqual(self.http.json("GET", "/x", timeout=0.5), {"id": "j"})

    def test_a_patience_that_was_given_is_that_for_the_first_request_too(self):
        self.server.script = [cut, answer(200, {"id": "j"})]
        with mock.patch("manyhands.http.FIRST_PATIENCE", 0):
            self.assertEqual(Http(self.url, None, 5).json("GET", "/x"), {"id": "j"})
            self.server.script = [cut]
            with self.assertRaises(errors.NotReachable):
                Http(self.url).json("GET", "/x")

    def test_a_request_that_cannot_be_repeated_is_not(self):
        self.server.script = [cut, answer(200, {})]
        with self.assertRaises(errors.NotReachable):
            self.http.json("POST", "/x", {}, repeat=False)
        self.assertEqual(len(self.server.seen), 1)

    def test_a_request_that_cannot_be_repeated_is_only_after_503(self):
        for status in (502, 504):
            self.server.script = [answer(status, {}), answer(200, {})]
            with self.assertRaisesRegex(errors.ServiceError, str(status)):
                self.http.json("POST", "/x", {}, repeat=False)
        self.server.script = [answer(503, {}, Retry_After="0"), answer(200, {"id": "j"})]
        self.assertEqual(self.http.json("POST", "/x", {}, repeat=False), {"id": "j"})

    def test_a_refusal_says_what_the_service_says(self):
        self.server.script = [answer(422, {"detail": "seed: is no integer"})]
        with self.assertRaisesRegex(errors.ServiceError, r"seed: is no integer \(422\)"):
            self.http.json("POST", "/x", {})

    def test_a_token_is_sent_and_never_shown(self):
        self.server.script = [answer(401, {"title": "Unauthorized", "detail": "send one"})]
        with self.assertRaisesRegex(errors.WrongToken, "MANYHANDS_TOKEN") as caught:
            self.http.json("GET", "/x")
        self.assertEqual(self.server.seen[0][1]["Authorization"], "Bearer a-secret-token")
        shown = repr(self.http) + repr(caught.exception) + str(caught.exception)
        self.assertNotIn("a-secret-token", shown + repr(Client(self.url, "a-secret-token")))

    def test_a_token_of_a_file_may_end_with_a_line(self):
        self.server.script = [answer(200, {})]
        Http(self.url, "a-secret-token\n", 5).json("GET", "/x")
        self.assertEqual(self.server.seen[0][1]["Authorization"], "Bearer a-secret-token")

    def test_a_token_that_cannot_be_sent_is_not_shown(self):
        for token in ("secret\nsecret", "secret\x7f", "s\u00e9cret"):
            with self.assertRaisesRegex(ValueError, "printable ASCII") as caught:
                Http(self.url, token)
            self.assertNotIn("cret", str(caught.exception))

    def test_a_password_in_an_address_is_not_shown(self):
        self.assertEqual(Http("http://me:secret@a.b:1/c").url, "http://a.b:1/c")
        for url in ("me:secret@a.b:80", "http://me:sec/ret@a.b", "ftp://me:secret@a.b"):
            with self.assertRaisesRegex(ValueError, "the address of a service") as caught:
                Http(url)
            self.assertNotIn("sec", str(caught.exception))

    def test_no_service_is_one_sentence(self):
        self.server.shutdown()
        self.server.server_close()
        with self.assertRaisesRegex(errors.NotReachable, "no service answers at .*MANYHANDS_URL"):
            Http(self.url, patience=0.1).json("GET", "/x")
        with self.assertRaisesRegex(ValueError, "the address of a service is like"):
            Http("localhost:8080")

    def test_results_go_on_after_a_cut(self):
        first = b'{"index":0,"value":1,"at":0}\n{"index":2,"value":3,"at":1}\n{"index":1,"val'
        rest = b'  {"index":1,"value":2,"at":2}\n{"end":{"state":"SUCCEEDED","next":null}}\n'
        self.server.script = [cut_stream(first), cut, answer(503, {}), answer(200, rest)]
        reader = Reader(self.http, "j", "completion")
        self.assertEqual([record["index"] for record in reader.records()], [0, 2, 1])
        self.assertEqual(
            ["from=" + seen[0].partition("from=")[2] for seen in self.server.seen],
            ["from=0", "from=2", "from=2", "from=2"],
        )

    def test_a_log_goes_on_after_a_cut(self):
        cuts = [cut_stream(b"one\n  [3 lines of the job are not kept here]\nfive\nsi"), cut]
        whole = b"one\n[3 lines of the job are not kept here]\nfive\nsix\n"
        self.server.script = [*cuts, answer(503, {}), answer(200, whole)]
        lines = list(log_lines(self.http, "/log", None, lambda: True))
        gap = "[3 lines of the job are not kept here]"
        self.assertEqual(lines, ["one", gap, "five", "six"])

    def test_results_of_a_running_job_come_as_lines_and_those_of_a_fast_one_as_pages(self):
        job = mock.Mock(id="j", is_over=False, state="SUCCEEDED")
        job.wait.return_value = job
        few = {"offset": 0, "results": [7], "errors": [], "skipped": [], "next": 1}
        error = {"index": 3, "kind": "ERROR"}
        lines = b"".join(b'{"index":%d,"value":%d}\n' % (i, i) for i in range(4, 3004))
        page = {"offset": 3004, "results": [None, None], "errors": [dict(error, index=3005)]}
        self.server.script = [
            answer(200, few),
            answer(200, b'{"index":1,"value":8}\n{"index":2}\n'),  # a cut: there is no end
            cut_stream(b'{"index":3,"error":%b}\n%b' % (json.dumps(error).encode(), lines)),
            answer(200, dict(page, skipped=[[3004, 3005]], next=3006)),
            answer(200, b'{"end":{"state":"SUCCEEDED","next":null}}\n'),
        ]
        found, failed = [], {}
        for block in OrderedReader(self.http, job).blocks():
            self.assertEqual(block.first, len(found))
            found += block.values
            failed.update(block.failed)
        self.assertEqual(found, [7, 8, None, None, *range(4, 3004), None, None])
        self.assertEqual(sorted(failed), [2, 3, 3004, 3005])
        self.assertEqual([i for i in failed if "error" in failed[i]], [3, 3005])

    def test_a_page_that_is_too_long_is_read_as_lines(self):
        job = mock.Mock(id="j", is_over=True, state="SUCCEEDED")
        job.wait.return_value = job
        text = b'{"index":0,"value":"xxxxxxxx"}\n{"end":{"state":"SUCCEEDED","next":null}}\n'
        self.server.script = [answer(200, {"results": ["x" * 200]}), answer(200, text)]
        with mock.patch.object(reading, "MOST_PAGE_BYTES", 100):
            blocks = list(OrderedReader(self.http, job).blocks())
        self.assertEqual([block.values for block in blocks], [["xxxxxxxx"]])

    def test_a_closed_reader_ends(self):
        self.server.script = [cut_stream(b'{"index":0,"value":1,"at":0}\n')]
        reader = Reader(self.http, "j", "completion")
        for _ in reader.records():
            reader.close()

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_has_connections_of_its_own(self):
        self.server.script = [answer(200, {}) for _ in range(3)]
        self.http.json("GET", "/parent")
        child = os.fork()
        if not child:
            try:
                self.http.json("GET", "/child")
            finally:
                os._exit(0)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.http.json("GET", "/parent")
        self.assertEqual(len(self.server.connections), 2)

"""Requests to the service: one place for addresses, tokens, repeats after a cut, and streams."""

import http.client
import json
import os
import random
import time
from urllib.parse import quote, urlencode, urlsplit

from .errors import NotReachable, ServiceError, WrongToken
from .owner import Owner
from .version import VERSION

DEFAULT_URL = "http://127.0.0.1:8080"
# The service sends a sign of life every 15 s. After this time without one, a stream is cut.
SILENCE = 60
# How long a service is waited for, and one that was never there, if nothing else was said.
PATIENCE, FIRST_PATIENCE = 60, 3
AGAIN = (502, 503, 504)
# After the others, a proxy may have given the request to the service.
NOT_DONE = (503,)
CUT = (OSError, http.client.HTTPException)


class Answer:
    """A whole answer of the service."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Http:
    """Connections to one service. Threads may share it; a forked process gets its own connections.

    `patience` is how long a request is repeated, in seconds, while the service cannot be reached or
    asks to try again later.
    """

    def __init__(self, url=None, token=None, patience=None):
        parts, self._port = _parts(url or os.environ.get("MANYHANDS_URL") or DEFAULT_URL)
        self._scheme, self._host, self._prefix = parts.scheme, parts.hostname, parts.path
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        token = token if token is not None else os.environ.get("MANYHANDS_TOKEN")
        self._token = token.strip() if token else token
        if self._token and not (self._token.isascii() and self._token.isprintable()):
            raise ValueError("a token has printable ASCII characters only")
        if patience is None and "MANYHANDS_RETRY" in os.environ:
            patience = float(os.environ["MANYHANDS_RETRY"])
        self._first_patience = FIRST_PATIENCE if patience is None else patience
        self.patience = PATIENCE if patience is None else patience
        self._idle, self._pid = [], os.getpid()
        self._was_reached = False

    def __repr__(self):
        return "<manyhands at %s>" % self.url  # never with the token

    def call(
        self,
        method,
        path,
        body=None,
        query=None,
        headers=None,
        content_type="application/json",
        accept="application/json",
        repeat=True,
        timeout=SILENCE,
        patience=None,
        most=None,
    ):
        """Sends a request and returns its Answer. Raises ServiceError for a refusal.

        `repeat` says that the request may be sent twice: it has no effect, an idempotency key, or
        an effect that happens once. An answer with more than `most` bytes is not read: None.
        """
        target = self._target(path, query)
        sent = self._headers(headers, accept, body, content_type)
        attempts = Attempts(self.patience if patience is None else patience)
        while True:
            connection = None
            try:
                connection = self._take(timeout, fresh=not repeat)
                connection.request(method, target, body, sent)
                response = connection.getresponse()
                data = response.read() if most is None else response.read(most + 1)
                if most is not None and len(data) > most:
                    connection.close()
                    return None
                answer = Answer(response.status, response.headers, data)
            except CUT as cut:
                refused = isinstance(cut, ConnectionRefusedError)
                _close(connection)
                self.close()  # the others are of the same age, and as dead
                if not self._was_reached:  # more probably a wrong address than a restart
                    attempts.hurry(self._first_patience)
                if not (repeat or refused) or not attempts.wait():
                    raise self.unreachable(cut) from None
                continue
            self._was_reached = True
            if response.will_close:
                connection.close()
            else:
                self._give_back(connection)
            again = AGAIN if repeat else NOT_DONE
            if answer.status in again and attempts.wait(answer.headers.get("Retry-After")):
                continue
            if answer.status >= 400:
                raise refusal(answer)
            return answer

    def json(self, method, path, value=None, **others):
        """Sends a JSON value, or nothing, and returns the JSON of the answer."""
        body = None if value is None else json.dumps(value).encode()
        answer = self.call(method, path, body, **others)
        return answer.json() if answer.body else None

    def stream(self, path, query, accept, deadline=None):
        """Returns an open Stream. Raises ServiceError for a refusal, OSError after a cut."""
        connection = self._connect(SILENCE)
        try:
            target = self._target(path, query)
            connection.timeout = patient(deadline)
            connection.request("GET", target, None, self._headers(None, accept, None, None))
            response = connection.getresponse()
            if response.status >= 400:
                raise refusal(Answer(response.status, response.headers, response.read()))
        except BaseException:
            connection.close()
            raise
        return Stream(connection, response)

    def _target(self, path, query):
        given = {name: value for name, value in (query or {}).items() if value is not None}
        text = self._prefix + quote(path, safe="/@:")
        return text + "?" + urlencode(given) if given else text

    def _headers(self, more, accept, body, content_type):
        headers = {"Accept": accept, "User-Agent": "manyhands-python/" + VERSION}
        if self._token:
            headers["Authorization"] = "Bearer " + self._token
        if body is not None:
            headers["Content-Type"] = content_type
        headers.update(more or {})
        return headers

    def _connect(self, timeout):
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        return kind[self._scheme](self._host, self._port, timeout=timeout)

    def close(self):
        """Closes the connections that wait for a next request."""
        while self._idle:
            self._idle.pop().close()

    def _take(self, timeout, fresh):
        if self._pid != os.getpid():  # the connections belong to the process that forked this one
            old, self._idle = self._idle, []  # before the pid: no thread takes an old one meanwhile
            self._pid = os.getpid()
            for each in old:
                each.close()  # here only: that process has descriptors of its own
        try:
            connection = None if fresh else self._idle.pop()
        except IndexError:
            connection = None
        if connection is None:
            return self._connect(timeout)
        connection.sock.settimeout(timeout)
        return connection

    def _give_back(self, connection):
        if self._pid == os.getpid() and len(self._idle) < 8:
            self._idle.append(connection)
        else:
            connection.close()

    def unreachable(self, cause):
        """Returns the exception for a service that was not reached in time."""
        return NotReachable(
            "no service answers at %s (%s); start it, or set MANYHANDS_URL to its address"
            % (self.url, getattr(cause, "strerror", None) or cause or type(cause).__name__)
        )


class Stream:
    """The body of an answer, line by line. Closing it from another thread ends its reader."""

    def __init__(self, connection, response):
        self._connection = connection
        self._response = response
        self._owner = Owner()

    def blocks(self, deadline=None):
        """Yields lists of lines that are complete. Ends where the stream ends, even in a line.

        Raises TimeoutError once the deadline has passed, and another OSError when the stream is
        cut.
        """
        rest = b""
        while True:
            sock = self._connection.sock
            if sock is not None:
                sock.settimeout(patient(deadline))
            try:
                block = self._response.read1(1 << 18)
            except (ValueError, AttributeError):  # closed by another thread
                return
            if not block:
                return
            lines = (rest + block).split(b"\n") if b"\n" in block else [rest + block]
            rest = lines.pop()
            if lines:
                yield lines

    def close(self):
        sock = self._connection.sock
        try:
            if sock is not None and self._owner.is_here():  # else it ends the one of the parent
                sock.shutdown(2)
        except OSError:
            pass
        self._connection.close()


class Attempts:
    """Waits between the attempts of one request: longer each time, in all within the patience.

    The patience counts from the end of the first attempt: a silent one would use it up.
    """

    def __init__(self, patience):
        self._patience = patience
        self.renew()

    def renew(self):
        """Has the patience count from the next cut, because the request got on."""
        self._end = None
        self._next = self._waited = 0.0

    def hurry(self, patience):
        """Shortens the patience, from now on."""
        self._begin()
        self._end = min(self._end, time.monotonic() + patience - self._waited)

    def _begin(self):
        if self._end is None:
            self._end = time.monotonic() + self._patience

    def wait(self, retry_after=None):
        """Waits before another attempt. Returns False if the time is over."""
        self._begin()
        pause = self._next * random.uniform(0.7, 1.3)
        if retry_after and retry_after.isdigit():
            pause = max(pause, int(retry_after))
        self._next = min(2.0, self._next * 2 or 0.05)
        if time.monotonic() + pause >= self._end:
            return False
        time.sleep(pause)
        self._waited += pause
        return True


def patient(deadline):
    """Returns the seconds to wait for a sign of life."""
    if deadline is None:
        return SILENCE
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError()
    return min(SILENCE, left)


def _parts(url):
    """Returns the parts of an address, and its port. An error does not show user and password."""
    try:
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts, parts.port
    except ValueError:
        pass  # its text may show the password
    shown = url.rpartition("@")[2]
    raise ValueError("the address of a service is like %s, not %r" % (DEFAULT_URL, shown))


def refusal(answer):
    try:
        problem = json.loads(answer.body)
    except ValueError:
        problem = {"detail": answer.body[:200].decode("latin-1")}
    if not isinstance(problem, dict):
        problem = {}
    if answer.status in (401, 403) and problem.get("title") in ("Unauthorized", "Forbidden"):
        return WrongToken(answer.status, problem)
    return ServiceError(answer.status, problem)


def _close(connection):
    if connection is not None:
        connection.close()


def new_key():
    """Returns a key for one request that is the same in each of its repeats."""
    return "py-" + os.urandom(12).hex()

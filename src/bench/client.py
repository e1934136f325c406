"""A client of the service as good as a user could write it with Python's standard library: one connection, kept alive."""
import http.client
import json
import select

PAGE = 1_000_000


class Client:
    """Not for several threads: it has one connection."""

    def __init__(self, port, host="127.0.0.1", token=None, timeout=600):
        self.connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self.headers = {"Authorization": "Bearer " + token} if token else {}

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, content_type="application/json", accept="application/json"):
        """Returns the answer, not yet read. Raises http.client.HTTPException if it is not a success."""
        headers = dict(self.headers, Accept=accept)
        if body is not None:
            headers["Content-Type"] = content_type
        self._drop_if_closed()
        self.connection.request(method, "/api/v1" + path, body, headers)
        answer = self.connection.getresponse()
        if answer.status >= 300:
            raise http.client.HTTPException(f"{method} {path}: {answer.status} {answer.read().decode()[:2000]}")
        return answer

    def _drop_if_closed(self):
        """The service closes a connection that nobody used for a while; http.client would notice too late, and opens another."""
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        return json.loads(self.request(method, path, data).read())

    def submit(self, function, inputs, wait=300, **options):
        """Runs a job and returns it. Raises RuntimeError if it has not succeeded in time. A range of inputs is sent as a range."""
        if isinstance(inputs, range):
            inputs = {"range": {"start": inputs.start, "stop": inputs.stop, "step": inputs.step}}
        job = self.call("POST", f"/jobs?wait={wait}", {"function": function, "inputs": inputs, **options})
        if job["state"] != "SUCCEEDED":
            raise RuntimeError(f"the job is {job['state']}: {job}")
        return job

    def results(self, job):
        """All results, in input order."""
        if "result" in job:
            return job["result"]
        results, offset = [], 0
        while offset is not None:
            page = self.call("GET", f"/jobs/{job['id']}/results?limit={PAGE}&offset={offset}")
            results += page["results"]
            offset = page["next"]
        return results

    def map(self, function, inputs, **options):
        """Submits, waits, and returns all results, as Pool.map does."""
        return self.results(self.submit(function, inputs, **options))

"""One open job of a Flow: its items are calls, and each has a future."""

import time

from .call import ranges_of
from .errors import JobFailed, ServiceError
from .reading import Reader

# The job is replaced after this many items, so that none grows without bound.
ROTATE = 100_000
QUICK = 0.1
MOST_RANGES = 1000  # of items, in one request


class Lane:
    """One open job. The writer thread sends, the reader thread sets the futures."""

    def __init__(self, client, job, known, manager):
        """
        known: the modules that the job has
        manager: the Manager whose objects it has; None for no objects
        """
        self._client, self._known, self._manager, self.job = client, known, manager, job
        self.sent = 0
        self._sent_at = 0.0
        self.futures = {}
        self.is_full = False
        self.reader = Reader(client.http, job.id, "completion")

    def has_room(self, modules, manager):
        if self.is_full or self.sent >= ROTATE:
            return False
        return modules <= self._known and manager is self._manager

    def register(self, calls):
        """Has the calls set by the results of the items that are sent next."""
        numbered = dict(enumerate(calls, self.sent))
        for index, call in numbered.items():
            call.lane, call.index = self, index
        self.futures.update(numbered)
        return numbered

    def send(self, texts):
        self._sent_at = time.monotonic()
        self._client.append(self.job, self.sent, texts)
        self.sent += len(texts)

    def cancel(self, indexes):
        """Cancels items that no worker has begun, and yields their indexes."""
        ranges = ranges_of(sorted(indexes))
        for first in range(0, len(ranges), MOST_RANGES):
            some = ranges[first : first + MOST_RANGES]
            for fate in self._client.cancel_items(self.job, some):
                if fate["state"] == "cancelled":
                    yield from range(*fate["range"])

    def is_quick(self):
        """Returns whether results come soon after the last calls were sent."""
        return time.monotonic() - self._sent_at < QUICK

    def take_back(self, numbered):
        """Returns the futures that the reader has not set, and will not set any more."""
        taken = [self.futures.pop(index, None) for index in numbered]
        return [future for future in taken if future is not None]

    def failed(self):
        """Returns why the job failed as a whole, else None."""
        try:
            return self.job._failed()
        except ServiceError:
            return JobFailed(self.job.id, "the job is gone")

"""The items of a job: in its one request, or sent to the open job while the iterable is read."""

import collections
import threading
import time
from itertools import islice

from .condition import Condition
from .errors import JobFailed, ManyhandsError, NotSendable, ServiceError
from .owner import Owner
from .values import SCALARS, packed, packed_lines

# Inputs beyond these are sent in further requests, while the job already runs.
BATCH_BYTES, BATCH_ITEMS = 4 << 20, 250_000
# An item waits here for at most about this many seconds, however slow the iterable is.
BATCH_SECONDS = 1
# After this many seconds without its client, an open job is given up by the service.
LEASE = 60
# Iterables that do not wait for anything.
READY = (list, tuple, range, set, frozenset, dict, collections.deque)
# The most scalars that are packed together, which is much faster than one by one; and the most
# characters of a text among them.
BLOCK, SHORT = 4096, 1000
NUMBERS = SCALARS - {str}


class Feeder:
    """Makes a job of an iterable. The iterable is read in the thread of the caller.

    If all items are there soon, one request has them all. Else a thread of the feeder opens the
    job, sends the items, and keeps the job while it waits for more. The lock guards all fields,
    and the packer.
    """

    def __init__(self, client, head, packer, values, star):
        self._client, self._head, self._packer = client, head, packer
        self._values, self._star = values, star
        self._changed = Condition()
        self._lines, self._bytes, self._count, self._since = [], 0, 0, None
        self._plain = []  # scalars that are not packed yet
        self._sent, self._job = 0, None
        self._modules = self._shared = None  # those that the open job knows; how many objects
        self._thread = None
        self._is_all = self._is_dropped = False
        self._failed = None

    def job_of(self, items, define):
        """Returns the job with these items, which is closed.

        define: returns the member `function`. Called after the first items are packed, as these
        say which modules it needs
        """
        self._define, owner = define, Owner()
        try:
            if type(items) in READY:
                blocks = iter(items)
                for block in iter(lambda: list(islice(blocks, BLOCK)), []):
                    if not self._add_all(block):
                        break
            else:
                self._start()
                for item in items:
                    if not self._add(item):
                        break
            return self._end()
        except BaseException:  # the iterable failed, or Ctrl-C
            if owner.is_here():  # an iterable may fork
                self._drop()
            raise

    def _start(self):
        self._thread = threading.Thread(target=self._send, name="manyhands-feeder", daemon=True)
        self._thread.start()

    def _add_all(self, items):
        """Takes items that are there already. Returns False if no more are wanted."""
        with self._changed:
            if not self._star and NUMBERS.issuperset(map(type, items)):
                self._pack(items)
                return self._await_room()
            for item in items:
                self._pack_one(item)
                if self._is_full() and not self._await_room():
                    return False
            return self._failed is None

    def _add(self, item):
        """Takes an item. Returns False if no more are wanted."""
        kind = type(item)
        is_plain = kind in NUMBERS or (kind is str and len(item) <= SHORT)
        with self._changed:
            if is_plain and not self._star:  # it cannot change before it is packed
                self._plain.append(item)
                self._begin_batch()
                if len(self._plain) < BLOCK:
                    return self._failed is None
                self._pack_plain()
            else:
                self._pack_plain()
                self._pack_one(item)
            return not self._is_full() or self._await_room()

    def _pack_plain(self):
        if self._plain:
            items, self._plain = self._plain, []
            self._pack(items)

    def _pack(self, items):
        lines = packed_lines(items, self._values, self._packer.dumps)
        self._lines.append(lines)
        self._bytes += len(lines)
        self._count += len(items)
        self._begin_batch()

    def _pack_one(self, item):
        line = packed(item, self._values, self._packer.dumps, self._star)
        self._lines.append(line)
        self._bytes += len(line)
        self._count += 1
        self._begin_batch()

    def _begin_batch(self):
        if self._since is None:
            self._since = time.monotonic()
            self._changed.notify_all()  # the thread now waits for a shorter time

    def _await_room(self):
        if self._is_full():
            if self._thread is None:
                self._start()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_full() or self._failed is not None)
        return self._failed is None

    def _is_full(self):
        return self._bytes > BATCH_BYTES or self._count >= BATCH_ITEMS

    def _end(self):
        """Returns the job once all items are sent."""
        with self._changed:
            self._pack_plain()
            self._is_all = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        if self._failed is not None and not self._has_answer():
            raise self._failed
        if self._job is None:
            self._head["function"] = self._define()
            inputs = "\n".join(self._lines).replace("\n", ",")  # no text has a line feed
            self._job = self._client.post(self._head, "[%s]" % inputs)
        return self._job

    def _has_answer(self):
        """Returns whether the job succeeded without the rest. Cancels any other that goes on."""
        refused, job = self._failed, self._job
        if isinstance(refused, ServiceError) and refused.status == 409 and job is not None:
            if job.refresh().is_over:
                if job.view["state"] == "SUCCEEDED":
                    return True
                raise job._failed() or JobFailed(
                    job.id,
                    "job %s ended before all of its items were sent: it is %s (%s)"
                    % (job.id, job.view["state"], job.view["stopReason"]),
                ) from refused
        return False

    def _drop(self):
        self._is_dropped = self._is_all = True  # the lock may be taken while a request is repeated
        if self._changed.acquire(timeout=1):
            self._changed.notify_all()
            self._changed.release()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(1)
        if self._job is not None and not self._job.is_over:
            self._job.give_up()

    # ---- the thread

    def _send(self):
        try:
            while self._await_batch():
                with self._changed:
                    self._pack_plain()
                    self._open()
                    lines, count = self._lines, self._count
                    self._lines, self._bytes, self._count, self._since = [], 0, 0, None
                    self._changed.notify_all()
                if lines:
                    self._client.append(self._job, self._sent, lines)
                    self._sent += count
            if self._job is not None:
                if self._is_dropped:  # while the job was made
                    self._job.give_up()
                else:
                    self._client.close(self._job)
        except BaseException as failed:
            with self._changed:
                self._failed = failed
                self._changed.notify_all()

    def _await_batch(self):
        """Waits for items to send, and keeps the job. Returns False if no more will be sent."""
        while True:
            with self._changed:
                if self._is_all:
                    return self._job is not None and self._count and not self._is_dropped
                if self._is_full():
                    return True
                left = LEASE / 4
                if self._since is not None:
                    left = self._since + BATCH_SECONDS - time.monotonic()
                    if left <= 0:
                        return True
                is_idle = not self._changed.wait(left) and self._since is None
            if is_idle and self._job is not None:
                try:
                    self._client.ping(self._job)
                except ManyhandsError:
                    pass  # the next append meets the same error, and raises it

    def _open(self):
        """Opens the job with the first items. The later ones need no more modules than these."""
        if self._job is None:
            self._head["function"] = self._define()
            self._modules, self._shared = set(self._packer.modules), len(self._packer.shared)
            self._job = self._client.open(self._head, LEASE)
        if len(self._packer.shared) > self._shared:
            raise NotSendable(
                "later items refer to shared objects that the first ones did not (%s): name all of"
                " them with shared={…}" % ", ".join(self._packer.shared)
            )
        missing = self._packer.modules - self._modules
        if missing:
            raise NotSendable(
                "later items need modules that the first ones did not (%s): name them with"
                " modules=[…]" % ", ".join(sorted(missing))
            )

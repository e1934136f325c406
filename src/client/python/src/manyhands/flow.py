"""Calls that are made one by one, as items of an open job: the engine of Executor and Pool.

A writer thread appends what was submitted since its last request. For each open job a reader thread
follows the results and sets the futures. Items are held back here while many are on their way, so
that they can still be cancelled and the service need not store them.
"""

import collections
import pickle
import threading
import weakref
from concurrent.futures import Future

from . import functions
from . import options as job_options
from .errors import ItemSkipped, ManyhandsError, ServiceError
from .feeding import BATCH_BYTES
from .lane import Lane
from .owner import Owner
from .packing import PROTOCOL, Packer
from .values import decode, encode, exception_of

# Items on their way: at first, and at most.
LEAST_AHEAD, MOST_AHEAD = 8, 20_000


class Flow:
    """Submits calls and sets their futures. All fields are guarded by `_changed`."""

    def __init__(self, client, options, initializer=None, initargs=(), flavour=None):
        self._client, self._flavour = client, flavour
        self._head = job_options.members(options)
        self._modules = options.get("modules") or ()
        self._initializer = initializer, initargs
        self._changed = threading.Condition()
        self._waiting = collections.deque()  # _Call, not yet sent
        self._sending = []  # _Call, whose futures are set to running
        self._ahead, self._most_ahead = 0, max(LEAST_AHEAD, 2 * (options.get("workers") or 1))
        self._known = set()  # modules that the calls so far name
        self._by_value = False
        self._closing = False
        self._is_writing = False  # whether a writer runs, which sees all calls that wait
        self._holders = 0  # threads that will submit more, also after the close
        self.is_joined = self._is_terminated = False
        self._lanes = []
        self._threads = []
        self.owner = Owner()
        self.broken = None  # a text; then no more calls are accepted

    def submit(self, function, args, kwargs):
        """Returns a Future. A call that cannot be sent has its exception there."""
        self.owner.check("executor")
        future = Future()
        packer = Packer()
        try:
            text = encode(packer.dumps((function, args, kwargs)), pickled)
        except Exception as failed:
            future.set_running_or_notify_cancel()
            future.set_exception(failed)
            return future
        with self._changed:
            self._waiting.append(_Call(future, text, packer))
            if self._ahead < LEAST_AHEAD:  # as good as begun: it cannot be cancelled any more
                self._sending += self._take()
            if not self._is_writing:
                self._is_writing = True
                self._start(self._write)
            self._changed.notify_all()
        return future

    def hold(self):
        """Has the writer wait for more calls until `release`, even after the close."""
        with self._changed:
            self._holders += 1

    def release(self):
        with self._changed:
            self._holders -= 1
            self._changed.notify_all()

    def close(self, cancel=False):
        """Accepts that no more calls come. Those that are not sent yet can be cancelled."""
        if not self.owner.is_here():
            return
        with self._changed:
            self._closing = True
            if cancel:
                cancelled, self._waiting = self._waiting, collections.deque()
                for call in cancelled:
                    call.future.cancel()
                    call.future.set_running_or_notify_cancel()
            self._changed.notify_all()

    @property
    def is_closed(self):
        return self._closing

    def join(self):
        """Waits until all calls that were submitted are done."""
        self.is_joined = True
        while self.owner.is_here():
            with self._changed:
                self._changed.wait_for(lambda: not self._holders)
                self._threads = [each for each in self._threads if each.is_alive()]
                alive = self._threads[:1]
            if not alive:
                return
            alive[0].join()

    def terminate(self, reason):
        """Ends all calls, also those that run. Their futures get an exception with the reason."""
        if not self.owner.is_here():
            return
        with self._changed:
            self.broken = self.broken or reason
            self._is_terminated = True
            unsent, self._sending = self._sending, []
            lanes = list(self._lanes)
        self.close(cancel=True)
        for call in unsent:
            self._done()
            call.future.set_exception(broken(reason))
        for lane in lanes:
            self._cancel(lane.job)

    def _cancel(self, job):
        try:
            job.cancel()
        except ManyhandsError:
            pass  # without its client, the job ends by itself

    def _start(self, work, *args):
        thread = threading.Thread(target=work, args=args, name="manyhands", daemon=True)
        self._threads.append(thread)
        thread.start()

    # ---- the writer thread

    def _write(self):
        lane = None
        while True:
            with self._changed:
                while not (self._sending or self._has_all() or self._sendable()):
                    self._changed.wait()
                batch, self._sending = self._sending + self._take(), []
                done = self._has_all() and not batch
                if done:
                    self._is_writing = False
            if batch:
                lane = self._send(batch, lane)
            if done:
                self._finish(lane)
                return

    def _send(self, batch, lane):
        """Sends calls to an open job, and returns the job: the given one, or a new one."""
        futures, numbered = [call.future for call in batch], None
        try:
            if lane is not None and lane.has_room(self._known):
                numbered = self._register(lane, futures)
            if numbered is None:
                full, lane = lane, None
                self._finish(full)
                lane = self._open()
                numbered = self._register(lane, futures)
            if numbered is None:  # its reader has ended already
                raise self._skipped(lane)
            lane.send([call.text for call in batch])
        except Exception as failed:
            if numbered is not None:
                futures = lane.take_back(numbered)
                lane.is_full = True  # items may be missing: the next calls go elsewhere
                if isinstance(failed, ServiceError) and failed.status == 409:
                    failed = None  # the job has ended, and says why
            for future in futures:
                self._done()
                future.set_exception(failed or self._skipped(lane))
        return lane

    def _register(self, lane, futures):
        """Registers futures with a lane, or returns None if nobody would set them any more."""
        with self._changed:
            return lane.register(futures) if lane in self._lanes else None

    def _has_all(self):
        return self._closing and not self._waiting and (not self._holders or self.broken)

    def _sendable(self):
        return self._waiting and (self._ahead < self._most_ahead or self.broken)

    def _take(self):
        """Returns the calls to send now; those that were cancelled meanwhile are dropped."""
        batch, size = [], 0
        while self._sendable() and size < BATCH_BYTES:
            call = self._waiting.popleft()
            if call.future.set_running_or_notify_cancel():
                if self.broken:
                    call.future.set_exception(broken(self.broken))
                    continue
                batch.append(call)
                size += len(call.text)
                self._ahead += 1
                self._known |= call.modules
                self._by_value |= call.by_value
        return batch

    def _open(self):
        packer = Packer()
        packer.modules, packer.by_value = set(self._known), self._by_value
        head = dict(self._head, values="python")
        head.setdefault("name", "calls of Python")
        head["function"] = functions.calls(self._client, packer, *self._initializer, self._modules)
        lane = Lane(self._client, self._client.open(head), set(self._known))
        with self._changed:
            self._lanes.append(lane)
            self._start(self._read, lane)
            is_late = self._is_terminated
        if is_late:  # the end came while the job was made, and did not see it
            self._cancel(lane.job)
        return lane

    def _finish(self, lane):
        if lane is not None:
            try:
                self._client.close(lane.job)
            except ManyhandsError:
                pass  # it has ended, or will end as nobody follows it

    # ---- the reader threads

    def _read(self, lane):
        try:
            for record in lane.reader.records():
                self._set(lane, record)
            self._end(lane, None)
        except BaseException as failed:
            self._end(lane, failed)

    def _set(self, lane, record):
        future = lane.futures.pop(record["index"], None)
        if future is None:
            return
        self._done(lane.is_quick())
        if "value" in record:
            try:
                value = decode(record["value"], True)
            except BaseException as failed:  # a class that cannot be imported here
                raised = broken("the result cannot be opened here: %r" % (failed,))
                raised.__cause__ = failed
                future.set_exception(raised)
            else:
                future.set_result(value)
        elif "error" in record:
            future.set_exception(exception_of(record["error"], True, self._flavour))
        else:
            future.set_exception(self._skipped(lane))

    def _skipped(self, lane):
        """Returns the exception for a call that was never run."""
        failed = lane.failed()
        if failed is not None:
            self.broken = str(failed)
        if self.broken:
            return broken(self.broken, failed)
        return ItemSkipped("the job of the call was cancelled: " + lane.job.id)

    def _end(self, lane, failed):
        with self._changed:
            self._lanes.remove(lane)
        lane.is_full = True
        for future in lane.take_back(list(lane.futures)):
            self._done()
            future.set_exception(failed or self._skipped(lane))

    def _done(self, quick=False):
        with self._changed:
            self._ahead -= 1
            if quick:  # as long as calls are, twice as many are on their way after each round
                self._most_ahead = min(MOST_AHEAD, self._most_ahead + 1)
            if self._waiting and self._ahead <= self._most_ahead // 2:
                self._changed.notify_all()


def pickled(call):
    """Returns the pickle of a call that is bytes already."""
    return pickle.dumps(call, PROTOCOL)


class _Call:
    """A call that waits to be sent."""

    def __init__(self, future, text, packer):
        self.future, self.text = future, text
        self.modules, self.by_value = packer.modules, packer.by_value


def broken(reason, cause=None):
    """Returns the standard library's exception for a pool that cannot go on."""
    from concurrent.futures.process import BrokenProcessPool

    made = BrokenProcessPool(reason)
    made.__cause__ = cause.__cause__ if cause is not None else None
    return made


_open = weakref.WeakSet()


def finish_at_exit(flow):
    """Has the calls end before the interpreter does, as the standard library does."""
    _open.add(flow)


def _at_exit():
    for flow in list(_open):
        flow.close()
    for flow in list(_open):
        flow.join()


threading._register_atexit(_at_exit)

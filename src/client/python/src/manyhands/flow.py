"""Calls that are made one by one, as items of an open job: the engine of Executor and Pool.

A writer thread appends what was submitted since its last request. For each open job a reader thread
follows the results and sets the futures. Items are held back here while many are on their way, so
that the service need not store them.
"""

import collections
import pickle
import sys
import threading
import time
import weakref
from concurrent.futures import Future

from . import functions
from . import options as job_options
from .call import Call
from .condition import Condition
from .errors import ItemSkipped, ManyhandsError, NotReachable, ServiceError
from .feeding import BATCH_BYTES
from .http import AGAIN
from .lane import Lane
from .owner import Owner
from .packing import PROTOCOL, Packer
from .shared_jobs import MIXED, managed
from .values import decode, encode, exception_of

# Items on their way: at first, and at most.
LEAST_AHEAD, MOST_AHEAD = 8, 20_000
# A join looks this often whether the calls were terminated, and waits this long for their end.
LOOK, LAST_SECONDS = 1, 10


class Flow:
    """Submits calls and sets their futures. All fields are guarded by `_changed`.

    No callback of a future runs with that lock: a callback may wait for another thread.
    """

    def __init__(self, client, options, initializer=None, initargs=(), flavour=None):
        self._client, self._flavour = client, flavour
        self._head = job_options.members(options)
        if "shared" in self._head:
            raise TypeError(
                "shared objects belong to one job, and an executor or a pool makes several;"
                " use those of a manyhands.Manager(), or manyhands.map(..., shared=...)"
            )
        self._modules = options.get("modules") or ()
        self._initializer = initializer, initargs
        self._changed = Condition()
        self.lock = self._changed
        self._waiting = collections.deque()  # of Call
        self._sending = []  # of Call, which the writer takes next
        self._batch = []  # of Call, which the writer has taken, and which no lane has yet
        self._ahead, self._most_ahead = 0, max(LEAST_AHEAD, 2 * (options.get("workers") or 1))
        self._known = set()  # modules that the calls so far name
        self._manager = None  # the Manager whose objects calls refer to; None for no objects
        self._by_value = False
        self._closing = False
        self._writer = None  # the thread, as long as it sees all calls that wait
        self._holders = 0  # threads that will submit more, also after the close
        self.is_joined = self._is_terminated = False
        self._lanes = []
        self._threads = []
        self.owner = Owner()
        self.broken = None  # a text; then no more calls are accepted

    def submit(self, function, args, kwargs):
        """Returns a Future. A call that cannot be sent has its exception there."""
        self.owner.check("executor")
        packer = Packer()
        try:
            text = encode(functions.dumps((function, args, kwargs), packer), pickled)
            self._check_manager(managed(packer))
        except Exception as failed:
            refused = Future()
            refused.set_exception(failed)
            return refused
        call = Call(self, text, packer)
        with self._changed:
            self._waiting.append(call)
            if self._ahead < LEAST_AHEAD:
                self._sending += self._take()
            if self._writer is None or not self._writer.is_alive():  # Ctrl-C may come in its start
                self._writer = self._thread(self._write)
                self._writer.start()
            self._changed.notify_all()
        return call

    def _check_manager(self, manager):
        """Notes the Manager whose objects a call refers to, and refuses a second one."""
        if manager is not None:
            with self._changed:
                self._manager = self._manager or manager
            if manager is not self._manager or "sharedSet" in self._head:
                raise TypeError(MIXED)

    def hold(self):
        """Has the writer wait for more calls until `release`, even after the close."""
        with self._changed:
            self._holders += 1

    def release(self):
        with self._changed:
            self._holders -= 1
            self._changed.notify_all()

    def close(self):
        """Accepts that no more calls come."""
        if not self.owner.is_here():
            return
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def cancel_pending(self):
        """Cancels all calls that have not begun, without those that begin in this moment."""
        with self._changed:
            calls = [call for lane in self._lanes for call in list(lane.futures.values())]
            calls += [*self._batch, *self._sending, *self._waiting]
        self.cancel(calls[self._head.get("workers") or 1 :])

    def cancel(self, calls):
        """Cancels those of the calls that no worker has begun. Asks the service for sent ones."""
        if not self.owner.is_here():
            return
        sent = {}
        with self._changed:
            here = [call for call in calls if call.lane is None and not call.is_dropped]
            for call in here:
                call.is_dropped = True
            for call in calls:
                if call.lane is not None:
                    sent.setdefault(call.lane, []).append(call)
        for call in here:
            call.drop()
        for lane, those in sent.items():
            self._cancel_sent(lane, those)

    def _cancel_sent(self, lane, calls):
        with self._changed:  # an item can be cancelled once the service has it
            self._changed.wait_for(
                lambda: lane.is_full or all(c.done() or c.index < lane.sent for c in calls)
            )
        numbered = {call.index: call for call in calls if not call.done()}
        try:
            for index in lane.cancel(numbered) if numbered else ():
                if lane.futures.pop(index, None) is not None:
                    self._done()
                numbered[index].drop()
        except ManyhandsError:
            pass  # the service is away, or the job is gone: nothing says that they will not run

    @property
    def is_closed(self):
        return self._closing

    def join(self):
        """Waits until all calls that were submitted are done: not for long after `terminate`."""
        self.is_joined, end = True, None
        while self.owner.is_here():
            with self._changed:
                self._threads = [each for each in self._threads if each.is_alive()]
                alive, is_held = self._threads[:1], self._holders and not self._is_terminated
                if is_held:
                    self._changed.wait(LOOK)
            if self._is_terminated:
                end = end or time.monotonic() + LAST_SECONDS
                if alive and time.monotonic() > end:
                    self._abandon(self._lanes)
                    return
            if not is_held:
                if not alive:
                    return
                alive[0].join(LOOK)

    def terminate(self, reason):
        """Ends all calls, also those that run. Their futures get an exception with the reason."""
        if not self.owner.is_here():
            return
        with self._changed:
            self.broken = self.broken or reason
            self._is_terminated = self._closing = True
            unsent = [each for each in self._batch + self._sending if not each.is_dropped]
            waiting = [each for each in self._waiting if not each.is_dropped]
            for call in unsent + waiting:
                call.is_dropped = True
            self._sending, self._waiting = [], collections.deque()
            lanes = list(self._lanes)
            self._changed.notify_all()
        for call in waiting:
            call.drop()
        for call in unsent:
            call.set_exception(broken(reason))
        self._abandon([lane for lane in lanes if not lane.job.give_up()])

    def _abandon(self, lanes):
        """Ends the calls of jobs whose end is not waited for. They end without their client."""
        for lane in list(lanes):
            lane.is_full = True
            lane.reader.close()
            for call in lane.take_back(list(lane.futures)):
                self._done()
                call.set_exception(broken(self.broken))

    def _thread(self, work, *args):
        thread = threading.Thread(target=work, args=args, name="manyhands", daemon=True)
        self._threads.append(thread)
        return thread

    # ---- the writer thread

    def _write(self):
        lane = None
        while True:
            with self._changed:
                while not (self._sending or self._has_all() or self._sendable()):
                    self._changed.wait()
                self._batch = batch = self._sending + self._take()
                self._sending = []
                done = self._has_all() and not batch
                if done:
                    self._writer = None
            if batch:
                lane = self._send(batch, lane)
            if done:
                self._finish(lane)
                return

    def _send(self, batch, lane):
        """Sends calls to an open job, and returns the job: the given one, or a new one."""
        numbered = None
        try:
            if self.broken:
                raise broken(self.broken)
            if lane is not None and lane.has_room(self._known, self._manager):
                numbered = self._register(lane, batch)
            if numbered is None:
                full, lane = lane, None
                self._finish(full)
                lane = self._open()
                numbered = self._register(lane, batch)
            if numbered is None:  # its reader has ended already
                raise self._skipped(lane)
            if numbered:
                lane.send([call.text for call in numbered.values()])
        except Exception as failed:
            if numbered is None:
                calls = self._claim(batch)
            else:
                calls = lane.take_back(numbered)
                lane.is_full = True  # items may be missing: the next calls go elsewhere
                if isinstance(failed, ServiceError) and failed.status == 409:
                    failed = None  # the job has ended, and says why
            for call in calls:
                self._done()
                call.set_exception(failed or self._skipped(lane))
            if is_away(failed):  # the others would wait as long: one batch after the other
                for call in self._claim_unsent():
                    call.set_exception(failed)
        for call in batch:
            call.text = None
        with self._changed:
            self._changed.notify_all()  # those that wait for the items to be sent
        return lane

    def _register(self, lane, batch):
        """Registers calls with a lane, or returns None if nobody would set them any more."""
        with self._changed:
            if lane not in self._lanes:
                return None
            calls = [call for call in batch if not call.is_dropped]
            self._ahead -= len(batch) - len(calls)
            self._batch = []
            return lane.register(calls)

    def _claim(self, batch):
        """Returns the calls of a batch that nobody has cancelled, and nobody will."""
        with self._changed:
            calls = [call for call in batch if not call.is_dropped]
            for call in calls:
                call.is_dropped = True
            self._ahead -= len(batch) - len(calls)
            self._batch = []
            return calls

    def _claim_unsent(self):
        """Returns the calls that the writer has not taken. They are not sent any more."""
        with self._changed:
            calls = [call for call in [*self._sending, *self._waiting] if not call.is_dropped]
            self._ahead -= len(self._sending)
            for call in calls:
                call.is_dropped = True
            self._sending, self._waiting = [], collections.deque()
            return calls

    def _has_all(self):
        return self._closing and not self._waiting and (not self._holders or self.broken)

    def _sendable(self):
        return self._waiting and (self._ahead < self._most_ahead or self.broken)

    def _take(self):
        """Returns the calls to send now, without those that were cancelled meanwhile."""
        batch, size = [], 0
        while self._sendable() and size < BATCH_BYTES:
            call = self._waiting.popleft()
            if not call.is_dropped:
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
        self._check_manager(managed(packer))
        manager = self._manager
        if manager is not None:
            head["sharedSet"] = manager._made()
        lane = Lane(self._client, self._client.open(head), set(self._known), manager)
        with self._changed:
            self._lanes.append(lane)
            self._thread(self._read, lane).start()
            is_late = self._is_terminated
        if is_late:  # the end came while the job was made, and did not see it
            lane.job.give_up()
        return lane

    def _finish(self, lane):
        if lane is not None and not self._is_terminated:
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
        failed = None if self._is_terminated else lane.failed()
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
        with self._changed:
            self._changed.notify_all()

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


def is_away(failed):
    """Returns whether a request failed because the service was not there, for all its repeats."""
    refused = isinstance(failed, ServiceError) and failed.status in AGAIN
    return refused or isinstance(failed, NotReachable)


def broken(reason, cause=None):
    """Returns the standard library's exception for a pool that cannot go on."""
    from concurrent.futures.process import BrokenProcessPool

    made = BrokenProcessPool(reason)
    made.__cause__ = cause.__cause__ if cause is not None else None
    return made


_finished, _terminated = weakref.WeakSet(), weakref.WeakSet()


def finish_at_exit(flow):
    """Has the calls end before the interpreter does, as an executor of the standard library."""
    _finished.add(flow)


def terminate_at_exit(pool):
    """Has a pool terminated before the interpreter ends, as a pool of the standard library."""
    _terminated.add(pool)


def _at_exit():
    flows, pools = list(_finished), list(_terminated)
    for pool in pools:
        pool.terminate()
    try:
        if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
            raise KeyboardInterrupt  # it has ended the program; at a prompt, it was an earlier one
        for flow in flows:
            flow.close()
        for flow in flows:
            flow.join()
    except KeyboardInterrupt:
        for flow in flows:
            flow.terminate("the program was interrupted")


threading._register_atexit(_at_exit)

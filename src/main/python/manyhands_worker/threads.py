"""Chunks in which several items run at a time."""

from _thread import allocate_lock, start_new_thread
from time import perf_counter as clock
from time import process_time

from .failures import end_for_a_bug
from .outcomes import EARLY_REPORT_SECONDS, REPORT_SECONDS
from .page import ATTENTION, CHUNK, FIRST_THREAD, ITEM, is_unwanted
from .printing import print_rest


class Item:
    """An item that a thread runs."""

    __slots__ = ("index", "told_to_stop", "stream", "printed")

    def __init__(self, index):
        self.index = index
        self.told_to_stop = False  # set by any thread that asks; read by the thread of the item
        self.stream = None
        self.printed = {}  # by stream: the beginning of a line


class ItemThreads:
    """The threads that run items when a job wants several at a time.

    A thread is started when a chunk first has an item for it, and never ends. Bare threads and
    locks are used, because user code may have replaced parts of `threading` and `queue`.
    """

    def __init__(self, page, channel):
        from contextvars import ContextVar

        self.current = ContextVar("manyhands_item", default=None)
        self.running = []  # by thread: its item, or None
        self.channel = channel
        self._page = page
        self._go = []  # by thread: a lock that is released when there is work for it
        self._chunk = None

    def run(self, chunk, threads):
        """Runs a chunk. Returns the index of the first item that was not run."""
        wanted = min(threads, len(chunk.items))
        if wanted == 0:
            return chunk.first
        taking_part = self._start(wanted)
        self._chunk = chunk
        chunk.working = taking_part
        for go in self._go[:taking_part]:
            go.release()
        index = chunk.report()
        self._chunk = None
        return index

    def _start(self, wanted):
        while len(self._go) < wanted:
            go = allocate_lock()
            go.acquire()
            self.running.append(None)
            try:
                start_new_thread(self._serve, (len(self._go), go))
            except RuntimeError:  # no more threads are available: fewer do the work, only later
                self.running.pop()
                if not self._go:
                    raise
                break
            self._go.append(go)
        return min(wanted, len(self._go))

    def _serve(self, thread, go):
        try:
            while True:
                go.acquire()
                self._chunk.work(self, thread, go)
        except BaseException:
            end_for_a_bug()

    def tell_to_stop(self):
        item = self.current.get()
        # A thread of user code may ask for any running item, so that all of them are notified.
        for asking in self.running if item is None else (item,):
            if asking is not None:
                asking.told_to_stop = True


class ThreadedChunk:
    """A chunk whose items begin in order and end in any order. Outcomes are sent without gaps.

    The threads run items, and the reporter (the main thread) sends frames. Both hold the lock for
    only a few lines at a time. A slow item holds back the outcomes after it. No item begins while
    the waiting outcomes would not fit into a frame, so that they cannot fill the memory.
    """

    def __init__(self, page, call, items, first, outcomes, most_bytes):
        self.items = items
        self.first = first
        self.working = 0  # threads that may still begin an item
        self._page = page
        self._call = call
        self._outcomes = outcomes
        self._most_bytes = most_bytes

        self._lock = allocate_lock()  # guards all fields below
        self._next = first  # the first item that has not begun
        self._end = first + len(items)  # no item begins from here on
        self._lowest = first  # the first item that is not finished
        self._cut = first + len(items)  # the first item that was cut short
        self._taken = first  # the first item whose outcome the reporter does not have
        self._bytes = [None] * len(items)  # of the outcomes; None: not finished
        self._waiting_bytes = 0  # of the outcomes that the reporter does not have
        self._parked = []  # the threads that wait until fewer outcomes wait
        self._run = self._write = 0.0
        self._reported = clock()
        self._reported_cpu = process_time()
        self._wake = allocate_lock()  # released to wake the reporter
        self._wake.acquire()
        self._is_woken = False

    # Methods of the threads:

    def work(self, threads, thread, go):
        """Runs items until none are left, or too many outcomes wait."""
        item = self._begin(threads, thread, go)
        while item is not None:
            index, size = item.index, 0
            threads.current.set(item)
            began = clock()
            try:
                value = self._call(self.items[index - self.first])
            except BaseException as raised:
                ran = clock()
                threads.channel.leave_if_forked()
                if not item.told_to_stop:
                    size = self._outcomes.fail(index, raised)
            else:
                ran = clock()
                threads.channel.leave_if_forked()
                if not item.told_to_stop:
                    size = self._outcomes.add(index, value)
                value = None
            threads.channel.leave_if_forked()  # encoding an outcome may run user code
            if item.printed:
                print_rest(item, self._page[CHUNK])
            threads.current.set(None)
            if self._outcomes.times is not None:
                self._outcomes.times[index] = (thread, began, ran)
            with self._lock:
                self._run += ran - began
                self._write += clock() - ran
                threads.running[thread] = None
                self._page[FIRST_THREAD + thread] = -1
                self._finish(item, size)
            item = self._begin(threads, thread, go)

    def _begin(self, threads, thread, go):
        """Returns the next item; None if this thread has no more work, or none for now."""
        page = self._page
        with self._lock:
            if self._next < self._end:
                if self._waiting_bytes > self._most_bytes:
                    self._parked.append(go)
                    return None
                page[FIRST_THREAD + thread] = self._next
                page[ITEM] = self._lowest
                if page[ATTENTION] and is_unwanted(page):
                    page[FIRST_THREAD + thread] = -1
                    self._name_lowest()
                    self._begin_no_more()
                else:
                    item = threads.running[thread] = Item(self._next)
                    self._next += 1
                    return item
            self.working -= 1
            if self.working == 0:
                self._wake_reporter()
            return None

    def _finish(self, item, size):
        self._bytes[item.index - self.first] = size
        self._waiting_bytes += size
        if item.told_to_stop:  # cut short, whatever it returned or raised
            self._cut = min(self._cut, item.index)
            self._begin_no_more()
        if item.index == self._lowest:
            while self._lowest < self._next and self._bytes[self._lowest - self.first] is not None:
                self._lowest += 1
            if self._waiting_bytes > self._most_bytes:
                self._wake_reporter()
        self._name_lowest()

    def _name_lowest(self):
        self._page[ITEM] = self._lowest if self._lowest < self._next else -1

    def _begin_no_more(self):
        self._end = self._next
        self._unpark()

    def _unpark(self):
        for go in self._parked:
            go.release()
        self._parked.clear()

    def _wake_reporter(self):
        if not self._is_woken:
            self._is_woken = True
            self._wake.release()

    # Methods of the reporter:

    def report(self):
        """Sends outcomes about once a second, but not the last, until no thread runs items.

        Returns the index of the first item that was not run.
        """
        while True:
            early = self._outcomes.matches is not None
            seconds = EARLY_REPORT_SECONDS if early else REPORT_SECONDS
            is_woken = self._wake.acquire(True, seconds)
            with self._lock:
                if is_woken:
                    self._is_woken = False
                is_through = self.working == 0
                upto = self._take()
            self._outcomes.take_upto(upto)
            if is_through:
                return upto
            if upto < self.first + len(self.items):
                self._outcomes.send(last=False)

    def _take(self):
        outcomes = self._outcomes
        upto = min(self._lowest, self._cut)
        self._waiting_bytes -= sum(self._bytes[self._taken - self.first : upto - self.first])
        self._taken = upto
        outcomes.run += self._work()
        outcomes.write += self._write
        self._run = self._write = 0.0
        self._unpark()
        return upto

    def _work(self):
        """Returns the seconds that the items ran, without the time they waited for each other.

        Only one thread computes at a time, so that the clocks of the others run too long. How long
        a thread waits to continue is not known. But no thread waits while the interpreter is free.
        Therefore time without computing counts by the share in which the interpreter was free.
        """
        now, cpu = clock(), process_time()
        passed, computing = now - self._reported, cpu - self._reported_cpu
        self._reported, self._reported_cpu = now, cpu
        if passed <= 0:
            return self._run
        computing = min(computing, self._run)
        free = max(0.0, 1 - computing / passed)
        return computing + (self._run - computing) * free

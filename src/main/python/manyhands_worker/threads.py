"""Jobs of which several items run at a time."""

from _thread import allocate_lock, start_new_thread
from time import perf_counter as clock
from time import process_time

from .failures import end_for_a_bug
from .outcomes import EARLY_REPORT_SECONDS, REPORT_SECONDS
from .page import ATTENTION, CHUNK, FIRST_THREAD, ITEM, is_unwanted
from .printing import flush_user_output, print_rest
from .processor import ReadyTime

FOR_EVER = -1


class Item:
    """An item that a thread runs."""

    __slots__ = ("index", "chunk", "told_to_stop", "stream", "printed")

    def __init__(self, index, chunk):
        self.index = index
        self.chunk = chunk  # the number of its chunk
        self.told_to_stop = False  # set by any thread that asks; read by the thread of the item
        self.stream = None
        self.printed = {}  # by stream: the beginning of a line


class ItemThreads:
    """The threads that run items, and the thread that reports their outcomes.

    When a chunk has no item left to begin, the items of the next chunk begin. The last items of a
    chunk therefore do not keep other threads waiting. Chunks are answered one after the other.

    A thread is started when there is first an item for it, and never ends. Bare threads and locks
    are used, because user code may have replaced parts of `threading` and `queue`.
    """

    def __init__(self, page, channel, most_bytes):
        from contextvars import ContextVar

        self.current = ContextVar("manyhands_item", default=None)
        self.running = []  # by thread: its item, or None
        self.channel = channel
        self._page = page
        self._most_bytes = most_bytes  # limit for _waiting_bytes; beyond it no item begins
        self._threads = 1  # how many take part in the job
        self._ready = ReadyTime()

        self._lock = allocate_lock()  # guards all fields below, and the fields of the chunks
        self._chunks = []  # the chunks that are not answered, in order
        self._go = []  # by thread: a lock that is released when there is work for it
        self._rests = []  # by thread: whether it waits for its lock in _go
        self._waiting_bytes = 0  # the bytes of the outcomes that the reporter does not have
        self._run = self._write = 0.0
        self._reported = clock()
        self._reported_cpu = process_time()
        self._wake = allocate_lock()  # released to wake the reporter
        self._wake.acquire()
        self._is_woken = False
        self._answered = None  # a lock that is released when no chunk is left; None: nobody waits
        start_new_thread(self._report, ())

    # Methods of the main thread:

    def begin_job(self, threads):
        self._threads = threads
        self._ready.begin_job()

    def add(self, chunk):
        """Takes a chunk. Its items run once the items of the chunks before it have begun."""
        self._start(min(self._threads, len(chunk.items)))
        with self._lock:
            self._chunks.append(chunk)
            if len(self._chunks) == 1:
                self._page[CHUNK] = chunk.number
                self._reported, self._reported_cpu = clock(), process_time()
            self._wake_threads()
            self._wake_reporter()

    def await_answers(self):
        """Waits until all chunks are answered."""
        with self._lock:
            if not self._chunks:
                return
            self._answered = allocate_lock()
            self._answered.acquire()
        self._answered.acquire()

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
            self._rests.append(False)
            self._go.append(go)
            go.release()

    # Methods of the threads:

    def _serve(self, thread, go):
        try:
            go.acquire()  # until this thread is known to the others
            while True:
                chunk, item = self._begin(thread)
                if item is None:
                    go.acquire()
                else:
                    self._run_item(thread, chunk, item)
        except BaseException:
            end_for_a_bug()

    def _begin(self, thread):
        """Begins the next item; returns its chunk and the Item. None, None if none may begin."""
        page = self._page
        with self._lock:
            takes_part = thread < self._threads and self._waiting_bytes <= self._most_bytes
            for chunk in self._chunks if takes_part else ():
                if chunk.next == chunk.end:
                    continue
                page[FIRST_THREAD + thread] = chunk.next
                page[ITEM] = self._lowest(chunk.next)
                if page[ATTENTION] and is_unwanted(page, chunk.number):
                    page[FIRST_THREAD + thread] = -1
                    page[ITEM] = self._lowest(-1)
                    chunk.begin_no_more()
                    self._wake_reporter()
                    continue
                item = self.running[thread] = Item(chunk.next, chunk.number)
                chunk.next += 1
                return chunk, item
            self._rests[thread] = True
            return None, None

    def _run_item(self, thread, chunk, item):
        index, size = item.index, 0
        outcomes = chunk.outcomes
        self.current.set(item)
        began = clock()
        try:
            value = chunk.call(chunk.items[index - chunk.first])
        except BaseException as raised:
            ran = clock()
            self.channel.leave_if_forked()
            if not item.told_to_stop:
                size = outcomes.fail(index, raised)
        else:
            ran = clock()
            self.channel.leave_if_forked()
            if not item.told_to_stop:
                size = outcomes.add(index, value)
            value = None
        self.channel.leave_if_forked()  # encoding an outcome may run user code
        if item.printed:
            print_rest(item)
        self.current.set(None)
        if outcomes.times is not None:
            outcomes.times[index] = (thread, began, ran)
        with self._lock:
            self._run += ran - began
            self._write += clock() - ran
            self._waiting_bytes += size
            self.running[thread] = None
            self._page[FIRST_THREAD + thread] = -1
            chunk.finish(item, size)
            self._page[ITEM] = self._lowest(-1)
            if chunk.is_through() or self._waiting_bytes > self._most_bytes:
                self._wake_reporter()

    def tell_to_stop(self):
        item = self.current.get()
        # A thread of user code may ask for any running item, so that all of them are notified.
        for asking in self.running if item is None else (item,):
            if asking is not None:
                asking.told_to_stop = True

    # Methods for any thread that holds the lock:

    def _lowest(self, otherwise):
        """Returns the lowest item that is begun and not finished; `otherwise` for none."""
        for chunk in self._chunks:
            if chunk.lowest < chunk.next:
                return chunk.lowest
        return otherwise

    def _wake_threads(self):
        """Wakes a thread for each item that may begin."""
        left = sum(chunk.end - chunk.next for chunk in self._chunks)
        for thread, rests in enumerate(self._rests[: self._threads]):
            if left <= 0 or self._waiting_bytes > self._most_bytes:
                return
            if rests:
                self._rests[thread] = False
                self._go[thread].release()
                left -= 1

    def _wake_reporter(self):
        if not self._is_woken:
            self._is_woken = True
            self._wake.release()

    # Methods of the reporter:

    def _report(self):
        try:
            while True:
                with self._lock:
                    chunk = self._chunks[0] if self._chunks else None
                if chunk is None:
                    self._await_news(FOR_EVER)
                else:
                    self._answer(chunk)
        except BaseException:
            end_for_a_bug()

    def _await_news(self, seconds):
        if self._wake.acquire(True, seconds):
            with self._lock:
                self._is_woken = False

    def _answer(self, chunk):
        """Sends the outcomes of a chunk whenever a report is due, and the rest at its end."""
        outcomes = chunk.outcomes
        outcomes.begin()
        early = outcomes.matches is not None
        while True:
            without_processor = self._ready.share(len(self._go))
            with self._lock:
                is_through = chunk.is_through()
                upto = self._take(chunk, without_processor)
                recalled = self._take_recalled()
            for later in recalled:
                self._return(later, later.first)
            outcomes.take_upto(upto)
            if is_through:
                break
            outcomes.send(last=False)
            self._await_news(EARLY_REPORT_SECONDS if early else REPORT_SECONDS)
        flush_user_output()
        if upto == chunk.first + len(chunk.items):
            outcomes.send(last=True)
        else:
            outcomes.send(last=False)
            self._return(chunk, upto)
        with self._lock:
            self._waiting_bytes -= chunk.dropped()
            self._chunks.pop(0)
            self._wake_threads()
            self._page[CHUNK] = self._chunks[0].number if self._chunks else 0
            if not self._chunks and self._answered is not None:
                self._answered.release()
                self._answered = None

    def _return(self, chunk, first):
        self.channel.send('{"op":"returned","chunk":%d,"first":%d}' % (chunk.number, first))

    def _take_recalled(self):
        """Takes later chunks of which no item will begin: they need not wait for their turn."""
        recalled = [c for c in self._chunks[1:] if c.first == c.end and c.items]
        self._chunks = [chunk for chunk in self._chunks if chunk not in recalled]
        return recalled

    def _take(self, chunk, without_processor):
        outcomes = chunk.outcomes
        self._waiting_bytes -= chunk.take()
        outcomes.run += self._work(without_processor)
        outcomes.write += self._write
        self._run = self._write = 0.0
        self._wake_threads()
        return chunk.taken

    def _work(self, without_processor):
        """Returns the seconds that the items ran, without the time they waited for each other.

        Only one thread computes at a time, so that the clocks of the others run too long. How long
        a thread waits to continue is not known. But no thread waits while the interpreter is free.
        Therefore time without computing counts by the share in which the interpreter was free. It
        was not free while the thread that has it was ready and waited for a processor.
        """
        now, cpu = clock(), process_time()
        passed, computing = now - self._reported, cpu - self._reported_cpu
        self._reported, self._reported_cpu = now, cpu
        if passed <= 0:
            return self._run
        computing = min(computing, self._run)
        free = max(0.0, 1 - computing / passed - without_processor)
        return computing + (self._run - computing) * free


class ThreadedChunk:
    """A chunk whose items begin in order and end in any order. Outcomes are sent without gaps.

    A slow item holds back the outcomes after it. No item begins while the waiting outcomes would
    not fit into a frame, so that they cannot fill the memory.
    """

    def __init__(self, number, first, items, call, outcomes):
        self.number = number
        self.first = first
        self.items = items
        self.call = call
        self.outcomes = outcomes
        self.next = first  # the first item that has not begun
        self.end = first + len(items)  # no item begins from here on
        self.lowest = first  # the first item that is not finished
        self.taken = first  # the first item whose outcome the reporter does not have
        self._cut = first + len(items)  # the first item that was cut short; the end if none was
        self._bytes = [None] * len(items)  # by item: the bytes of its outcome; None: not finished

    def finish(self, item, size):
        self._bytes[item.index - self.first] = size
        if item.told_to_stop:  # cut short, whatever it returned or raised
            self._cut = min(self._cut, item.index)
            self.begin_no_more()
        while self.lowest < self.next and self._bytes[self.lowest - self.first] is not None:
            self.lowest += 1

    def begin_no_more(self):
        self.end = self.next

    def is_through(self):
        """Returns whether no item runs, and none will begin."""
        return self.lowest == self.end

    def take(self):
        """Takes the outcomes without a gap before them; returns their bytes."""
        upto = min(self.lowest, self._cut)
        taken = sum(self._bytes[self.taken - self.first : upto - self.first])
        self.taken = upto
        return taken

    def dropped(self):
        """Returns the number of bytes of the outcomes that the reporter never takes.

        They follow an item that was cut short.
        """
        return sum(size or 0 for size in self._bytes[self.taken - self.first :])

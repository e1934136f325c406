"""The loop over frames, and over the items of a chunk one at a time."""

import os
import sys
from gc import freeze
from itertools import islice
from time import perf_counter as clock

from .calls import caller
from .children import make_importable, put_modules
from .envelopes import Envelopes
from .failures import describe
from .json_text import decode, encode
from .limits import MIB, Limits
from .loading import MODULE, code_of, initialize, load, load_bundle, load_pickle
from .memory import PeakMemory
from .outcomes import EARLY_REPORT_SECONDS, REPORT_SECONDS, Outcomes, ThreadedOutcomes
from .page import ATTENTION, CHUNK, FIRST_THREAD, ITEM, MAX_THREADS, is_unwanted
from .printing import flush_user_output
from .processor import ProcessorTime
from .reductions import QUANTIFIERS, REDUCTIONS, matcher
from .seeds import Streams
from .self_seeding import first_seeding_call
from .shared import SharedObjects
from .shared_calls import Calls
from .shared_page import SharedPage
from .threads import ItemThreads, ThreadedChunk
from .undecodable import decode_each, refusing_undecodable

# Results of these types cannot change after they were returned, so that a chunk of them is encoded
# at once. All others are encoded when they are returned. Otherwise a list that the function keeps
# and extends would have different results in different chunks.
UNCHANGING = frozenset((int, float, str, bool, type(None)))


class Worker:
    """Answers frames until there are no more."""

    def __init__(self, channel, page, user, control, shared):
        self._channel = channel
        self._receive = channel.receive  # of the Calls from the first job with shared objects on
        self._calls = None  # the Calls, from then on
        self._shared = shared  # the path of the page of shared values; None without one
        self._described = None  # the shared objects of the job, as its frame has them
        self._shared_page = None  # the SharedPage, once a job has values or locks
        self._control = control  # the path of the control page; None without one
        self._page = page
        self._user = user
        self._memory = PeakMemory()
        self._processor = ProcessorTime()
        self._function = None
        self._entry = None  # the name under which the function was loaded
        self._call = None
        self._limits = None
        self._threads = 1  # how many items of the job run at a time
        self._reduction = None  # an entry of REDUCTIONS; None if all results are kept
        self._envelopes = None  # the Envelopes; None until the first job with Python values
        self._opens = False  # whether items of the job are in envelopes
        self._closes = False  # whether its results are put into envelopes
        self._asks_truth = False  # whether the reduction asks results in envelopes for their truth
        self._is_apart = False  # whether a failed item has a frame of its own
        self._non_finite = None  # what stands for NaN and infinities; None: results with them fail
        self._matches = None  # tests whether a result may end the job; None if no result may
        self._is_timed = False  # whether the service asked when each item ran
        self._item_threads = None  # created for the first job with several threads
        self._items = []  # the items of the running chunk, if they run one at a time
        self._modules = {}  # texts of modules that came with the function, by path
        self._seeding = []  # a call by which the code seeds itself, until a frame has reported it
        self._seeding_calls = {}  # such calls, or None, by whether items run in threads
        os.register_at_fork(after_in_child=self._run_no_more)

    def _run_no_more(self):
        """Ends the loop in a process that user code forked: it finds no next item, and leaves.

        The control page is not changed, so that the code in the fork can still see a stop.
        """
        self._items.clear()

    def serve(self):
        self._page[CHUNK] = 0
        self._page[ITEM] = -1
        for word in range(FIRST_THREAD, FIRST_THREAD + MAX_THREADS):
            self._page[word] = -1
        version = "python %d.%d.%d" % sys.version_info[:3]
        self._channel.send(encode({"op": "ready", "protocol": 1, "runtime": version}))
        while True:
            header, body = self._receive()
            op = header.get("op")
            if op == "load":
                self._load(header)
            elif self._function is None:
                continue  # the function was not loaded: the job has failed without answers
            elif op == "job":
                self._begin_job(header, body)
            elif op == "chunk":
                self._run_chunk(header, body)

    def _load(self, header):
        self._limits = Limits(
            header.get("maxResultBytes", 16 * MIB), header.get("maxFrameBytes", 64 * MIB)
        )
        self._entry = header.get("entry", "")
        self._modules = header.get("modules") or {}
        loaded = False
        try:
            if "path" in header:
                make_importable(self._control)
                self._function = load_bundle(header["path"], self._entry)
            elif "pickle" in header:
                make_importable(self._control)
                put_modules(self._control, self._modules)
                self._function = load_pickle(header["pickle"])
            else:
                code = header.get("code", "")
                file = make_importable(self._control, MODULE, code)
                put_modules(self._control, self._modules)
                self._function = load(code, self._entry, file)
            loaded = True
            if "initializer" in header:
                initialize(header["initializer"], self._entry)
        except BaseException as raised:
            self._channel.leave_if_forked()
            self._function = None
            failure = describe(raised)
            flush_user_output()
            self._channel.send(encode({"op": "failed", "initializer": loaded, **failure}))
            return
        self._channel.leave_if_forked()
        freeze()  # loaded objects stay: the collector need not examine them again
        self._call = self._function
        self._channel.send('{"op":"loaded"}')

    def _begin_job(self, header, body):
        if self._item_threads is not None:
            self._item_threads.await_answers()
        if self._user.streams is not None:
            self._user.streams.end()
        self._memory.begin_job()
        self._processor.begin_job()
        self._reduction = REDUCTIONS.get(header.get("reduce"))
        self._is_apart = header.get("apart") is True
        self._non_finite = header.get("nonFinite")
        seed = header.get("seed")
        streams = None if seed is None else Streams(seed, self._page)
        call = None if seed is None else self._seeding_call(header.get("threads", 1) != 1)
        self._seeding = [call] if call else []
        self._user.streams = streams
        self._user.trace = header.get("traceparent")
        self._user.job = header.get("job")
        self._user.threads = None
        self._is_timed = header.get("times") is True
        self._threads = header.get("threads", 1)
        if self._threads != 1:
            if not 1 < self._threads <= MAX_THREADS:
                self._refuse_threads()
                return
            if self._item_threads is None:
                most_bytes = self._limits.frame_bytes
                self._item_threads = ItemThreads(self._page, self._channel, most_bytes)
            self._item_threads.begin_job(self._threads)
            self._user.threads = self._item_threads
            streams = None  # the process has one set of generators for many items
        elif streams is not None:
            streams.watch_imports()
        self._opens = header.get("values") == "python"
        # A reduction of numbers has the JSON forms of Python values, such as those of numpy.
        takes_any = self._reduction is None or self._reduction[0] is None
        self._closes = self._opens and takes_any
        self._asks_truth = self._closes and header.get("reduce") in QUANTIFIERS
        common = decode(body) if body else {}
        opened = None
        try:
            if self._opens:
                if self._envelopes is None:
                    self._envelopes = Envelopes()
                opened = self._envelopes.opened
            self._share(header)
            if self._opens:
                common = {name: opened(value) for name, value in common.items()}
            self._matches = matcher(header, opened)
        except BaseException as raised:
            self._channel.leave_if_forked()
            self._refuse_job(describe(raised))
            return
        self._channel.leave_if_forked()
        call = header.get("call")
        self._call = caller(self._function, call, common, streams, self._page, opened)
        objects = self._user.objects
        if objects is not None and objects.page is not None:
            self._call = objects.page.releasing(self._call)

    def _share(self, header):
        """Makes the shared objects of the job, if it has any."""
        described = header.get("shared")
        if described is not None and described == self._described:
            return  # the job goes on: two locks for one word would not exclude each other
        self._user.objects, self._described = None, described
        if described is None:
            return
        if self._calls is None:
            self._calls = Calls(self._channel, self._limits.frame_bytes)
            self._receive = self._calls.receive
        envelopes = self._envelopes if self._opens else None
        self._user.objects = SharedObjects(
            described,
            self._user.awaited,
            self._page_of_shared,
            self._calls,
            self._user,
            envelopes,
            self._non_finite,
        )

    def _page_of_shared(self):
        if self._shared_page is None:
            self._shared_page = SharedPage(self._shared)
        return self._shared_page

    def _seeding_call(self, threaded):
        """Returns a call in the code that the seed does not decide; the code is read only once."""
        if threaded not in self._seeding_calls:
            code = code_of(self._entry)
            self._seeding_calls[threaded] = first_seeding_call(code, self._modules, threaded)
        return self._seeding_calls[threaded]

    def _refuse_threads(self):
        message = "threads is %d, and a worker runs 1 to %d items at a time; ask for fewer"
        message %= self._threads, MAX_THREADS
        self._refuse_job({"type": "ValueError", "message": message})

    def _refuse_job(self, failure):
        self._function = None
        flush_user_output()
        self._channel.send(encode({"op": "failed", **failure}))

    def _run_chunk(self, header, body):
        page = self._page
        number, first = header["chunk"], header["first"]
        made = Outcomes if self._threads == 1 else ThreadedOutcomes
        outcomes = made(
            self._channel, self._limits, number, first, self._memory, self._processor
        )
        outcomes.reduction, outcomes.matches = self._reduction, self._matches
        outcomes.non_finite = self._non_finite
        outcomes.is_apart = self._is_apart
        if self._opens:
            outcomes.error_data = self._envelopes.error_data
        if self._closes:
            outcomes.envelopes = self._envelopes
            outcomes.asks_truth = self._asks_truth
        outcomes.seeding = self._seeding
        outcomes.times = {} if self._is_timed else None
        outcomes.body_bytes = len(body)
        if self._threads == 1:
            page[CHUNK] = number
            self._user.told_to_stop = -1
            outcomes.begin()

        began = clock()
        call = self._call
        try:
            items = decode(body)
        except Exception:
            items = decode_each(body)
            call = refusing_undecodable(call)
        outcomes.read = clock() - began

        if self._threads != 1:
            self._item_threads.add(ThreadedChunk(number, first, items, call, outcomes))
            return
        self._items = items
        index = self._run_in_turn(call, items, first, outcomes)
        self._items = []
        flush_user_output()
        if index == first + len(items):
            outcomes.send(last=True)
        else:
            outcomes.send(last=False)
            self._channel.send('{"op":"returned","chunk":%d,"first":%d}' % (number, index))
        page[CHUNK] = 0

    def _run_in_turn(self, call, items, first, outcomes):
        """Runs one item at a time. Returns the index of the first item that was not run."""
        page = self._page
        index, end = first, first + len(items)
        left = iter(items)
        reported = clock()
        stride = 1
        run_items = self._run_items if self._matches is None else self._run_until_match
        if outcomes.times is not None:
            run_items = self._run_timed
        report_seconds = REPORT_SECONDS if self._matches is None else EARLY_REPORT_SECONDS
        while True:
            # The clock is read once a stride. The stride grows while items are very fast.
            upto = min(index + stride, end)
            writing = outcomes.write
            began = clock()
            index = run_items(call, islice(left, upto - index), index, outcomes)
            self._channel.leave_if_forked()
            now = clock()
            outcomes.run += now - began - (outcomes.write - writing)
            page[ITEM] = -1
            cut = self._user.told_to_stop
            if cut >= 0:
                outcomes.drop_from(cut)
                index = cut
            if cut >= 0 or index == end:
                return index
            if index < upto and not outcomes.has_match:
                return index
            stride = min(2 * stride, 64) if now - began < 0.001 else max(1, stride // 4)
            late = now - reported >= report_seconds or outcomes.has_match
            if late or outcomes.size > self._limits.frame_bytes:
                outcomes.send(last=False)
                reported = now

    def _run_items(self, call, items, index, outcomes):
        """Runs items; the hot loop. Returns the index of the first item that has not begun."""
        page = self._page
        keep, add, fail = outcomes.values.append, outcomes.add, outcomes.fail
        unchanging = UNCHANGING
        for item in items:
            page[ITEM] = index
            if page[ATTENTION] and is_unwanted(page, page[CHUNK]):
                return index
            try:
                value = call(item)
            except BaseException as raised:
                fail(index, raised)
            else:
                if type(value) in unchanging:
                    keep(value)
                else:
                    add(index, value)
            index += 1
        return index

    def _run_timed(self, call, items, index, outcomes):
        """Runs items and notes when each of them ran."""
        run_items = self._run_items if self._matches is None else self._run_until_match
        for item in items:
            before, began = index, clock()
            index = run_items(call, (item,), index, outcomes)
            outcomes.times[before] = (0, began, clock())
            if index == before or outcomes.has_match or self._user.told_to_stop >= 0:
                break
        return index

    def _run_until_match(self, call, items, index, outcomes):
        """Runs items up to a result that may end the job, because it must be reported at once."""
        for item in items:
            before = index
            index = self._run_items(call, (item,), index, outcomes)
            if index == before or self._user.told_to_stop >= 0:
                break
            if outcomes.last_matches(before):
                outcomes.has_match = True
                break
        return index

"""Runs a Python function in a worker process: the Python side of docs/worker-protocol.md.

Started by the service as `python3 -s manyhands_worker.py`. Needs Python 3.9 and the standard
library. Reads top to bottom: what user code may call and what it prints, the job and its random
streams, the loop over a chunk, the same with several threads, what is made of its outcomes, loading
the function, frames, start.

Nothing here trusts user code to be tidy. It runs in this process and may print, close descriptors,
replace modules and builtins, leave threads behind or return what cannot be written down.
"""

import builtins

# Functions resolve builtins here: whatever user code does to the real ones does not reach us.
__builtins__ = dict(vars(builtins))

import os
import sys

# What lies beside this file is not for user code to import. (With -I there would be nothing to remove.)
if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
    del sys.path[0]

from _thread import allocate_lock, start_new_thread
from fcntl import F_DUPFD_CLOEXEC, fcntl
from gc import freeze
from io import BufferedWriter, FileIO, TextIOWrapper
from itertools import islice
from json import JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring
from mmap import mmap
from time import perf_counter as clock
from time import process_time

MODULE = "__manyhands_function__"
SOURCE_NAME = "<function>"

# The words of the control page.
PAGE_BYTES = 4096
ATTENTION, STOP, RECALL = 1, 2, 3
CHUNK, ITEM = 8, 9
FIRST_THREAD = 16  # and one word for each thread
MAX_THREADS = PAGE_BYTES // 8 - FIRST_THREAD

REPORT_SECONDS = 1.0
EARLY_REPORT_SECONDS = 0.1  # while a result may end the job
TEXT_BYTES = 16 * 1024
HEADER_BYTES = 512  # more than any header without its errors
MIB = 1024 * 1024

# Results of these types cannot change after they were returned, so a chunk of them is encoded at
# once. All others are encoded when they are returned: a list that the function keeps and extends
# must not give other results in other chunks.
UNCHANGING = frozenset((int, float, str, bool, type(None)))


# ---- JSON --------------------------------------------------------------------------------------

scan = JSONDecoder().scan_once


def decode(text):
    """What json.loads() does, without the parts of it that user code could replace."""
    text = text.strip()
    try:
        value, end = scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError("a text that is not JSON")
    return value


def refuse(value):
    raise TypeError("%s is not JSON serializable" % type(value).__name__)


def encode(value):
    """Compact JSON, by the encoder in C that json.dumps() uses: a few times faster on its own."""
    encoder = c_make_encoder({}, refuse, encode_basestring, None, ":", ",", False, False, False)
    return "".join(encoder(value, 0))


try:
    assert encode({"a": [1, None, "é"]}) == '{"a":[1,null,"é"]}'
except Exception:  # an interpreter that does not have it, or has another one
    encode = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


# ---- what user code may call: the module `manyhands` -------------------------------------------

USER_MODULE_DOC = """What a function can ask about the item it runs for.

When the job has a seed, `rng()` is the item's own stream of random numbers, and the generators of
`random` and `numpy.random` are seeded for each item. With `threads` above 1 those two are shared by
items that run at once and nobody seeds them: there a function whose results are to be the same in
every run must use `rng()`.

A thread that the function starts itself runs no item: with `threads` above 1, ask before it starts
and hand over what it needs. Coroutines and asyncio.to_thread() know their item.
"""


class UserModule:
    """Makes the module `manyhands`; remembers which item was told to stop."""

    def __init__(self, page):
        self.told_to_stop = -1
        self.streams = None  # of the job; None when it has no seed
        self.threads = None  # the ItemThreads; None while the job runs one item at a time
        self.trace = None  # where the job stands in a distributed trace; None for nowhere
        self._page = page
        self._unseeded = None
        module = type(sys)("manyhands", USER_MODULE_DOC)
        for name in ("stopped", "item_index", "rng", "traceparent"):
            setattr(module, name, getattr(self, name))
        sys.modules["manyhands"] = module

    def stopped(self):
        """Whether the result is no longer wanted; cheap enough for an inner loop."""
        page = self._page
        if page[ATTENTION] == 0 or not 0 < page[CHUNK] <= page[STOP]:
            return False
        if self.threads is not None:
            self.threads.tell_to_stop()
        elif self.told_to_stop < 0:
            self.told_to_stop = page[ITEM]
        return True

    def item_index(self):
        """The index in the job of the item that is being run; -1 where that cannot be told."""
        if self.threads is None:
            return self._page[ITEM]
        item = self.threads.current.get()
        return -1 if item is None else item.index

    def traceparent(self):
        """The W3C traceparent for what the function calls or traces; None outside of any trace."""
        return self.trace

    def running(self):
        """Whose is what is printed now: chunk, item (-1: nobody's), its Item if it has a thread."""
        if self.threads is None:
            return self._page[CHUNK], self._page[ITEM], None
        item = self.threads.current.get()
        return self._page[CHUNK], -1 if item is None else item.index, item

    def rng(self):
        """A random.Random: the item's own stream when the job has a seed."""
        from random import Random

        if self.threads is not None:
            return self._rng_of_thread(Random)
        if self.streams is None:
            if self._unseeded is None:
                self._unseeded = Random()
            return self._unseeded
        return self.streams.of_item(Random)

    def _rng_of_thread(self, generator):
        item = self.threads.current.get()
        if item is None:
            if self.streams is not None:
                raise RuntimeError(
                    "this thread runs no item, so that its random numbers would not be the same in"
                    " the next run; call manyhands.rng() in the function and hand the result over"
                )
            return generator()
        if item.stream is None:
            streams = self.streams
            item.stream = generator(*() if streams is None else (streams.number(item.index, 1),))
        return item.stream


class Streams:
    """Seeds the random generators for each item from (seed of the job, index of the item)."""

    def __init__(self, seed, page):
        import random

        self._seed = seed
        self._page = page
        self._seed_random = random.seed
        self._of_item = None  # what rng() gives the item that runs, once it has asked

    def watch_imports(self):
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def number(self, index, use):
        """A different natural number for every (seed, index, use); random.seed() ignores signs."""
        natural = 2 * self._seed if self._seed >= 0 else -2 * self._seed - 1
        return (natural << 65) | (index << 1) | use

    def of_item(self, generator):
        if self._of_item is None:
            self._of_item = generator(self.number(self._page[ITEM], 1))
        return self._of_item

    def begin(self, index):
        # Also where the item before had the same index: it may be tried again, here.
        self._of_item = None
        self._seed_random(self.number(index, 0))
        if "numpy" in sys.modules:
            self._seed_numpy(index)

    def _seed_numpy(self, index):
        try:
            from numpy.random import seed
        except ImportError:  # something else of that name
            return
        number = self.number(index, 0)
        words = []
        while number:
            words.append(number & 0xFFFFFFFF)
            number >>= 32
        seed(words or [0])

    def find_spec(self, name, path=None, target=None):
        """An import hook: numpy may be imported first in the middle of an item."""
        if name != "numpy.random" or self._page[ITEM] < 0:
            return None
        self.close()
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None:
            return None
        run_module = spec.loader.exec_module

        def run_and_seed(module):
            run_module(module)
            self._seed_numpy(self._page[ITEM])

        spec.loader.exec_module = run_and_seed
        return spec

    def close(self):
        if self in sys.meta_path:
            sys.meta_path.remove(self)


# ---- what user code prints ---------------------------------------------------------------------

MARK = b"\x1e"
MOST_PRINTED_BYTES = 4096 - 64  # with two markers no more than a pipe takes in one piece


class MarkedOutput(FileIO):
    """A descriptor to which all is written between markers, the first of which says whose it is.

    There is no memory of who printed last: a forked process may print to the same pipe.
    """

    def __init__(self, fd, user):
        super().__init__(fd, "w", closefd=False)
        self.whose = None  # while text is written out that was printed before: its (chunk, item)
        self._user = user

    def write(self, data):
        chunk, item = self.whose or self._user.running()[:2]
        return self.write_for(chunk, item, data)

    def write_for(self, chunk, item, data, write=os.write):
        """Writes one piece of the data, and returns how much that is."""
        piece = bytes(memoryview(data)[:MOST_PRINTED_BYTES])
        if chunk == 0:  # the function is being loaded, or a thread of its own goes on
            return write(self.fileno(), piece)
        write(self.fileno(), b"%b%d %d\n%b%b\n" % (MARK, chunk, item, piece, MARK))
        return len(piece)


class Printed(TextIOWrapper):
    """sys.stdout and sys.stderr. Costs when something is printed, and nothing else.

    With several items at a time a line is kept with its item until it ends: lines stay whole.
    """

    def __init__(self, fd, user):
        self._output = MarkedOutput(fd, user)
        self._user = user
        self._whose = None  # of the text that is not written out yet
        self._lock = allocate_lock()  # guards the lines that items keep
        os.register_at_fork(after_in_child=self._renew_lock)
        buffer = BufferedWriter(self._output)
        super().__init__(buffer, "utf-8", "backslashreplace", line_buffering=True)

    def _renew_lock(self):
        self._lock = allocate_lock()

    def write(self, text):
        chunk, index, item = self._user.running()
        if item is not None and type(text) is str:
            self._write_for(item, chunk, text)
            return len(text)
        if self._whose != (chunk, index):
            self.flush()
            self._whose = chunk, index
        return super().write(text)

    def flush(self):
        self._output.whose = self._whose
        try:
            super().flush()
        finally:
            self._output.whose = None

    def _write_for(self, item, chunk, text):
        with self._lock:
            text = item.printed.pop(self, "") + text
            whole, newline, rest = text.rpartition("\n")
            if len(rest) > TEXT_BYTES:
                whole, newline, rest = text, "", ""
            if rest:
                item.printed[self] = rest
        if newline or whole:
            self.write_out(item, chunk, whole + newline)

    def write_out(self, item, chunk, text):
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        while len(data):
            data = data[self._output.write_for(chunk, item.index, data) :]


def print_rest(item, chunk):
    """The last line of an item that printed no line feed behind it."""
    for stream, text in item.printed.items():
        try:
            stream.write_out(item, chunk, text)
        except BaseException:
            pass  # closed by user code: its own output is all that is lost


# ---- the job: how an item becomes a call -------------------------------------------------------


def caller(function, call, common, streams, page):
    """A function of one argument, the item. Made once a job, so that the loop decides nothing."""
    if call == "starmap":

        def run(item):
            if type(item) is list:
                return function(*item, **common)
            if type(item) is dict:
                return function(**{**common, **item})
            raise TypeError(
                "starmap spreads an array or an object over the parameters, and this item is %s;"
                ' use "call": "map", or put the item in an array' % json_name(item)
            )

    elif common:

        def run(item):
            return function(item, **common)

    else:
        run = function
    if streams is None:
        return run

    def run_seeded(item):
        streams.begin(page[ITEM])
        return run(item)

    return run_seeded


def json_name(item):
    if item is None:
        return "null"
    return {bool: "a boolean", str: "a string"}.get(type(item), "a number")


# ---- results that are combined, or end the job --------------------------------------------------


class NotCombinable(Exception):
    pass


def number_of(value):
    """A result as a number; a boolean counts as 1 or 0."""
    kind = type(value)
    if kind is int or kind is float:
        return value
    if kind is bool:
        return int(value)
    name = {type(None): "null", str: "a string", list: "an array", dict: "an object"}[kind]
    raise NotCombinable("this reduction takes numbers, and the result is " + name)


MOST_DIGITS = 1_000_000  # of an integer that is added: more would take the service minutes
BITS_OF_MOST_DIGITS = 3_321_928  # an integer of so many bits has no more digits


def summand_of(value):
    """A result as a number that can be added."""
    number = number_of(value)
    if type(number) is int and number.bit_length() > BITS_OF_MOST_DIGITS:
        if abs(number) >= 10**MOST_DIGITS:
            raise NotCombinable("this reduction takes integers of at most %d digits" % MOST_DIGITS)
    return number


def partial_sum(items):
    """The sum of the integers, and floats whose exact sum is that of the floats."""
    from math import fsum

    integers, floats = 0, []
    for _, value in items:
        if type(value) is float:
            floats.append(value)
        else:
            integers += value
    parts = []
    while floats:
        try:
            part = fsum(floats + [-part for part in parts])
        except OverflowError:  # beyond the floats, though maybe only on the way
            return [integers, *floats]
        if part == 0 and parts:
            break
        parts.append(part)
    return [integers, *parts]


def partial_extreme(better):
    def partial(items):
        best_index, best = items[0]
        for index, value in items:
            if better(value, best):
                best_index, best = index, value
        return [best_index, best]

    return partial


def partial_quantifier(decides, keeps):
    def partial(items):
        for index, value in items:
            if decides(value):
                return [index, value] if keeps else [index]
        return []

    return partial


def truthy(value):
    return bool(value)


def falsy(value):
    return not value


# By name: what makes a number of a result (None: any result will do), and a partial of results.
REDUCTIONS = {
    "sum": (summand_of, partial_sum),
    "mean": (summand_of, partial_sum),
    "min": (number_of, partial_extreme(lambda a, b: a < b)),
    "max": (number_of, partial_extreme(lambda a, b: a > b)),
    "count": (None, lambda items: []),
    "any": (None, partial_quantifier(truthy, False)),
    "all": (None, partial_quantifier(falsy, False)),
    "find": (None, partial_quantifier(truthy, True)),
}


def same_json(a, b):
    """Whether two values are the same JSON: numbers by value, and true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same_json, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    return a == b


def matcher(header):
    """Which results count towards the early end of the job; None for none."""
    match = header.get("match")
    if match == "equals":
        wanted = header.get("equals")
        return lambda value: same_json(value, wanted)
    return {"truthy": truthy, "falsy": falsy}.get(match)


# ---- a chunk -----------------------------------------------------------------------------------


class Worker:
    """Answers frames until there are no more."""

    def __init__(self, channel, page, user):
        self._channel = channel
        self._page = page
        self._user = user
        self._memory = PeakMemory()
        self._function = None
        self._call = None
        self._limits = None
        self._threads = 1  # how many items of the job run at a time
        self._reduction = None  # of REDUCTIONS; None if all results are kept
        self._matches = None  # which results count towards the early end of the job; None for none
        self._item_threads = None  # there once a job wanted more than one
        self._items = []  # of the chunk that is run, if its items are run in turn
        os.register_at_fork(after_in_child=self._run_no_more)

    def _run_no_more(self):
        """In a process that user code forked: the loop finds no next item, and then leaves.

        The control page stays as it is, so that what the process was forked for can see a stop.
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
            header, body = self._channel.receive()
            op = header.get("op")
            if op == "load":
                self._load(header)
            elif self._function is None:
                continue  # it did not load: the job has failed and nothing can be answered
            elif op == "job":
                self._begin_job(header, body)
            elif op == "chunk":
                self._run_chunk(header, body)

    def _load(self, header):
        self._limits = Limits(
            header.get("maxResultBytes", 16 * MIB), header.get("maxFrameBytes", 64 * MIB)
        )
        try:
            if "path" in header:
                self._function = load_bundle(header["path"], header.get("entry", ""))
            else:
                self._function = load(header.get("code", ""), header.get("entry", ""))
        except BaseException as raised:
            self._channel.leave_if_forked()
            failure = describe(raised)
            flush_user_output()
            self._channel.send(encode({"op": "failed", **failure}))
            return
        self._channel.leave_if_forked()
        freeze()  # what is loaded stays: the collector need not look at it again
        self._call = self._function
        self._channel.send('{"op":"loaded"}')

    def _begin_job(self, header, body):
        if self._user.streams is not None:
            self._user.streams.close()
        self._memory.begin_job()
        self._reduction = REDUCTIONS.get(header.get("reduce"))
        self._matches = matcher(header)
        seed = header.get("seed")
        streams = None if seed is None else Streams(seed, self._page)
        self._user.streams = streams
        self._user.trace = header.get("traceparent")
        self._user.threads = None
        self._threads = header.get("threads", 1)
        if self._threads != 1:
            if not 1 < self._threads <= MAX_THREADS:
                self._refuse_threads()
                return
            if self._item_threads is None:
                self._item_threads = ItemThreads(self._page, self._channel)
            self._user.threads = self._item_threads
            streams = None  # the generators of the process cannot be seeded for one of many items
        elif streams is not None:
            streams.watch_imports()
        common = decode(body) if body else {}
        self._call = caller(self._function, header.get("call"), common, streams, self._page)

    def _refuse_threads(self):
        self._function = None
        message = "threads is %d, and a worker runs 1 to %d items at a time; ask for fewer"
        message %= self._threads, MAX_THREADS
        self._channel.send(encode({"op": "failed", "type": "ValueError", "message": message}))

    def _run_chunk(self, header, body):
        page = self._page
        number, first = header["chunk"], header["first"]
        made = Outcomes if self._threads == 1 else ThreadedOutcomes
        outcomes = made(self._channel, self._limits, number, first, self._memory)
        outcomes.reduction, outcomes.matches = self._reduction, self._matches
        page[CHUNK] = number
        self._user.told_to_stop = -1
        self._memory.begin_chunk()

        began = clock()
        call = self._call
        try:
            items = decode(body)
        except Exception:
            items = decode_each(body)
            call = refusing_undecodable(call)
        outcomes.read = clock() - began

        if self._threads == 1:
            self._items = items
            index = self._run_in_turn(call, items, first, outcomes)
            self._items = []
        else:
            chunk = ThreadedChunk(page, call, items, first, outcomes, self._limits.frame_bytes)
            index = self._item_threads.run(chunk, self._threads)
            page[ITEM] = -1
        flush_user_output()
        if index == first + len(items):
            outcomes.send(last=True)
        else:
            outcomes.send(last=False)
            self._channel.send('{"op":"returned","chunk":%d,"first":%d}' % (number, index))
        page[CHUNK] = 0

    def _run_in_turn(self, call, items, first, outcomes):
        """One item at a time. Returns the index of the first item that was not run."""
        page = self._page
        index, end = first, first + len(items)
        left = iter(items)
        reported = clock()
        stride = 1
        run_items = self._run_items if self._matches is None else self._run_until_match
        report_seconds = REPORT_SECONDS if self._matches is None else EARLY_REPORT_SECONDS
        while True:
            # The clock is read once a stride, which grows while items are much faster than that.
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
        """The hot loop. Returns the index of the first item that was not begun."""
        page = self._page
        keep, add, fail = outcomes.values.append, outcomes.add, outcomes.fail
        unchanging = UNCHANGING
        for item in items:
            page[ITEM] = index
            if page[ATTENTION] and is_unwanted(page):
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

    def _run_until_match(self, call, items, index, outcomes):
        """The same, but no further than a result that may end the job: that is reported at once."""
        for item in items:
            before = index
            index = self._run_items(call, (item,), index, outcomes)
            if index == before or self._user.told_to_stop >= 0:
                break
            if outcomes.last_matches(before):
                outcomes.has_match = True
                break
        return index


def is_unwanted(page):
    """Whether the service wants the rest of the chunk back."""
    chunk = page[CHUNK]
    return chunk <= page[STOP] or 0 < page[RECALL] <= chunk


def decode_each(body):
    """The items of a chunk that cannot be decoded together, so that the bad ones fail alone."""
    items = []
    for text in elements(body):
        try:
            items.append(decode(text))
        except Exception as raised:
            items.append(Undecodable("%s: %s" % (type(raised).__name__, raised)))
    return items


class Undecodable:
    """Stands for an item that is nested deeper than the decoder goes."""

    def __init__(self, why):
        self.why = why


def refusing_undecodable(call):
    def run(item):
        if type(item) is Undecodable:
            raise ValueError("this item cannot be decoded: " + item.why)
        return call(item)

    return run


def elements(text):
    """The texts of the elements of a JSON array, found by its brackets alone."""
    import re

    depth, start = 0, 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', text):
        kind = token.group()
        if kind in "[{":
            depth += 1
            if depth == 1:
                start = token.end()
        elif kind in "]}":
            depth -= 1
            if depth == 0 and text[start : token.start()].strip():
                yield text[start : token.start()]
        elif kind == "," and depth == 1:
            yield text[start : token.start()]
            start = token.end()


# ---- a chunk, several items at a time ----------------------------------------------------------


class Item:
    """An item that a thread runs."""

    __slots__ = ("index", "told_to_stop", "stream", "printed")

    def __init__(self, index):
        self.index = index
        self.told_to_stop = False  # set by whichever thread asks; read by the one that runs it
        self.stream = None
        self.printed = {}  # by stream: the beginning of a line


class ItemThreads:
    """The threads that run items when a job wants several at a time.

    A thread is started when a chunk first has an item for it, and is there for good. Bare threads
    and locks, as user code may have replaced what `threading` and `queue` are made of.
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
        """Returns the index of the first item that was not run."""
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
            except RuntimeError:  # the system has no more: fewer do the same, only later
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
        # Somebody's own thread may ask for any of the items that run, and the word is out.
        for asking in self.running if item is None else (item,):
            if asking is not None:
                asking.told_to_stop = True


class ThreadedChunk:
    """A chunk whose items are begun in order and end in any; reported is what has no gap before it.

    The threads run items, the reporter (the main thread) sends frames; the lock is held for a few
    lines at a time by either. A slow item holds back the outcomes after it. So that these do not
    fill the memory, no item is begun while there are more than fit into a frame.
    """

    def __init__(self, page, call, items, first, outcomes, most_bytes):
        self.items = items
        self.first = first
        self.working = 0  # threads that may still begin an item
        self._page = page
        self._call = call
        self._outcomes = outcomes
        self._most_bytes = most_bytes

        self._lock = allocate_lock()  # guards all that follows
        self._next = first  # the first item that was not begun
        self._end = first + len(items)  # no item is begun from here on
        self._lowest = first  # the first item that is not finished
        self._cut = first + len(items)  # the first item that was cut short
        self._taken = first  # the first item that the reporter does not have
        self._bytes = [None] * len(items)  # of the outcomes; None: not finished
        self._waiting_bytes = 0  # of the outcomes that the reporter does not have
        self._parked = []  # the threads that wait for there to be fewer of them
        self._run = self._write = 0.0
        self._reported = clock()
        self._reported_cpu = process_time()
        self._wake = allocate_lock()  # released to wake the reporter
        self._wake.acquire()
        self._is_woken = False

    # By the threads:

    def work(self, threads, thread, go):
        """Runs items until there are none left, or too many outcomes wait."""
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
            threads.channel.leave_if_forked()  # what writes an outcome down may run user code
            if item.printed:
                print_rest(item, self._page[CHUNK])
            threads.current.set(None)
            with self._lock:
                self._run += ran - began
                self._write += clock() - ran
                threads.running[thread] = None
                self._page[FIRST_THREAD + thread] = -1
                self._finish(item, size)
            item = self._begin(threads, thread, go)

    def _begin(self, threads, thread, go):
        """The next item; None if this thread has to do nothing more, or nothing for now."""
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
        if item.told_to_stop:  # whatever it returned or raised, it was cut short
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

    # By the reporter:

    def report(self):
        """Sends what is there about every second, but not the end, until all threads are through.

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
        """The seconds that the items ran, without what they surely waited for each other.

        While one thread computes the others cannot, so that their clocks tell more than they would
        alone. Nobody tells how long a thread waits to go on. But nobody waits for that while the
        interpreter is free: of the time that was not computing, this share counts.
        """
        now, cpu = clock(), process_time()
        passed, computing = now - self._reported, cpu - self._reported_cpu
        self._reported, self._reported_cpu = now, cpu
        if passed <= 0:
            return self._run
        computing = min(computing, self._run)
        free = max(0.0, 1 - computing / passed)
        return computing + (self._run - computing) * free


# ---- how much memory that took -----------------------------------------------------------------


class PeakMemory:
    """The most memory that this process held while it ran the items of a report.

    The kernel remembers the most there was (VmHWM) until it is told to begin anew. What
    getrusage() tells cannot be reset, and begins with what the process held that forked us.

    To read it takes 10 µs, as much as a tiny chunk: so no more than once a millisecond. What was
    held between shows in the next report that tells.
    """

    LEAST_SECONDS = 0.001

    def __init__(self, read=os.pread, write=os.write):
        self._read = read
        self._write = write
        self._told = -self.LEAST_SECONDS
        self._is_new = True
        try:
            self._status = open_hidden("/proc/self/status", os.O_RDONLY)
            self._clear = open_hidden("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:  # no /proc, or no leave to use it
            self._status = None

    def begin_job(self):
        """What the job before held is none of this one's, and its first report tells."""
        self._told = -self.LEAST_SECONDS
        self._begin()

    def begin_chunk(self):
        if not self._is_new:
            self._begin()

    def _begin(self):
        if self._status is not None:
            try:
                self._write(self._clear, b"5")
                self._is_new = True
            except OSError:  # closed by user code
                self._status = None

    def member(self):
        """A member of a report's header; empty where it is not known, or was told just now."""
        now = clock()
        if self._status is None or now - self._told < self.LEAST_SECONDS:
            return ""
        self._told = now
        try:
            status = self._read(self._status, 4096, 0)
            at = status.index(b"VmHWM:") + 6
            held = int(status[at : status.index(b"kB", at)]) * 1024
        except (OSError, ValueError):
            self._status = None
            return ""
        self._begin()
        self._is_new = False  # what is given back before the next chunk is not that one's
        return ',"rss":%d' % held


# ---- outcomes ----------------------------------------------------------------------------------


class Limits:
    def __init__(self, result_bytes, frame_bytes):
        self.frame_bytes = frame_bytes
        self.result_bytes = min(result_bytes, frame_bytes - HEADER_BYTES)


class Outcomes:
    """The outcomes of a chunk that were not sent yet, and the seconds they took."""

    def __init__(self, channel, limits, chunk, first, memory):
        self._channel = channel
        self._memory = memory
        self._limits = limits
        self._chunk = chunk
        self._first = first
        self.values = []  # only ever changed in place: the hot loop holds on to its append
        self._encoded = {}  # by index: the results that were encoded already
        self._errors = {}  # by index: members of an element of `errors`, as JSON
        self.size = 0  # bytes of the above two, about
        self.read = self.run = self.write = 0.0
        self.reduction = None  # of REDUCTIONS; None if all results are kept
        self.matches = None  # which results may end the job; None for none
        self.has_match = False  # whether there is one that was not sent

    def last_matches(self, index):
        """Whether the last result, of this item, may end the job."""
        if index in self._errors:
            return False
        value = self._decode(index) if index in self._encoded else self.values[-1]
        return index not in self._errors and self.matches(value)

    def add(self, index, value):
        """Keeps a result that may change later, as text."""
        began = clock()
        self.values.append(None)
        self._encode(index, value)
        self.write += clock() - began

    def fail(self, index, raised):
        kind = "OOM" if isinstance(raised, MemoryError) else "ERROR"
        self.values.append(None)
        self._fail(index, kind, describe(raised))

    def _fail(self, index, kind, failure):
        error = encode({"index": index, "kind": kind, **failure}).encode()
        self._errors[index] = error
        self.size += len(error)

    def _encode(self, index, value):
        limit = self._limits.result_bytes
        try:
            text = encode(value).encode()
            if len(text) <= limit:
                self._encoded[index] = text
                self.size += len(text)
                return
            kind, message = "UNSERIALIZABLE", (
                "the result is %d bytes of JSON and %d are allowed; return less, or write it to a"
                " file and return its name" % (len(text), limit)
            )
        except MemoryError:
            kind, message = "OOM", "there was no memory left to write the result down"
        except BaseException as raised:
            kind, message = "UNSERIALIZABLE", unserializable(value, raised)
        self._fail(index, kind, {"type": type(value).__name__, "message": cut(message, TEXT_BYTES)})

    def _decode(self, index):
        """A result that was encoded, as it is in JSON; makes an error of what cannot be read."""
        try:
            return decode(self._encoded[index].decode())
        except BaseException as raised:  # it is deeper than the decoder goes, or too large
            del self._encoded[index]
            name = type(raised).__name__
            message = cut("the result cannot be read again: %s" % raised, TEXT_BYTES)
            self._fail(index, "UNSERIALIZABLE", {"type": name, "message": message})
            return None

    def drop_from(self, index):
        """Forgets the outcomes of an item that was cut short, and of any after it."""
        del self.values[max(0, index - self._first) :]
        for outcomes in (self._encoded, self._errors):
            for later in [i for i in outcomes if i >= index]:
                del outcomes[later]

    def send(self, last):
        """Reports everything that is there, in as many frames as it needs."""
        count = len(self.values)
        if count == 0 and not last:
            return
        began = clock()
        self.has_match = False
        if self.reduction is not None:
            self._send_combined(last, began)
        else:
            whole = None if self._encoded else self._encode_together()
            if whole is None:
                self._send_split(last, began)
            else:
                errors = [self._errors[index] for index in sorted(self._errors)]
                self._send_frame(count, last, errors, whole, began)
        self.values.clear()
        self._encoded.clear()
        self._errors.clear()
        self.size = 0

    def _send_combined(self, last, began):
        """A partial instead of the values."""
        number = self.reduction[0]
        outcomes = []  # index, result, error (None: there is a result)
        for index, value in enumerate(self.values, self._first):
            if index in self._encoded:
                value = self._decode(index)
            elif index not in self._errors:
                kind = type(value)
                if kind is str or (kind is float and value - value != 0):
                    self._encode(index, value)  # what has no JSON form is not combined either
            if number is not None and index not in self._errors:
                try:
                    value = number(value)
                except NotCombinable as why:
                    self._fail(index, "ERROR", {"type": "NotCombinable", "message": str(why)})
            outcomes.append((index, value, self._errors.get(index)))
        self._send_partial(outcomes, last, began)

    def _send_partial(self, outcomes, last, began):
        items = [(index, value) for index, value, error in outcomes if error is None]
        errors = [error for _, _, error in outcomes if error is not None]
        body = encode([len(items), *(self.reduction[1](items) if items else ())]).encode()
        size = HEADER_BYTES + len(body) + sum(map(len, errors)) + len(errors)
        if size > self._limits.frame_bytes and len(outcomes) > 1:
            half = len(outcomes) // 2
            self._send_partial(outcomes[:half], False, began)
            self._send_partial(outcomes[half:], last, clock())
            return
        matched = 0 if self.matches is None else sum(self.matches(value) for _, value in items)
        more = ',"combined":true,"matched":%d' % matched
        self._send_frame(len(outcomes), last, errors, body, began, more)

    def _encode_together(self):
        """All values in one go; None if that fails or is too long, maybe because of one of them."""
        try:
            whole = encode(self.values).encode()
        except Exception:
            return None
        fits = len(whole) + self.size + len(self._errors) + HEADER_BYTES <= self._limits.frame_bytes
        return whole if fits and len(whole) <= self._limits.result_bytes else None

    def _send_split(self, last, began):
        """Value by value: the bad ones become errors, and a frame is sent when the next is full."""
        room = self._limits.frame_bytes - HEADER_BYTES
        texts, errors, used = [], [], 0
        for index, value in enumerate(list(self.values), self._first):
            if index not in self._encoded and index not in self._errors:
                self._encode(index, value)
            text = self._encoded.get(index, b"null")
            error = self._errors.get(index)
            needed = len(text) + 1 + (len(error) + 1 if error else 0)
            if texts and used + needed > room:
                self._send_frame(len(texts), False, errors, b"[%b]" % b",".join(texts), began)
                texts, errors, used, began = [], [], 0, clock()
            texts.append(text)
            if error:
                errors.append(error)
            used += needed
        self._send_frame(len(texts), last, errors, b"[%b]" % b",".join(texts), began)

    def _send_frame(self, count, last, errors, body, began, more=""):
        header = (
            '{"op":"outcomes","chunk":%d,"first":%d,"count":%d,"last":%s,'
            '"run":%.9f,"read":%.9f,"write":%.9f'
            % (
                self._chunk,
                self._first,
                count,
                "true" if last else "false",
                self.run,
                self.read,
                self.write + clock() - began,
            )
            + self._memory.member()
            + more
        ).encode()
        if errors:
            header += b',"errors":[%b]' % b",".join(errors)
        self._channel.send_bytes(header + b"}\n", body)
        self._first += count
        self.read = self.run = self.write = 0.0


class ThreadedOutcomes(Outcomes):
    """Outcomes that come from several threads in any order, and leave in that of their items.

    The threads put them into the dictionaries, each under indexes of its own; all else is the
    reporter's.
    """

    def add(self, index, value):
        """Returns the bytes it takes."""
        self._encode(index, value)
        return self._bytes_of(index)

    def fail(self, index, raised):
        """Returns the bytes it takes."""
        self._fail(index, "OOM" if isinstance(raised, MemoryError) else "ERROR", describe(raised))
        return self._bytes_of(index)

    def _bytes_of(self, index):
        return len(self._encoded.get(index) or self._errors[index])

    def take_upto(self, index):
        """All outcomes before this index are there."""
        self.values.extend([None] * (index - self._first - len(self.values)))

    def send(self, last):
        first, count = self._first, len(self.values)
        if count == 0 and not last:
            return
        if self.reduction is not None:
            self._send_combined(last, clock())
        else:
            self._send_split(last, clock())
        for index in range(first, first + count):
            self._encoded.pop(index, None)
            self._errors.pop(index, None)
        self.values.clear()


def unserializable(value, raised):
    """What is wrong with a result, and what to return instead."""
    if isinstance(value, float):
        return "the result is %r, which has no JSON form; return None or a string instead" % value
    if isinstance(value, str):
        return "the result is a string with a lone surrogate in it, which is not Unicode text"
    name = type(value).__name__
    if isinstance(raised, RecursionError) or "ircular" in str(raised):
        return "the result (%s) contains itself or is nested too deeply" % name
    hint = {
        "set": "return sorted(...) or list(...) of it",
        "frozenset": "return sorted(...) or list(...) of it",
        "bytes": "return text, for example base64",
        "generator": "return list(...) of it",
        "coroutine": "the function is async: call it through asyncio.run(...)",
        "ndarray": "return its .tolist()",
        "DataFrame": 'return its .to_dict("records")',
        "datetime": "return its .isoformat()",
        "date": "return its .isoformat()",
        "Decimal": "return str(...) or float(...) of it",
    }.get(name)
    if hint is None:
        if type(value).__module__ == "numpy":
            hint = "return its .item()"
        else:
            hint = "return numbers, strings, booleans, None, or lists and dicts of them"
    return "the result (%s) has no JSON form: %s; %s" % (name, raised, hint)


HARNESS = unserializable.__code__.co_filename


def describe(raised):
    """Type, message and traceback of what user code raised, as JSON members. Never raises."""
    name = type(raised).__name__
    try:
        if isinstance(raised, SyntaxError):
            line = (raised.text or "").strip()
            message = "line %s: %s: %s" % (raised.lineno, raised.msg, line)
        elif isinstance(raised, SystemExit):
            message = "sys.exit(%r) was called" % (raised.code,)
        else:
            message = str(raised)
    except BaseException:
        message = "its message could not be made"
    failure = {"type": cut(name, 256), "message": cut(message, TEXT_BYTES)}
    try:
        failure["traceback"] = cut(traceback_of(raised), TEXT_BYTES, keep_end=True)
    except BaseException:
        pass  # for want of memory, or because user code broke the modules that format it
    return failure


def traceback_of(raised):
    import traceback

    show_source()
    frames = raised.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == HARNESS:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(raised), raised, frames))


def cut(text, most, keep_end=False):
    """A text of at most so many bytes of UTF-8, and of characters that UTF-8 has."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return data.decode()
    kept = data[len(data) - most + 3 :] if keep_end else data[: most - 3]
    kept = kept.decode("utf-8", "ignore")
    return "…" + kept if keep_end else kept + "…"


def flush_user_output():
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            pass  # closed or replaced by user code: its own output is all that is lost


# ---- loading the function ----------------------------------------------------------------------

source = ""


def load(code, entry):
    """Runs the code as a module of its own; returns the function called `entry` in it."""
    global source
    source = code
    compiled = compile(code, SOURCE_NAME, "exec", dont_inherit=True)
    module = type(sys)(MODULE)
    module.__builtins__ = builtins  # the real ones; exec() would hand on ours
    sys.modules[MODULE] = module
    exec(compiled, vars(module))
    show_source()
    return function_in(module, "code", entry)


def load_bundle(path, entry):
    """Imports `module:function` from a directory, which several workers share and none writes to."""
    name, _, function = entry.partition(":")
    if name.partition(".")[0] in sys.modules:
        raise ImportError(
            "the module %r would hide one that Python or the worker has loaded; rename it" % name
        )
    sys.dont_write_bytecode = True
    sys.path.insert(0, path)
    __import__(name)
    return function_in(sys.modules[name], "module", function)


def function_in(module, what, entry):
    members = vars(module)
    if entry in members and callable(members[entry]):
        return members[entry]
    there = [name for name in members if name[0] != "_" and callable(members[name])]
    raise LookupError(
        "%s; %s"
        % (
            "%r is a %s and cannot be called" % (entry, type(members[entry]).__name__)
            if entry in members
            else "the %s defines no function %r" % (what, entry),
            "it defines " + ", ".join(there) if there else "it defines nothing that can be called",
        )
    )


def show_source():
    """Lets tracebacks show lines of the code, if something else imported linecache already."""
    linecache = sys.modules.get("linecache")
    if linecache is not None and SOURCE_NAME not in linecache.cache:
        lines = [line + "\n" for line in source.splitlines()]
        linecache.cache[SOURCE_NAME] = (len(source), None, lines, SOURCE_NAME)


# ---- frames ------------------------------------------------------------------------------------


class Channel:
    """Frames on two descriptors that nobody else knows of."""

    def __init__(self, down, up, read=os.read, write=os.write, leave=os._exit):
        self._down = down
        self._up = up
        self._read = read
        self._write = write
        self._leave = leave
        self._is_forked = False
        # A process that user code forks must neither answer for us nor keep the pipes open.
        os.register_at_fork(after_in_child=self._close)

    def leave_if_forked(self):
        """In a process that user code forked: the other threads and their locks are not there."""
        if self._is_forked:
            self._leave(0)

    def _close(self, close=os.close):
        if self._is_forked:
            return  # by a process that was forked itself: the descriptors may be others by now
        self._is_forked = True
        close(self._down)
        close(self._up)

    def receive(self):
        """The next frame: its header, and its body or an empty text. Without one we end."""
        size = int.from_bytes(self._receive_bytes(4), "big")
        header, _, body = self._receive_bytes(size).partition(b"\n")
        return decode(header.decode()), body.decode()

    def _receive_bytes(self, size):
        # Straight from the descriptor: a buffered reader would read the next chunk ahead, which
        # costs the same system calls, and would have to be guarded from user code as well.
        data = self._read_some(min(size, MIB))
        if len(data) == size:
            return data
        parts, missing = [data], size - len(data)
        while missing:
            data = self._read_some(min(missing, MIB))
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _read_some(self, size):
        self.leave_if_forked()
        try:
            data = self._read(self._down, size)
        except OSError:
            data = b""
        if not data:
            self._end()
        return data

    def send(self, header):
        self.send_bytes(header.encode(), b"")

    def send_bytes(self, header, body):
        self.leave_if_forked()  # the descriptor may be a file of user code by now
        frame = (len(header) + len(body)).to_bytes(4, "big") + header + body
        try:
            written = self._write(self._up, frame)
            if written < len(frame):
                rest = memoryview(frame)[written:]
                while len(rest):
                    rest = rest[self._write(self._up, rest) :]
        except OSError:
            self._end()

    def _end(self):
        """The service is gone or done. Threads and exit handlers of user code do not hold us up."""
        flush_user_output()
        self._leave(0)


# ---- start -------------------------------------------------------------------------------------


def take_over(fd):
    """Moves a descriptor to where user code that closes everything below 100 does not find it."""
    try:
        return fcntl(fd, F_DUPFD_CLOEXEC, 200)
    except OSError:
        return os.dup(fd)


def open_hidden(path, flags):
    """Opens a file where user code that closes everything does not find it."""
    fd = os.open(path, flags)
    try:
        return take_over(fd)
    finally:
        os.close(fd)


def open_channel(user):
    channel = Channel(take_over(0), take_over(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = Printed(fd, user)
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)
    return channel


def map_control_page():
    """The control page as words; a page that nobody reads when there is none."""
    path = os.environ.pop("MANYHANDS_CONTROL", None)
    if path is None:
        return memoryview(bytearray(PAGE_BYTES)).cast("q")
    with open(path, "r+b") as file:
        return memoryview(mmap(file.fileno(), PAGE_BYTES)).cast("q")


def end_for_a_bug(leave=os._exit):
    try:
        import traceback

        traceback.print_exc()
        flush_user_output()
    finally:
        leave(70)


def main():
    import faulthandler
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which tells us
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # JSON has no such limit
    page = map_control_page()
    user = UserModule(page)
    channel = open_channel(user)
    faulthandler.enable(2, all_threads=False)  # a segfault's last words name the line
    try:
        Worker(channel, page, user).serve()
    except BaseException:
        end_for_a_bug()


if __name__ == "__main__":
    # Through other globals: in Python 3.9 a call within the same ones keeps its caller's builtins.
    exec("main()", {"main": main})

"""Runs a Python function in a worker process: the Python side of docs/worker-protocol.md.

Started by the service as `python3 -s manyhands_worker.py`. Needs Python 3.9 and the standard
library. Reads top to bottom: what user code may call, the job and its random streams, the loop over
a chunk, what is made of its outcomes, loading the function, frames, start.

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

from fcntl import F_DUPFD_CLOEXEC, fcntl
from gc import freeze
from json import JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring
from mmap import mmap
from time import perf_counter as clock

MODULE = "__manyhands_function__"
SOURCE_NAME = "<function>"

# The words of the control page.
PAGE_BYTES = 4096
ATTENTION, STOP, RECALL = 1, 2, 3
CHUNK, ITEM = 8, 9

REPORT_SECONDS = 1.0
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


class UserModule:
    """Makes the module `manyhands`; remembers which item was told to stop."""

    def __init__(self, page):
        self.told_to_stop = -1
        self.streams = None  # of the job; None when it has no seed
        self._page = page
        self._stream = (-1, None)
        self._unseeded = None
        module = type(sys)("manyhands", "What a function can ask about the item it runs for.")
        for name in ("stopped", "item_index", "rng"):
            setattr(module, name, getattr(self, name))
        sys.modules["manyhands"] = module

    def stopped(self):
        """Whether the result is no longer wanted; cheap enough for an inner loop."""
        page = self._page
        if page[ATTENTION] == 0 or not 0 < page[CHUNK] <= page[STOP]:
            return False
        if self.told_to_stop < 0:
            self.told_to_stop = page[ITEM]
        return True

    def item_index(self):
        """The index in the job of the item that is being run."""
        return self._page[ITEM]

    def rng(self):
        """A random.Random: the item's own stream when the job has a seed."""
        from random import Random

        if self.streams is None:
            if self._unseeded is None:
                self._unseeded = Random()
            return self._unseeded
        index = self._page[ITEM]
        if self._stream[0] != index:
            self._stream = (index, Random(self.streams.number(index, 1)))
        return self._stream[1]


class Streams:
    """Seeds the random generators for each item from (seed of the job, index of the item)."""

    def __init__(self, seed, page):
        import random

        self._seed = seed
        self._page = page
        self._seed_random = random.seed
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def number(self, index, use):
        """A different natural number for every (seed, index, use); random.seed() ignores signs."""
        natural = 2 * self._seed if self._seed >= 0 else -2 * self._seed - 1
        return (natural << 65) | (index << 1) | use

    def begin(self, index):
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


# ---- a chunk -----------------------------------------------------------------------------------


class Worker:
    """Answers frames until there are no more."""

    def __init__(self, channel, page):
        self._channel = channel
        self._page = page
        self._user = UserModule(page)
        self._function = None
        self._call = None
        self._limits = None

    def serve(self):
        self._page[CHUNK] = 0
        self._page[ITEM] = -1
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
            self._function = load(header.get("code", ""), header.get("entry", ""))
        except BaseException as raised:
            failure = describe(raised)
            flush_user_output()
            self._channel.send(encode({"op": "failed", **failure}))
            return
        freeze()  # what is loaded stays: the collector need not look at it again
        self._call = self._function
        self._channel.send('{"op":"loaded"}')

    def _begin_job(self, header, body):
        if self._user.streams is not None:
            self._user.streams.close()
        seed = header.get("seed")
        streams = None if seed is None else Streams(seed, self._page)
        self._user.streams = streams
        common = decode(body) if body else {}
        self._call = caller(self._function, header.get("call"), common, streams, self._page)

    def _run_chunk(self, header, body):
        page = self._page
        number, first = header["chunk"], header["first"]
        outcomes = Outcomes(self._channel, self._limits, number, first)
        page[CHUNK] = number
        self._user.told_to_stop = -1

        began = clock()
        call = self._call
        try:
            items = decode(body)
        except Exception:
            items = decode_each(body)
            call = refusing_undecodable(call)
        outcomes.read = clock() - began

        index, end = first, first + len(items)
        reported = began
        stride = 1
        while True:
            # The clock is read once a stride, which grows while items are much faster than that.
            upto = min(index + stride, end)
            writing = outcomes.write
            began = clock()
            index = self._run_items(call, items[index - first : upto - first], index, outcomes)
            now = clock()
            outcomes.run += now - began - (outcomes.write - writing)
            page[ITEM] = -1
            cut = self._user.told_to_stop
            if cut >= 0:
                outcomes.drop_from(cut)
                index = cut
            if cut >= 0 or index < upto or index == end:
                break
            stride = min(2 * stride, 64) if now - began < 0.001 else max(1, stride // 4)
            if now - reported >= REPORT_SECONDS or outcomes.size > self._limits.frame_bytes:
                outcomes.send(last=False)
                reported = now
        flush_user_output()
        if index == end:
            outcomes.send(last=True)
        else:
            outcomes.send(last=False)
            self._channel.send('{"op":"returned","chunk":%d,"first":%d}' % (number, index))
        page[CHUNK] = 0

    def _run_items(self, call, items, index, outcomes):
        """The hot loop. Returns the index of the first item that was not begun."""
        page = self._page
        keep, add, fail = outcomes.values.append, outcomes.add, outcomes.fail
        unchanging = UNCHANGING
        for item in items:
            page[ITEM] = index
            if page[ATTENTION] and self._is_unwanted():
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

    def _is_unwanted(self):
        page = self._page
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


# ---- outcomes ----------------------------------------------------------------------------------


class Limits:
    def __init__(self, result_bytes, frame_bytes):
        self.frame_bytes = frame_bytes
        self.result_bytes = min(result_bytes, frame_bytes - HEADER_BYTES)


class Outcomes:
    """The outcomes of a chunk that were not sent yet, and the seconds they took."""

    def __init__(self, channel, limits, chunk, first):
        self._channel = channel
        self._limits = limits
        self._chunk = chunk
        self._first = first
        self.values = []  # only ever changed in place: the hot loop holds on to its append
        self._encoded = {}  # by index: the results that were encoded already
        self._errors = {}  # by index: members of an element of `errors`, as JSON
        self.size = 0  # bytes of the above two, about
        self.read = self.run = self.write = 0.0

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
        whole = None if self._encoded else self._encode_together()
        if whole is not None:
            errors = [self._errors[index] for index in sorted(self._errors)]
            self._send_frame(count, last, errors, whole, began)
        else:
            self._send_split(last, began)
        self.values.clear()
        self._encoded.clear()
        self._errors.clear()
        self.size = 0

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

    def _send_frame(self, count, last, errors, body, began):
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
        ).encode()
        if errors:
            header += b',"errors":[%b]' % b",".join(errors)
        self._channel.send_bytes(header + b"}\n", body)
        self._first += count
        self.read = self.run = self.write = 0.0


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
    members = vars(module)
    if entry in members and callable(members[entry]):
        return members[entry]
    there = [name for name in members if name[0] != "_" and callable(members[name])]
    raise LookupError(
        "%s; %s"
        % (
            "%r is a %s and cannot be called" % (entry, type(members[entry]).__name__)
            if entry in members
            else "the code defines no function %r" % entry,
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
        # A process that user code forks must neither answer for us nor keep the pipes open.
        os.register_at_fork(after_in_child=self._close)

    def _close(self, close=os.close):
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


def open_channel():
    channel = Channel(take_over(0), take_over(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = open(fd, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
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


def main():
    import faulthandler
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which tells us
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # JSON has no such limit
    channel = open_channel()
    faulthandler.enable(2, all_threads=False)  # a segfault's last words name the line
    leave = os._exit
    try:
        Worker(channel, map_control_page()).serve()
    except BaseException:
        import traceback

        traceback.print_exc()
        flush_user_output()
    finally:
        leave(70)  # only reached by way of the except clause: a bug


if __name__ == "__main__":
    # Through other globals: in Python 3.9 a call within the same ones keeps its caller's builtins.
    exec("main()", {"main": main})

"""The outcomes of a chunk, and the frames that report them."""

from time import perf_counter as clock

from .envelopes import are_short, is_short
from .failures import cut, describe
from .forms import own_name
from .json_text import decode, encode
from .limits import HEADER_BYTES, TEXT_BYTES, TIMES_BYTES
from .reductions import NotCombinable
from .result_text import encode_result, explain

REPORT_SECONDS = 1.0
EARLY_REPORT_SECONDS = 0.1  # while a result may end the job


def no_data(raised):
    return {}


class Judged:
    """Holds what is still asked about a Python value once the value is in an envelope."""

    __slots__ = ("matches", "truth")

    def __init__(self, matches, truth):
        self.matches = matches
        self.truth = truth

    def __bool__(self):
        return self.truth


class Outcomes:
    """The outcomes of a chunk that were not sent yet, and the seconds that they took."""

    def __init__(self, channel, limits, chunk, first, memory, processor):
        self._channel = channel
        self._memory = memory
        self._processor = processor
        self._limits = limits
        self._chunk = chunk
        self._first = first
        self.values = []  # only changed in place, because the hot loop keeps its append
        self._encoded = {}  # by index: results that were encoded already, as bytes of JSON
        self._errors = {}  # by index: a whole element of `errors`, as bytes of JSON
        self.size = 0  # approximate bytes of the two above
        self.body_bytes = 0  # of the items of the chunk
        self.read = self.run = self.write = 0.0
        self.reduction = None  # an entry of REDUCTIONS; None if all results are kept
        self.envelopes = None  # the Envelopes of results; None for results that are JSON values
        self.error_data = no_data  # returns the member `data` of an error, for an exception
        self.is_apart = False  # whether a failed item has a frame of its own
        self.asks_truth = False  # whether the reduction asks values in envelopes for their truth
        self._judged = {}  # by index: the Judged of values in envelopes that may decide something
        self.non_finite = None  # the form of NaN and infinities: "null" or "string"; None: no form
        self.seeding = []  # a call by which the code seeds itself, for the first frame of a job
        self.matches = None  # tests whether a result may end the job; None if no result may
        self.times = None  # by index: thread, begin and end of the run; None if nobody asked
        self.has_match = False  # whether there is a match that was not sent

    def begin(self):
        """Notes that frames report this chunk from now on."""
        self._memory.begin_chunk(self.body_bytes)

    def last_matches(self, index):
        """Returns whether the last result, which is that of this item, may end the job."""
        if index in self._errors:
            return False
        if self.envelopes is not None:
            return self._is_match(index, self.values[-1])
        value = self._decode(index) if index in self._encoded else self.values[-1]
        return index not in self._errors and self.matches(value)

    def _is_match(self, index, value):
        judged = self._judged.get(index)
        return self.matches(value) if judged is None else judged.matches

    def add(self, index, value):
        """Stores a result as text, because the value may change later."""
        began = clock()
        self.values.append(None)
        self._keep(index, value)
        self.write += clock() - began

    def fail(self, index, raised):
        self.values.append(None)
        self._fail_by(index, raised)

    def _keep(self, index, value):
        # A Python value decides here, because no other process opens its envelope.
        if self.envelopes is not None and (self.matches is not None or self.asks_truth):
            try:
                matches = self.matches is not None and self.matches(value)
                truth = self.asks_truth and bool(value)
            except BaseException as raised:
                self._fail_by(index, raised)
                return
            self._judged[index] = Judged(matches, truth)
        self._encode(index, value)

    def _fail_by(self, index, raised):
        kind = "OOM" if isinstance(raised, MemoryError) else "ERROR"
        self._fail(index, kind, {**describe(raised), **self.error_data(raised)})

    def _fail(self, index, kind, failure):
        error = encode({"index": index, "kind": kind, **failure}).encode()
        self._errors[index] = error
        self.size += len(error)

    def _encode(self, index, value):
        limit = self._limits.result_bytes
        try:
            if self.envelopes is None:
                text = encode_result(value, self.non_finite)
            else:
                text = self.envelopes.closed(value)
            if len(text) <= limit:
                self._encoded[index] = text
                self.size += len(text)
                return
            data = {}
            kind, message = "UNSERIALIZABLE", (
                "the result is %d bytes of JSON and %d are allowed; return less, or write it to a"
                " file and return its name" % (len(text), limit)
            )
        except MemoryError:
            data = {}
            kind, message = "OOM", "there was no memory left to write the result down"
        except BaseException as raised:
            data = self.error_data(raised)
            kind, message = "UNSERIALIZABLE", explain(value, raised)
        name = own_name(type(value))
        self._fail(index, kind, {"type": name, "message": cut(message, TEXT_BYTES), **data})

    def _decode(self, index):
        """Decodes a result that was encoded; records an error if it cannot be decoded."""
        try:
            return decode(self._encoded[index].decode())
        except BaseException as raised:  # too deep for the decoder, or too large
            del self._encoded[index]
            name = type(raised).__name__
            message = cut("the result cannot be read again: %s" % raised, TEXT_BYTES)
            self._fail(index, "UNSERIALIZABLE", {"type": name, "message": message})
            return None

    def drop_from(self, index):
        """Removes the outcomes of an item that was cut short, and of all later items."""
        del self.values[max(0, index - self._first) :]
        for outcomes in (self._encoded, self._errors, self._judged):
            for later in [i for i in outcomes if i >= index]:
                del outcomes[later]

    def send(self, last):
        """Reports all outcomes, in as many frames as they need."""
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
                self._send_frame(count, last, errors, whole, began, self._matched(self.values))
        self.values.clear()
        self._encoded.clear()
        self._errors.clear()
        self._judged.clear()
        self.size = 0

    def _send_combined(self, last, began):
        """Sends a partial instead of the values."""
        number = self.reduction[0]
        outcomes = []  # index, result, error (None: there is a result)
        for index, value in enumerate(self.values, self._first):
            if self.envelopes is not None:
                if index not in self._errors and index not in self._encoded:
                    if is_short(value) is not True:
                        self._encode(index, value)
                value = self._judged.get(index, value)
            elif index in self._encoded:
                value = self._decode(index)
            elif index not in self._errors:
                kind = type(value)
                if kind is str:
                    self._encode(index, value)  # a value without a JSON form is not combined either
                elif kind is float and value - value != 0:
                    self._encode(index, value)
                    value = self._decode(index) if index in self._encoded else None
            if number is not None and index not in self._errors:
                try:
                    value = number(value)
                except NotCombinable as why:
                    self._fail(index, "ERROR", {"type": "NotCombinable", "message": str(why)})
            outcomes.append((index, value, self._errors.get(index)))
        parts = self._parts(outcomes)
        for part in parts:
            self._send_partial(part, last and part is parts[-1], began)
            began = clock()

    def _parts(self, outcomes):
        """Returns the outcomes of each frame: all in one, or each failed item in one of its own."""
        if not self.is_apart:
            return [outcomes]
        parts, was_value = [], False
        for outcome in outcomes:
            is_value = outcome[2] is None
            if is_value and was_value:
                parts[-1].append(outcome)
            else:
                parts.append([outcome])
            was_value = is_value
        return parts

    def _send_partial(self, outcomes, last, began):
        items = [(index, value) for index, value, error in outcomes if error is None]
        errors = [error for _, _, error in outcomes if error is not None]
        body = self._partial(items)
        size = HEADER_BYTES + len(body) + sum(map(len, errors)) + len(errors)
        size += len(outcomes) * self._times_bytes()
        if size > self._limits.frame_bytes and len(outcomes) > 1:
            half = len(outcomes) // 2
            self._send_partial(outcomes[:half], False, began)
            self._send_partial(outcomes[half:], last, clock())
            return
        matched = 0
        if self.matches is not None:
            matched = sum(self._is_match(index, value) for index, value in items)
        more = ',"combined":true,"matched":%d' % matched
        self._send_frame(len(outcomes), last, errors, body, began, more)

    def _partial(self, items):
        partial = self.reduction[1](items) if items else []
        if self.envelopes is None or len(partial) < 2:
            return encode([len(items), *partial]).encode()
        index, value = partial
        found = self._encoded.get(index) or encode(value).encode()
        return b"[%d,%d,%b]" % (len(items), index, found)

    def _matched(self, values):
        """Returns how many of the values match, as a member: the service cannot open envelopes."""
        if self.envelopes is None or self.matches is None:
            return ""
        pairs = enumerate(values, self._first)
        matched = sum(self._is_match(i, value) for i, value in pairs if i not in self._errors)
        return ',"matched":%d' % matched

    def _encode_together(self):
        """Encodes all values together; None if one cannot be encoded or the text is too long."""
        if self.envelopes is not None and not are_short(self.values):
            return None
        try:
            whole = encode(self.values).encode()
        except Exception:
            return None
        size = len(whole) + self.size + len(self._errors) + HEADER_BYTES
        fits = size + len(self.values) * self._times_bytes() <= self._limits.frame_bytes
        return whole if fits and len(whole) <= self._limits.result_bytes else None

    def _send_split(self, last, began):
        """Sends value by value: bad values become errors, and each full frame is sent."""
        room = self._limits.frame_bytes - HEADER_BYTES
        texts, errors, used = [], [], 0
        values, sent = list(self.values), 0
        for index, value in enumerate(values, self._first):
            if index not in self._encoded and index not in self._errors:
                self._encode(index, value)
            text = self._encoded.get(index, b"null")
            error = self._errors.get(index)
            needed = len(text) + 1 + (len(error) + 1 if error else 0) + self._times_bytes()
            if texts and used + needed > room:
                body, matched = b"[%b]" % b",".join(texts), values[sent : sent + len(texts)]
                self._send_frame(len(texts), False, errors, body, began, self._matched(matched))
                sent += len(texts)
                texts, errors, used, began = [], [], 0, clock()
            texts.append(text)
            if error:
                errors.append(error)
            used += needed
        body = b"[%b]" % b",".join(texts)
        self._send_frame(len(texts), last, errors, body, began, self._matched(values[sent:]))

    def _times_bytes(self):
        return 0 if self.times is None else TIMES_BYTES

    def _times_member(self, count):
        """Returns the times of the next items, in microseconds before now."""
        if not self.times:
            return ""
        now, numbers = clock(), []
        for index in range(self._first, self._first + count):
            thread, began, ended = self.times.pop(index)
            numbers.append("%d,%d,%d" % (thread, (now - began) * 1e6, (now - ended) * 1e6))
        return ',"times":[%s]' % ",".join(numbers)

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
            + self._memory.member(len(body) + sum(map(len, errors)))
            + self._processor.member(self.run)
            + self._times_member(count)
            + more
        ).encode()
        if self.seeding:
            header += b',"seeding":%b' % encode(self.seeding.pop()).encode()
        if errors:
            header += b',"errors":[%b]' % b",".join(errors)
        self._channel.send_bytes(header + b"}\n", body)
        self._first += count
        self.read = self.run = self.write = 0.0


class ThreadedOutcomes(Outcomes):
    """Outcomes that come from several threads in any order, and are sent in the order of items.

    The threads add them to the dictionaries, each under indexes of its own. All other state
    belongs to the reporter.
    """

    def add(self, index, value):
        """Stores a result as text; returns the bytes of the outcome."""
        self._keep(index, value)
        return self._bytes_of(index)

    def fail(self, index, raised):
        """Stores an error; returns the bytes of the outcome."""
        self._fail_by(index, raised)
        return self._bytes_of(index)

    def _bytes_of(self, index):
        return len(self._encoded.get(index) or self._errors[index])

    def take_upto(self, index):
        """Notes that all outcomes before this index exist."""
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
            self._judged.pop(index, None)
        self.values.clear()

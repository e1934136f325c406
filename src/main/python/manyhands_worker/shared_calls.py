"""Calls to the service about shared objects, over the pipes of the worker."""

from _thread import allocate_lock

from .json_text import decode

MAIN_LOOP = 0  # in the place of the number of a call
NUMBER_BYTES = 20  # of a number as text
LONGEST_SLEEP = 1.0  # seconds until a thread looks whether another one still reads


class SharedFull(RuntimeError):
    """Raised when a shared object cannot hold more, or all of them together cannot."""

    __module__ = "manyhands"


class Stopped(BaseException):
    """Unwinds an item whose result is no longer wanted. The worker hands the item back."""

    __module__ = "manyhands"


class Waiting:
    """Belongs to a thread that waits for a frame."""

    __slots__ = ("frame", "wake")

    def __init__(self):
        self.frame = None  # header and body, once they have come
        self.wake = None  # a lock that is released to wake the thread; None: it does not sleep


class Calls:
    """Sends calls of any thread, and hands each answer to the thread that waits for it.

    One of the waiting threads reads the pipe, for all of them. When it has what it waits for, the
    next one reads. An item can therefore call while the main thread runs it. Frames that are no
    answers are kept for the main loop, which takes them with receive().

    An exception may interrupt the main thread at any call of a function: a signal handler of user
    code may raise one. Bytes of the pipe must not be lost by that, or taken twice.
    """

    def __init__(self, channel, most_bytes):
        self._channel = channel
        self._most_bytes = most_bytes  # limit for a frame
        self._lock = allocate_lock()  # guards the fields below
        self._last = MAIN_LOOP  # the number of the last call
        self._waiting = {}  # by number of the call: the Waiting of its thread
        self._kept = []  # frames for the main loop, which did not wait for them
        self._is_read = False  # whether a thread reads the pipe
        self._parts = []  # bytes that are no whole frame yet; owned by the thread that reads
        channel.let_threads_send()

    def receive(self):
        """Returns header and body of the next frame that is no answer. For the main loop."""
        self._channel.leave_if_forked()
        waiting = Waiting()
        with self._lock:
            if self._kept:
                waiting.frame = self._kept.pop(0)
            else:
                self._waiting[MAIN_LOOP] = waiting
        if waiting.frame is None:
            self._await(MAIN_LOOP, waiting)
        header, body = waiting.frame
        return header, body.decode()

    def call(self, head, tail):
        """Sends a call, and returns header and body of its answer.

        head, tail: the bytes of the frame before and after the number of the call
        """
        if self._channel.is_forked:
            raise RuntimeError(
                "this process was forked by the function, and only the worker itself reaches shared"
                " dicts, lists, queues and semaphores; call them in the function"
            )
        if len(head) + len(tail) + NUMBER_BYTES > self._most_bytes:
            raise SharedFull(
                "the values are %d bytes and %d are allowed in one call; share less at a time"
                % (len(tail), self._most_bytes)
            )
        waiting = Waiting()
        with self._lock:
            self._last = number = self._last + 1
            self._waiting[number] = waiting
        return self._await(number, waiting, b"%b%d%b" % (head, number, tail))

    def is_elsewhere(self):
        """Returns whether user code forked this process, which has no pipes."""
        return self._channel.is_forked

    def tell(self, head, tail):
        """Sends a call whose answer no thread waits for."""
        with self._lock:
            self._last = number = self._last + 1
        self._channel.send_call(b"%b%d%b" % (head, number, tail))

    def _await(self, number, waiting, frame=None):
        reads = False
        try:
            if frame is not None:
                self._channel.send_call(frame)
            while waiting.frame is None:
                wake = None
                with self._lock:
                    if not self._is_read:
                        reads = self._is_read = True
                    elif waiting.frame is None:
                        wake = waiting.wake = allocate_lock()
                        wake.acquire()
                if wake is not None:
                    # Ends when the answer has come, or nobody reads. An exception may prevent that.
                    wake.acquire(True, LONGEST_SLEEP)
                while reads and waiting.frame is None:
                    self._read()
        finally:
            with self._lock:
                if reads:
                    self._is_read = False  # first: a signal handler may run at the next call
                self._waiting.pop(number, None)
                if not self._is_read:
                    self._wake_next()
        return waiting.frame

    def _wake_next(self):
        """Wakes a thread that will read, and threads that have what they wait for."""
        will_read = False
        for waiting in self._waiting.values():
            if waiting.wake is not None and not (will_read and waiting.frame is None):
                will_read = will_read or waiting.frame is None
                waiting.wake.release()
                waiting.wake = None

    def _read(self):
        """Reads one frame, and hands it over."""
        parts = self._parts
        have, size = sum(map(len, parts)), None
        while size is None or have < size:
            if size is None and have >= 4:
                parts[:] = [b"".join(parts)]
                size = 4 + int.from_bytes(parts[0][:4], "big")
            else:
                self._channel.read_into(parts)
                have += len(parts[-1])
        whole = b"".join(parts)
        end = whole.find(b"\n", 4, size)
        end = size if end < 0 else end
        header = decode(whole[4:end].decode())
        number = header["call"] if header["op"] == "shared" else MAIN_LOOP
        rest, frame = [whole[size:]], (header, whole[end + 1 : size])
        with self._lock:
            waiting, kept = self._waiting.get(number), [*self._kept, frame]
            # From here on nothing is called, so that no signal handler runs.
            if waiting is not None and waiting.frame is None:
                waiting.frame = frame
            elif number == MAIN_LOOP:
                self._kept = kept
            # The thread of any other call was interrupted, and has left.
            self._parts = rest
            if waiting is not None and waiting.wake is not None:
                waiting.wake.release()
                waiting.wake = None

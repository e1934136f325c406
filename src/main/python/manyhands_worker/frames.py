"""Frames: the worker's side of the pipes to the service."""

import os
from _thread import allocate_lock

from .json_text import decode
from .limits import MIB
from .printing import flush_user_output


READ_BYTES = 65_536  # what a pipe holds


class Channel:
    """Frames on two descriptors that no other code knows."""

    def __init__(self, down, up, read=os.read, write=os.write, leave=os._exit):
        self._down = down
        self._up = up
        self._read = read
        self._write = write
        self._leave = leave
        self._sends = allocate_lock()  # guards the pipe up, once several threads may send
        self.is_forked = False
        # A process that user code forks must neither answer for the worker nor keep the pipes open.
        os.register_at_fork(after_in_child=self._close)

    def leave_if_forked(self):
        """Ends this process if user code forked it: the worker's threads do not exist here."""
        if self.is_forked:
            self._leave(0)

    def _close(self, close=os.close):
        if self.is_forked:
            return  # in a fork of a fork, where the numbers may belong to other files
        self.is_forked = True
        close(self._down)
        close(self._up)

    def receive(self):
        """Returns header and body of the next frame; ends the process if none comes."""
        size = int.from_bytes(self._receive_bytes(4), "big")
        header, _, body = self._receive_bytes(size).partition(b"\n")
        return decode(header.decode()), body.decode()

    def _receive_bytes(self, size):
        # Reads without a buffer. A buffered reader would save no system calls by reading the next
        # chunk ahead, and would have to be guarded from user code as well.
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

    def let_threads_send(self):
        """Lets several threads send at a time from now on: each frame is sent as a whole."""
        lock, send = self._sends, self.send_bytes

        def send_alone(header, body):
            self.leave_if_forked()  # another thread may have had the lock, which is in use for ever
            with lock:
                send(header, body)

        self.send_bytes = send_alone

    def send_call(self, payload):
        """Sends a frame while user code runs.

        A signal handler of user code may raise. Then the frame is sent as a whole or not at all.
        """
        frame = len(payload).to_bytes(4, "big") + payload
        with self._sends:
            written, interrupt = [], None
            while True:
                try:
                    while sum(written) < len(frame):
                        rest = memoryview(frame)[sum(written) :] if written else frame
                        # The list has the number before a signal handler can run.
                        written.extend(map(self._write, (self._up,), (rest,)))
                    break
                except BaseException as raised:
                    if type(raised) in (OSError, BrokenPipeError):
                        self._end()
                    if not written:
                        raise
                    interrupt = raised
            if interrupt is not None:
                raise interrupt

    def read_into(self, parts):
        """Appends bytes that have come, of one or more frames. Ends the process if none come.

        The list has the bytes before a signal handler of user code can run, which may raise.
        """
        self.leave_if_forked()
        try:
            parts.extend(map(self._read, (self._down,), (READ_BYTES,)))
        except OSError as failed:
            if type(failed) is not OSError:
                raise  # of a signal handler, such as TimeoutError
            self._end()
        if not parts[-1]:
            self._end()

    def _end(self):
        """Ends the process: the pipe is closed. User threads and exit handlers do not delay it."""
        flush_user_output()
        self._leave(0)

"""The module `manyhands`, with the functions that user code may call."""

import sys

from .client_names import stand_in
from .page import ATTENTION, CHUNK, ITEM, STOP
from .shared import Awaited, no_objects
from .shared_calls import SharedFull

USER_MODULE_DOC = """What a function can ask about the item it runs for.

When the job has a seed, `rng()` is the item's own stream of random numbers, and the generators of
`random` and `numpy.random` are seeded for each item. With `threads` above 1 those two are shared by
items that run at once and nobody seeds them: there a function whose results are to be the same in
every run must use `rng()`.

A thread that the function starts itself runs no item: with `threads` above 1, ask before it starts
and hand over what it needs. Coroutines and asyncio.to_thread() know their item.
"""


class UserModule:
    """Makes the module `manyhands`, and remembers which item learned that it must stop."""

    def __init__(self, page):
        self.told_to_stop = -1
        self.streams = None  # the Streams of the job; None when the job has no seed
        self.threads = None  # the ItemThreads; None while the job runs one item at a time
        self.trace = None  # the position of the job in a distributed trace; None for no trace
        self.job = None  # the id of the job; None before the first job
        self.objects = None  # the SharedObjects of the job; None for none
        self.awaited = {}  # by name: the Awaited that loading the code has made
        self._page = page
        self._unseeded = None
        module = type(sys)("manyhands", USER_MODULE_DOC)
        for name in ("stopped", "item_index", "rng", "traceparent", "shared"):
            setattr(module, name, getattr(self, name))
        module.SharedFull = SharedFull
        module.__getattr__ = stand_in
        sys.modules["manyhands"] = module

    def stopped(self):
        """Returns whether the result is no longer wanted; cheap enough for an inner loop."""
        page = self._page
        if page[ATTENTION] == 0 or not 0 < self.running()[0] <= page[STOP]:
            return False
        self._note_stop()
        return True

    def end_wait(self, chunk):
        """Notes that a wait for a shared object has ended, because this chunk is to stop."""
        if self.running()[0] == chunk:
            self._note_stop()

    def _note_stop(self):
        if self.threads is not None:
            self.threads.tell_to_stop()
        elif self.told_to_stop < 0:
            self.told_to_stop = self._page[ITEM]

    def shared(self, name):
        """Returns the shared object that the job declares under this name."""
        if self.objects is not None:
            return self.objects.named(name)
        if self.job is not None or not isinstance(name, str):
            raise no_objects(name)
        if name not in self.awaited:
            self.awaited[name] = Awaited(name, self)
        return self.awaited[name]

    def item_index(self):
        """Returns the index in the job of the item that is being run; -1 if it is unknown."""
        if self.threads is None:
            return self._page[ITEM]
        item = self.threads.current.get()
        return -1 if item is None else item.index

    def traceparent(self):
        """Returns the W3C traceparent for the function's own calls; None outside of any trace."""
        return self.trace

    def running(self):
        """Returns the source of output: chunk, index of the item or -1, with threads the Item."""
        if self.threads is None:
            return self._page[CHUNK], self._page[ITEM], None
        item = self.threads.current.get()
        return (self._page[CHUNK], -1, None) if item is None else (item.chunk, item.index, item)

    def rng(self):
        """Returns a random.Random: the item's own stream when the job has a seed."""
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

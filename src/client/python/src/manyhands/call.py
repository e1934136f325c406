"""The future of one call that is, or will be, an item of an open job."""

from concurrent.futures import Future

from .condition import Condition


class Call(Future):
    """A future that asks the service before it is cancelled. It is pending until it is done.

    `lane` and `index` say which item it is, once it is one. They and `is_dropped` are guarded by
    the lock of the Flow.
    """

    def __init__(self, flow, text, packer):
        super().__init__()
        self._condition = Condition()  # in place of the one that Ctrl-C may leave locked
        self.flow, self.text = flow, text
        self.modules, self.by_value = packer.modules, packer.by_value
        self.lane = self.index = None
        self.is_dropped = False  # whether it will not be sent any more
        self._is_reported = False

    def cancel(self):
        """Cancels the call if no worker has begun it. Returns whether it is cancelled.

        The service is asked if it has the call. Its answer takes up to a second.
        """
        if not self.done():
            self.flow.cancel([self])
        return self.cancelled()

    def running(self):
        """Returns whether the call was sent and is not done. A worker may not have begun it."""
        return self.lane is not None and not self.done()

    def drop(self):
        """Makes the future a cancelled one, and wakes those that wait for it."""
        if super().cancel():
            with self.flow.lock:
                is_first, self._is_reported = not self._is_reported, True
            if is_first:
                self.set_running_or_notify_cancel()


def ranges_of(indexes):
    """Returns sorted indexes as ranges, each as `[first, end]` without `end`."""
    ranges = []
    for index in indexes:
        if ranges and ranges[-1][1] == index:
            ranges[-1][1] = index + 1
        else:
            ranges.append([index, index + 1])
    return ranges

"""The start of a worker: it takes over the pipes and answers frames."""

import os
import sys

from .children import shorten_temporary_directory
from .descriptors import take_over
from .failures import end_for_a_bug
from .frames import Channel
from .page import control_path, map_control_page, shared_path
from .printing import Printed
from .terminal import refuse_terminal
from .user_module import UserModule
from .worker import Worker


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


def main():
    import faulthandler
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which ends us
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # JSON has no such limit
    control, shared = control_path(), shared_path()
    page = map_control_page(control)
    user = UserModule(page)
    channel = open_channel(user)
    refuse_terminal(user)
    shorten_temporary_directory()
    faulthandler.enable(2, all_threads=False)  # prints the line of a segmentation fault
    # The service sends this signal when an item is late. The signal then ends the process.
    faulthandler.register(signal.SIGQUIT, 2, all_threads=True, chain=True)
    try:
        Worker(channel, page, user, control, shared).serve()
    except BaseException:
        end_for_a_bug()

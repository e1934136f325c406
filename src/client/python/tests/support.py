"""The service that the tests use: the one at MANYHANDS_URL. Without one they are skipped."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import traceback
import unittest
from unittest import mock

from manyhands.cli import main

needs_service = unittest.skipUnless(
    os.environ.get("MANYHANDS_URL"), "MANYHANDS_URL names no service"
)


def command(*arguments, stdin="", status=0, **environment):
    """Runs a command line in this process, and returns what it printed."""
    printed = io.StringIO()
    with mock.patch.dict(os.environ, environment), mock.patch("sys.stdin", io.StringIO(stdin)):
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            found = main(arguments)
    if found != status:
        raise AssertionError("status %d: %s" % (found, printed.getvalue()))
    return printed.getvalue()


def in_fork(function):
    """Runs a function in a fork of this process, and returns the fork's status: 0 if it is well."""
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends a fork that waits for ever
        try:
            function()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def run_program(*arguments, **others):
    """Runs a Python program in a process of its own, which finds the package too."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": paths},
        **others,
    )

"""The service that the tests use: the one at MANYHANDS_URL. Without one they are skipped."""

import os
import subprocess
import sys
import unittest

needs_service = unittest.skipUnless(
    os.environ.get("MANYHANDS_URL"), "MANYHANDS_URL names no service"
)


def command(*arguments, stdin=None, status=0, cwd=None, **environment):
    """Runs the command line in a process of its own, and returns what it printed."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", "manyhands", *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )
    if done.returncode != status:
        raise AssertionError("status %d: %s" % (done.returncode, done.stdout + done.stderr))
    return done.stdout if not status else done.stdout + done.stderr

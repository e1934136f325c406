"""Ctrl-C, and other ends in the middle: nothing waits for ever, and nothing is left running."""

import concurrent.futures
import contextlib
import itertools
import os
import sys
import threading
import time
import unittest
from unittest import mock

import manyhands as mh
from manyhands import later, submitted

from .support import needs_service
from .work import raises


class Interrupt:
    """A profile function that raises KeyboardInterrupt at a place: the n-th one of these files.

    A place is where CPython looks for signals: the begin of a function, and the return from one.
    """

    def __init__(self, number, files):
        self._left, self._files = number, files
        self.place = None

    def __call__(self, frame, event, arg):
        file = os.path.basename(frame.f_code.co_filename)
        if event in ("call", "return", "c_return") and file in self._files:
            self._left -= 1
            if not self._left:
                sys.setprofile(None)
                self.place = "%s at %s:%d" % (event, file, frame.f_lineno)
                raise KeyboardInterrupt


@needs_service
class InterruptTest(unittest.TestCase):
    def test_an_executor_is_of_use_after_ctrl_c_anywhere_in_a_submit(self):
        with mh.Executor(1) as executor:
            self.assertEqual(executor.submit(abs, -1).result(60), 1)
            for number in itertools.count(1):
                interrupt = Interrupt(number, ("flow.py", "threading.py"))
                try:
                    sys.setprofile(interrupt)
                    try:
                        executor.submit(abs, -2)
                    finally:
                        sys.setprofile(None)
                    break
                except KeyboardInterrupt:
                    result = executor.submit(abs, -3)
                try:
                    self.assertEqual(result.result(20), 3)
                except concurrent.futures.TimeoutError:
                    self.fail("no result after Ctrl-C: %s" % interrupt.place)
        self.assertGreater(number, 8)

    def test_a_pool_ends_after_ctrl_c_anywhere_in_a_wait(self):
        files, number, place = ("later.py", "threading.py", "condition.py"), 0, ""
        while place is not None:
            number += 1
            result, interrupt = later.AsyncResult(), Interrupt(number, files)
            with contextlib.suppress(KeyboardInterrupt, RuntimeError):
                try:
                    sys.setprofile(interrupt)
                    result.wait(0.01)
                finally:
                    sys.setprofile(None)
            place = interrupt.place
            result._set(1, None)  # as the end of a pool does, in the same thread
            self.assertEqual(result.get(1), 1)
        self.assertGreater(number, 4)

    def test_ctrl_c_while_a_with_block_waits_ends_the_calls(self):
        executor = mh.Executor(1)
        with mock.patch.object(executor._flow, "join", side_effect=[KeyboardInterrupt, None]):
            with self.assertRaises(KeyboardInterrupt), executor:
                call = executor.submit(time.sleep, 60)
        self.assertIsInstance(call.exception(30), concurrent.futures.BrokenExecutor)
        executor._flow.join()

    def test_the_end_does_not_wait_for_a_service_that_is_away(self):
        executor = mh.Executor(1)
        call = executor.submit(time.sleep, 60)
        while not call.running():
            time.sleep(0.01)
        job = call.lane.job
        with mock.patch.object(submitted.Job, "give_up", lambda job: False):
            executor.terminate_workers()
        self.assertIsInstance(call.exception(0), concurrent.futures.BrokenExecutor)
        executor.shutdown()
        self.assertEqual(job.cancel().wait(30).state, "CANCELLED")

    def test_a_request_of_the_end_is_short(self):
        job = mh.map(abs, [1]).wait(60)
        with mock.patch.object(job._client.http, "_port", 1):  # nobody listens there
            job._client.http.close()
            before = time.monotonic()
            self.assertFalse(job.give_up())
        self.assertLess(time.monotonic() - before, 15)
        self.assertTrue(job.give_up())

    def test_all_calls_fail_at_once_when_the_service_is_away(self):
        executor, go = mh.Executor(1), threading.Event()
        away = mock.Mock(side_effect=lambda head: go.wait(60) and self.fail_away())
        with mock.patch.object(executor._client, "open", away):
            calls = [executor.submit(abs, i) for i in range(100)]
            go.set()
            for call in calls:
                self.assertIsInstance(call.exception(20), mh.NotReachable)
        self.assertEqual(away.call_count, 1)
        self.assertEqual(executor.submit(abs, -1).result(60), 1)
        executor.shutdown()

    @staticmethod
    def fail_away():
        raise mh.NotReachable("away")

    def test_callbacks_of_a_broken_executor_may_submit_again(self):
        executor, begun = mh.Executor(1, initializer=raises, initargs=(LookupError,)), []
        opens, go, refused = executor._client.open, threading.Event(), threading.Event()

        def slowly(head):
            go.wait(60)
            return opens(head)

        def again(done):
            refused.set()
            with self.assertRaises(concurrent.futures.BrokenExecutor):
                executor.submit(abs, 1)
            begun.append(done)

        class Slow:
            """A value whose pickle is made while the executor breaks."""

            def __reduce__(self):
                go.set()
                refused.wait(60)
                return int, ()

        def last():
            try:
                executor.submit(abs, Slow()).exception(60)
            except concurrent.futures.BrokenExecutor:
                pass

        with mock.patch.object(executor._client, "open", slowly):
            calls = [executor.submit(abs, 1) for _ in range(9)]
            calls[-1].add_done_callback(again)
            thread = threading.Thread(target=last, daemon=True)
            thread.start()
            thread.join(60)
            self.assertFalse(thread.is_alive())
        executor.shutdown()
        self.assertEqual(begun, [calls[-1]])

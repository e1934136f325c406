"""Jobs, executors and pools against a service."""

import asyncio
import base64
import concurrent.futures
import functools
import gc
import itertools
import os
import pickle
import random
import signal
import socket
import tempfile
import threading
import time
import unittest
from unittest import mock

import manyhands as mh
from manyhands import client as client_module
from manyhands import feeding, flow, functions, later, packing

from .support import in_fork, needs_service, run_program
from .work import (
    OddError,
    Point,
    UnopenedError,
    alike,
    crash_at_two,
    decorated,
    fails_at_two,
    prints,
    raises,
    random_value,
    same,
    slowly,
    square,
    waits_at,
    who,
)


@needs_service
class JobTest(unittest.TestCase):
    def test_results_come_in_order(self):
        job = mh.map(square, [3, 1, 2], name="squares", labels={"a": "b"})
        self.assertEqual(list(job), [9, 1, 4])
        self.assertEqual(job.result(timeout=30), [9, 1, 4])
        self.assertEqual(sorted(job.as_completed()), [(0, 9), (1, 1), (2, 4)])
        self.assertEqual(
            (job.wait().state, len(job), job.view["name"]), ("SUCCEEDED", 3, "squares")
        )

    def test_shared_objects_are_declared_with_values_of_the_job(self):
        shared = {
            "seen": {"dict": {"a": 1, "b": (1, "x")}},
            "log": {"list": [None, b"x"]},
            "found": {"value": 1.5},
            "todo": {"queue": {"size": 3}},
        }
        job = mh.map(square, [1], shared=shared)
        self.assertEqual(job.result(timeout=30), [1])
        request = mh.Client().http.json("GET", "/api/v1/jobs/%s/request" % job.id)
        declared = request["shared"]
        self.assertEqual(list(declared), list(shared))
        self.assertEqual(declared["found"], {"value": 1.5})
        self.assertEqual(declared["todo"], {"queue": {"size": 3}})
        seen, log = declared["seen"]["dict"], declared["log"]["list"]
        self.assertEqual((seen["a"], log[0]), (1, None))
        self.assertEqual(pickle.loads(base64.b64decode(seen["b"]["p"])), (1, "x"))
        self.assertEqual(pickle.loads(base64.b64decode(log[1]["p"])), b"x")
        self.assertEqual(job.shared("seen"), {"a": 1, "b": (1, "x")})
        self.assertEqual(job.shared("log"), [None, b"x"])
        self.assertEqual((job.shared("found"), job.shared("todo")), (1.5, []))
        with self.assertRaisesRegex(mh.ServiceError, "declares no shared object 'other'"):
            job.shared("other")

    def test_an_executor_has_no_shared_objects(self):
        for makes in mh.Executor, mh.Pool:
            with self.assertRaisesRegex(TypeError, "belong to one job"):
                makes(1, shared={"gate": {"lock": {}}})

    def test_values_of_any_type_go_there_and_back(self):
        values = [
            None,
            float("inf"),
            "\ud800",
            b"x",
            (1, [2]),
            {1: {2}},
            Point(4),
            1 << 4000,
            [[1]],
        ]
        self.assertEqual(mh.map(lambda x: x, values).result(), values)

    def test_random_values_go_there_and_back(self):
        """A list, a generator, and the calls of an executor, which have their own ways."""
        rng = random.Random(20261130)
        try:
            import numpy
        except ImportError:
            numpy = None
        if "numpy" not in mh.Client().runtime().packages:
            numpy = None
        values = [random_value(rng, 0, numpy) for _ in range(3000)]
        with mh.Executor(2) as executor:
            calls = [executor.submit(same, value) for value in values[:500]]
            for back in (
                mh.map(same, values).result(),
                mh.map(same, (value for value in values[:500])).result(),
                [pair[0] for pair in mh.map(same, [(value, 1) for value in values[:500]])],
                [call.result(60) for call in calls],
            ):
                for value, found in zip(values, back):
                    self.assertTrue(alike(value, found), (value, found))

    def test_exceptions_with_odd_constructors(self):
        odd, other = mh.map(raises, ["odd", "not opened"]).result(return_exceptions=True)
        self.assertEqual((type(odd), odd.code, odd.place), (OddError, 3, "here"))
        self.assertEqual((type(other), str(other)), (mh.ItemError, "UnopenedError: a and b"))
        refused = mh.map(same, [UnopenedError("a", "b")]).result(return_exceptions=True)[0]
        self.assertIn("second", str(refused))

    def test_functions_of_all_kinds(self):
        three = 3
        self.assertEqual(mh.map(lambda x: x + three, range(3)).result(), [3, 4, 5])
        self.assertEqual(mh.map(functools.partial(pow, 2), range(3)).result(), [1, 2, 4])
        self.assertEqual(mh.map(Point(1).moved, [1]).result(), [Point(2)])
        self.assertEqual(mh.map(pow, [2, 3], [4, 2]).result(), [16, 9])
        self.assertEqual(mh.starmap(pow, [(2, 4), (3, 2)]).result(), [16, 9])
        self.assertEqual(mh.map(square, [2], common=None).result(), [4])
        self.assertEqual(mh.map(round, [2.345], common={"ndigits": 1}).result(), [2.3])
        self.assertEqual(mh.map("gcd", [[12, 18]], values="json").result(), [6])

    def test_decorated_functions(self):
        self.assertEqual((decorated(1), decorated.__doc__), (2, "Says what it does."))
        self.assertEqual(decorated.map([1, 7]).result(), [2, 3])
        self.assertEqual(decorated.submit(1).result(30), 2)
        inner = mh.function(lambda x: x - 1)
        self.assertEqual(inner.map([1]).result(), [0])

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    def test_many_items_are_sent_while_the_job_runs(self):
        job = mh.map(square, (i for i in range(60_000)), seed=1)
        self.assertEqual(sum(job), sum(i * i for i in range(60_000)))

    def test_a_range_is_sent_as_such(self):
        self.assertEqual(sum(mh.map(square, range(20_000))), sum(i * i for i in range(20_000)))

    def test_errors_are_the_exceptions_themselves(self):
        job = mh.map(fails_at_two, range(4))
        with self.assertRaises(LookupError) as caught:
            job.result()
        self.assertEqual(caught.exception.args, ("no", 2))
        self.assertIn("fails_at_two", str(caught.exception.__cause__))
        values = job.result(return_exceptions=True)
        self.assertEqual([type(v).__name__ for v in values], ["int", "int", "LookupError", "int"])
        self.assertEqual([(e.index, e.kind) for e in job.errors()], [(2, "ERROR")])
        again = job.retry(function=square)
        self.assertEqual(again.result(), [4])

    def test_one_result_of_many(self):
        self.assertEqual(mh.map(square, range(10), reduce="sum").result(), 285)
        job = mh.map(square, range(3, 6), reduce="max")
        self.assertEqual(mh.job(job.id).result(), 25)

    def test_a_reduction_of_a_part_is_no_result(self):
        client = mh.Client()
        job = client.open({"function": "gcd", "reduce": "sum"})
        client.append(job, 0, ["[12, 18]"])
        while not job.look()["items"]["done"]:
            time.sleep(0.01)
        job.cancel()
        for found in (job, mh.job(job.id)):
            with self.assertRaisesRegex(mh.ItemSkipped, "of a part only"):
                found.result(timeout=30)
        failing = mh.map(fails_at_two, [2] + [0] * 999, reduce="sum", on_error="stop", chunksize=1)
        with self.assertRaises(LookupError):
            failing.result()
        if failing.view["items"]["skipped"]:
            with self.assertRaisesRegex(mh.ItemSkipped, "of a part only"):
                failing.result(return_exceptions=True)
        some = mh.map(square, range(1000), reduce="sum", stop_when={"equals": 4})
        self.assertIsInstance(some.result(), int)
        self.assertTrue(mh.map(square, range(1000), reduce="any").result())

    def test_a_job_is_found_again_and_opened_only_with_trust(self):
        job = mh.map(Point, [1])
        job.wait()
        with self.assertRaises(mh.NotTrusted):
            mh.job(job.id).result()
        self.assertEqual(mh.job(job.id, trust=True).result(), [Point(1)])
        self.assertIn(job.id, [each.id for each in mh.jobs(50)])

    def test_json_that_looks_like_a_pickle_is_not_opened(self):
        opens = {"p": base64.b64encode(pickle.dumps(Point(1))).decode()}
        job = mh.map(same, [opens], values="json")
        self.assertEqual(job.result(), [opens])
        self.assertEqual(mh.job(job.id, trust=True).result(), [opens])
        self.assertEqual(mh.job(job.id).result(), [opens])
        first = mh.map(same, [opens], values="json", reduce="find")
        self.assertEqual(first.result()["value"], opens)

    def test_data_of_errors_of_a_json_job_is_not_opened(self):
        view = {"id": "j", "values": "json", "state": "FAILED"}
        data = base64.b64encode(pickle.dumps(KeyError("x"))).decode()
        error = {"index": 0, "kind": "ERROR", "type": "Other", "message": "m", "data": data}
        raised = mh.Job(None, view, True).exception_of({"index": 0, "error": error})
        self.assertIsInstance(raised, mh.ItemError)

    def test_wrong_use_is_refused_in_words(self):
        with self.assertRaisesRegex(TypeError, "did you mean 'max_failures'"):
            mh.map(square, [1], max_failure=3)
        with self.assertRaisesRegex(mh.ServiceError, "priority"):
            mh.map(square, [1], priority=99)
        with self.assertRaisesRegex(mh.ServiceError, "404"):
            mh.job("no-such-job")

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    def test_a_failing_iterator_leaves_no_job_running(self):
        def items():
            yield from range(60_000)
            raise KeyError("mine")

        with self.assertRaisesRegex(KeyError, "mine"):
            mh.map(square, items(), labels={"test": "iterator"})
        states = {job.wait(30).state for job in mh.jobs(5, label="test:iterator")}
        self.assertEqual(states, {"CANCELLED"})

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    def test_a_job_that_ends_while_items_are_sent_is_an_error(self):
        def items():
            yield from range(120_000)
            for job in mh.jobs(1, label="test:ends"):
                job.cancel()
            yield from range(60_000)

        with self.assertRaisesRegex(mh.JobFailed, "ended before all .* CANCELLED") as caught:
            mh.map(square, items(), labels={"test": "ends"})
        self.assertIn("CANCELLED", mh.job(caught.exception.job_id).wait(30).state)

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    def test_a_job_that_has_its_answer_needs_no_more_items(self):
        def items():
            yield from range(120_000)
            for job in mh.jobs(1, label="test:answer"):
                job.wait(60)
            yield from range(60_000)

        labels = {"test": "answer"}
        job = mh.map(square, items(), labels=labels, stop_when={"equals": 4})
        self.assertEqual(job.wait(30).state, "SUCCEEDED")

    def test_a_job_that_was_cancelled_as_a_whole_raises_at_the_end(self):
        client = mh.Client()
        job = client.open({"function": "gcd"})
        client.append(job, 0, ["[12, 18]"])
        results = job.results()
        self.assertEqual(next(results), 6)
        job.cancel()
        with self.assertRaisesRegex(mh.ItemSkipped, "CANCELLED"):
            next(results)
        with self.assertRaisesRegex(mh.ItemSkipped, "CANCELLED"):
            job.result(return_exceptions=True)
        with self.assertRaisesRegex(mh.ItemSkipped, "CANCELLED"):
            list(job.as_completed())

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    def test_a_slow_iterable_keeps_its_job(self):
        def items():
            yield from range(60_000)
            time.sleep(6)
            yield 60_000

        with mock.patch.object(feeding, "LEASE", 4):
            job = mh.map(square, items())
        self.assertEqual(len(job.result()), 60_001)

    @mock.patch.object(feeding, "LEASE", 600)
    def test_items_of_a_slow_iterable_run_before_the_next_ones_are_there(self):
        """The iterable goes on only when the service has run what there is."""
        label = "lone-" + os.urandom(4).hex()

        def items():
            for index in range(3):
                yield index
                deadline = time.monotonic() + 20
                while not any(j.view["items"]["done"] > index for j in mh.jobs(1, label=own)):
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.05)

        own = "test:" + label
        job = mh.map(square, items(), labels={"test": label})
        self.assertEqual(job.result(), [0, 1, 4])

    def test_items_of_many_batches_keep_their_order(self):
        values = [i if i % 3 else str(i) if i % 2 else (i,) for i in range(30_000)]
        with mock.patch.object(feeding, "BATCH_ITEMS", 1000):
            for items in (values, iter(values)):
                self.assertEqual(mh.map(same, items).result(), values)

    def test_a_fault_of_the_function_is_raised_while_items_are_read(self):
        def items():
            for index in itertools.count():
                yield index
                time.sleep(0.01)

        with self.assertRaisesRegex(mh.ServiceError, "priority"):
            mh.map(square, items(), priority=99)

    def test_waiting_has_a_limit(self):
        job = mh.map(time.sleep, [30])
        for wait in (job.wait, job.result):
            with self.assertRaises(concurrent.futures.TimeoutError):
                wait(timeout=0.2)
        self.assertEqual(job.cancel().wait(30).state, "CANCELLED")
        with self.assertRaises(mh.ItemSkipped):
            job.result()

    def test_awaiting(self):
        async def main():
            return await mh.map(square, [1, 2])

        self.assertEqual(asyncio.run(main()), [1, 4])

    def test_progress_report_timeline_log(self):
        seen = []
        job = mh.map(print, ["hello"], progress=lambda *counts: seen.append(counts))
        job.wait()
        deadline = time.monotonic() + 20
        while seen[-1:] != [(1, 1, 0)] and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(seen[-1], (1, 1, 0))
        self.assertIn("hello", job.log())
        slow = mh.map(prints, [3], name="prints")
        texts = [line.rpartition("] ")[2] for line in slow.log(follow=True)]
        self.assertEqual(texts, ["line 0", "line 1", "line 2"])
        self.assertIn("wallSeconds", str(job.report()))
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "t.svg")
            job.timeline(path)
            self.assertTrue(os.path.getsize(path))
        self.assertIn("1 of 1 items", job._repr_html_())

    def test_the_worker_has_one_module_too(self):
        index, stopped, refusal = mh.map(who, [0]).result()[0]
        self.assertEqual((index, stopped), (0, False))
        self.assertIn("needs the client", refusal)


def await_lane(executor, items):
    """Waits until the service has so many items of an executor, and returns their lane."""
    deadline = time.monotonic() + 30
    while not executor._flow._lanes or executor._flow._lanes[0].sent < items:
        if time.monotonic() > deadline:
            raise AssertionError("the calls are not sent")
        time.sleep(0.01)
    return executor._flow._lanes[0]


@needs_service
class ExecutorTest(unittest.TestCase):
    def test_calls_and_their_errors(self):
        with mh.Executor(2) as executor:
            futures = [executor.submit(fails_at_two, i) for i in range(4)]
            done = concurrent.futures.wait(futures, 60)
            self.assertEqual((len(done.done), len(done.not_done)), (4, 0))
            self.assertIsInstance(futures[2].exception(), LookupError)
            self.assertEqual(futures[3].result(), 3)
            self.assertEqual(executor.submit(divmod, 7, 2).result(), (3, 1))

    def test_a_crash_costs_one_call(self):
        with mh.Executor(2, retry={"crash": 1}) as executor:
            futures = [executor.submit(crash_at_two, i) for i in range(4)]
            with self.assertRaisesRegex(mh.WorkerCrash, "SIGABRT"):
                futures[2].result(60)
            self.assertEqual([futures[i].result(60) for i in (0, 1, 3)], [0, 1, 3])

    def test_an_initializer_that_fails_breaks_the_executor(self):
        executor = mh.Executor(1, initializer=int, initargs=("x",))
        future = executor.submit(square, 1)
        with self.assertRaisesRegex(concurrent.futures.BrokenExecutor, "invalid literal"):
            future.result(60)
        with self.assertRaises(concurrent.futures.BrokenExecutor):
            executor.submit(square, 1)
        executor.shutdown()

    def test_calls_that_wait_can_be_cancelled(self):
        executor = mh.Executor(1)
        futures = [executor.submit(time.sleep, 0.01) for _ in range(100)]
        executor.shutdown(cancel_futures=True)
        self.assertGreater(sum(each.cancelled() for each in futures), 20)
        self.assertGreater(sum(not each.cancelled() for each in futures), 0)
        self.assertEqual({each.done() for each in futures}, {True})

    def test_a_call_that_the_service_has_is_cancelled_there(self):
        with socket.create_server(("127.0.0.1", 0)) as gate, mh.Executor(1) as executor:
            port = gate.getsockname()[1]
            futures = [executor.submit(waits_at, port, number) for number in range(6)]
            lane = await_lane(executor, 6)
            first, _ = gate.accept()
            self.assertEqual((futures[0].cancel(), futures[0].running()), (False, True))
            self.assertTrue(futures[3].running())
            seen = []
            futures[3].add_done_callback(seen.append)
            self.assertEqual([futures[3].cancel() for _ in range(2)], [True, True])
            self.assertEqual((seen, futures[3].cancelled()), ([futures[3]], True))
            self.assertIn(futures[3], concurrent.futures.wait(futures, 0).done)
            self.assertEqual(lane.job.refresh().view["items"]["skipped"], 1)
            with self.assertRaises(concurrent.futures.CancelledError):
                futures[3].result(0)
            first.close()
            for _ in range(4):  # not always in the order of the calls
                gate.accept()[0].close()
            self.assertEqual([futures[i].result(60) for i in (1, 2, 4, 5)], [1, 2, 4, 5])
            self.assertEqual((futures[0].result(60), futures[5].cancel()), (0, False))

    def test_all_pending_calls_are_cancelled_in_few_requests(self):
        with socket.create_server(("127.0.0.1", 0)) as gate:
            executor = mh.Executor(1)
            executor._flow._most_ahead = 2000
            first = executor.submit(waits_at, gate.getsockname()[1], 7)
            futures = [executor.submit(square, number) for number in range(1500)]
            await_lane(executor, 1501)
            running, _ = gate.accept()
            requests = mock.Mock(wraps=executor._client.cancel_items)
            with mock.patch.object(executor._client, "cancel_items", requests):
                executor.shutdown(wait=False, cancel_futures=True)
            self.assertEqual(requests.call_count, 1)
            self.assertEqual(sum(each.cancelled() for each in futures), 1500)
            running.close()
            self.assertEqual(first.result(60), 7)
            executor.shutdown()

    def test_a_call_that_fails_may_cancel_the_others(self):
        """Its callback runs in the thread that would have sent them."""
        executor, go = mh.Executor(1), threading.Event()
        opens = executor._client.open

        def late(head):
            go.wait(60)
            return opens(head)

        refused = mh.ServiceError(400, {"detail": "not these"})
        with mock.patch.object(executor._client, "open", late), mock.patch.object(
            executor._client, "append", mock.Mock(side_effect=refused)
        ):
            with executor._flow._changed:  # one batch for all of them
                futures = [executor.submit(square, number) for number in range(4)]
            futures[0].add_done_callback(lambda _: [each.cancel() for each in futures])
            go.set()
            for future in futures:
                with self.assertRaisesRegex(mh.ServiceError, "not these"):
                    future.result(20)
        executor.shutdown()

    def test_a_map_that_has_not_ended_is_cancelled_with_the_calls(self):
        executor = mh.Executor(1)
        results = executor.map(slowly, range(200))
        self.assertEqual(next(results), 0)
        executor.shutdown(cancel_futures=True)
        with self.assertRaises(concurrent.futures.CancelledError):
            list(results)

    def test_a_call_that_is_not_sent_yet_is_cancelled_without_a_request(self):
        executor = mh.Executor(1)
        made, go = threading.Event(), threading.Event()
        opens = executor._client.open

        def late(head):
            made.set()
            go.wait(60)
            return opens(head)

        with mock.patch.object(executor._client, "open", late):
            futures = [executor.submit(square, number) for number in range(3)]
            made.wait(60)
            self.assertEqual((futures[1].cancel(), futures[1].running()), (True, False))
            go.set()
        self.assertEqual([futures[i].result(60) for i in (0, 2)], [0, 4])
        executor.shutdown()

    def test_termination_stops_what_runs(self):
        executor = mh.Executor(1)
        future = executor.submit(time.sleep, 60)
        while not executor._flow._lanes:
            time.sleep(0.01)
        executor.terminate_workers()
        with self.assertRaises(concurrent.futures.BrokenExecutor):
            future.result(30)

    def test_a_job_that_is_full_is_followed_by_another(self):
        from manyhands import lane

        full, lane.ROTATE = lane.ROTATE, 10
        try:
            with mh.Executor(2) as executor:
                found = []
                for start in (0, 15, 30):
                    futures = [executor.submit(square, i) for i in range(start, start + 15)]
                    found += [future.result(60) for future in futures]
        finally:
            lane.ROTATE = full
        self.assertEqual(found, [i * i for i in range(45)])

    def test_an_infinite_iterable_with_a_buffer(self):
        with mh.Executor(2) as executor:
            results = executor.map(square, itertools.count(), buffersize=3)
            self.assertEqual(list(itertools.islice(results, 6)), [0, 1, 4, 9, 16, 25])
            results.close()

    def test_a_forgotten_executor_leaves_no_thread(self):
        mh.Executor(1).submit(square, 1).result(60)
        gc.collect()
        deadline = time.monotonic() + 20
        while any(t.name == "manyhands" for t in threading.enumerate()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_is_told_to_make_its_own(self):
        with mh.Executor(1) as executor:
            executor.submit(square, 1).result(60)
            child = os.fork()
            if not child:
                try:
                    executor.submit(square, 1)
                except RuntimeError:
                    os._exit(7)
                finally:
                    os._exit(1)
            self.assertEqual(os.waitpid(child, 0)[1], 7 << 8)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_takes_no_lock_at_its_end(self):
        calls = flow.Flow(mh.Client(), {})
        flow.finish_at_exit(calls)
        taken, done = threading.Event(), threading.Event()

        def hold():
            with calls._changed:
                taken.set()
                done.wait(60)

        holder = threading.Thread(target=hold)
        holder.start()
        taken.wait(60)
        child = os.fork()
        if not child:
            signal.alarm(5)  # of a process that waits for ever
            flow._at_exit()
            calls.terminate("the end")
            os._exit(7)
        done.set()
        holder.join()
        self.assertEqual(os.waitpid(child, 0)[1], 7 << 8)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_waits_for_no_lock(self):
        """Each lock is taken by another thread at the moment of the fork."""
        executor, pool = mh.Executor(1), mh.Pool(1)
        taken, done = threading.Event(), threading.Event()

        def hold():
            with executor._lock, executor._flow._changed, client_module._lock:
                taken.set()
                done.wait(60)

        holder = threading.Thread(target=hold)
        holder.start()
        taken.wait(60)

        def use():
            for call in (executor.submit, executor.map, pool.apply, pool.imap):
                with self.assertRaisesRegex(RuntimeError, "was forked"):
                    call(square, [1])
            executor.shutdown()
            executor.terminate_workers()
            self.assertEqual(mh.map(square, [3]).result(), [9])

        self.assertEqual(in_fork(use), 0)
        done.set()
        holder.join()
        executor.shutdown()
        pool.terminate()

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_ends_no_job_of_its_parent(self):
        """A fork leaves the `with` blocks, and drops the iterators, of the process that waits."""
        with mh.Executor(1) as executor, mh.Pool(1) as pool:
            results = executor.map(slowly, range(4))
            buffered = executor.map(slowly, range(4), buffersize=4)
            self.assertEqual((next(results), next(buffered)), (0, 0))
            later = pool.map_async(slowly, range(4))
            future = executor.submit(slowly, 5)

            def leave():
                executor.__exit__(None, None, None)
                executor.terminate_workers()
                pool.__exit__(None, None, None)
                later._cancel()
                results.close()
                buffered.close()

            self.assertEqual(in_fork(leave), 0)
            self.assertEqual(in_fork(lambda: decorated.submit(1).result(30)), 0)
            self.assertEqual((list(results), list(buffered)), ([1, 2, 3], [1, 2, 3]))
            self.assertEqual((later.get(60), future.result(60)), ([0, 1, 2, 3], 5))

    @mock.patch.object(feeding, "BATCH_ITEMS", 10_000)
    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_an_iterable_that_forks_loses_no_job(self):
        def items():
            yield from range(60_000)
            child = os.fork()
            if not child:
                signal.alarm(20)
                raise SystemExit
            self.assertEqual(os.waitpid(child, 0)[1], 0)

        parent = os.getpid()
        try:
            job = mh.map(square, items())
        except SystemExit:
            os._exit(0 if os.getpid() != parent else 1)
        self.assertEqual(len(job.result()), 60_000)

    def test_calls_go_to_no_job_whose_reader_has_ended(self):
        with mh.Executor(1) as executor:
            self.assertEqual(executor.submit(square, 2).result(60), 4)
            lane = executor._flow._lanes[0]
            lane.reader.close()
            while executor._flow._lanes:
                time.sleep(0.01)
            lane.is_full = False  # as the writer may have seen it just before
            self.assertEqual(executor.submit(square, 3).result(20), 9)

    def test_termination_ends_a_job_that_is_being_made(self):
        executor = mh.Executor(1)
        made, go = threading.Event(), threading.Event()
        opens = executor._client.open

        def slowly(head):
            job = opens(head)
            made.set()
            go.wait(60)
            return job

        with mock.patch.object(executor._client, "open", slowly):
            future = executor.submit(time.sleep, 60)
            made.wait(60)
            executor.terminate_workers()
            go.set()
            with self.assertRaises(concurrent.futures.BrokenExecutor):
                future.result(20)
            executor.shutdown()

    def test_programs_share_no_warm_worker(self):
        def code(client):
            return functions.calls(client, packing.Packer())["code"]

        one, other = mh.Client(), mh.Client()
        self.assertEqual(code(one), code(one))
        self.assertNotEqual(code(one), code(other))
        before = code(one)
        with mock.patch("os.getpid", lambda: -1):
            self.assertNotEqual(code(one), before)

    def test_a_call_that_cannot_be_opened_is_a_fault_of_the_pool(self):
        self.assertIsInstance(flow.broken("x"), concurrent.futures.BrokenExecutor)


@needs_service
class PoolTest(unittest.TestCase):
    def test_all_kinds_of_map(self):
        with mh.Pool(2) as pool:
            self.assertEqual(pool.map(square, range(5), chunksize=2), [0, 1, 4, 9, 16])
            self.assertEqual(pool.starmap(pow, [(2, 3), (3, 2)]), [8, 9])
            self.assertEqual(list(pool.imap(square, iter(range(5)))), [0, 1, 4, 9, 16])
            self.assertEqual(sorted(pool.imap_unordered(square, range(5))), [0, 1, 4, 9, 16])
            self.assertEqual(list(pool.istarmap(pow, [(2, 3), (3, 2)])), [8, 9])
            self.assertEqual(pool.apply(pow, (2, 3)), 8)
            got = []
            pool.map_async(square, [3], callback=got.append).wait(60)
            self.assertEqual(got, [[9]])
        with self.assertRaisesRegex(ValueError, "not running"):
            pool.map(square, [1])

    def test_imap_goes_on_after_the_close(self):
        go = threading.Event()

        def items():
            yield 1
            go.wait(60)
            yield from range(2, 40)

        pool = mh.Pool(2)
        results = pool.imap(square, items())
        self.assertEqual(results.next(60), 1)
        pool.close()
        threading.Timer(0.3, go.set).start()
        pool.join()
        self.assertEqual([results.next(10) for _ in range(2, 40)], [i * i for i in range(2, 40)])

    def test_imap_goes_on_when_nobody_holds_the_pool(self):
        go = threading.Event()

        def items():
            yield 1
            go.wait(60)
            yield 2

        results = mh.Pool(1).imap(square, items())
        gc.collect()
        self.assertEqual(results.next(60), 1)
        time.sleep(0.3)
        go.set()
        self.assertEqual(results.next(20), 4)
        self.assertRaises(StopIteration, results.next, 20)

    def test_a_join_takes_the_results_that_nobody_takes(self):
        pool = mh.Pool(2)
        results = later.Results(False)
        results._room = threading.Semaphore(3)
        with mock.patch("manyhands.pool.Results", lambda unordered: results):
            pool.imap(square, range(10))
        pool.close()
        pool.join()
        self.assertEqual([results.next(0) for _ in range(10)], [i * i for i in range(10)])

    def test_a_join_waits_for_callbacks(self):
        pool, seen = mh.Pool(1), []
        pool.map_async(square, [3], callback=lambda value: seen.append(list(pool._jobs)))
        pool.close()
        pool.join()
        self.assertEqual(len(seen[0]), 1)

    def test_termination_ends_all_results(self):
        pool = mh.Pool(1)
        results = pool.imap(time.sleep, itertools.repeat(60))
        late = pool.apply_async(time.sleep, (60,))
        pool.terminate()
        pool.join()
        with self.assertRaises(Exception):
            late.get(20)
        with self.assertRaises((concurrent.futures.CancelledError, flow.broken("").__class__)):
            while True:
                results.next(20)


@needs_service
class ProgramTest(unittest.TestCase):
    """What only shows in a process of its own."""

    def run_code(self, code):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "program.py")
            with open(file, "w") as out:
                out.write(code)
            done = run_program(file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_a_script_needs_no_main_guard_and_ends_by_itself(self):
        out = self.run_code(
            "import manyhands as mh\n"
            "def f(x): return x + 1\n"
            "executor = mh.Executor(1)\n"
            "executor.submit(f, 1).add_done_callback(lambda done: print(done.result()))\n"
            "print(mh.map(f, [3]).result())\n"
        )
        self.assertEqual(sorted(out.split()), ["2", "[4]"])

    def test_an_interrupted_program_leaves_no_call_running(self):
        """Ctrl-C in a `with` block, outside of one, and while the program waits at its end."""
        head = (
            "import manyhands as mh, os, signal, sys, threading, time\n"
            # A shell has the jobs in its background ignore Ctrl-C, and their children inherit it.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "executor = mh.Executor(1, labels={'test': sys.argv[1]})\n"
            "calls = [executor.submit(time.sleep, 30) for _ in range(9)]\n"
            "def interrupt():\n"
            "    while not executor._flow._lanes or executor._flow._lanes[0].sent < 8: pass\n"
            "    time.sleep(0.3)\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n"
            "threading.Thread(target=interrupt, daemon=True).start()\n"
        )
        waits = ("with executor: calls[0].result()", "calls[0].result()", "")
        for number, rest in enumerate(waits):
            label = "interrupted-%d-%d" % (os.getpid(), number)
            done = run_program("-c", head + rest, label)
            self.assertEqual(done.stderr.count("KeyboardInterrupt"), 1 if rest else 0, done.stderr)
            states = [job.wait(30).state for job in mh.jobs(9, label="test:" + label)]
            self.assertEqual(states, ["CANCELLED"])

    def test_a_pool_ends_with_its_program(self):
        label = "ended-%d" % os.getpid()
        self.run_code(
            "import manyhands as mh, time\n"
            "pool = mh.Pool(1, labels={'test': '%s'})\n"
            "calls = [pool.apply_async(time.sleep, (60,)) for _ in range(3)]\n"
            "while not pool._flow._lanes or not pool._flow._lanes[0].sent: time.sleep(0.01)\n" % label
        )
        states = [job.wait(30).state for job in mh.jobs(9, label="test:" + label)]
        self.assertEqual(states, ["CANCELLED"])

    def test_without_cloudpickle_functions_of_the_script_work(self):
        out = self.run_code(
            "import sys; sys.modules['cloudpickle'] = None\n"
            "import manyhands as mh, math\n"
            "k = 2\n"
            "def g(x): return math.sqrt(x) * k\n"
            "def f(x): return g(x) + 1 if x else f(4)\n"
            "print(mh.map(f, [16, 0]).result(), mh.map(lambda x: f(x), [1]).result())\n"
        )
        self.assertEqual(out, "[9.0, 5.0] [3.0]\n")


@needs_service
class JoblibTest(unittest.TestCase):
    def test_parallel(self):
        try:
            import joblib
        except ImportError:
            self.skipTest("joblib is not installed here")
        mh.joblib.register()
        with joblib.parallel_backend("manyhands", n_jobs=2):
            work = joblib.delayed(square)
            self.assertEqual(joblib.Parallel()(work(i) for i in range(5)), [0, 1, 4, 9, 16])
            with self.assertRaises(LookupError):
                joblib.Parallel()(joblib.delayed(fails_at_two)(i) for i in range(4))

"""Runs CPython's own tests of executors and pools with the classes of this package in their place.

    python3 tests/cpython_suites.py [--kill SECONDS COMMAND] [executor] [pool] [TEST …]

With --kill, the command starts the service, and is killed and started again after each so many
seconds, such as 15. The tests see no restart, apart from those that assert elapsed time.

The tests come with Python 3.11 (Debian: libpython3.11-testsuite); the service must run functions
with the Python that runs this file, and have five slots. The tables below list the tests that do not
apply, with the reason.
"""

import contextlib
import multiprocessing
import os
import shlex
import subprocess
import sys
import textwrap
import threading
import unittest

import manyhands

EXECUTOR_OUT = {
    "test_processes_terminate": "looks at _processes",
    "test_context_manager_shutdown": "looks at _processes",
    "test_del_shutdown": "looks at _executor_manager_thread",
    "test_shutdown_no_wait": "looks at _processes",
    "test_max_workers_too_large": "a limit of Windows",
    "test_killed_child": "kills a child process",
    "test_ressources_gced_in_workers": "needs an inherited manager",
    "test_saturation": "looks at _processes",
    "test_idle_process_reuse_one": "looks at _processes",
    "test_idle_process_reuse_multiple": "looks at _processes",
    "test_max_tasks_per_child": "looks at _processes",
    "test_max_tasks_per_child_defaults_to_spawn_context": "looks at _mp_context",
    "test_shutdown_deadlock": "looks at _processes",
    "test_shutdown_deadlock_pickle": "looks at _executor_manager_thread",
    "test_interpreter_shutdown": "wants the output of a worker, which is in the job's log",
    "test_hang_gh83386": "wants the output of a worker, which is in the job's log",
}
POOL_OUT = {
    "test_make_pool": "looks at _pool",
    "test_pool_worker_lifetime": "looks at _pool",
    "test_worker_finalization_via_atexit_handler_of_multiprocessing": "a child process of its own",
    "test_del_pool": "looks at _pool",
}
# A restart of the service takes seconds.
EXECUTOR_TIMED = {"test_map_timeout": "wants two results within 5 s"}
POOL_TIMED = {"test_map_chunksize": "wants a result within 0.8 s"}


# Before the programs that tests run: the class under the name that they import.
PREFIX = """
import sys; sys.path.insert(0, %r)
import concurrent.futures.process, manyhands
concurrent.futures.Executor = concurrent.futures.ProcessPoolExecutor = manyhands.Executor
"""


def executor_cases(only):
    import test.test_concurrent_futures as suite

    run = suite.assert_python_ok
    prefix = PREFIX % manyhands.__path__[0].rpartition("/")[0]
    variables = {name: value for name, value in os.environ.items() if name.startswith("MANYHANDS_")}
    suite.assert_python_ok = lambda option, code: run(
        option, prefix + textwrap.dedent(code), __isolated=False, **variables
    )

    class Mixin(suite.ExecutorMixin):
        executor_type = manyhands.Executor

    class FailingMixin(suite.FailingInitializerMixin, Mixin):
        def setUp(self):
            self.mp_context = None
            self.log_queue = None
            self.executor_kwargs = dict(initializer=suite.init_fail)
            Mixin.setUp(self)

        def _assert_logged(self, message):  # the log of the worker is at the service
            import contextlib

            return contextlib.nullcontext()

    bases = [
        suite.InitializerMixin,
        FailingMixin,
        suite.ProcessPoolShutdownTest,
        suite.WaitTests,
        suite.AsCompletedTests,
        suite.ProcessPoolExecutorTest,
        suite.ExecutorDeadlockTest,
    ]
    for base in bases:
        parents = (base,) if issubclass(base, Mixin) else (base, Mixin)
        case = type(base.__name__, (*parents, suite.BaseTestCase), {"__module__": suite.__name__})
        case.get_context = lambda self: multiprocessing.get_context("spawn")
        setattr(suite, base.__name__, case)  # so that its methods can be pickled by name
        if base is suite.ExecutorDeadlockTest:
            case._fail_on_deadlock = lambda self, executor: self.fail("deadlock")
        yield from of(case, EXECUTOR_OUT, only)


def pool_cases(only):
    import test._test_multiprocessing as suite

    multiprocessing.Pool = manyhands.Pool
    for base in (suite._TestPool, suite._TestPoolWorkerErrors, suite._TestPoolWorkerLifetime):
        names = {"TYPE": "processes", "Pool": manyhands.Pool, "__module__": suite.__name__}
        case = type(base.__name__, (base, unittest.TestCase), names)
        setattr(suite, base.__name__, case)
        yield from of(case, POOL_OUT, only)


def of(case, out, only):
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(case):
        name = test.id().rpartition(".")[2]
        if (not only or name in only) and not out.get(name):
            yield test


@contextlib.contextmanager
def killed(seconds, command):
    """Has a service run that is killed, and started again, after each so many seconds."""
    os.environ["MANYHANDS_RETRY"] = "60"  # for the programs of tests that begin meanwhile
    over, started = threading.Event(), threading.Semaphore(0)

    def run():
        while not over.is_set():
            service = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL)
            try:
                manyhands.Client().service()
                started.release()
                over.wait(seconds)
            finally:
                service.kill()
                service.wait()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        if not started.acquire(timeout=90):
            raise SystemExit("no service was started")
        yield
    finally:
        over.set()
        thread.join()


def main(arguments):
    if arguments[:1] == ["--kill"]:
        _, seconds, command, *others = arguments
        EXECUTOR_OUT.update(EXECUTOR_TIMED)
        POOL_OUT.update(POOL_TIMED)
        with killed(float(seconds), command):
            return main(others)
    wanted = [a for a in arguments if a in ("executor", "pool")] or ["executor", "pool"]
    only = [a for a in arguments if a not in ("executor", "pool")]
    tests = unittest.TestSuite()
    for name in wanted:
        tests.addTests({"executor": executor_cases, "pool": pool_cases}[name](only))
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

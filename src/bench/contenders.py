"""Those who are measured: ours, and what people use instead. Each maps a function over items and gives back the list of results.

All are warm: pools are made, workers started and functions imported before the clock starts, as ours are. What is missing on
the machine is left out, and MISSING says so.
"""
import concurrent.futures
import gc
import inspect
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import functions

try:
    import joblib
except ImportError:
    joblib = None
try:
    import distributed
except ImportError:
    distributed = None
try:
    import celery
    import redis
except ImportError:
    celery = None

HERE = os.path.dirname(os.path.abspath(__file__))
CORES = len(os.sched_getaffinity(0))
MISSING = [name for name, there in (
    ("Joblib (python3-joblib)", joblib), ("Dask (python3-distributed)", distributed),
    ("Celery (python3-celery python3-redis redis-server)", celery and shutil.which("redis-server"))) if not there]
# More items than this go to Joblib, Dask and Celery in slices, as their users do: a task for each item would take minutes.
MANY = 3_000


def definition(function):
    """Returns a function of functions.py as a job names it."""
    return {"runtime": "python", "code": inspect.getsource(function), "entry": function.__name__}


def even_slices(items):
    """Cuts items into as many slices as Pool.map does by default: four for each worker."""
    size = max(1, -(-len(items) // (4 * CORES)))
    return [items[i:i + size] for i in range(0, len(items), size)]


def run_slice(function, items):
    return [function(item) for item in items]


class Ours:
    """The service by way of a client."""

    def __init__(self, client):
        self.client = client

    def run(self, function, items):
        return self.client.map(definition(function), items)


class Pools:
    """The pools of the standard library, and a plain process for each core. Made first: forking is for programs without threads."""

    def __init__(self):
        self.pool = multiprocessing.Pool(CORES)
        self.executor = concurrent.futures.ProcessPoolExecutor(CORES)
        list(self.executor.map(functions.identity, range(CORES * 8)))
        self.plain = [PlainProcess() for _ in range(CORES)]

    def map(self, size):
        return lambda function, items: self.pool.map(function, items, size)

    def executor_map(self, size):
        return lambda function, items: list(self.executor.map(function, items, chunksize=size))

    def plain_map(self, function, items):
        """Shows what the machine can do: each process has its part from the start, and nobody manages anything."""
        for number, process in enumerate(self.plain):
            process.start(function, items[number::CORES])
        parts = [process.finish() for process in self.plain]
        results = [None] * len(items)
        for number, part in enumerate(parts):
            results[number::CORES] = part
        return results

    def close(self):
        self.pool.terminate()
        self.executor.shutdown()
        for process in self.plain:
            process.close()


class PlainProcess:
    def __init__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self._serve, args=(theirs,), daemon=True)
        self.process.start()

    @staticmethod
    def _serve(pipe):
        while (work := pipe.recv()) is not None:
            pipe.send(run_slice(*work))

    def start(self, function, items):
        self.pipe.send((function, items))

    def finish(self):
        return self.pipe.recv()

    def close(self):
        self.pipe.send(None)
        self.process.join()


class JoblibPeer:
    name = "Joblib"

    def __init__(self, _directory):
        self.parallel = joblib.Parallel(n_jobs=CORES)
        self.parallel.__enter__()

    def run(self, function, items):
        # Joblib's own batches begin at one item and grow by measured times, which takes too long for many items.
        self.parallel.batch_size = "auto" if len(items) <= MANY else -(-len(items) // (4 * CORES))
        return self.parallel(joblib.delayed(function)(item) for item in items)

    def close(self):
        self.parallel.__exit__(None, None, None)


class DaskPeer:
    name = "Dask"

    def __init__(self, directory):
        self.cluster = distributed.LocalCluster(
            n_workers=CORES, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=directory,
            silence_logs=50)
        self.client = distributed.Client(self.cluster)

    def run(self, function, items):
        if len(items) <= MANY:
            return self.client.gather(self.client.map(function, items, pure=False))
        futures = [self.client.submit(run_slice, function, part, pure=False) for part in even_slices(items)]
        return [result for part in self.client.gather(futures) for result in part]

    def close(self):
        self.client.close()
        self.cluster.close()


class CeleryPeer:
    """Workers of its own, a Redis of its own that keeps its queue in an append-only file."""
    name = "Celery"

    def __init__(self, directory, fsync="everysec"):
        port = free_port()
        os.makedirs(directory, exist_ok=True)
        self.log = open(os.path.join(directory, "celery.log"), "w")
        self.redis = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", directory, "--appendonly", "yes",
             "--appendfsync", fsync, "--save", ""], stdout=self.log, stderr=self.log)
        os.environ["BENCH_REDIS"] = f"redis://127.0.0.1:{port}/0"
        self.workers = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", "worker", f"--concurrency={CORES}", "--loglevel=ERROR",
             "--without-gossip", "--without-mingle", "--without-heartbeat"],
            cwd=HERE, env=dict(os.environ, C_FORCE_ROOT="1"), stdout=self.log, stderr=self.log, start_new_session=True)
        await_port(port)
        import celery_app  # reads where Redis is
        self.tasks = celery_app.TASKS
        self.tasks["identity"].delay(0).get(timeout=60)

    def run(self, function, items):
        task = self.tasks[function.__name__]
        if len(items) <= MANY:
            return celery.group(task.s(item) for item in items).apply_async().join()
        size = len(even_slices(items)[0])
        parts = task.chunks([(item,) for item in items], size).apply_async().join()
        return [result for part in parts for result in part]

    def one(self, function, item):
        return self.tasks[function.__name__].delay(item).get(timeout=60)

    def close(self):
        gc.collect()  # a result sends a command to Redis when it is freed, so results go before Redis
        # The children of the worker are in its session: they end with the worker, also when it is slow.
        os.killpg(self.workers.pid, signal.SIGTERM)
        try:
            self.workers.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.workers.pid, signal.SIGKILL)
            self.workers.wait()
        self.redis.terminate()
        self.redis.wait()
        self.log.close()


class ForkJoinPeer:
    """A ForkJoinPool in one JVM that has the numbers in memory: the time is taken inside of it."""
    name = "ForkJoinPool"

    def __init__(self, java, classes, jar):
        self.process = subprocess.Popen([java, "-cp", classes + os.pathsep + jar, "bench.ForkJoin", str(CORES)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def items(self, numbers):
        self._tell("items " + " ".join(map(str, numbers)))

    def seconds(self, function):
        """Returns the seconds that the program measured, and the results as words."""
        self._tell(function)
        nanos, *results = self.process.stdout.readline().split()
        return int(nanos) / 1e9, results

    def _tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def await_port(port):
    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)

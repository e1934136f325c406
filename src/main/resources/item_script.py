"""One item of a job of Manyhands, to run and to debug alone.

    python3 item-17.py           runs the item and prints its result
    python3 -m pdb item-17.py    runs it in the debugger; c stops at the first error

The code, the item, its arguments and its random numbers are those of the job. Packages come from
this machine, and may differ from those of the service.

Shared objects are in their first state, as objects of this process: the item is alone with them.
"""

import atexit
import base64
import json
import linecache
import os
import pickle
import queue
import random
import shutil
import sys
import tempfile
import threading
import traceback

# The values of the item.

SOURCE_NAME = "<function>"  # in tracebacks, as in a worker

running = False  # False while the code is loaded
stream = None  # the generator that rng() has returned
objects = {}  # by name: the shared objects that were asked for


def stopped():
    """Returns whether the result is no longer wanted."""
    return False


def item_index():
    """Returns the index of the item in its job; -1 while the code is loaded."""
    return INDEX if running else -1


def traceparent():
    """Returns None: this run is in no trace."""
    return None


def rng():
    """Returns a random.Random: the item's own stream when the job has a seed."""
    global stream
    if stream is None:
        stream = random.Random(number(1)) if running and SEED is not None else random.Random()
    return stream


def shared(name):
    """Returns a shared object of the job, in its first state."""
    declared = json.loads(SHARED)
    if name not in declared:
        names = ", ".join(declared) or "none"
        raise KeyError("the job declares no shared object %r; it declares %s" % (name, names))
    if name not in objects:
        one = declared[name]
        objects[name] = KINDS[one["kind"]](one)
    return objects[name]


class Unshared:
    """Stands for a shared object that a module makes. The pickle puts the job's in its place."""

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        return Unshared


class SharedFull(RuntimeError):
    """Never raised here, where shared objects have no bounds."""


class SharedValue:
    def __init__(self, declared):
        self.value = declared["initial"]
        self._lock = SharedLock(declared, threading.RLock())

    def add(self, n=1):
        with self._lock:
            self.value += n
            return self.value

    def get_lock(self):
        return self._lock


class SharedLock:
    abandoned = False

    def __init__(self, declared, lock=None):
        self._lock = lock or threading.Lock()
        self._depth = 0

    def acquire(self, blocking=True, timeout=None):
        if self._lock.acquire(blocking, -1 if timeout is None or not blocking else timeout):
            self._depth += 1
            return True
        return False

    def release(self):
        self._depth -= 1
        self._lock.release()

    def locked(self):
        return self._depth > 0

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *raised):
        self.release()


class SharedDict(dict):
    def __init__(self, declared):
        super().__init__({key: opened(value) for key, value in declared["initial"].items()})

    def add(self, key, n=1):
        self[key] = total = self.get(key, 0) + n
        return total

    def compare_and_set(self, key, old, new):
        is_old = key in self and self[key] == old
        if is_old:
            self[key] = new
        return is_old

    def keys(self):
        return [*super().keys()]

    def values(self):
        return [*super().values()]

    def items(self):
        return [*super().items()]


class SharedList(list):
    def __init__(self, declared):
        super().__init__(map(opened, declared["initial"]))


class SharedQueue(queue.Queue):
    def __init__(self, declared):
        super().__init__(declared.get("size", 0))

    def clear(self):
        with self.mutex:
            self.queue.clear()
            self.not_full.notify_all()


class SharedSemaphore(threading.BoundedSemaphore):
    def __init__(self, declared):
        super().__init__(declared["initial"])

    def get_value(self):
        return self._value


KINDS = {
    "value": SharedValue,
    "lock": SharedLock,
    "dict": SharedDict,
    "list": SharedList,
    "queue": SharedQueue,
    "semaphore": SharedSemaphore,
}


def number(use):
    """Returns the number that seeds a generator of this item, as a worker computes it."""
    natural = 2 * SEED if SEED >= 0 else -2 * SEED - 1
    return (natural << 65) | (INDEX << 1) | use


def seed_generators():
    """Seeds `random` and numpy as a worker does, which seeds neither for threads."""
    if SEED is None or THREADS > 1:
        return
    sys.meta_path.insert(0, NumpySeeds())
    random.seed(number(0))
    if "numpy" in sys.modules:
        seed_numpy()


def seed_numpy():
    try:
        from numpy.random import seed
    except ImportError:  # another module with this name
        return
    left = number(0)
    words = []
    while left:
        words.append(left & 0xFFFFFFFF)
        left >>= 32
    seed([*words, 2])  # other numbers than those of random


class NumpySeeds:
    """Seeds numpy when the item is the first to import it."""

    def find_spec(self, name, path=None, target=None):
        if name != "numpy.random":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None:
            return None
        run_module = spec.loader.exec_module

        def run_and_seed(module):
            run_module(module)
            seed_numpy()

        spec.loader.exec_module = run_and_seed
        return spec


def put_modules():
    """Writes the modules that came with the function where it can import them."""
    if MODULES:
        directory = tempfile.mkdtemp(prefix="item-")
        atexit.register(shutil.rmtree, directory, True)
        sys.path.insert(0, directory)
        for path, text in MODULES.items():
            file = os.path.join(directory, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w", encoding="utf-8", newline="") as output:
                output.write(text)


def load():
    """Opens the pickle of the function, or runs the code and its initializer. Returns the function."""
    module = type(sys)("manyhands")
    for member in (stopped, item_index, rng, traceparent, shared, SharedFull):
        setattr(module, member.__name__, member)
    # A module of functions that are decorated for the client works here, too.
    module.function = lambda decorated=None, **options: decorated or (lambda each: each)
    for name in ("Value", "Lock", "Semaphore", "Dict", "List", "Queue", "Manager"):
        setattr(module, name, Unshared)
    sys.modules["manyhands"] = module
    put_modules()
    if PICKLE is not None:
        return pickle.loads(base64.b64decode(PICKLE))
    # Shows the lines of the code to the debugger and in tracebacks.
    ends = CODE.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line + "\n" for line in ends.split("\n")]
    linecache.cache[SOURCE_NAME] = (len(CODE), None, lines, SOURCE_NAME)
    module = type(sys)("__manyhands_function__")
    sys.modules[module.__name__] = module
    exec(compile(CODE, SOURCE_NAME, "exec", dont_inherit=True), vars(module))
    if INITIALIZER:
        getattr(module, INITIALIZER)(*json.loads(INITIALIZER_ARGS))
    return getattr(module, ENTRY)


def opened(value):
    """Returns a value without its envelope: a Python value is a scalar, or has a pickle."""
    is_envelope = VALUES == "python" and type(value) is dict
    return pickle.loads(base64.b64decode(value["p"])) if is_envelope else value


def call(function, item, common):
    common = {name: opened(value) for name, value in common.items()}
    if CALL == "map":
        return function(opened(item), **common)
    if type(item) is list:
        return function(*map(opened, item), **common)
    item = opened(item)
    if isinstance(item, (list, tuple)):
        return function(*item, **common)
    if isinstance(item, dict):
        return function(**{**common, **item})
    raise TypeError("starmap spreads an array or an object over the parameters, and nothing else")


def main():
    global running, stream
    sys.excepthook = traceback.print_exception  # which shows the lines of the code
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # JSON has no such limit
    function = load()
    item, common = json.loads(INPUT), json.loads(COMMON)
    running, stream = True, None
    seed_generators()
    result = call(function, item, common)
    if VALUES == "python":
        print(repr(result))
        return
    try:
        text = json.dumps(result)
    except (TypeError, ValueError):
        text = repr(result)  # the service has JSON forms of more types
    print(text)


if __name__ == "__main__":
    main()

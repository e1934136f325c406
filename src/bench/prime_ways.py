"""Is one large number prime? Seven ways to stop all processes once one of them has found a factor, each with `multiprocessing` and with
Manyhands, in turns.

python3 src/bench/prime_ways.py [--rounds 3] [--ways naive,value] [--numbers 112272535095295] [--jar target/manyhands.jar]

wants the packaged jar and a JDK 25. The way with Redis also wants redis-server on the PATH, and the package `redis` for this Python. The pool of each side is
made once and is warm; each time is that of one check, from the call to the answer. All processes look for a factor in a part of the odd numbers up
to the square root. Every answer is compared with the known one.
"""
import argparse
import math
import mmap
import multiprocessing
import os
import statistics
import sys
import tempfile
import time

from redis_server import RedisServer
from service import JAR, REPOSITORY, Service, find_java, installed

sys.path.insert(0, os.path.join(REPOSITORY, "src", "client", "python", "src"))

import manyhands as mh  # noqa: E402

NUMBERS = {
    112272535095295: False,
    100109100129100369: False,
    100109100129101027: False,
    100109100129100151: True,
    100109100129162907: True,
}
WARM = 1_000_003 * 1_000_033
PROCESSES = os.cpu_count()  # and parts
SMALL = 21  # the caller tries the factors below alone, but for the naive pool
LOOK_EVERY = 1_000  # factors between two looks at the flag
KEY = "found"  # of the flag in Redis

MOST_RATIO, MOST_EXTRA = 1.1, 0.005  # ours is to take at most this much of the other's time, and these seconds


# ---- the algorithms, which both sides run


def has_factor(number, first, end):
    for factor in range(first, end, 2):
        if number % factor == 0:
            return True
    return False


def has_factor_counting(number, first, end, is_found, find):
    """Looks at the flag when a counter has run down."""
    left = LOOK_EVERY
    for factor in range(first, end, 2):
        left -= 1
        if left == 0:
            if is_found():
                return False
            left = LOOK_EVERY
        if number % factor == 0:
            find()
            return True
    return False


def has_factor_value(number, first, end, flag):
    """As above, with an object that has the flag as its `value`."""
    left = LOOK_EVERY
    for factor in range(first, end, 2):
        left -= 1
        if left == 0:
            if flag.value:
                return False
            left = LOOK_EVERY
        if number % factor == 0:
            flag.value = True
            return True
    return False


def has_factor_byte(number, first, end, memory):
    """As above, with a byte of memory as the flag."""
    left = LOOK_EVERY
    for factor in range(first, end, 2):
        left -= 1
        if left == 0:
            if memory[0]:
                return False
            left = LOOK_EVERY
        if number % factor == 0:
            memory[0] = 1
            return True
    return False


def has_factor_byte_in_two_loops(number, first, end, memory):
    """Looks at the flag in an outer loop, so that the inner one counts nothing."""
    for start in range(first, end, 2 * LOOK_EVERY):
        if memory[0]:
            return False
        for factor in range(start, min(start + 2 * LOOK_EVERY, end), 2):
            if number % factor == 0:
                memory[0] = 1
                return True
    return False


def has_factor_value_in_two_loops(number, first, end, flag):
    for start in range(first, end, 2 * LOOK_EVERY):
        if flag.value:
            return False
        for factor in range(start, min(start + 2 * LOOK_EVERY, end), 2):
            if number % factor == 0:
                flag.value = True
                return True
    return False


_redis = {}  # the connection of this worker, by port


def redis_of(port):
    if port not in _redis:
        import redis

        _redis[port] = redis.Redis(port=port)
    return _redis[port]


def redis_clearing(port):
    """A function that clears the flag, over a connection of its own."""
    if port is None:
        return None
    import redis

    connection = redis.Redis(port=port)
    return lambda: connection.set(KEY, "0")


def has_factor_redis(number, first, end, port):
    flag = redis_of(port)
    return has_factor_counting(number, first, end, lambda: flag.get(KEY) == b"1", lambda: flag.set(KEY, "1"))


def parts(number):
    """The odd factors up to the square root in equal parts, each as number, first factor and end."""
    end = math.isqrt(number) + 1
    edges = [3 + 2 * (end * part // PROCESSES // 2) for part in range(PROCESSES + 1)]
    return [(number, first, last) for first, last in zip(edges, edges[1:])]


def has_small_factor(number):
    return any(number % factor == 0 for factor in (2, *range(3, SMALL, 2)))


# ---- with multiprocessing: the pools' processes have the flags as globals


def begin(*given):
    global there_manager, there_value, there_memory, redis_port
    there_manager, there_value, there_memory, redis_port = given


def there_by_manager(number, first, end):
    return has_factor_value(number, first, end, there_manager)


def there_by_redis(number, first, end):
    return has_factor_redis(number, first, end, redis_port)


def there_by_value(number, first, end):
    return has_factor_value(number, first, end, there_value)


def there_by_memory(number, first, end):
    return has_factor_byte(number, first, end, there_memory)


def there_by_memory_in_two_loops(number, first, end):
    return has_factor_byte_in_two_loops(number, first, end, there_memory)


def theirs(pool, manager_flag, value, memory, port):
    """The ways by name: what clears the flag, and the function of the parts."""

    def clear_manager():
        manager_flag.value = False

    def clear_value():
        value.value = False

    def clear_memory():
        memory[0] = 0

    return {name: check(pool, *way) for name, way in {
        "naive": (None, has_factor, False),
        "less-naive": (None, has_factor),
        "manager": (clear_manager, there_by_manager),
        "redis": (redis_clearing(port), there_by_redis),
        "value": (clear_value, there_by_value),
        "mmap": (clear_memory, there_by_memory),
        "mmap-loops": (clear_memory, there_by_memory_in_two_loops),
    }.items()}


# ---- with Manyhands: functions refer to the flags


def ours(pool, manager, port):
    flags, flag = manager.dict(found=False), manager.Value(False)

    def by_dict(number, first, end):
        def find():
            flags["found"] = True

        return has_factor_counting(number, first, end, lambda: flags["found"], find)

    def by_redis(number, first, end):
        return has_factor_redis(number, first, end, port)

    def by_value(number, first, end):
        return has_factor_value(number, first, end, flag)

    def by_value_in_two_loops(number, first, end):
        return has_factor_value_in_two_loops(number, first, end, flag)

    def clear_dict():
        flags["found"] = False

    def clear_value():
        flag.value = False

    return {name: check(pool, *way) for name, way in {
        "naive": (None, has_factor, False),
        "less-naive": (None, has_factor),
        "manager": (clear_dict, by_dict),
        "redis": (redis_clearing(port), by_redis),
        "value": (clear_value, by_value),
        "mmap": (clear_value, by_value),
        "mmap-loops": (clear_value, by_value_in_two_loops),
    }.items()}


# ---- both


def check(pool, clear, function, tries_small=True):
    def is_prime(number):
        if tries_small and has_small_factor(number):
            return False
        if clear:
            clear()
        return not any(pool.starmap(function, parts(number), 1))

    return is_prime


TITLES = {
    "naive": ("naive pool", "naive job"),
    "less-naive": ("less naive pool: small factors first", "job, small factors first"),
    "manager": ("Manager flag", "key of a shared dict"),
    "redis": ("Redis flag", "Redis flag, from the items"),
    "value": ("RawValue flag", "shared value"),
    "mmap": ("mmap flag", "shared value, which is mapped memory"),
    "mmap-loops": ("mmap flag, two loops", "shared value, two loops"),
}


def seconds_of(is_prime, number):
    began = time.perf_counter()
    answer = is_prime(number)
    seconds = time.perf_counter() - began
    if answer != NUMBERS[number]:
        raise SystemExit(f"{number} is {'prime' if answer else 'not prime'}, says {is_prime}")
    return seconds


def shown(samples):
    return f"{1e3 * statistics.median(samples):9.1f} ({1e3 * min(samples):.1f}-{1e3 * max(samples):.1f})"


def compare(there, here, given):
    late = 0
    for number in given.numbers:
        print(f"\n{number} is {'prime' if NUMBERS[number] else 'composite'}; ms, median (least-most)")
        for name in given.ways:
            if name not in there:
                print(f"  {name:12} skipped: no redis")
                continue
            times = [], []
            there[name](WARM), here[name](WARM)  # a function of ours has workers of its own, and few of them are kept
            for turn in range(given.rounds):
                for side in (0, 1) if turn % 2 else (1, 0):
                    times[side].append(seconds_of((there, here)[side][name], number))
            allowed = MOST_RATIO * statistics.median(times[0]) + MOST_EXTRA
            within = statistics.median(times[1]) <= allowed
            late += not within
            ratio = statistics.median(o / t for t, o in zip(*times))
            print(f"  {name:12} multiprocessing {shown(times[0]):28} ours {shown(times[1]):28} {ratio:5.2f}{'' if within else '  LATE'}",
                  flush=True)
    return late


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--ways", type=lambda text: text.split(","), default=list(TITLES))
    options.add_argument("--numbers", type=lambda text: [int(each) for each in text.split(",")], default=list(NUMBERS))
    options.add_argument("--jar", default=JAR)
    given = options.parse_args()
    for name in given.ways:
        if name in TITLES:
            print(f"{name:12} {TITLES[name][0]:38} ours: {TITLES[name][1]}")
        else:
            options.error(f"there is no way {name}; there are {', '.join(TITLES)}")
    with tempfile.TemporaryDirectory(prefix="manyhands-bench-") as directory, RedisServer(directory) as redis:
        command = installed(find_java(), given.jar, directory)
        value, memory = multiprocessing.RawValue("b", False), mmap.mmap(-1, 1)
        with multiprocessing.Manager() as their_manager:
            manager_flag = their_manager.Value("b", False)
            with multiprocessing.Pool(PROCESSES, begin, (manager_flag, value, memory, redis.port)) as their_pool:
                with Service(command, directory, settings=[f"--manyhands.workers.slots={PROCESSES}"]) as service:
                    client = mh.Client(f"http://127.0.0.1:{service.port}")
                    with mh.Manager(client=client) as manager, mh.Pool(PROCESSES, client=client, chunksize=1) as pool:
                        there = theirs(their_pool, manager_flag, value, memory, redis.port)
                        here = ours(pool, manager, redis.port)
                        if redis.port is None:
                            del there["redis"], here["redis"]
                        late = compare(there, here, given)
    print(f"\n{late} of ours took more than {MOST_RATIO} of multiprocessing's time and {1e3 * MOST_EXTRA:.0f} ms" if late else "\nall within the bound")


if __name__ == "__main__":
    main()

"""Shared objects as in multiprocessing, before, in and after their jobs."""

import ctypes
import pickle
import queue
import threading
import unittest
import uuid
from unittest import mock

import manyhands as mh
from manyhands import errors, packing

from . import sharing, sharing_more
from .support import in_fork, needs_service, run_program


class DeclaredTest(unittest.TestCase):
    """What needs no service: the objects before a job uses them."""

    def test_values_are_made_as_in_multiprocessing(self):
        for arguments, value in [
            (("i",), 0),
            (("b", 7), 7),
            (("q", 2**63 - 1), 2**63 - 1),
            (("d", 1), 1.0),
            (("f",), 0.0),
            (("?",), False),
            ((ctypes.c_bool, 1), True),
            ((ctypes.c_double, 2.5), 2.5),
            ((0,), 0),
            ((False,), False),
            ((0.5,), 0.5),
        ]:
            with self.subTest(arguments):
                found = mh.Value(*arguments, lock=False).value
                self.assertEqual((found, type(found)), (value, type(value)))

    def test_other_values_are_refused_with_a_remedy(self):
        for arguments in [("c", b"x"), ("Q", 1), (ctypes.c_wchar, "x"), (None,), ("abc",), ([],)]:
            with self.subTest(arguments):
                with self.assertRaisesRegex(TypeError, "use a Dict with one key"):
                    mh.Value(*arguments)
        with self.assertRaisesRegex(OverflowError, "64 bits"):
            mh.Value("i", 2**63)
        with self.assertRaises(TypeError):
            mh.Value("i", 1.5)
        with self.assertRaisesRegex(TypeError, "a lock of its own"):
            mh.Value("i", 1, lock=mh.Lock())

    def test_a_value_changes_here(self):
        number, flag = mh.Value("i", 3), mh.Value(False)
        with number.get_lock(), number.get_lock():
            number.value += 4
        flag.value = 1
        self.assertEqual((number.value, number.add(3), flag.value), (7, 10, True))
        with self.assertRaises(OverflowError):
            number.value = 2**63
        with self.assertRaises(TypeError):
            flag.add(1)
        self.assertEqual(number.value, 10)

    def test_a_dict_is_one(self):
        d = mh.Dict({"a": 1}, b=[2])
        d[3] = "x"
        d["b"].append(3)  # a copy, as there
        self.assertEqual(d.copy(), {"a": 1, "b": [2], 3: "x"})
        self.assertEqual((d.get("z"), d.get("z", 5), d.setdefault("c", 6), len(d)), (None, 5, 6, 4))
        self.assertEqual((d.pop("c"), d.pop("c", 0), d.add("n"), d.add("n", 4)), (6, 0, 1, 5))
        self.assertEqual((d.compare_and_set("a", 2, 9), d.compare_and_set("a", 1, 9)), (False, True))
        self.assertFalse(d.compare_and_set("zz", None, 1))
        del d["n"]
        self.assertEqual((list(d), "a" in d, "n" in d), (["a", "b", 3], True, False))
        for missing in (lambda: d["zz"], lambda: d.pop("zz"), lambda: d.__delitem__("zz")):
            with self.assertRaisesRegex(KeyError, "zz"):
                missing()
        with self.assertRaisesRegex(TypeError, "use str"):
            d[1.5] = 0
        d.clear()
        self.assertEqual(d.items(), [])

    def test_a_list_is_one(self):
        made = mh.List([1, 2])
        made.append(3)
        made.extend([4, 5])
        made[0] = 10
        found = made[:], made[1:3], made[-1], made.pop(), made.pop(0)
        self.assertEqual(found, ([10, 2, 3, 4, 5], [2, 3], 5, 5, 10))
        self.assertEqual((list(made), len(made)), ([2, 3, 4], 3))
        for wrong in (lambda: made[7], lambda: made.pop(9), lambda: made.__setitem__(7, 0)):
            with self.assertRaises(IndexError):
                wrong()

    def test_a_queue_is_one(self):
        made = mh.Queue(2)
        made.put(1)
        made.put_nowait(2)
        self.assertEqual((made.full(), made.qsize(), made.empty()), (True, 2, False))
        with self.assertRaises(queue.Full):
            made.put(3, timeout=0.01)
        self.assertEqual((made.get(), made.get_nowait()), (1, 2))
        with self.assertRaises(queue.Empty):
            made.get(timeout=0.01)
        threading.Timer(0.05, made.put, [4]).start()
        self.assertEqual(made.get(), 4)

    def test_locks_hold_threads_here(self):
        gate, doors = mh.Lock(), mh.Semaphore(2)
        with gate:
            self.assertEqual((gate.locked(), gate.acquire(False)), (True, False))
            self.assertFalse(gate.acquire(timeout=0.01))
        with doors, doors:
            self.assertEqual((doors.get_value(), doors.acquire(False)), (0, False))
        self.assertEqual((gate.locked(), doors.get_value()), (False, 2))
        with self.assertRaises(ValueError):
            doors.release()
        with self.assertRaises(ValueError):
            mh.Semaphore(0)

    def test_objects_go_to_no_other_process(self):
        for one in (mh.Value(0), mh.Lock(), mh.Dict()):
            with self.assertRaisesRegex(TypeError, "travels with a function of a job"):
                pickle.dumps(one)
        with self.assertRaisesRegex(TypeError, "travels with a function"):
            mh.List([mh.Lock()])
        number = mh.Value(0)
        self.assertEqual(in_fork(lambda: self.refused_in_fork(number)), 0)

    def refused_in_fork(self, number):
        for use in (lambda: number.value, lambda: number.add(1)):
            with self.assertRaisesRegex(RuntimeError, "was forked before a job used"):
                use()

    def test_a_packer_finds_objects_where_a_pickle_has_them(self):
        in_default, in_closure, in_item = mh.Value(0), mh.Lock(), mh.Dict()
        packer = packing.Packer()
        packer.dumps(lambda x, total=in_default: (in_closure, total))
        packer.dumps((1, [in_item]))
        self.assertEqual(set(packer.shared.values()), {in_default, in_closure, in_item})

    def test_objects_of_modules_are_found_by_what_a_function_names(self):
        from manyhands.reached import places

        for function in (sharing.count, sharing.Counter, sharing.Counter(2).by):
            with self.subTest(function):
                self.assertEqual(
                    {one for _, _, one in places([function])}, {sharing.total, sharing_more.marks}
                )
        for function in (sharing.wrapped, sharing.decorated):
            self.assertEqual([one for _, _, one in places([function])], [sharing.total])
        self.assertEqual(places([sharing.hidden, len, unittest.TestCase]), [])


@needs_service
class SharedTest(unittest.TestCase):
    def test_a_lambda_and_a_closure_use_objects(self):
        total, found, gate = mh.Value("q", 5), mh.Value(False), mh.Lock()

        def add(x, found=found):
            with gate:
                total.value += x
            found.value = found.value or x == 3

        job = mh.map(add, range(5), workers=2)
        job.result(timeout=60)
        self.assertEqual((total.value, found.value, gate.locked()), (15, True, False))
        self.assertEqual(job.shared(total._name), 15)
        self.assertEqual(mh.map(lambda x: total.add(x), [7]).result(timeout=60), [22])
        self.assertEqual(total.value, 22)

    def test_all_kinds_are_used_by_items_and_here(self):
        entries, log = mh.Dict({"a": (1, "x"), 3: {4}}), mh.List([None])
        todo, doors, half = mh.Queue(5), mh.Semaphore(2), mh.Value(0.5)
        todo.put((1, 2))

        def use(x):
            with doors:
                log.append((todo.get(), entries["a"], entries[3], doors.get_value()))
            half.add(0.25)
            todo.put({x})
            entries["b"] = x

        mh.map(use, [6]).result(timeout=60)
        self.assertEqual(log[:], [None, ((1, 2), (1, "x"), {4}, 1)])
        self.assertEqual(entries.copy(), {"a": (1, "x"), 3: {4}, "b": 6})
        self.assertEqual((half.value, todo.qsize(), doors.get_value()), (0.75, 1, 2))

    def test_a_running_job_sees_changes_from_here(self):
        begun, found, todo = mh.Value(0), mh.Value(False), mh.Queue()

        def wait(x):
            begun.add(1)
            while not found.value and not mh.stopped():
                pass
            return todo.get(timeout=30)

        job = mh.map(wait, [0])
        while not begun.value:
            pass
        with self.assertRaisesRegex(RuntimeError, "has not ended: use the objects of a manyhands.M"):
            mh.map(lambda x: found.value, [1])
        self.assertEqual(in_fork(lambda: begun.add(1)), 0)
        with self.assertRaisesRegex(mh.NotInWorker, "only items of jobs take it"):
            found.get_lock().acquire()
        todo.put((1,))
        found.value = True
        self.assertEqual((job.result(timeout=60), begun.value), ([(1,)], 2))

    def test_a_refused_job_leaves_its_objects_as_they_were(self):
        total = mh.Value(3)
        add = lambda x: total.add(x)  # noqa: E731
        with self.assertRaisesRegex(mh.ServiceError, "cache"):
            mh.map(add, [1], cache=True)
        total.value += 1
        with total.get_lock():
            with self.assertRaisesRegex(RuntimeError, "a thread of this process holds a lock"):
                mh.map(add, [1])
        doors = mh.Semaphore(2)
        with doors:
            with self.assertRaisesRegex(RuntimeError, "a thread of this process holds a lock"):
                mh.map(lambda x: (total, doors), [1])
        self.assertEqual(mh.map(add, [1]).result(timeout=60), [5])

    def test_a_job_whose_objects_cannot_be_filled_does_not_run(self):
        todo, total = mh.Queue(), mh.Value(0)
        todo.put("x" * 2**21)
        take = lambda x: (total.add(1), todo.get())  # noqa: E731
        with self.assertRaises(mh.ServiceError):
            mh.map(take, [1], name="not filled")
        (job,) = [each for each in mh.jobs(10) if each.view["name"] == "not filled"]
        self.assertEqual((job.state, job.view["items"]["succeeded"]), ("CANCELLED", 0))
        self.assertEqual((todo.qsize(), total.value, len(todo.get())), (1, 0, 2**21))
        with mh.Manager() as manager:
            todo = manager.Queue()
            todo.put("x" * 2**21)
            with self.assertRaises(mh.ServiceError):
                mh.map(lambda x: todo.get(), [1])
            self.assertEqual(len(todo.get()), 2**21)
            todo.put(3)
            self.assertEqual(mh.map(lambda x: todo.get(), [1]).result(timeout=60), [3])

    def test_names_are_given_with_shared(self):
        found = mh.Value(False)

        def look(x):
            mh.shared("found").value = True
            return found.value

        job = mh.map(look, [1], shared={"found": found, "seen": {"dict": {"a": 1}}})
        self.assertEqual((job.result(timeout=60), found.value), ([True], True))
        self.assertEqual(job.shared("seen"), {"a": 1})
        function = {"runtime": "python", "code": TAKES_NAME, "entry": "f"}
        numbers = mh.Dict({"a": 1})
        job = mh.map(function, [1], shared={"numbers": numbers})
        self.assertEqual((job.result(timeout=60), numbers.copy()), ([2], {"a": 2}))
        with self.assertRaisesRegex(ValueError, "under two names"):
            mh.map(look, [1], shared={"one": found, "two": found})

    def test_objects_of_modules_become_those_of_the_job(self):
        before, marks = sharing.total.value, sharing_more.marks[:]
        for function in (sharing.count, sharing.Counter(1), sharing.Counter(1).by):
            self.assertEqual(mh.map(function, [2, 3], workers=2).result(timeout=60), [2, 3])
        self.assertEqual(sharing.total.value, before + 15)
        self.assertEqual(sorted(sharing_more.marks[:]), sorted(marks + [2, 3] * 3))
        mh.map(sharing.wrapped, [5]).result(timeout=60)
        self.assertEqual(sharing.total.value, before + 20)
        self.assertEqual(sharing.decorated.map([2]).result(timeout=60), [before + 22])
        with self.assertRaisesRegex(RuntimeError, "did not see that the function uses it"):
            mh.map(sharing.hidden, [1]).result(timeout=60)

    def test_an_initializer_hands_objects_on(self):
        total = mh.Value("i", 0)
        for _ in range(2):
            with mh.Pool(2, initializer=sharing.begin, initargs=(total,)) as pool:
                pool.map(sharing.add_to_begun, range(4))
        self.assertEqual(total.value, 12)

    def test_an_object_is_used_in_common_and_in_items(self):
        total, log = mh.Value(0), mh.List()
        def use(x, other, one):
            return one.add(x), other.append(x)

        job = mh.starmap(use, [(x, log) for x in range(3)], common={"one": total})
        job.result(timeout=60)
        self.assertEqual((total.value, sorted(log)), (3, [0, 1, 2]))

    def test_later_items_of_an_open_job_bring_no_more_objects(self):
        first, second = mh.Value(0), mh.Value(0)

        def items():
            yield first
            import time

            time.sleep(2)
            yield second

        with self.assertRaisesRegex(errors.NotSendable, "name all of them with shared="):
            mh.map(lambda one: one.add(1), items())

    def test_use_while_the_code_is_loaded_is_refused(self):
        total = mh.Value(0)
        job = mh.map(abs, [1], initializer=lambda one: one.add(1), initargs=(total,))
        with self.assertRaisesRegex(mh.JobFailed, "the code is loaded before the job begins"):
            job.result(timeout=60)

    def test_a_script_shares_as_with_multiprocessing(self):
        done = run_program("-c", SCRIPT)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout, "45 [0, 1, 2]\n")

    def test_calls_of_executors_need_a_manager(self):
        total = mh.Value(0)
        with mh.Executor(max_workers=1) as executor:
            with self.assertRaisesRegex(TypeError, "make it by a Manager"):
                executor.submit(lambda: total.add(1)).result(timeout=60)
        with mh.Pool(1) as pool:
            with self.assertRaisesRegex(TypeError, "make it by a Manager"):
                pool.apply(lambda: total.add(1))


@needs_service
class ManagerTest(unittest.TestCase):
    """Objects of a Manager, which several jobs use."""

    def test_jobs_pools_and_executors_use_the_objects_of_a_manager(self):
        with mh.Manager() as manager:
            seen, gate = manager.dict({"a": (1,)}), manager.Lock()
            total, log = manager.Value("i", 0), manager.list()
            doors, todo = manager.Semaphore(2), manager.Queue()
            seen[3] = "x"
            todo.put({1})

            def use(x):
                with gate, doors:
                    total.value += x
                log.append((x, seen["a"], seen[3]))
                seen.setdefault("first", x)
                return x

            with mh.Pool(2) as pool, mh.Executor(max_workers=2) as executor:
                running = pool.map_async(use, range(5))
                self.assertEqual(list(executor.map(use, range(5))), list(range(5)))
                self.assertEqual(running.get(60), list(range(5)))
                self.assertEqual(mh.map(use, range(5)).result(timeout=60), list(range(5)))
                self.assertEqual(executor.submit(use, 5).result(timeout=60), 5)
                self.assertEqual(pool.apply(use, (5,)), 5)
                self.assertEqual(executor.submit(abs, -7).result(timeout=60), 7)
                self.assertEqual(executor.submit(lambda: todo.get()).result(timeout=60), {1})
            self.assertEqual((total.value, len(log), log[0][1:]), (40, 17, ((1,), "x")))
            self.assertEqual((todo.qsize(), doors.get_value(), gate.locked()), (0, 2, False))
            self.assertIn("first", seen)
            total.value = 3
            self.assertEqual(mh.map(lambda x: total.add(x), [4]).result(timeout=60), [7])
            self.assertEqual(in_fork(lambda: total.add(3)), 0)
            self.assertEqual(total.value, 10)
            with self.assertRaisesRegex(RuntimeError, "make this one before that job"):
                manager.Lock()
        with self.assertRaisesRegex(mh.ServiceError, "404"):
            seen.keys()
        with self.assertRaisesRegex(RuntimeError, "was shut down"):
            mh.map(use, [1])
        with self.assertRaisesRegex(RuntimeError, "was shut down"):
            manager.dict()

    def test_a_module_uses_the_objects_of_a_manager_by_its_initializer(self):
        with mh.Manager(ttl=60) as manager:
            total = manager.Value("i", 0)
            for make in (mh.Pool, mh.Executor):
                with make(2, initializer=sharing.begin, initargs=(total,)) as pool:
                    list(pool.map(sharing.add_to_begun, range(4)))
            with mh.Executor(2, initializer=sharing.begin, initargs=(total,)) as executor:
                executor.submit(sharing.add_to_begun, 5).result(timeout=60)
            self.assertEqual(total.value, 17)

    def test_a_call_that_names_an_object_finds_it_in_a_later_job_of_the_executor(self):
        with mh.Manager() as manager, mh.Executor(max_workers=1) as executor:
            total = manager.Value("i", 0)
            self.assertEqual(executor.submit(abs, -1).result(timeout=60), 1)
            self.assertEqual(executor.submit(lambda: total.add(2)).result(timeout=60), 2)
            self.assertEqual(total.value, 2)

    def test_objects_of_a_module_are_of_a_manager(self):
        with mh.Manager() as manager:
            with mock.patch.object(sharing, "total", manager.Value("i", 0)):
                with mock.patch.object(sharing_more, "marks", manager.list()):
                    with mh.Executor(max_workers=2) as executor:
                        self.assertEqual(executor.submit(sharing.count, 3).result(timeout=60), 3)
                        self.assertEqual(list(executor.map(sharing.count, [4, 5])), [4, 5])
                    self.assertEqual(sharing.total.value, 12)
                    self.assertEqual(sorted(sharing_more.marks), [3, 4, 5])

    def test_objects_of_two_kinds_are_refused_in_one_job(self):
        own = mh.Value(0)
        with mh.Manager() as manager, mh.Manager() as other, mh.Executor() as executor:
            managed, others = manager.Value(0), other.Value(0)
            for one in (own, others):
                with self.assertRaisesRegex(TypeError, "all of them by one Manager"):
                    mh.map(lambda x, one=one: managed.value + one.value, [1])
            with self.assertRaisesRegex(TypeError, "all of them by one Manager"):
                mh.map(lambda x: managed.value, [1], shared={"log": {"list": []}})
            with self.assertRaisesRegex(TypeError, "leave it out of 'shared'"):
                mh.map(lambda x: managed.value, [1], shared={"found": managed})
            self.assertEqual(executor.submit(lambda: managed.value).result(timeout=60), 0)
            with self.assertRaisesRegex(TypeError, "all of them by one Manager"):
                executor.submit(lambda: others.value).result(timeout=60)
            self.assertEqual(in_fork(lambda: self.refused_in_fork(other)), 0)

    def refused_in_fork(self, manager):
        with self.assertRaisesRegex(RuntimeError, "forked"):
            manager.dict()

    def test_a_set_that_jobs_use_outlives_its_manager(self):
        with mh.Manager(ttl=30) as manager:
            todo = manager.Queue()
            job = mh.map(lambda x: todo.get(timeout=30), [1])
        todo.put((7,))
        self.assertEqual(job.result(timeout=60), [(7,)])

    def test_jobs_name_a_set_that_another_program_has_made(self):
        name = "set-" + uuid.uuid4().hex
        http = mh.Client().http
        declared = {"shared": {"n": {"value": 1}}, "values": "python", "ttl": 60}
        http.json("PUT", "/api/v1/shared/" + name, declared)

        def add(x):
            return mh.shared("n").add(x)

        self.assertEqual(mh.map(add, [1], shared_set=name).result(timeout=60), [2])
        with mh.Pool(1, shared_set=name) as pool, mh.Manager() as manager:
            self.assertEqual((pool.map(add, [1]), pool.apply(add, (1,))), ([3], 4))
            other = manager.Value(0)
            for call in (pool.apply, pool.map):
                with self.assertRaisesRegex(TypeError, "all of them by one Manager"):
                    call(lambda x: other.value, (1,))
        http.call("DELETE", "/api/v1/shared/" + name)

    def test_a_refused_set_leaves_its_objects_as_they_were(self):
        with mh.Manager(ttl=-5) as manager:
            total = manager.Value("i", 3)
            with self.assertRaisesRegex(mh.ServiceError, "ttl"):
                mh.map(lambda x: total.add(x), [1])
            total.value += 1
            self.assertEqual(total.value, 4)


TAKES_NAME = """
import manyhands

def f(x):
    return manyhands.shared("numbers").add("a", x)
"""

SCRIPT = """
import manyhands as mh

counter = mh.Value("i", 0)
log = mh.List()

def f(x):
    with counter.get_lock():
        counter.value += x
    if x < 3:
        log.append(x)

if __name__ == "__main__":
    with mh.Pool(2) as pool:
        pool.map(f, range(5))
        pool.map(f, range(5, 10))
    print(counter.value, sorted(log))
"""


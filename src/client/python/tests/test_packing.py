"""What a function needs where it runs: by name, as source, or by value."""

import functools
import io
import os
import pickle
import runpy
import subprocess
import sys
import tempfile
import textwrap
import unittest

import manyhands
from manyhands import byvalue, errors, packing, sources


def outer(add):
    def inner(x):
        return x + add if x < 10 else inner(x - 10)

    return inner


class PackingTest(unittest.TestCase):
    def test_functions_of_modules_are_named(self):
        packer = packing.Packer()
        self.assertIs(
            pickle.loads(packer.dumps(functools.partial(textwrap.dedent, "x"))).func,
            textwrap.dedent,
        )
        self.assertEqual((packer.by_value, packer.modules), (False, {"functools", "textwrap"}))

    def test_lambdas_go_by_value(self):
        packer = packing.Packer()
        self.assertEqual(pickle.loads(packer.dumps(lambda x: x + 1))(1), 2)
        self.assertTrue(packer.by_value)

    def test_own_errors_of_pickle_are_kept(self):
        class Bad:
            def __reduce__(self):
                raise pickle.PicklingError("not this one")

        with self.assertRaisesRegex(pickle.PicklingError, "not this one"):
            packing.Packer().dumps(Bad())

    def test_functions_by_value_need_no_cloudpickle(self):
        """Defaults, closures, recursion, globals; opened by an interpreter without the client."""
        scale = 3
        output = io.BytesIO()
        pickler = byvalue.Pickler(output, 5)
        pickler.dump((outer(5), lambda x, y=2, *, z=1: (x * scale + y, z, textwrap.dedent(" a"))))
        code = "import pickle, sys; f, g = pickle.load(sys.stdin.buffer); print(f(21), g(1, z=4))"
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], input=output.getvalue(), stdout=subprocess.PIPE
        )
        self.assertEqual(done.stdout.decode().split(None, 1), ["6", "(5, 4, 'a')\n"])

    def test_a_function_keeps_the_globals_that_it_was_sent_with(self):
        """Functions of one pickle share their globals, and those of two pickles do not."""
        space = {"__name__": "notebook", "k": 1}
        exec("def get(): return k\ndef put(value):\n    global k\n    k = value", space)

        def sent(*functions):
            output = io.BytesIO()
            byvalue.Pickler(output, 5).dump(functions)
            return output.getvalue()

        first = sent(space["get"], space["put"])
        space["k"] = 2
        (get, put), (later,) = (pickle.loads(each) for each in (first, sent(space["get"])))
        self.assertEqual((get(), later()), (1, 2))
        put(3)
        self.assertEqual((get(), later(), space["k"]), (3, 2, 2))

    def test_a_class_by_value_needs_cloudpickle(self):
        class Local:
            pass

        with self.assertRaisesRegex(errors.NotSendable, "install cloudpickle"):
            byvalue.Pickler(io.BytesIO(), 5).dump(Local)

    def test_own_modules_go_as_sources_with_what_they_import(self):
        with tempfile.TemporaryDirectory() as directory:
            for path, text in {
                "shop_a/__init__.py": "from shop_b import rate\nimport json",
                "shop_a/run-all.py": "import shop_c",
                "shop_a/price.py": "def price(x): return x * 2",
                "shop_b.py": "rate = 3",
            }.items():
                file = os.path.join(directory, path)
                os.makedirs(os.path.dirname(file), exist_ok=True)
                with open(file, "w") as out:
                    out.write(text)
            sys.path.insert(0, directory)
            try:
                from shop_a.price import price

                packer = packing.Packer()
                packer.dumps(price)
                found = sources.needed(packer.modules, self.no_service)
            finally:
                sys.path.remove(directory)
                for name in ("shop_a", "shop_a.price", "shop_b"):
                    sys.modules.pop(name, None)
        self.assertEqual(sorted(found), ["shop_a/__init__.py", "shop_a/price.py", "shop_b.py"])

    def test_the_standard_library_is_there_already(self):
        self.assertEqual(sources.needed({"json.decoder", "builtins", "math"}, self.no_service), {})

    def test_another_python_is_reported_with_what_to_do(self):
        entry = {"available": True, "version": "3.4.1", "packages": [], "packagesLeftOut": 0}
        with self.assertRaisesRegex(errors.NotSendable, "put it into a module file"):
            sources.Runtime(entry).check_version("function 'f'")
        with self.assertRaisesRegex(errors.NotSendable, "cannot run Python"):
            sources.Runtime({"available": False, "error": "no python3"})

    def test_calls_of_a_worker_say_so_elsewhere(self):
        for call in (manyhands.stopped, manyhands.rng, manyhands.item_index):
            with self.assertRaisesRegex(errors.NotInWorker, "this process is no worker"):
                call()
        with self.assertRaisesRegex(errors.NotInWorker, r"manyhands.shared\(\) is about"):
            manyhands.shared("seen")

    def test_the_worker_knows_the_names_of_the_client(self):
        """The worker's stand-ins are a list of their own, as the worker has no client."""
        file = os.path.join(os.path.dirname(__file__), *[".."] * 3, "main", "python")
        file = os.path.join(file, "manyhands_worker", "client_names.py")
        names = runpy.run_path(file)
        worker = {"stopped", "item_index", "rng", "traceparent", "shared", "__version__"}
        ours = {*manyhands.__all__, *manyhands._MODULES} - worker
        self.assertEqual({*names["CALLS"], *names["SHARED"], *names["ERRORS"], "function"}, ours)
        self.assertEqual(
            set(names["ERRORS"]),
            {name for name, place in manyhands._PLACES.items() if place == "errors"},
        )

    @staticmethod
    def no_service():
        raise AssertionError("the service need not be asked")

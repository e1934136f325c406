"""The command line against a service."""

import json
import os
import tempfile
import unittest

from .support import command, needs_service, run_program


@needs_service
class CommandTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.shop = os.path.join(holder.name, "shop.py")
        with open(self.shop, "w") as file:
            file.write("rate = 2\ndef price(x): return rate * x\ndef half(x): return 12 // x\n")

    def test_map_prints_a_result_a_line(self):
        self.assertEqual(command("map", self.shop + ":price", "-", stdin="1\n2\n"), "2\n4\n")
        self.assertEqual(command("map", "check_prime", "--range", "7:9"), "true\nfalse\n")
        out = command("map", self.shop + ":price", "-", "--text", stdin="a\n")
        self.assertEqual(out, '"aa"\n')

    def test_a_job_from_submit_to_rm(self):
        job = command("submit", self.shop + ":half", "--range", "3", "--name", "halves")
        job = job.strip()
        self.assertEqual(command("wait", job, status=1), "FAILED\n")
        self.assertIn("halves", command("ls"))
        self.assertIn("ZeroDivisionError", command("show", job))
        self.assertIn("1 × ERROR ZeroDivisionError (item 0)", command("errors", job))
        self.assertEqual(command("results", job).splitlines()[1:], ["12", "6"])
        self.assertEqual(command("results", "--csv", job).splitlines()[2], "1,12,")
        self.assertIn("SUCCEEDED", command("item", job, "1"))
        self.assertEqual(json.loads(command("--json", "show", job))["state"], "FAILED")
        again = command("retry", job).strip()
        self.assertEqual(command("wait", again, status=1), "FAILED\n")
        command("rm", again, job)
        self.assertIn("404", command("show", job, status=1))

    def test_each_mistake_is_one_sentence(self):
        away = command("ls", status=3, MANYHANDS_URL="http://127.0.0.1:9", MANYHANDS_RETRY="0")
        self.assertRegex(away, r"\Amanyhands: no service answers at http://127.0.0.1:9 .*\n\Z")
        for arguments, text in (
            (["map", "nothing.py", "-"], "there is no file nothing.py"),
            (["map", self.shop, "--range", "2"], "price, half"),
            (["map", self.shop + ":price"], "name a file of inputs"),
            (["map", self.shop + ":price", "-"], "line 1 of the inputs is no JSON"),
        ):
            out = command(*arguments, stdin="x y\n", status=1)
            self.assertIn(text, out)
            self.assertEqual(out.count("\n"), 1, out)

    def test_looking_around(self):
        self.assertIn("RUNTIME", command("workers"))
        self.assertIn("check_prime", command("functions"))
        self.assertIn("slots", command("top", "--once"))
        self.assertIn("all is well", command("doctor"))
        self.assertIn("complete", command("completion", "bash"))
        self.assertIn("--range", run_program("-m", "manyhands", "map", "--help").stdout)

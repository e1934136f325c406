"""Each line of the pages about Python that can be pasted is run, and prints what the page says."""

import doctest
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

from .support import needs_service

PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 4, "docs", "how-to")


def read(page):
    with open(os.path.join(PAGES, page), encoding="utf-8") as file:
        return file.read()


@needs_service
class PageTest(unittest.TestCase):
    def setUp(self):
        self.page = read("python.md")

    def test_the_sessions_of_python(self):
        for page, most in (("python.md", 20), ("multiprocessing.md", 12)):
            with self.subTest(page):
                text = "\n".join(re.findall(r"```pycon\n(.*?)```", read(page), re.DOTALL))
                case = doctest.DocTestParser().get_doctest(
                    text, {"__name__": "__main__"}, page, page, 0
                )
                printed = []
                runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
                runner.run(case, out=printed.append)
                self.assertEqual(runner.failures, 0, "".join(printed))
                self.assertGreater(runner.tries, most)

    def test_the_program_with_joblib(self):
        try:
            import joblib  # noqa: F401
        except ImportError:
            self.skipTest("joblib is not installed here")
        program = re.search(r"```python\n(.*?)```", self.page, re.DOTALL).group(1)
        exec(program, {"__name__": "__main__", "collatz": abs})

    def test_the_lines_of_the_shell(self):
        scripts = re.findall(r"```sh\n((?:(?!```).)*)```\n→ ([^\n]*)", self.page, re.DOTALL)
        self.assertEqual(len(scripts), 2)
        with tempfile.TemporaryDirectory() as directory:
            command = os.path.join(directory, "manyhands")
            with open(command, "w") as file:
                file.write('#!/bin/sh\nexec "%s" -m manyhands "$@"\n' % sys.executable)
            os.chmod(command, stat.S_IRWXU)
            paths = os.pathsep.join(path for path in sys.path if path)
            place = directory + os.pathsep + os.environ["PATH"]
            environment = {**os.environ, "PATH": place, "PYTHONPATH": paths}
            for script, expected in scripts:
                done = subprocess.run(
                    ["bash", "-euc", script],
                    cwd=directory,
                    env=environment,
                    stdout=subprocess.PIPE,
                    universal_newlines=True,
                    check=True,
                )
                for value in re.findall(r"`([^`]*)`", expected):
                    self.assertIn(value, done.stdout)

"""The command `manyhands`, also `python -m manyhands`."""

import argparse
import json
import os
import sys

from . import commands
from .errors import ManyhandsError, NotReachable, ServiceError
from .version import VERSION

EPILOG = """exit status: 0 succeeded, 1 failed, 2 cancelled or a wrong command line, 3 no service
environment: MANYHANDS_URL, MANYHANDS_TOKEN, MANYHANDS_RETRY (seconds to wait for a service)"""


def parser():
    top = argparse.ArgumentParser(
        prog="manyhands",
        description="Run a function over many inputs, on the workers of a service.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version="manyhands " + VERSION)
    top.add_argument("--url", help="the service (MANYHANDS_URL, http://127.0.0.1:8080)")
    top.add_argument("--json", action="store_true", help="print JSON, an object a line")
    words = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name, text):
        made = words.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        made.set_defaults(run=getattr(commands, name))
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        return made

    for name, text in (
        ("map", "run a function over inputs and print the results, one a line"),
        ("submit", "as map, but print the id of the job and do not wait"),
    ):
        each = command(name, text)
        each.add_argument("function", help="FILE.py, FILE.py:NAME, or a function of the service")
        each.add_argument("inputs", nargs="?", help="a file of JSON lines, or - for stdin")
        each.add_argument("--range", help="STOP, START:STOP or START:STOP:STEP")
        each.add_argument("--csv", action="store_true", help="inputs are CSV, a row is an object")
        each.add_argument("--text", action="store_true", help="each line of the inputs is a text")
        each.add_argument("--starmap", action="store_true", help="an input is all the arguments")
        each.add_argument("--name", help="a title for the job")
        each.add_argument("--workers", type=int, help="at most so many worker processes")
        each.add_argument("--seed", type=int, help="reproducible random numbers")
        each.add_argument("--timeout", type=float, help="seconds for each item")
        each.add_argument("--cache", action="store_true", help="do not run known items again")
        each.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="OPTION=JSON",
            help="any other option of a job, such as max_failures=3",
        )
    each = command("ls", "list jobs, newest first")
    each.add_argument("--state", help="RUNNING, FAILED, …; several with commas")
    each.add_argument("--label", help="key:value")
    each.add_argument("-n", "--limit", type=int, default=20)
    for name, text in (
        ("show", "look at a job"),
        ("wait", "wait for the end of a job; the exit status says how it ended"),
        ("errors", "show what failed, in groups"),
        ("retry", "run the failed items again, as a new job, and print its id"),
        ("cancel", "cancel jobs"),
        ("rm", "delete jobs that have ended"),
    ):
        each = command(name, text)
        many = {"nargs": "+"} if name in ("cancel", "rm") else {}
        each.add_argument("job", help="the id of a job", **many)
        if name == "wait":
            each.add_argument("--timeout", type=float, help="seconds to wait at most")
    each = command("results", "print the results of a job")
    each.add_argument("job")
    each.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    each.add_argument("--csv", action="store_true", help="print CSV: index, value, error")
    each = command("item", "look at one item: input, outcome, where and when it ran")
    each.add_argument("job")
    each.add_argument("index", type=int)
    each = command("logs", "print what a job printed")
    each.add_argument("job")
    each.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    each.add_argument("--item", type=int, help="only what was printed for this item")
    command("functions", "list the functions of the service")
    command("workers", "list the worker processes")
    each = command("top", "show jobs and load, until Ctrl-C")
    each.add_argument("--once", action="store_true", help="show them once")
    command("doctor", "check address, token, version and Python of the service")
    each = command(
        "completion", 'print the completion for a shell: eval "$(manyhands completion bash)"'
    )
    each.add_argument("shell", choices=("bash", "zsh"))
    each.set_defaults(words=sorted(words.choices))
    return top


def main(arguments=None):
    """Runs a command line, and returns its exit status."""
    given = parser().parse_args(arguments)
    if given.url:
        os.environ["MANYHANDS_URL"] = given.url
    try:
        return given.run(given) or 0
    except BrokenPipeError:  # `manyhands ls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("manyhands: interrupted", file=sys.stderr)
        return 130
    except NotReachable as failed:
        return _say(failed, given, 3)
    except ServiceError as failed:
        return _say(failed, given, 3 if failed.status in (401, 403, 503) else 1)
    except (ManyhandsError, OSError, ValueError, TypeError) as failed:
        return _say(failed, given, 1)


def _say(failed, given, status):
    if given.json:
        text = json.dumps({"error": str(failed), "status": getattr(failed, "status", None)})
    else:
        text = "manyhands: %s" % failed
    print(text, file=sys.stderr)
    return status

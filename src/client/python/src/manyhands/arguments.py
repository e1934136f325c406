"""The function and the inputs that a command line names."""

import csv
import importlib.util
import json
import os
import sys


def function(text):
    """Returns a function of a file, or the name of one that the service has."""
    file, _, name = text.partition(":")
    if not file.endswith(".py"):
        return text
    if not os.path.exists(file):
        raise ValueError("there is no file %s" % file)
    module_name = os.path.basename(file)[:-3]
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    spec = importlib.util.spec_from_file_location(module_name, file)
    sys.modules[module_name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    own = [
        key
        for key, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", None) == module_name
        and not key.startswith("_")
        and not isinstance(value, type)
    ]
    if not name:
        name = module_name if module_name in own else own[0] if len(own) == 1 else "f"
    if not hasattr(module, name):
        raise ValueError("name a function of %s, as %s:NAME: %s" % (file, file, ", ".join(own)))
    return getattr(module, name)


def inputs(given):
    if given.range:
        if given.inputs:
            raise ValueError("inputs are a file or --range, not both")
        return range(*(int(part) for part in given.range.split(":")))
    if not given.inputs:
        raise ValueError("name a file of inputs, - for stdin, or --range")
    file = sys.stdin if given.inputs == "-" else open(given.inputs, encoding="utf-8", newline="")
    return _lines(file, given)


def _lines(file, given):
    with file:
        if given.csv:
            yield from csv.DictReader(file)
            return
        for number, text in enumerate(file, 1):
            text = text.rstrip("\r\n")
            if given.text:
                yield text
            elif text.strip():
                try:
                    yield json.loads(text)
                except ValueError as wrong:
                    raise ValueError(
                        "line %d of the inputs is no JSON (%s); use --text if each line is a text,"
                        " --csv for CSV" % (number, wrong)
                    ) from None

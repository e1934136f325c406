"""`input()` and `breakpoint()` in a worker, which has no terminal."""

import builtins
import sys

REMEDY = (
    "%s needs a terminal, and an item has none; GET /api/v1/jobs/%s/items/%s/script returns the"
    " item as a Python file for a terminal of yours: python3 -m pdb item-%s.py"
)


def refuse_terminal(user):
    """Replaces `builtins.input` and `sys.breakpointhook` by functions that fail.

    Their messages name the file to debug with. Modules of the worker keep their own copy of the
    builtins.

    user: knows the job and the running item, for the messages
    """

    def refused_input(prompt="", /):
        # Libraries expect this type of error where nothing can be read.
        raise EOFError(remedy("input()", user))

    def refused_breakpoint(*arguments, **named):
        raise RuntimeError(remedy("breakpoint()", user))

    refused_input.__name__ = refused_input.__qualname__ = "input"
    builtins.input = refused_input
    sys.breakpointhook = sys.__breakpointhook__ = refused_breakpoint


def remedy(call, user):
    """Returns a message for user code; the item is unknown while the function is loaded."""
    index = user.item_index()
    item = "{index}" if index < 0 else str(index)
    return REMEDY % (call, user.job or "{id}", item, item)

"""Failures of user code in words, and the end of a worker that has a bug."""

import os

from .limits import TEXT_BYTES
from .loading import show_source
from .printing import flush_user_output


def describe(raised):
    """Returns type, message and traceback of an exception as JSON members. Never raises."""
    name = type(raised).__name__
    try:
        if isinstance(raised, SyntaxError):
            line = (raised.text or "").strip()
            message = "line %s: %s: %s" % (raised.lineno, raised.msg, line)
        elif isinstance(raised, SystemExit):
            message = "sys.exit(%r) was called" % (raised.code,)
        else:
            message = str(raised)
    except BaseException:
        message = "its message could not be made"
    failure = {"type": cut(name, 256), "message": cut(message, TEXT_BYTES)}
    try:
        failure["traceback"] = cut(traceback_of(raised), TEXT_BYTES, keep_end=True)
    except BaseException:
        pass  # no memory, or user code broke the modules that format the traceback
    return failure


def traceback_of(raised):
    import traceback

    show_source()
    frames = raised.__traceback__
    while frames is not None and is_own(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(raised), raised, frames))


OWN_DIRECTORY = describe.__code__.co_filename.rpartition("/")[0]


def is_own(filename):
    """Returns whether code of this file belongs to the worker rather than the user."""
    return filename.rpartition("/")[0] == OWN_DIRECTORY


def cut(text, most, keep_end=False):
    """Returns a text cut to at most `most` bytes of UTF-8, with lone surrogates escaped.

    keep_end: whether the end of the text is kept, rather than its beginning
    """
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return data.decode()
    kept = data[len(data) - most + 3 :] if keep_end else data[: most - 3]
    kept = kept.decode("utf-8", "ignore")
    return "…" + kept if keep_end else kept + "…"


def end_for_a_bug(leave=os._exit):
    try:
        import traceback

        traceback.print_exc()
        flush_user_output()
    finally:
        leave(70)

"""Progress while a job runs: a bar on a terminal, HTML in a notebook, tqdm, or a function."""

import html
import sys
import threading
import time

WIDTH = 24
PAUSE = 0.25


def watch(job, how):
    """Shows the progress of a job, in a thread of its own, until the job has ended.

    `how` is True, "tqdm", or a function of done, total and failed items.
    """
    if callable(how):
        show = _Calls(how)
    elif how == "tqdm":
        show = _Tqdm()
    elif how is True:
        show = _Notebook() if _in_notebook() else _Bar() if sys.stderr.isatty() else None
    else:
        raise ValueError('progress is True, "tqdm", or a function of done, total and failed')
    if show is not None:
        threading.Thread(target=_follow, args=(job, show), name="manyhands", daemon=True).start()


def _follow(job, show):
    view = job.view
    try:
        while True:
            show.update(view)
            if view["state"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return
            time.sleep(PAUSE)
            view = job.look()
    except Exception as lost:  # the job goes on, and its results say what happened
        show.lost(lost)
    finally:
        show.end()


def counts(view):
    """Returns done, total and failed items of a job."""
    items = view["items"]
    return items["done"], items["total"], items["failed"]


def line(view):
    """Returns the progress of a job in one line."""
    done, total, failed = counts(view)
    fraction = done / total if total else float(view["state"] == "SUCCEEDED")
    full = int(fraction * WIDTH)
    parts = ["█" * full + "░" * (WIDTH - full), "%3d %%" % (100 * fraction)]
    parts.append("{:,}/{:,}".format(done, total) + ("+" if view["inputsOpen"] else ""))
    speed, left = view["progress"]["itemsPerSecond"], view["progress"]["etaSeconds"]
    if speed:
        parts.append("{:,.0f}/s".format(speed) if speed >= 10 else "%.2g/s" % speed)
    if left:
        parts.append("%s left" % duration(left))
    if failed:
        parts.append("{:,} failed".format(failed))
    if view["state"] != "RUNNING":
        parts.append(view["state"].lower())
    return "  ".join(parts)


def duration(seconds):
    """Returns a duration as people write it: 3.2 s, 1:04, 2:03:04."""
    if seconds < 60:
        return "%.2g s" % seconds if seconds < 10 else "%d s" % seconds
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest)


class _Bar:
    """A line of a terminal that is written again and again."""

    _length = 0

    def update(self, view):
        text = "%s  %s" % (view["name"] or view["id"], line(view))
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)

    def lost(self, error):
        sys.stderr.write("\nno progress is shown any more: %s" % error)

    def end(self):
        sys.stderr.write("\n")


class _Notebook:
    """An output of a notebook that is replaced."""

    def __init__(self):
        from IPython.display import HTML, display

        self._html = HTML
        self._handle = display(HTML(""), display_id=True)

    def update(self, view):
        self._handle.update(self._html(summary(view)))

    def lost(self, error):
        self._handle.update(self._html("<p>no progress is shown any more: %s</p>" % _text(error)))

    def end(self):
        pass


class _Tqdm:
    def __init__(self):
        from tqdm.auto import tqdm

        self._bar = tqdm(total=0, unit="item")

    def update(self, view):
        done, self._bar.total, failed = counts(view)
        if failed:
            self._bar.set_postfix(failed=failed)
        self._bar.update(done - self._bar.n)

    def lost(self, error):
        self._bar.write("no progress is shown any more: %s" % error)

    def end(self):
        self._bar.close()


class _Calls:
    """A function of the caller, called when a number has changed."""

    def __init__(self, function):
        self._function, self._last = function, None

    def update(self, view):
        if counts(view) != self._last:
            self._last = counts(view)
            self._function(*self._last)

    def lost(self, error):
        pass

    def end(self):
        pass


def _in_notebook():
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def summary(view):
    """Returns the state and counts of a job as HTML."""
    done, total, failed = counts(view)
    facts = [
        "<b>%s</b>" % _text(view["name"] or view["id"]),
        _text(view["state"].lower()),
        "{:,} of {:,} items".format(done, total),
    ]
    if failed:
        facts.append("<b>{:,} failed</b>".format(failed))
    if view["elapsedSeconds"]:
        facts.append(duration(view["elapsedSeconds"]))
    bar = '<progress value="%d" max="%d"></progress>' % (done, max(1, total))
    return "<div>%s</div><div>%s</div>" % (" · ".join(facts), bar)


def picture_of(job):
    """Returns a job as HTML for a notebook: state, counts, and its timeline once it has ended."""
    view = job.look()
    parts = [summary(view)]
    if view["error"]:
        parts.append("<pre>%s</pre>" % _text(view["error"]["message"]))
    for group in view["failures"]["groups"][:3]:
        text = "%s × %s: %s" % (group["count"], group["type"], group["message"])
        parts.append("<div>%s</div>" % _text(text))
    if job.is_over and view["items"]["done"]:
        from base64 import b64encode

        # As an image, so that nothing in it can act on the page.
        data = b64encode(job.timeline().encode()).decode()
        parts.append('<img alt="timeline" src="data:image/svg+xml;base64,%s">' % data)
    return "\n".join(parts)


def _text(value):
    return html.escape(str(value))

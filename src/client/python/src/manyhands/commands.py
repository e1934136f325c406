"""What each command of the command line does. Each returns its exit status, or None for 0."""

import csv
import importlib.util
import json
import platform
import sys
import time

from . import arguments, tables
from .client import default
from .errors import ManyhandsError, ServiceError
from .progress import counts, duration, line
from .version import VERSION

STATUS = {"SUCCEEDED": 0, "FAILED": 1, "CANCELLED": 2}
COLUMNS = ("id", "state", "done", "failed", "took", "name")


def map(given):
    job = _submit(given)
    try:
        for record in job.records():
            if "value" in record:
                _print(record["value"] if not given.json else record)
            elif not given.json:
                raised = job.exception_of(record)
                print("item %d: %r" % (record["index"], raised), file=sys.stderr)
            else:
                _print(record)
    except KeyboardInterrupt:
        said = "cancelled job %s" if job.give_up() else "the service is away: job %s may go on"
        print("manyhands: " + said % job.id, file=sys.stderr)
        return 130
    job.wait()
    if not given.json and "result" in job.view and given.reduces:
        _print(job.view["result"])
    return STATUS[job.state]


def submit(given):
    job = _submit(given)
    _print(job.view) if given.json else print(job.id)


def _submit(given):
    options = {name: getattr(given, name) for name in ("name", "workers", "seed", "timeout")}
    options["cache"] = given.cache or None
    for each in given.set:
        name, equals, value = each.partition("=")
        if not equals:
            raise ValueError("--set wants OPTION=JSON, such as max_failures=3, not %r" % each)
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    given.reduces = options.get("reduce", "list") != "list"
    options["values"] = "json"
    if (
        sys.stderr.isatty()
        and given.command == "map"
        and not given.json
        and not sys.stdout.isatty()
    ):
        options["progress"] = True
    function = arguments.function(given.function)
    call = default().starmap if given.starmap else default().map
    return call(function, arguments.inputs(given), **options)


def ls(given):
    filters = {"state": given.state, "label": given.label}
    rows = [job.view for job in default().jobs(given.limit, **filters)]
    _table(given, rows, COLUMNS, _row)


def _row(view):
    done, total, failed = counts(view)
    took = view["elapsedSeconds"]
    progress = "{:,}/{:,}".format(done, total)
    name = view["name"] or view["function"]["name"] or ""
    return view["id"], view["state"], progress, failed or "", took and duration(took), name


def show(given):
    view = default().job(given.job).view
    if given.json:
        return _print(view)
    print("%s  %s" % (view["id"], view["name"] or ""))
    print(line(view))
    facts = ("function", "submittedAt", "finishedAt", "stopReason", "parentId", "seed", "labels")
    for name in facts:
        value = view[name]["name"] if name == "function" else view[name]
        if value:
            print("%-12s %s" % (name, value))
    if view["error"]:
        print("%-12s %s" % ("error", view["error"]["message"]))
    for group in view["failures"]["groups"]:
        print("%-12s %d × %s: %s" % ("failed", group["count"], group["type"], group["message"]))
    for note in view["notes"]:
        print("%-12s %s" % ("note", note))
    if "result" in view:
        print("%-12s %s" % ("result", json.dumps(view["result"])))


def wait(given):
    job = default().job(given.job)
    job.wait(given.timeout)
    _print(job.view) if given.json else print(job.state)
    return STATUS[job.state]


def results(given):
    job = default().job(given.job)
    writer = csv.writer(sys.stdout) if given.csv else None
    if writer:
        writer.writerow(["index", "value", "error"])
    for record in job.records(follow=given.follow):
        if writer:
            value = json.dumps(record["value"]) if "value" in record else ""
            error = record.get("error")
            text = "%s: %s" % (error["type"], error["message"]) if error else ""
            writer.writerow([record["index"], value, text])
        elif given.json or "value" not in record:
            _print(record)
        else:
            _print(record["value"])


def errors(given):
    groups = default().http.json("GET", "/api/v1/jobs/%s/errors" % given.job)
    if given.json:
        return _print(groups)
    for group in groups["groups"]:
        sample = group["sample"]
        which = "item %d" % group["firstIndex"]
        if group["count"] > 1:
            which = "items %d … %d" % (group["firstIndex"], group["lastIndex"])
        print("%d × %s %s (%s)" % (group["count"], sample["kind"], sample["type"], which))
        print("    " + (sample["traceback"] or sample["message"]).rstrip().replace("\n", "\n    "))


def item(given):
    found = default().http.json("GET", "/api/v1/jobs/%s/items/%d" % (given.job, given.index))
    if given.json:
        return _print(found)
    for name, value in found.items():
        if value is not None and name not in ("links", "error"):
            print("%-12s %s" % (name, value if isinstance(value, str) else json.dumps(value)))
    if found.get("error"):
        print(found["error"]["traceback"] or found["error"]["message"])


def logs(given):
    job = default().job(given.job)
    if not given.follow:
        return sys.stdout.write(job.log(item=given.item)) and None
    for text in job.log(follow=True, item=given.item):
        print(text, flush=True)


def retry(given):
    job = default().job(given.job).retry()
    _print(job.view) if given.json else print(job.id)


def cancel(given):
    for each in given.job:
        job = default().job(each).cancel()
        _print(job.view) if given.json else print(job.id, job.state)


def rm(given):
    for each in given.job:
        default().job(each).delete()


def functions(given):
    found = default().http.json("GET", "/api/v1/functions")["functions"]
    _table(given, found, ("name", "runtime"), lambda f: (f["name"], f["runtime"]))


def workers(given):
    found = default().http.json("GET", "/api/v1/workers")["workers"]
    columns = ("id", "pid", "state", "runtime", "function", "job", "rss")

    def row(worker):
        rss = worker.get("rssBytes")
        return tuple(worker.get(name) for name in columns[:-1]) + (rss and "%d MB" % (rss >> 20),)

    _table(given, found, columns, row)


def top(given):
    while True:
        service = default().service()
        rows = [job.view for job in default().jobs(15)]
        if given.json:
            _print({"service": service, "jobs": rows})
        else:
            if not given.once and sys.stdout.isatty():
                sys.stdout.write("\x1b[H\x1b[2J")
            slots, jobs = service["slots"], service["jobs"]
            rate = service["samples"]["itemsPerSecond"][-1:]
            print(
                "%s  slots %d/%d  running %d  queued %d  items/s %s"
                % (
                    default().http.url,
                    slots["busy"],
                    slots["total"],
                    jobs["running"],
                    jobs["queued"],
                    "{:,.0f}".format(rate[0]) if rate else "–",
                )
            )
            _table(given, rows, COLUMNS, _row)
        if given.once:
            return
        sys.stdout.flush()
        time.sleep(1)


def doctor(given):
    """Checks one thing after the other, and stops where the next ones make no sense."""
    facts = {"address": default().http.url, "client": VERSION, "python": platform.python_version()}
    facts["cloudpickle"] = bool(importlib.util.find_spec("cloudpickle"))
    bad = []
    try:
        facts["service"] = default().service()["version"]
        facts["servicePython"] = default().runtime().version
        if facts["servicePython"].split(".")[:2] != facts["python"].split(".")[:2]:
            bad.append(
                "the service has Python %s and this is %s: functions of modules work, but those of"
                " __main__ and lambdas need one version" % (facts["servicePython"], facts["python"])
            )
        facts["sum"] = sum(default().map(abs, [-1, 2, -3]).result(timeout=60))
    except (ManyhandsError, ServiceError) as failed:
        bad.append(str(failed))
    if given.json:
        _print({**facts, "problems": bad})
    else:
        for name, value in facts.items():
            print("%-14s %s" % (name, value))
        for text in bad:
            print("! " + text)
        print("all is well" if not bad else "")
    return 0 if "sum" in facts else 3


def completion(given):
    words = " ".join(given.words)
    script = (
        "_manyhands() { COMPREPLY=(); [ $COMP_CWORD -eq 1 ] && COMPREPLY=($(compgen -W '%s' --"
        ' "${COMP_WORDS[1]}")); }\ncomplete -o default -F _manyhands manyhands'
    )
    if given.shell == "zsh":
        print("autoload -Uz bashcompinit && bashcompinit")
    print(script % words)


def _table(given, found, columns, row):
    if given.json:
        for each in found:
            _print(each)
    else:
        tables.write(sys.stdout, columns, [row(each) for each in found])


def _print(value):
    print(json.dumps(value, ensure_ascii=False), flush=sys.stdout.isatty())

"""The options of a job as keyword arguments, in the words of Python."""

from difflib import get_close_matches

# Keyword here: member of the job.
PLAIN = {
    "name": "name",
    "description": "description",
    "labels": "labels",
    "workers": "workers",
    "threads": "threads",
    "chunking": "chunking",
    "reduce": "reduce",
    "stop_when": "stopWhen",
    "non_finite": "nonFinite",
    "seed": "seed",
    "cache": "cache",
    "timeouts": "timeouts",
    "memory": "memory",
    "retry": "retry",
    "max_failures": "maxFailures",
    "on_error": "onError",
    "priority": "priority",
    "after": "after",
    "not_before": "notBefore",
    "paused": "paused",
    "ttl": "ttl",
    "callback": "callback",
    "recycle": "recycle",
    "fresh": "fresh",
    "shared": "shared",
    "shared_set": "sharedSet",
    "values": "values",
}
# Keyword here: member of `timeouts`.
TIMES = {"timeout": "item", "job_timeout": "job", "cpu_timeout": "cpu"}
OTHERS = ("chunksize", "order", "common", "modules", "initializer", "initargs", "progress")


def members(options):
    """Returns the members of a job for these keywords. None stands for an option's default."""
    made = {}
    for keyword, value in options.items():
        if keyword not in PLAIN and keyword not in TIMES and keyword not in OTHERS:
            raise TypeError(_unknown(keyword))
        if value is None or keyword in OTHERS:
            continue
        if keyword in TIMES:
            made.setdefault("timeouts", {})[TIMES[keyword]] = seconds(value)
        elif keyword == "timeouts":
            made["timeouts"] = {**value, **made.get("timeouts", {})}
        else:
            made[PLAIN[keyword]] = value
    _convert(made, options)
    return made


def _convert(made, options):
    if options.get("chunksize") is not None:
        made["chunking"] = {**made.get("chunking", {}), "size": options["chunksize"]}
    if options.get("order") is not None:
        made["chunking"] = {**made.get("chunking", {}), "order": options["order"]}
    if "after" in made:
        after = made["after"]
        after = [after] if isinstance(after, str) or hasattr(after, "id") else after
        made["after"] = [getattr(each, "id", each) for each in after]
    if hasattr(made.get("notBefore"), "isoformat"):
        moment = made["notBefore"]
        made["notBefore"] = (moment if moment.tzinfo else moment.astimezone()).isoformat()
    if "ttl" in made:
        made["ttl"] = seconds(made["ttl"])
    if isinstance(made.get("recycle"), int):
        made["recycle"] = {"items": made["recycle"]}
    if isinstance(made.get("retry"), int):
        made["retry"] = {"error": made["retry"]}


def seconds(duration):
    """Returns a number of seconds, of a number or a timedelta."""
    return duration.total_seconds() if hasattr(duration, "total_seconds") else duration


def _unknown(keyword):
    known = [*PLAIN, *TIMES, *OTHERS]
    close = get_close_matches(keyword, known, 1)
    hint = "; did you mean %r?" % close[0] if close else "; there are " + ", ".join(sorted(known))
    return "no option %r%s" % (keyword, hint)

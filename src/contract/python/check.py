"""Uses the generated Python client against a running service, whose address is the argument.

The client sends inputs as lists only: docs/how-to/clients.md has its limits.
"""

import json
import sys

from manyhands_client import ApiClient, ApiException, Configuration, JobsApi
from manyhands_client.models import CommandFunction, FunctionChoice, Inputs, JobRequest, Problem, PythonFunction

PATIENCE_SECONDS = 100

GCD = """
def gcd(a, b):
    for i in range(min(a, b), 0, -1):
        if a % i == b % i == 0:
            return i
"""


def main(service):
    with ApiClient(Configuration(host=service)) as client:
        jobs = JobsApi(client)
        named = run(jobs, FunctionChoice("gcd"), [[12, 18], [7, 13]])
        expect([6, 1], named.result)
        code = FunctionChoice(PythonFunction(runtime="python", code=GCD))
        inline = run(jobs, code, [[1963309, 2265973], [1551645, 2229620]], call="starmap")
        expect([1, 5], inline.result)
        lists_jobs_page_by_page(jobs, {named.id, inline.id})
        pages_through_results(jobs)
        reads_an_error(jobs)
        reads_a_problem(jobs)
    print("The generated Python client works.")


def expect(wanted, found):
    if wanted != found:
        raise AssertionError("expected %r, found %r" % (wanted, found))


def run(jobs, function, items, **options):
    request = JobRequest(function=function, inputs=Inputs(items), **options)
    job = jobs.submit_job(request, wait=PATIENCE_SECONDS)
    expect("SUCCEEDED", job.state.value)
    return job


def lists_jobs_page_by_page(jobs, wanted):
    found, cursor = set(), None
    while True:
        page = jobs.list_jobs(limit=1, cursor=cursor)
        found.update(job.id for job in page.jobs)
        cursor = page.next
        if cursor is None:
            break
    expect(set(), wanted - found)


def pages_through_results(jobs):
    job = run(jobs, FunctionChoice("gcd"), [[n, 6] for n in range(1, 11)])
    values, offset = [], 0
    while offset is not None:
        page = jobs.get_results(job.id, offset=offset, limit=3)
        values += page.results
        offset = page.next
    expect([1, 2, 3, 2, 1, 6, 1, 2, 3, 2], values)
    item = jobs.get_item(job.id, 5)
    expect(6, item.value)


def reads_an_error(jobs):
    dies = FunctionChoice(CommandFunction(runtime="command", command=["sh", "-c", "read line; exit 3"]))
    request = JobRequest(function=dies, inputs=Inputs([1]))
    job = jobs.submit_job(request, wait=PATIENCE_SECONDS)
    expect("FAILED", job.state.value)
    (error,) = jobs.get_results(job.id).errors
    expect(("CRASH", None), (error.kind, error.traceback))


def reads_a_problem(jobs):
    try:
        jobs.get_job("nothing")
    except ApiException as refused:
        problem = Problem.from_dict(json.loads(refused.body))
        expect(404, refused.status)
        expect("urn:manyhands:problem:not-found", problem.type)
        return
    raise AssertionError("there is a job 'nothing'")


main(sys.argv[1])

"""Runs the main job, the greatest common divisors of ten pairs, in Python, and checks each result."""
import json
import math
import os
import urllib.request

PAIRS = [[1963309, 2265973], [2030677, 3814172], [1551645, 2229620], [2039045, 2020802], [1823712, 1924928],
         [2293129, 1020491], [1281238, 2273782], [3823812, 4237281], [3812741, 4729139], [1292391, 2123811]]
CODE = """def gcd(a, b):
    for i in range(min(a, b), 0, -1):
        if a % i == b % i == 0:
            return i
"""


def call(path, body=None):
    request = urllib.request.Request(os.environ["URL"] + "/api/v1" + path, body and json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=150) as answer:
        return json.load(answer)


job = call("/jobs?wait=120", {"name": "helm test", "function": {"runtime": "python", "code": CODE}, "call": "starmap", "inputs": PAIRS})
results = call(job["links"]["results"].removeprefix("/api/v1"))["results"]
assert job["state"] == "SUCCEEDED", job
assert results == [math.gcd(a, b) for a, b in PAIRS], results
print("job", job["id"], "succeeded in", job["elapsedSeconds"], "s:", results)

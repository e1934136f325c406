package dev.manyhands.api;

/**
 * Worked examples for the API's description. The requests are sent to a running service by a test.
 */
final class Examples {
  private Examples() {}

  static final String SUBMIT_PYTHON =
      """
      {"name": "squares",
       "function": {"runtime": "python", "code": "def square(x):\\n    return x * x", "entry": "square"},
       "inputs": [1, 2, 3]}\
      """;

  static final String SUBMIT_RANGE =
      """
      {"function": "check_prime",
       "inputs": {"range": {"start": 100000000, "stop": 100100000}},
       "workers": 2, "priority": 5, "labels": {"team": "number-theory"}}\
      """;

  static final String SUBMIT_SEEDED =
      """
      {"function": "estimate_pi", "inputs": {"repeat": {"value": 1000000, "times": 16}}, "seed": 42}\
      """;

  static final String SUBMIT_LINES =
      """
      {"function": "gcd"}
      [12, 18]
      [7, 13]
      """;

  static final String SUBMIT_COMMAND =
      """
      {"function": {"runtime": "command", "command": ["sed", "-u", "s/.*/&&/"]}, "inputs": [1, 2, 3]}\
      """;

  static final String SUBMIT_STARMAP =
      """
      {"function": {"runtime": "python", "code": "def power(base, exponent=1, plus=0):\\n    return base ** exponent + plus"},
       "call": "starmap", "common": {"plus": 1}, "inputs": [[2, 10], [3], {"base": 5, "exponent": 2}]}\
      """;

  static final String SUBMIT_THREADS =
      """
      {"function": "io_heavy", "inputs": {"repeat": {"value": 0.05, "times": 32}}, "workers": 1, "threads": 16}\
      """;

  static final String SUBMIT_CHUNKING =
      """
      {"function": "sum_of_squares", "inputs": {"range": {"stop": 1000}}, "chunking": {"size": 50, "order": "shuffled"}}\
      """;

  static final String SUBMIT_REDUCE =
      """
      {"function": "check_prime", "inputs": {"range": {"stop": 100000}}, "reduce": "sum"}\
      """;

  static final String SUBMIT_STOP_WHEN =
      """
      {"function": "check_prime", "inputs": {"range": {"start": 100000000, "stop": 200000000}}, "stopWhen": {"truthy": 3}}\
      """;

  static final String SUBMIT_CACHE =
      """
      {"function": "check_prime", "inputs": [7, 8, 9], "cache": true}\
      """;

  static final String SUBMIT_FAILURES =
      """
      {"function": {"runtime": "python", "code": "def f(x): return 60 // (x % 50)"}, "inputs": {"range": {"stop": 100}},
       "maxFailures": "5%", "onError": "stop"}\
      """;

  static final String SUBMIT_RETRY =
      """
      {"function": {"runtime": "python", "code": "import random\\ndef f(x):\\n    if random.random() < 0.1: raise OSError('try again')\\n    return x"},
       "inputs": {"range": {"stop": 100}},
       "retry": {"error": 5, "backoff": 0.1, "timeout": 2, "crash": 2}, "timeouts": {"item": 30, "job": 3600, "cpu": 20}}\
      """;

  /** The ids are of jobs of the service that is asked: a test puts some in. */
  static final String SUBMIT_AFTER =
      """
      {"function": "sum_of_squares", "inputs": {"results": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77"},
       "after": ["019aa4f2-7a12-7b1d-9d0c-0c3a4c1e5a77"], "reduce": "max"}\
      """;

  static final String SUBMIT_LATER =
      """
      {"function": "gcd", "inputs": [[12, 18]], "notBefore": "2026-12-24T06:00:00Z", "ttl": 86400}\
      """;

  static final String SUBMIT_CALLBACK =
      """
      {"function": "gcd", "inputs": [[12, 18]],
       "callback": {"url": "https://hooks.example/done", "secret": "whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZQ=="}}\
      """;

  static final String JOB =
      """
      {"id": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77", "name": "squares", "state": "SUCCEEDED", "stopReason": null,
       "function": {"name": "square",
                    "digest": "sha256:2f0d7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4",
                    "runtime": "python"},
       "items": {"total": 3, "done": 3, "succeeded": 3, "failed": 0, "skipped": 0, "cached": 0},
       "inputsOpen": false, "chunks": {"done": 3, "running": 0},
       "progress": {"fraction": 1.0, "itemsPerSecond": 111.1, "etaSeconds": null},
       "submittedAt": "2026-11-21T10:00:00.000Z", "startedAt": "2026-11-21T10:00:00.001Z",
       "finishedAt": "2026-11-21T10:00:00.028Z", "elapsedSeconds": 0.027, "workSeconds": 0.00001,
       "speedup": 0.0003, "efficiency": 0.0001, "workersUsed": 2, "priority": 5, "seed": null, "labels": {},
       "result": [1, 4, 9], "error": null, "notes": [],
       "links": {"self": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77",
                 "results": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/results",
                 "events": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/events",
                 "timeline": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/timeline",
                 "report": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/report",
                 "log": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/log",
                 "cancel": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/cancel"}}\
      """;

  static final String CALLBACK =
      """
      {"job": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77", "messageId": "msg_019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77",
       "url": "https://hooks.example/done", "state": "PENDING",
       "attempts": [{"number": 1, "startedAt": "2026-11-21T10:00:00.030Z", "seconds": 0.113, "status": 503,
                     "error": "the answer was 503"}],
       "nextAttemptAt": "2026-11-21T10:00:05.402Z"}\
      """;

  static final String RESULTS =
      """
      {"offset": 0, "results": [1, null, 9],
       "errors": [{"index": 1, "kind": "ERROR", "type": "ZeroDivisionError", "message": "division by zero",
                   "traceback": "Traceback (most recent call last): …", "attempts": 1}],
       "skipped": [], "complete": true, "next": null}\
      """;

  static final String RESULT_LINES =
      """
      {"index":0,"value":1}
      {"index":1,"error":{"index":1,"kind":"ERROR","type":"ZeroDivisionError","message":"division by zero","traceback":"…","attempts":1}}
      {"index":2,"value":9}
      {"end":{"state":"FAILED","complete":true,"next":null}}\
      """;

  static final String COMPLETION_LINES =
      """
      {"index":2,"at":0,"value":9}
      {"index":0,"at":1,"value":1}
      {"index":1,"at":2,"error":{"index":1,"kind":"ERROR","type":"ZeroDivisionError","message":"division by zero","traceback":"…","attempts":1}}
      {"end":{"state":"FAILED","complete":true,"next":null}}\
      """;

  static final String EVENTS =
      """
      retry: 2000

      event: state
      id: 1204
      data: {"state":"RUNNING"}

      event: progress
      id: 1205
      data: {"state":"RUNNING","items":{"total":3,"done":2,"succeeded":2,"failed":0,"skipped":0,"cached":0},"inputsOpen":false,\
      "chunks":{"done":2,"running":1},"progress":{"fraction":0.666667,"itemsPerSecond":100.0,"etaSeconds":0.01},\
      "elapsedSeconds":0.02,"workSeconds":0.000008,"workersUsed":2}

      : still here

      event: state
      id: 28114
      data: {"state":"SUCCEEDED"}

      event: end
      id: 28115
      data: {"id":"019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77","name":"squares","state":"SUCCEEDED","result":[1,4,9]}

      """;

  static final String RETRY = "{\"only\": \"failed\"}";

  static final String CHANGE = "{\"priority\": 8, \"paused\": false}";

  static final String TIMELINE =
      """
      {"id": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77", "name": "squares", "function": "square", "state": "SUCCEEDED",
       "startedAt": "2026-11-21T10:00:00.001Z", "until": "2026-11-21T10:00:00.028Z", "chunks": 2, "merged": false,
       "bars": [{"worker": 1, "pid": 4711, "startedAt": "2026-11-21T10:00:00.001Z", "finishedAt": "2026-11-21T10:00:00.027Z",
                 "items": {"first": 0, "count": 1}, "failed": 0, "attempt": 1,
                 "runSeconds": 0.000004, "readSeconds": 0.00002, "writeSeconds": 0.000006, "peakRss": 10485760, "chunks": 1},
                {"worker": 2, "pid": 4712, "startedAt": "2026-11-21T10:00:00.001Z", "finishedAt": "2026-11-21T10:00:00.028Z",
                 "items": {"first": 1, "count": 2}, "failed": 0, "attempt": 1,
                 "runSeconds": 0.000006, "readSeconds": 0.00002, "writeSeconds": 0.000008, "peakRss": 10485760, "chunks": 1}]}\
      """;

  static final String TIMELINE_SVG =
      """
      <svg xmlns="http://www.w3.org/2000/svg" role="img" width="1200" height="230">…</svg>\
      """;

  static final String REPORT =
      """
      {"id": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77", "name": "primes", "state": "SUCCEEDED", "complete": true,
       "wallSeconds": 4.0, "slots": 2, "slotSeconds": 8.0,
       "seconds": {"startUp": 0.24, "transfer": 0.08, "read": 0.08, "run": 7.28, "write": 0.08, "lost": 0.0, "idle": 0.24},
       "shares": {"startUp": 0.03, "transfer": 0.01, "read": 0.01, "run": 0.91, "write": 0.01, "lost": 0.0, "idle": 0.03},
       "speedup": 1.82, "efficiency": 0.91,
       "chunks": {"count": 41, "leastItems": 1, "medianItems": 2500, "mostItems": 2600, "medianSeconds": 0.2,
                  "why": "automatic: from single items up, to about 0.2 s of work in each"},
       "attempts": {"failedItems": 0, "failedChunks": 0, "retriedChunks": 0, "seconds": 0.0}, "tailSeconds": 0.1, "peakRss": 12582912,
       "slowestChunks": [{"first": 97400, "count": 2600, "worker": 2, "attempt": 1, "failed": 0, "seconds": 0.23,
                          "runSeconds": 0.22, "secondsPerItem": 0.000085}],
       "slowestItems": [{"first": 0, "count": 1, "worker": 1, "attempt": 1, "failed": 0, "seconds": 0.12,
                         "runSeconds": 0.0009, "secondsPerItem": 0.0009}],
       "advice": [{"rule": "moreWorkersWouldHelp",
                   "text": "Workers were in the function for 91 % of the time. More slots (manyhands.workers.slots) would make it faster, as far as there are processors."}]}\
      """;

  static final String LOG =
      """
      [worker 3] loading the table
      [worker 3 item 17] looking at 289
      [worker 4 item 18] looking at 324
      """;

  static final String LOG_LINES =
      """
      {"at":"2026-11-21T10:00:00.011Z","worker":3,"item":null,"text":"loading the table"}
      {"at":"2026-11-21T10:00:00.014Z","worker":3,"item":17,"text":"looking at 289"}
      {"dropped":1200}
      {"at":"2026-11-21T10:00:09.100Z","worker":4,"item":1318,"text":"looking at 1737124"}
      """;

  static final String ITEM =
      """
      {"index": 2, "state": "SUCCEEDED", "input": 3, "value": 9, "error": null, "attempts": 1, "cached": false, "seconds": 0.000003,
       "worker": 1, "pid": 4711, "peakRss": 10485760, "chunk": {"items": [1, 3]},
       "startedAt": "2026-11-21T10:00:00.002Z", "finishedAt": "2026-11-21T10:00:00.028Z",
       "links": {"self": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/items/2",
                 "log": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/items/2/log",
                 "job": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77"}}\
      """;

  static final String PROBLEM =
      """
      {"type": "urn:manyhands:problem:malformed", "title": "Malformed request", "status": 400,
       "detail": "/chunking/sise: there is no such field; there are: count, order, size",
       "instance": "/api/v1/jobs",
       "errors": [{"pointer": "/chunking/sise", "detail": "there is no such field; there are: count, order, size"}]}\
      """;

  static final String FUNCTION_DEFINITION =
      """
      {"runtime": "python", "code": "def cube(x):\\n    return x ** 3", "entry": "cube"}\
      """;

  /** The parts of a form; a part {@code file} is the text of a file {@code shout.py}. */
  static final String FUNCTION_FORM =
      """
      {"definition": {"runtime": "python", "entry": "shout"}, "file": "def shout(word):\\n    return word.upper()\\n"}\
      """;

  static final String FUNCTION_OF_BUNDLE =
      """
      {"name": "shout", "runtime": "python", "builtIn": false,
       "digest": "sha256:4d7ac7f0d1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4",
       "registeredAt": "2026-11-21T10:00:00Z",
       "definition": {"runtime": "python", "entry": "shout:shout"},
       "bundle": {"kind": "py", "fileName": "shout.py", "bytes": 42, "files": 1,
                  "digest": "sha256:77aa7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4"},
       "versions": ["sha256:4d7ac7f0d1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4"]}\
      """;

  static final String FUNCTION =
      """
      {"name": "cube", "runtime": "python", "builtIn": false,
       "digest": "sha256:9b1c7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4",
       "registeredAt": "2026-11-21T10:00:00Z",
       "definition": {"runtime": "python", "code": "def cube(x):\\n    return x ** 3", "entry": "cube"},
       "bundle": null,
       "versions": ["sha256:9b1c7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4"]}\
      """;

  static final String WORKERS =
      """
      {"workers": [{"id": 1, "pid": 4711, "runtime": "python", "version": "python 3.11.7", "state": "BUSY",
        "function": "square", "job": "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77", "item": 2, "rssBytes": 10485760,
        "cpuSeconds": 0.03, "chunksDone": 2, "itemsDone": 2, "startedAt": "2026-11-21T10:00:00Z"}]}\
      """;

  static final String LIMITS =
      """
      {"slots": 2, "maxBodyBytes": 268435456, "maxSpecBytes": 4194304, "maxItems": 100000000, "maxItemBytes": 16777216,
       "maxJsonDepth": 100, "maxNumberLength": 1000, "maxResultBytes": 16777216, "jobLogBytes": 1048576, "maxUnfinishedJobs": 100000,
       "maxStreams": 2000, "maxBundleBytes": 67108864, "maxBundleUnpackedBytes": 536870912, "maxBundleEntries": 10000,
       "workerMemoryBytes": 0, "memoryBudgetBytes": 0, "workerOpenFiles": 0, "workerProcesses": 0, "workerFileBytes": 0,
       "workerCpuSeconds": 0.0, "workerScratchBytes": 10737418240, "sandbox": "process", "dataDirectory": "hidden", "systemCalls": "filtered",
       "maxResultsPerPage": 100000, "maxWaitSeconds": 300.0}\
      """;
}

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
       "result": [1, 4, 9], "error": null,
       "links": {"self": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77",
                 "results": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/results",
                 "cancel": "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/cancel"}}\
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

  static final String CHANGE = "{\"priority\": 8, \"paused\": false}";
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

  static final String FUNCTION =
      """
      {"name": "cube", "runtime": "python", "builtIn": false,
       "digest": "sha256:9b1c7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4",
       "registeredAt": "2026-11-21T10:00:00Z",
       "definition": {"runtime": "python", "code": "def cube(x):\\n    return x ** 3", "entry": "cube"},
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
       "maxJsonDepth": 100, "maxNumberLength": 1000, "maxResultBytes": 16777216, "maxUnfinishedJobs": 100000,
       "maxResultsPerPage": 100000, "maxWaitSeconds": 300.0}\
      """;
}

package dev.manyhands.api;

/** Worked examples of comparisons for the API's description, as {@link Examples} are of jobs. */
final class ComparisonExamples {
  private ComparisonExamples() {}

  static final String USUAL =
      """
      {"job": {"name": "primes", "function": "check_prime", "inputs": {"range": {"start": 100000000, "stop": 100020000}}}}\
      """;

  static final String VARIANTS =
      """
      {"job": {"function": {"runtime": "python", "code": "def square(x):\\n    return x * x"},
               "inputs": {"range": {"stop": 10000}}},
       "variants": [{"name": "serial", "workers": 1}, {"workers": 2},
                    {"name": "fine", "workers": 2, "chunking": {"size": 10}}],
       "rounds": 1}\
      """;

  static final String COMPARISON =
      """
      {"id": "019aa4f2-7a11-7c3e-8b52-5d1f0e9c2b34", "name": "primes", "state": "FINISHED",
       "summary": "'2 processes' is the fastest with 412 ms, 1.91 times as fast as 'serial'.",
       "best": "2 processes", "baseline": "serial", "sameResults": true,
       "table": [
         {"variant": "serial", "workers": 1, "threads": 1, "state": "SUCCEEDED",
          "seconds": 0.787, "minSeconds": 0.781, "maxSeconds": 0.93, "speedup": 1.0, "efficiency": 1.0,
          "serialFraction": null, "itemsPerSecond": 25412.960610, "failedItems": 0,
          "resultsDigest": "sha256:2f0d7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4", "problem": null,
          "jobs": ["019aa4f2-7a12-7b1d-9d0c-0c3a4c1e5a77"]},
         {"variant": "2 processes", "workers": 2, "threads": 1, "state": "SUCCEEDED",
          "seconds": 0.412, "minSeconds": 0.409, "maxSeconds": 0.431, "speedup": 1.910194, "efficiency": 0.955097,
          "serialFraction": 0.047014, "itemsPerSecond": 48543.689320, "failedItems": 0,
          "resultsDigest": "sha256:2f0d7c8fd1f1b4f0c9a3f2c1d8e6b5a4939281706f5e4d3c2b1a09f8e7d6c5b4", "problem": null,
          "jobs": ["019aa4f2-7d25-7b1d-a0b1-5f0e9c2b345d"]}],
       "runs": {"done": 2, "planned": 2, "running": null}, "items": 20000, "rounds": 1,
       "submittedAt": "2026-11-21T10:00:00.000Z", "finishedAt": "2026-11-21T10:00:01.280Z", "problem": null,
       "links": {"self": "/api/v1/comparisons/019aa4f2-7a11-7c3e-8b52-5d1f0e9c2b34",
                 "jobs": "/api/v1/jobs?label=comparison:019aa4f2-7a11-7c3e-8b52-5d1f0e9c2b34",
                 "cancel": "/api/v1/comparisons/019aa4f2-7a11-7c3e-8b52-5d1f0e9c2b34/cancel"}}\
      """;

  static final String CHART = "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>";
}

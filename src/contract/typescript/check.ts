// Uses the generated TypeScript client against a running service, whose address is the argument.
// Compiled in the directory of that client.
import { Configuration, JobsApi, JobState, ResponseError, type Problem } from "./index";

declare const process: { argv: string[]; exit(status: number): never };

function expect(wanted: unknown, found: unknown): void {
  if (JSON.stringify(wanted) !== JSON.stringify(found)) {
    throw new Error(`expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  }
}

async function check(basePath: string): Promise<void> {
  const jobs = new JobsApi(new Configuration({ basePath }));
  const job = await jobs.submitJob({
    wait: 100,
    jobRequest: { _function: "gcd", inputs: [[12, 18], [7, 13]], maxFailures: "5%" },
  });
  expect(JobState.Succeeded, job.state);
  expect([6, 1], job.result);
  const page = await jobs.getResults({ id: job.id, limit: 1 });
  expect([6], page.results);
  expect(1, page.next);
  try {
    await jobs.getJob({ id: "nothing" });
    throw new Error("there is a job 'nothing'");
  } catch (refused) {
    if (!(refused instanceof ResponseError)) throw refused;
    const problem: Problem = await refused.response.json();
    expect("urn:manyhands:problem:not-found", problem.type);
  }
  console.log("The generated TypeScript client works.");
}

check(process.argv[2]).catch((failure: unknown) => {
  console.error(failure);
  process.exit(1);
});

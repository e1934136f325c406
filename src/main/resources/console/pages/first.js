// The page of a service without jobs: a finished job is two clicks away.

import {address, post} from '../api.js';
import {go} from '../app.js';
import {EXAMPLES} from '../examples.js';
import {attempt, copyButton, html} from '../ui.js';

async function run(example) {
  await attempt(async () => {
    const job = await post('jobs', example.job);
    go('/jobs/' + job.id);
  });
}

export const exampleList = (use, word) =>
  html`<ul class="examples">
    ${EXAMPLES.map(
      (example, at) =>
        html`<li>
          <strong>${example.title}</strong>
          <p>${example.text}</p>
          <span class="actions"
            ><button @click=${() => use(example)} aria-label="${word} ${example.title}">${word}</button>
            <a href="#/submit?example=${at}">Look at it first</a></span
          >
        </li>`,
    )}
  </ul>`;

export function firstSteps() {
  const line =
    `curl -sS ${address('jobs')} -H 'Content-Type: application/json' \\\n` +
    '  -d \'{"function": "check_prime", "inputs": {"range": {"start": 100000000, "stop": 100100000}}}\'';
  return html`<div class="empty">
    <h2>No jobs yet</h2>
    <p>
      A job is a function over many inputs. The service cuts the inputs into chunks, runs them on its workers, and gives
      the results in the order of the inputs.
    </p>
    ${exampleList(run, 'Run')}
    <p>Or write <a href="#/submit">a job of your own</a>, or send one from a terminal:</p>
    <pre tabindex="0">${line}</pre>
    <p></p>
    ${copyButton(line, 'curl')}
  </div>`;
}

// Actions on many jobs: those that were selected, or all that match the filters.

import {get, post, query, send} from '../api.js';
import {ENDED, attempt, confirm, notice, plural, sentence} from '../ui.js';

const WORDS = {
  cancel: {
    done: 'cancelled',
    question: (n) => ({
      title: `Cancel ${plural(n, 'job')}?`,
      text: 'Finished items keep their results. Items that have not finished are not run. This cannot be undone.',
      action: `Cancel ${plural(n, 'job')}`,
    }),
  },
  retry: {
    done: 'retried',
    question: (n) => ({
      title: `Retry ${plural(n, 'job')}?`,
      text: 'The failed items of each run again, as a new job. The old jobs stay as they are.',
      action: `Retry ${plural(n, 'job')}`,
    }),
  },
  delete: {
    done: 'deleted',
    question: (n) => ({
      title: `Delete ${plural(n, 'job')}?`,
      text: 'Their results, logs and inputs are removed. This cannot be undone.',
      action: `Delete ${plural(n, 'job')}`,
    }),
  },
};

/** Asks the user, then acts on the selected jobs, one request for each. Returns whether requests were sent. */
export async function each(action, jobs) {
  if (!jobs.length) {
    notice(`None of the selected jobs can be ${WORDS[action].done}.`, {bad: true});
    return false;
  }
  if (!(await confirm({...WORDS[action].question(jobs.length), safe: 'No'}))) return false;
  let done = 0;
  const problems = [];
  for (const job of jobs) {
    try {
      if (action === 'delete') await send('jobs/' + job.id, {method: 'DELETE'});
      else await post(`jobs/${job.id}/${action}`, action === 'retry' ? {only: 'failed'} : undefined);
      done++;
    } catch (failure) {
      problems.push(failure.message);
    }
  }
  notice(
    `${plural(done, 'job')} ${WORDS[action].done}.${
      problems.length ? ` ${problems.length} refused: ${sentence(problems[0])}` : ''
    }`,
    {bad: problems.length > 0},
  );
  return true;
}

/**
 * Asks the user, then acts on all jobs that match the filters and whose state fits. The one request has the number expected. Returns whether the service did this; some jobs may have been refused.
 */
export async function all(action, parameters) {
  const filter = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value) filter[name] = value;
  }
  const fitting = action === 'cancel' ? ['WAITING', 'QUEUED', 'RUNNING'] : action === 'retry' ? ['FAILED'] : ENDED;
  const states = filter.state ? fitting.filter((name) => name === filter.state) : fitting;
  return attempt(async () => {
    const now = await get('jobs' + query({...parameters, limit: 1, counts: true}));
    const expect = states.reduce((sum, name) => sum + now.counts.byState[name], 0);
    if (!expect) {
      notice(`No job that matches can be ${WORDS[action].done}.`, {bad: true});
      return false;
    }
    if (!(await confirm({...WORDS[action].question(expect), safe: 'No'}))) return false;
    const body = {filter: {...filter, state: states}, expect};
    if (action === 'retry') body.options = {only: 'failed'};
    const outcome = await post('jobs/' + action, body);
    notice(
      `${plural(outcome.done, 'job')} ${WORDS[action].done}${
        outcome.refused ? `, ${outcome.refused} refused: ${outcome.problems[0]?.detail}` : ''
      }.`,
      {bad: outcome.refused > 0},
    );
    return true;
  });
}

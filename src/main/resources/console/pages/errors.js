// Failed items in groups: one problem or twenty.

import {get, post, query} from '../api.js';
import {draw, go} from '../app.js';
import {attempt, confirm, count, hasEnded, html, notice, nothing, plural} from '../ui.js';
import {Tab} from './tab.js';

export function open(page) {
  return new ErrorGroups(page);
}

export class ErrorGroups extends Tab {
  list = null;

  constructor(page) {
    super(page);
    this.reload();
  }

  needsMore() {
    return this.page.job.items.failed !== this.list?.failed;
  }

  async load() {
    try {
      this.list = await get(this.page.path('/errors'));
      draw();
    } catch {
      // The page itself shows a service that is away.
    }
  }

  view(job) {
    if (!job.items.failed) return html`<p class="pad">No item has failed${hasEnded(job) ? '' : ' so far'}.</p>`;
    if (!this.list) return nothing;
    const {groups, examined, failed} = this.list;
    return html` <p class="dim">
        ${plural(failed, 'failed item')} in ${plural(groups.length, 'group')}. Errors that differ only in numbers and
        ids are one group. ${examined < failed ? `The first ${count(examined)} were examined.` : nothing}
      </p>
      <div class="stack">${groups.map((group) => this.group(job, group))}</div>`;
  }

  /** Retries the items of one group, also those beyond the errors that were examined. */
  async retry({kind, type, message, count: known}) {
    const {examined, failed} = this.list;
    const items = `${examined < failed ? 'at least ' : ''}${plural(known, 'item')}`;
    const isSure = await confirm({
      title: `Retry ${items}?`,
      text: html`A new job runs the items that failed with <strong>${type}</strong>:
        <span class="mono">${message}</span>. Other failed items are not run again. This job stays as it is.`,
      action: `Retry ${items}`,
      safe: 'No',
      look: 'main',
    });
    if (!isSure) return;
    await attempt(async () => {
      const job = await post(this.page.path('/retry'), {group: {kind, type, message}});
      notice('A new job runs the items of this group again.');
      go('/jobs/' + job.id);
    });
  }

  group(job, group) {
    const item = (index) =>
      html`<a href="#/jobs/${this.page.id}/items${query({state: 'FAILED', item: index})}">${count(index)}</a>`;
    return html`<details ?open=${this.list.groups.length === 1}>
      <summary>
        <span class="bad-text">✖ ${group.kind} ${group.type}</span> · <strong>${plural(group.count, 'item')}</strong> ·
        <span class="mono">${group.message}</span>
      </summary>
      <p>
        ${group.count === 1 ? html`Item ${item(group.firstIndex)}` : html`Items ${item(group.firstIndex)} to ${item(group.lastIndex)}`}
      </p>
      <pre class="short" tabindex="0">${group.sample.traceback ?? group.sample.message}</pre>
      <p></p>
      <div class="actions">
        <a class="button" href="#/jobs/${this.page.id}/items${query({state: 'FAILED', item: group.firstIndex})}"
          >See the first item</a
        >
        ${hasEnded(job) ? html`<button @click=${() => this.retry(group)}>Retry these…</button>` : nothing}
        <a class="button" href="#/submit${query({from: this.page.id, item: group.firstIndex})}"
          >Run this one with changes…</a
        >
      </div>
    </details>`;
  }
}

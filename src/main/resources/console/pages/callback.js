// The message that the service sends when the job has ended.

import {get} from '../api.js';
import {draw} from '../app.js';
import {duration, empty, html, loading, nothing, state, throttled, time} from '../ui.js';

export function open(page) {
  return new CallbackTab(page);
}

class CallbackTab {
  callback = null;
  isNone = false;

  constructor(page) {
    this.page = page;
    this.reload = throttled(2_000, () => this.load());
    this.reload();
  }

  changed(isOtherState) {
    if (isOtherState) this.reload.now();
    else this.reload();
  }

  refresh() {
    this.reload();
  }

  close() {
    this.reload.stop();
  }

  async load() {
    try {
      this.callback = await get(this.page.path('/callback'));
    } catch (failure) {
      this.isNone = failure.status === 404;
    }
    draw();
  }

  view() {
    if (this.isNone)
      return empty('No callback', html`<p>The option <code>callback</code> of a job names a receiver of its end.</p>`);
    if (!this.callback) return loading;
    const {callback} = this;
    return html`<div class="stack">
      <dl class="facts card">
        <dt>state</dt>
        <dd>${state(callback.state)}</dd>
        <dt>receiver</dt>
        <dd class="mono">${callback.url}</dd>
        <dt>message</dt>
        <dd class="mono">${callback.messageId}</dd>
        ${
          callback.nextAttemptAt
            ? html`<dt>next attempt</dt>
                <dd>${time(callback.nextAttemptAt)}</dd>`
            : nothing
        }
      </dl>
      ${
        callback.attempts.length
          ? html`<div class="table" tabindex="0">
              <table>
                <caption>
                  Attempts
                </caption>
                <thead>
                  <tr>
                    <th class="num">No.</th>
                    <th>Started</th>
                    <th class="num">Took</th>
                    <th class="num">Answer</th>
                    <th>Error</th>
                  </tr>
                </thead>
                <tbody>
                  ${callback.attempts.map(
                    (one) =>
                      html`<tr>
                        <td class="num">${one.number}</td>
                        <td>${time(one.startedAt)}</td>
                        <td class="num">${duration(one.seconds)}</td>
                        <td class="num">${one.status ?? '–'}</td>
                        <td>${one.error ?? '✔'}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
          : html`<p class="dim">No attempt yet.</p>`
      }
    </div>`;
  }
}

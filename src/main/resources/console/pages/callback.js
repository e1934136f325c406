// The message that the service sends when the job has ended.

import {get} from '../api.js';
import {draw} from '../app.js';
import {duration, empty, html, loading, nothing, state, time} from '../ui.js';
import {Tab} from './tab.js';

export function open(page) {
  return new CallbackTab(page);
}

class CallbackTab extends Tab {
  callback = null;
  isNone = false;

  constructor(page) {
    super(page);
    this.reload();
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

// Values of users as text. Nothing of them ever becomes markup.

import {bytes, html, nothing} from '../ui.js';

const LONG = 2_000;
const FOLDED = 300;

/** A value in one line of text, at most `most` characters. */
export function brief(something, most = 160) {
  const text = JSON.stringify(something) ?? '–';
  return text.length > most ? text.slice(0, most) + '…' : text;
}

/**
 * A value, folded if it is long.
 *
 * @param size the bytes of the value; shown alone if the service has left out a value that is too long
 */
export function value(something, size = 0) {
  if (something === null && size > 4) return html`<span class="dim">${bytes(size)}</span>`;
  if (isEnvelope(something))
    return html`<code>${something.s ?? 'a Python object'}</code> <span class="dim">pickled</span>`;
  const text = JSON.stringify(something, null, 1) ?? '–';
  const flat = JSON.stringify(something) ?? '–';
  if (flat.length <= FOLDED) return html`<code>${flat}</code>`;
  return html`<details>
    <summary><code>${flat.slice(0, 80)}…</code> <span class="dim">${bytes(flat.length)}</span></summary>
    <pre tabindex="0">${text.slice(0, 200_000)}</pre>
    ${text.length > 200_000 ? html`<p class="dim">The rest is not shown.</p>` : nothing}
  </details>`;
}

/** Whether it is a value of the Python client that only Python can open. */
function isEnvelope(something) {
  return (
    something !== null &&
    typeof something === 'object' &&
    typeof something.p === 'string' &&
    Object.keys(something).every((key) => ['p', 's', 'b'].includes(key))
  );
}

/** A value written out over several lines. */
export function whole(something) {
  const text = JSON.stringify(something, null, 2) ?? '–';
  return html`<pre tabindex="0" class=${text.length > LONG ? '' : 'short'}>${text.slice(0, 500_000)}</pre>`;
}

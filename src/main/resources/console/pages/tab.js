// The common part of the tabs of a job.

import {throttled} from '../ui.js';

/** A tab that loads its data again when the job has changed: at once for a new state, else after some seconds. */
export class Tab {
  constructor(page, milliseconds = 2_000) {
    this.page = page;
    this.reload = throttled(milliseconds, () => this.load());
  }

  changed(isOtherState) {
    if (isOtherState) this.reload.now();
    else if (this.needsMore()) this.reload();
  }

  /** Whether the tab loads its data again when the job has changed, but not its state. */
  needsMore() {
    return true;
  }

  refresh() {
    this.reload();
  }

  close() {
    this.reload.stop();
  }
}

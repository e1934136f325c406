// The frame of the console: routes, one drawing for each frame, keys. Pages are modules that are
// loaded when they are first shown.

import {render} from './ui.js';

/**
 * A page is made by its module's `open(route)`: {title(), view(), route?(route), event?(type, data),
 * refresh?(), close?()}. `route` is called when only the rest of the address has changed.
 */
const PAGES = {
  jobs: () => import('./pages/jobs.js'),
  job: () => import('./pages/job.js'),
  submit: () => import('./pages/submit.js'),
  functions: () => import('./pages/functions.js'),
  workers: () => import('./pages/workers.js'),
  comparisons: () => import('./pages/comparisons.js'),
  service: () => import('./pages/service.js'),
};

export const app = {
  /** {name, parts, query: URLSearchParams, key}; key changes when another page is needed. */
  route: parse(location.hash),
  page: null,
  failure: null,
  frame: () => {},
};

/** The address `#/jobs/ID/items?state=FAILED` as its parts. */
function parse(hash) {
  const [path, rest = ''] = hash.replace(/^#?\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decode);
  let [name = 'jobs'] = parts;
  let key = name;
  if (name === 'jobs' && parts.length > 1) {
    name = 'job';
    key = 'job/' + parts[1];
  }
  return {name, parts, query: new URLSearchParams(rest), key};
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function go(path) {
  location.hash = path;
}

/** Changes the query of the address without a new entry in the history. */
export function setQuery(parameters) {
  const {query} = app.route;
  for (const [name, value] of Object.entries(parameters)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  const path = app.route.parts.map(encodeURIComponent).join('/') || 'jobs';
  history.replaceState(null, '', '#/' + path + (text && '?' + text));
}

let asked = false;

/** Draws once before the next frame, however often it was asked for. */
export function draw() {
  if (asked) return;
  asked = true;
  const now = () => {
    asked = false;
    render(app.frame(), document.getElementById('console'));
    document.title = (app.page?.title?.() ? app.page.title() + ' · ' : '') + 'Manyhands';
  };
  // No frames come to a hidden tab, whose title is seen all the same.
  if (document.hidden) setTimeout(now, 500);
  else requestAnimationFrame(now);
}

export async function show() {
  const route = parse(location.hash);
  const before = app.route;
  app.route = route;
  if (app.page && before.key === route.key) {
    app.page.route?.(route);
    draw();
    return;
  }
  app.page?.close?.();
  app.page = null;
  app.failure = null;
  draw();
  try {
    const load = PAGES[route.name];
    if (!load) throw new Error('there is no page ' + route.name);
    const module = await load();
    if (app.route !== route) return;
    app.page = module.open(route);
    scrollTo(0, 0);
  } catch (failure) {
    app.failure = failure;
    console.error(failure);
  }
  draw();
}

/** Loads the data of the page again, after a sign-in or a restart of the service. */
export function refresh() {
  app.page?.refresh?.();
  draw();
}

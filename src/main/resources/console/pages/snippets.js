// A job as a line for a terminal and as a Python program; both do what the form does.

import {address, session} from '../api.js';
import {source} from '../json.js';

/** Stands for the code in a job whose code is written above it. */
const CODE = Symbol('code');

/** A text in single quotes, as a shell reads it. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export function curl(job) {
  const token = session.token ? ` \\\n  -H "Authorization: Bearer $MANYHANDS_TOKEN"` : '';
  return `curl -sS ${address('jobs')} -H 'Content-Type: application/json'${token} \\\n  -d ${quoted(JSON.stringify(job))}`;
}

/** A shell command that sends a file as lines behind a job. No part of a name is an option or a command. */
export function upload(job, name) {
  const [send] = curl({}).split(' \\\n  -d ');
  const lines = send.replace('application/json', 'application/x-ndjson');
  return `(printf '%s\\n' ${quoted(JSON.stringify(job))}; cat -- ${quoted(name)}) |\n  ${lines} -T - -X POST`;
}

export function python(job) {
  const code = job.function?.code;
  const body = literal(code ? {...job, function: {...job.function, code: CODE}} : job);
  return `${code ? `code = (\n${code.split(/(?<=\n)/).map((line) => `    ${text(line)}\n`).join('')})\n\n` : ''}import json, os, urllib.request

job = ${body}
request = urllib.request.Request(
    "${address('jobs')}?wait=300",
    data=json.dumps(job).encode(),
    headers={"Content-Type": "application/json"},
)
if token := os.environ.get("MANYHANDS_TOKEN"):
    request.add_header("Authorization", "Bearer " + token)
with urllib.request.urlopen(request) as answer:
    done = json.load(answer)
print(done["state"], done["items"], done.get("result"))
`;
}

/** A value of JSON as Python writes it. */
function literal(value, indent = '') {
  if (value === CODE) return 'code';
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  const written = source(value);
  if (written !== undefined) return written;
  if (typeof value === 'string') return text(value);
  const deeper = indent + '    ';
  if (Array.isArray(value)) {
    const flat = `[${value.map((one) => literal(one, deeper)).join(', ')}]`;
    return flat.length < 100 ? flat : `[\n${value.map((one) => deeper + literal(one, deeper)).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, one]) => `${text(key)}: ${literal(one, deeper)}`);
  const flat = `{${members.join(', ')}}`;
  return flat.length < 80 ? flat : `{\n${members.map((one) => deeper + one).join(',\n')},\n${indent}}`;
}

/** A text in single quotes. Its escapes are those of JSON, which Python reads alike. */
function text(value) {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

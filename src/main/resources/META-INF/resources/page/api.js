// The server's API as the views use it, and errors in words.
import { askForKey, authorization, shellAuthorization } from './key.js';
import { word } from './words.js';

export const CHAT = 'v1/chat/completions';
export const JOBS = 'v1/fine_tuning/jobs';
export const FILES = 'v1/files';

/** What went wrong, in words for people. */
export class ApiError extends Error {}

export async function get(path) {
  return (await reach(path, {})).json();
}

/** Sends JSON. Some routes answer JSON and some a sentence. */
export async function post(path, body = {}) {
  const answer = await reach(path, json(body));
  return answer.headers.get('Content-Type')?.includes('json') ? answer.json() : answer.text();
}

/** Whose key the page has, and whether it may change what all share: an admin's may, and anyone may where there are no keys. */
export async function caller() {
  const { name, role } = await get('v1/me');
  return { name, mayChange: role !== 'user' };
}

/** The models and adapters that answer now. */
export async function models() {
  return (await get('v1/models')).data;
}

/** Stores rows to learn from. */
export async function upload(file) {
  const form = new FormData();
  form.append('purpose', 'fine-tune');
  form.append('file', file);
  return (await reach(FILES, { method: 'POST', body: form })).json();
}

/** Brings the content of a stored file to whoever looks at the page. */
export async function download(id, name) {
  const content = await (await reach(`${FILES}/${encodeURIComponent(id)}/content`, {})).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Streams a chat. Yields its chunks; an error that comes in the stream, or a stream without an end, is thrown. */
export async function* chat(request, signal) {
  yield* follow(CHAT, { ...json(request), signal });
}

/** Follows a stream of events to its `[DONE]`. */
export async function* follow(path, options) {
  const answer = await reach(path, options);
  for await (const data of events(answer.body)) {
    if (data === '[DONE]') {
      return;
    }
    const event = JSON.parse(data);
    if (event.error) {
      throw new ApiError(event.error.message);
    }
    yield event;
  }
  throw new ApiError(word('cut'));
}

/** The data of the events in a body, as the standard of server-sent events has them; comments are passed over. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines.map((whole) => whole.replace(/\r$/, ''))) {
        if (line.startsWith('data:')) {
          data.push(line.slice(5).replace(/^ /, ''));
        } else if (line === '' && data.length > 0) {
          yield data.join('\n');
          data = [];
        }
      }
    }
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError(word('cut'));
  } finally {
    // Whoever stops reading early closes the connection too.
    reader.cancel().catch(() => {});
  }
}

function json(body) {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function reach(path, options) {
  for (;;) {
    let answer;
    try {
      answer = await fetch(path, { ...options, headers: { ...options.headers, ...authorization() } });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new ApiError(word('unreachable'));
    }
    if (answer.ok) {
      return answer;
    }
    const why = await message(answer);
    if (answer.status !== 401 || !await askForKey(why)) {
      throw new ApiError(why);
    }
  }
}

async function message(answer) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return word('status', answer.status);
  }
}

/** The command that makes the same request; the body is quoted for a POSIX shell. */
export function curl(path, request) {
  const body = JSON.stringify(request, null, 2).replaceAll("'", `'\\''`);
  const address = new URL(path, document.baseURI);
  return `curl -sN ${address}${shellAuthorization()} -H 'Content-Type: application/json' -d '${body}'`;
}

// The server's API as the views use it: models, streamed chats, and errors in words.
import { word } from './words.js';

export const CHAT = 'v1/chat/completions';

/** What went wrong, in words for people. */
export class ApiError extends Error {}

export async function models() {
  const answer = await reach('v1/models', {});
  return (await answer.json()).data;
}

/** Streams a chat. Yields its chunks; an error that comes in the stream, or a stream without an end, is thrown. */
export async function* chat(request, signal) {
  const answer = await reach(CHAT, {
    method: 'POST', signal, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request),
  });
  for await (const data of events(answer.body)) {
    if (data === '[DONE]') {
      return;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) {
      throw new ApiError(chunk.error.message);
    }
    yield chunk;
  }
  throw new ApiError(word('cut'));
}

/** The data of the events in a body, as the standard of server-sent events has them; comments are passed over. */
export async function* events(body) {
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

async function reach(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError(word('unreachable'));
  }
  if (!answer.ok) {
    throw new ApiError(await message(answer));
  }
  return answer;
}

async function message(answer) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return word('status', answer.status);
  }
}

/** The command that makes the same request; the body is quoted for a POSIX shell. */
export function curl(request) {
  const body = JSON.stringify(request, null, 2).replaceAll("'", `'\\''`);
  const address = new URL(CHAT, document.baseURI);
  return `curl -sN ${address} -H 'Content-Type: application/json' -d '${body}'`;
}

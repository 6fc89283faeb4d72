// The list of what was said, which keeps its end in sight while text comes in, unless the reader has scrolled away from it.
import { ApiError, chat } from './api.js';
import { element } from './dom.js';
import { label, say } from './words.js';

export class Log {
  element = element('div', { class: 'log', role: 'log', tabindex: '0' });
  #empty;

  /** @param empty what is there before anything was said */
  constructor(empty) {
    this.#empty = empty;
    label(this.element, 'aria-label', 'conversation');
    this.clear();
  }

  clear() {
    this.element.replaceChildren(this.#empty);
  }

  /** Adds a question and where its answers will be. */
  add(text, ...answers) {
    this.#empty.remove();
    this.element.append(element('article', { class: 'turn user' }, say(element('h2'), 'you'), element('div', { class: 'text' }, text)), ...answers);
    this.element.scrollTop = this.element.scrollHeight;
  }

  set busy(busy) {
    this.element.setAttribute('aria-busy', String(busy));
  }

  #following(change) {
    const atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 48;
    change();
    if (atEnd) {
      this.element.scrollTop = this.element.scrollHeight;
    }
  }

  /** Streams an answer. @param make makes the request; what is wrong with it is said in the answer's place @returns whether it went well */
  async fill(answer, make, signal) {
    try {
      const request = { ...make(), stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } };
      answer.begin(request);
      for await (const chunk of chat(request, signal)) {
        this.#following(() => answer.take(chunk));
      }
      this.#following(() => answer.end());
    } catch (error) {
      this.#following(() => (error.name === 'AbortError' ? answer.stop() : answer.fail(error instanceof ApiError ? error.message : String(error))));
    }
    return !answer.failed;
  }
}

/** An answer as the next request repeats it. */
export function turns(question, answer) {
  return answer.text !== '' && !answer.failed ? [{ role: 'user', content: question }, { role: 'assistant', content: answer.text }] : [];
}

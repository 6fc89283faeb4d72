// One answer as it comes in: its text, what it cost, and what it is owed to.
import { CHAT, curl } from './api.js';
import { numbered, sourceList, withMarks } from './citations.js';
import { copyButton, element } from './dom.js';
import { say } from './words.js';

let count = 0;

export class Answer {
  text = '';
  failed = false;
  #anchor = `source-${++count}`;
  #request = null;
  #report = null;
  #annotations = [];
  #tokens = 0;
  #started = 0;
  #first = 0;
  #last = 0;
  #reason = null;
  #body = element('div', { class: 'text' }, say(element('span', { class: 'waiting' }), 'waiting'));
  #figures = element('p', { class: 'figures' });
  #actions = element('p', { class: 'actions', hidden: true });

  constructor(model) {
    this.element = element('article', { class: 'turn assistant running' }, element('h2', {}, model), this.#body, this.#figures, this.#actions);
  }

  begin(request) {
    this.#request = request;
    this.#started = performance.now();
  }

  take(chunk) {
    this.#report ??= chunk.lorikeet?.rag ?? null;
    this.#tokens = chunk.usage?.completion_tokens ?? this.#tokens;
    const choice = chunk.choices[0];
    this.#annotations.push(...(choice?.delta.annotations ?? []));
    this.#reason = choice?.finish_reason ?? this.#reason;
    const more = choice?.delta.content ?? '';
    if (more !== '') {
      this.#last = performance.now();
      this.#first ||= this.#last;
      if (this.text === '') {
        this.#body.replaceChildren();
      }
      this.text += more;
      this.#body.append(more);
    }
    this.#measure();
  }

  /** The whole answer is there, and what it is owed to. */
  end() {
    this.#close(true);
  }

  /** It was broken off by whoever reads it. */
  stop() {
    this.#close(false);
    this.#figures.append(say(element('span'), 'stopped'));
  }

  #close(whole) {
    const sources = numbered(this.#report, this.#annotations, whole);
    this.#body.replaceChildren(withMarks(this.text, sources.citations, this.#anchor));
    const list = sourceList(this.#report, sources, this.#anchor);
    if (list) {
      this.#figures.before(list);
    }
    if (this.#reason === 'length') {
      this.#figures.append(say(element('span'), 'length'));
    }
    this.#finish();
  }

  fail(message) {
    this.failed = true;
    this.#body.replaceChildren(this.text);
    this.#figures.before(element('p', { class: 'error', role: 'alert' }, message));
    this.#finish();
  }

  #finish() {
    this.element.classList.remove('running');
    this.#actions.append(...(this.text ? [copyButton('copyText', () => this.text)] : []),
      ...(this.#request ? [copyButton('copyCurl', () => curl(CHAT, this.#request))] : []));
    this.#actions.hidden = !this.#actions.hasChildNodes();
  }

  #measure() {
    if (!this.#first) {
      return;
    }
    // From the question on: a browser may be handed several tokens at once, so the time between them says little.
    const seconds = (this.#last - this.#started) / 1000;
    this.#figures.replaceChildren(say(element('span'), 'tokens', this.#tokens),
      say(element('span'), 'speed', (this.#tokens / seconds).toFixed(1)),
      say(element('span'), 'first', Math.round(this.#first - this.#started)));
  }
}

// The chat: a conversation, the box to write in, and the settings beside them.
import { ApiError, chat } from './api.js';
import { Answer } from './answer.js';
import { element } from './dom.js';
import './settings.js';
import { label, say } from './words.js';

class Chat extends HTMLElement {
  /** Turns that were answered, as the next request repeats them. */
  #history = [];
  #running = null;
  /** Whether there is room for the settings beside the conversation; above it, they open when asked. */
  #wide = matchMedia('(min-width: 800px)');
  #panel;
  #settings = document.createElement('lorikeet-settings');
  #log = element('div', { class: 'log', role: 'log', tabindex: '0' });
  #empty = element('div', { class: 'empty' }, say(element('p'), 'empty'), say(element('p', { class: 'quiet' }), 'keys'));
  #box = element('textarea', { id: 'message', rows: '1', enterkeyhint: 'send', autocomplete: 'off' });
  #send = say(element('button', { type: 'submit', class: 'primary', id: 'send' }), 'send');
  #stop = say(element('button', { type: 'button', class: 'primary', id: 'halt', hidden: true, click: () => this.#running?.abort() }), 'halt');

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(this.#log, 'aria-label', 'conversation');
    label(label(this.#box, 'aria-label', 'message'), 'placeholder', 'hint');
    this.#log.append(this.#empty);
    this.#panel = element('details', { class: 'settings' }, say(element('summary'), 'settings'), this.#settings);
    this.#panel.open = this.#wide.matches;
    this.append(this.#panel, element('section', { class: 'conversation' }, this.#log,
      element('form', { class: 'composer', submit: (event) => this.#submit(event) },
        say(element('button', { type: 'button', id: 'new-chat', click: () => this.#clear() }), 'newChat'), this.#box, this.#send, this.#stop)));
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    this.#box.addEventListener('input', () => this.#grow());
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.#running?.abort());
    this.#box.focus();
  }

  /** While Korean is being composed, Enter ends the syllable and not the message. */
  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#box.form.requestSubmit();
    }
  }

  #grow() {
    this.#box.style.height = 'auto';
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }

  #clear() {
    this.#running?.abort();
    this.#history = [];
    this.#log.replaceChildren(this.#empty);
    this.#box.focus();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#box.value.trim();
    if (text === '' || this.#running) {
      return;
    }
    this.#box.value = '';
    this.#grow();
    this.#empty.remove();
    this.#panel.open &&= this.#wide.matches;
    const question = element('article', { class: 'turn user' }, say(element('h2'), 'you'), element('div', { class: 'text' }, text));
    const answer = new Answer(this.#settings.model);
    this.#log.append(question, answer.element);
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#ask(text, answer);
  }

  async #ask(text, answer) {
    const history = this.#history;
    const running = new AbortController();
    this.#run(running);
    try {
      const system = this.#settings.system;
      const messages = [...(system ? [{ role: 'system', content: system }] : []), ...history, { role: 'user', content: text }];
      const request = { ...this.#settings.request(), messages, stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } };
      answer.begin(request);
      for await (const chunk of chat(request, running.signal)) {
        this.#following(() => answer.take(chunk));
      }
      this.#following(() => answer.end());
    } catch (error) {
      this.#following(() => this.#failed(error, text, answer));
    }
    if (answer.text !== '' && !answer.failed) {
      history.push({ role: 'user', content: text }, { role: 'assistant', content: answer.text });
    }
    if (this.#running === running) {
      this.#run(null);
    }
  }

  #failed(error, text, answer) {
    if (error.name === 'AbortError') {
      answer.stop();
      return;
    }
    answer.fail(error instanceof ApiError ? error.message : String(error));
    if (this.#box.value === '') {
      // It was not answered, so it can be sent again.
      this.#box.value = text;
      this.#grow();
    }
  }

  #run(running) {
    const focused = this.contains(document.activeElement) && [this.#send, this.#stop].includes(document.activeElement);
    this.#running = running;
    this.#send.hidden = running !== null;
    this.#stop.hidden = running === null;
    this.#log.setAttribute('aria-busy', String(running !== null));
    if (focused) {
      this.#box.focus();
    }
  }

  /** Keeps the end in sight while text comes in, unless the reader has scrolled away from it. */
  #following(change) {
    const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 48;
    change();
    if (atEnd) {
      this.#log.scrollTop = this.#log.scrollHeight;
    }
  }
}

customElements.define('lorikeet-chat', Chat);

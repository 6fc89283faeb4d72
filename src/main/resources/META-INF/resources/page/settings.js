// What a chat is asked with: model or adapter, system prompt, sampling, sources.
import { ApiError, models } from './api.js';
import { element } from './dom.js';
import { label, say, word } from './words.js';

/** Fields left empty are not sent, so the model's own defaults hold. */
const NUMBERS = [
  { name: 'temperature', min: '0', max: '2', step: '0.1' },
  { name: 'top_p', min: '0', max: '1', step: '0.05' },
  { name: 'max_tokens', min: '1', step: '1' },
  { name: 'seed', step: '1' },
  { name: 'repetition_penalty', min: '0', step: '0.05' },
];

class Settings extends HTMLElement {
  #ids = 0;
  #model = element('select', { id: 'model' });
  #problem = element('p', { class: 'error', role: 'alert', hidden: true });
  #system = element('textarea', { id: 'system', rows: '3' });
  #stop = element('textarea', { id: 'stop', rows: '2' });
  #search = element('input', { type: 'checkbox', id: 'search' });
  #documents = element('div', { class: 'documents' });
  #numbers = new Map(NUMBERS.map(({ name, ...range }) => [name, element('input', { id: name, type: 'number', inputmode: 'decimal', step: 'any', ...range })]));

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    for (const input of this.#numbers.values()) {
      label(input, 'placeholder', 'byModel');
    }
    this.append(
      field('model', element('div', { class: 'row' }, this.#model,
        label(element('button', { type: 'button', class: 'icon', click: () => this.load() }, '↻'), 'aria-label', 'refresh')), 'model'),
      this.#problem,
      field('system', this.#system),
      element('fieldset', {}, say(element('legend'), 'sampling'),
        element('div', { class: 'grid' }, ...[...this.#numbers].map(([name, input]) => field(name, input))),
        field('stop', this.#stop)),
      element('fieldset', {}, say(element('legend'), 'retrieval'),
        element('label', { class: 'switch' }, this.#search, say(element('span'), 'search')),
        this.#documents,
        say(element('button', { type: 'button', id: 'add-document', click: () => this.#addDocument() }), 'addDocument')));
    this.load();
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.load());
  }

  /** Fetches the models that answer now; the choice stays if it still is one of them. */
  async load() {
    try {
      const found = await models();
      const chosen = this.#model.value;
      this.#model.replaceChildren(...found.filter(({ parent }) => !parent).map((base) => element('optgroup', { label: base.id },
        say(element('option', { value: base.id }), 'base', base.id),
        ...found.filter(({ parent }) => parent === base.id).map(({ id }) => element('option', { value: id }, id)))));
      if (found.some(({ id }) => id === chosen)) {
        this.#model.value = chosen;
      }
      this.#tell(found.length === 0 ? word('noModels') : '');
    } catch (error) {
      this.#tell(error.message);
    }
  }

  #tell(problem) {
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === '';
  }

  #addDocument() {
    const id = ++this.#ids;
    const part = (name, control) => field(name, control, name, { id: `${name}-${id}` });
    const entry = element('div', { class: 'document', role: 'group' });
    entry.append(
      element('div', { class: 'row' }, element('strong'),
        element('button', { type: 'button', class: 'icon', click: () => this.#remove(entry) }, '×')),
      part('title', element('input', { name: 'title' })),
      part('url', element('input', { name: 'url', inputmode: 'url' })),
      part('text', element('textarea', { name: 'text', rows: '4' })));
    this.#documents.append(entry);
    this.#number();
    entry.querySelector('input').focus();
  }

  #remove(entry) {
    entry.remove();
    this.#number();
    document.getElementById('add-document').focus();
  }

  #number() {
    [...this.#documents.children].forEach((entry, index) => {
      label(entry, 'aria-label', 'document', index + 1);
      say(entry.querySelector('strong'), 'document', index + 1);
      label(entry.querySelector('button'), 'aria-label', 'removeDocument', index + 1);
    });
  }

  /** The fields of a request, without its messages. */
  request() {
    if (!this.#model.value) {
      throw new ApiError(word('noModels'));
    }
    const request = { model: this.#model.value };
    for (const [name, input] of this.#numbers) {
      if (input.validity.badInput) {
        throw new ApiError(word('notNumber', word(name), input.value));
      }
      if (input.value !== '') {
        request[name] = input.valueAsNumber;
      }
    }
    const stop = this.#stop.value.split('\n').filter((line) => line !== '');
    const documents = [...this.#documents.children].map((entry, index) => this.#document(entry, index));
    return {
      ...request, ...(stop.length > 0 && { stop }), ...(documents.length > 0 && { documents }),
      ...(this.#search.checked && { web_search_options: {} }),
    };
  }

  #document(entry, index) {
    const value = (name) => entry.querySelector(`[name=${name}]`).value.trim();
    if (value('text') === '') {
      throw new ApiError(word('noText', index + 1));
    }
    return { ...(value('title') && { title: value('title') }), text: value('text'), ...(value('url') && { url: value('url') }) };
  }

  get system() {
    return this.#system.value.trim();
  }

  /** What is asked: the name as people know it. */
  get model() {
    return this.#model.value;
  }
}

/** A control with its label above. */
function field(name, control, wordName = name, attributes = {}) {
  for (const [key, value] of Object.entries(attributes)) {
    control.setAttribute(key, value);
  }
  const target = control.matches('input, select, textarea') ? control : control.querySelector('select');
  return element('div', { class: 'field' }, say(element('label', { for: target.id }), wordName), control);
}

customElements.define('lorikeet-settings', Settings);

// What is asked with: system prompt, sampling, sources.
import { ApiError } from './api.js';
import { element, field, tick } from './dom.js';
import { Sampling } from './sampling.js';
import { label, say, word } from './words.js';

export class Settings extends HTMLElement {
  #ids = 0;
  #prefix;
  #system;
  #search;
  #add;
  #sampling;
  #documents = element('div', { class: 'documents' });

  constructor(prefix = '') {
    super();
    this.#prefix = prefix;
    this.#sampling = new Sampling(prefix);
    this.#system = element('textarea', { id: `${prefix}system`, rows: '3' });
    this.#search = element('input', { type: 'checkbox', id: `${prefix}search` });
    this.#add = say(element('button', { type: 'button', id: `${prefix}add-document`, click: () => this.#addDocument() }), 'addDocument');
  }

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.append(field('system', this.#system), ...this.#sampling.elements,
      element('fieldset', {}, say(element('legend'), 'retrieval'), tick('search', this.#search), this.#documents, this.#add));
  }

  #addDocument() {
    const id = ++this.#ids;
    const part = (name, control) => {
      control.id = `${this.#prefix}${name}-${id}`;
      return field(name, control);
    };
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
    this.#add.focus();
  }

  #number() {
    [...this.#documents.children].forEach((entry, index) => {
      label(entry, 'aria-label', 'document', index + 1);
      say(entry.querySelector('strong'), 'document', index + 1);
      label(entry.querySelector('button'), 'aria-label', 'removeDocument', index + 1);
    });
  }

  /** The fields of a request, without its model and its messages. */
  request() {
    const documents = [...this.#documents.children].map((entry, index) => this.#document(entry, index));
    return { ...this.#sampling.request(), ...(documents.length > 0 && { documents }), ...(this.#search.checked && { web_search_options: {} }) };
  }

  #document(entry, index) {
    const value = (name) => entry.querySelector(`[name=${name}]`).value.trim();
    if (value('text') === '') {
      throw new ApiError(word('noText', index + 1));
    }
    return { ...(value('title') && { title: value('title') }), text: value('text'), ...(value('url') && { url: value('url') }) };
  }

  /** The messages of a conversation with a new question at its end. */
  messages(history, question) {
    const system = this.#system.value.trim();
    return [...(system ? [{ role: 'system', content: system }] : []), ...history, { role: 'user', content: question }];
  }
}

customElements.define('lorikeet-settings', Settings);

/** Whether there is room for settings beside a conversation; above it, they open when asked. */
const wide = matchMedia('(min-width: 800px)');

/** The panel beside a conversation. */
export class SettingsPanel {
  element;

  constructor(...children) {
    this.element = element('details', { class: 'settings' }, say(element('summary'), 'settings'), element('div', { class: 'fields' }, ...children));
    this.element.open = wide.matches;
  }

  /** Makes room for the conversation, where there is little. */
  makeRoom() {
    this.element.open &&= wide.matches;
  }
}

// The same question to two to four models or adapters side by side, answered together. Each goes on with its own conversation.
import { Answer } from './answer.js';
import { Composer } from './composer.js';
import { element } from './dom.js';
import { Log, turns } from './log.js';
import { Picker } from './picker.js';
import { Settings, SettingsPanel } from './settings.js';
import { label, say } from './words.js';

const FEWEST = 2;
const MOST = 4;

class Compare extends HTMLElement {
  /** Each with a picker, its place in the row, and its conversation so far. */
  #columns = [];
  #made = 0;
  #running = null;
  #settings = new Settings('compare-');
  #panel = new SettingsPanel(this.#settings);
  #log = new Log(element('div', { class: 'empty' }, say(element('p'), 'emptyCompare'), say(element('p', { class: 'quiet' }), 'keys')));
  #row = element('div', { class: 'columns pickers' });
  #add = label(element('button', { type: 'button', id: 'add-column', class: 'icon', click: () => this.#addColumn() }, '+'), 'aria-label', 'addColumn');
  #composer = new Composer('compare-', { submit: (text) => this.#ask(text), halt: () => this.#running?.abort(), clear: () => this.#clear() });

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.className = 'talk';
    this.append(this.#panel.element, element('section', { class: 'conversation' }, element('div', { class: 'chosen' }, this.#row, this.#add),
      this.#log.element, this.#composer));
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.#running?.abort());
  }

  /** @param models what to compare, if the address says so */
  open(models) {
    const wishes = models.filter((name) => name !== '').slice(0, MOST);
    while (this.#columns.length < Math.max(FEWEST, wishes.length)) {
      this.#addColumn();
    }
    this.#columns.forEach(({ picker }, index) => picker.load(wishes[index], index));
    this.#composer.invite();
  }

  #addColumn() {
    const picker = new Picker(`compare-model-${++this.#made}`);
    const column = { picker, history: [], place: null };
    const remove = element('button', { type: 'button', class: 'icon remove', click: () => this.#removeColumn(column) }, '×');
    column.place = element('div', { class: 'chooser' }, picker, remove);
    this.#columns.push(column);
    this.#row.append(column.place);
    this.#arrange();
    picker.load(undefined, this.#columns.length - 1);
  }

  #removeColumn(column) {
    this.#columns = this.#columns.filter((other) => other !== column);
    column.place.remove();
    this.#arrange();
    this.#add.focus();
  }

  #arrange() {
    this.#add.hidden = this.#columns.length >= MOST || this.#running !== null;
    this.#columns.forEach(({ picker, place }, index) => {
      label(place.querySelector('select'), 'aria-label', 'column', index + 1);
      const remove = place.querySelector('.remove');
      label(remove, 'aria-label', 'removeColumn', index + 1);
      remove.hidden = this.#columns.length <= FEWEST || this.#running !== null;
      picker.toggleAttribute('inert', this.#running !== null);
    });
    this.#row.dataset.count = String(this.#columns.length);
  }

  #clear() {
    this.#running?.abort();
    this.#columns.forEach((column) => { column.history = []; });
    this.#log.clear();
    this.#composer.focus();
  }

  async #ask(text) {
    this.#panel.makeRoom();
    const asked = this.#columns.map((column) => ({ history: column.history, model: column.picker.value, answer: new Answer(column.picker.value) }));
    this.#log.add(text, element('div', { class: 'columns answers', 'data-count': String(asked.length) }, ...asked.map(({ answer }) => answer.element)));
    const running = new AbortController();
    this.#run(running);
    const fine = await Promise.all(asked.map(({ history, model, answer }) => this.#log.fill(answer,
      () => ({ model, ...this.#settings.request(), messages: this.#settings.messages(history, text) }), running.signal)));
    asked.forEach(({ history, answer }) => history.push(...turns(text, answer)));
    if (fine.every((well) => !well)) {
      this.#composer.giveBack(text);
    }
    if (this.#running === running) {
      this.#run(null);
    }
  }

  #run(running) {
    this.#running = running;
    this.#composer.busy = running !== null;
    this.#log.busy = running !== null;
    this.#arrange();
  }
}

customElements.define('lorikeet-compare', Compare);

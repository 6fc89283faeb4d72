// The chat: a conversation, the box to write in, and the settings beside them.
import { Answer } from './answer.js';
import { Composer } from './composer.js';
import { element, field } from './dom.js';
import { Log, turns } from './log.js';
import { Picker } from './picker.js';
import { Settings, SettingsPanel } from './settings.js';
import { say } from './words.js';

class Chat extends HTMLElement {
  /** Turns that were answered, as the next request repeats them. */
  #history = [];
  #running = null;
  #picker = new Picker('model');
  #settings = new Settings();
  #panel = new SettingsPanel(field('model', this.#picker), this.#settings);
  #log = new Log(element('div', { class: 'empty' }, say(element('p'), 'empty'), say(element('p', { class: 'quiet' }), 'keys')));
  #composer = new Composer('', { submit: (text) => this.#ask(text), halt: () => this.#running?.abort(), clear: () => this.#clear() });

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.className = 'talk';
    this.append(this.#panel.element, element('section', { class: 'conversation' }, this.#log.element, this.#composer));
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.#running?.abort());
  }

  /** @param model what to chat with, if the address says so */
  open([model]) {
    this.#picker.load(model);
    this.#composer.invite();
  }

  #clear() {
    this.#running?.abort();
    this.#history = [];
    this.#log.clear();
    this.#composer.focus();
  }

  async #ask(text) {
    this.#panel.makeRoom();
    const answer = new Answer(this.#picker.value);
    this.#log.add(text, answer.element);
    const history = this.#history;
    const running = new AbortController();
    this.#run(running);
    const model = () => this.#picker.chosen;
    if (!await this.#log.fill(answer, () => ({ model: model(), ...this.#settings.request(), messages: this.#settings.messages(history, text) }), running.signal)) {
      this.#composer.giveBack(text);
    }
    history.push(...turns(text, answer));
    if (this.#running === running) {
      this.#run(null);
    }
  }

  #run(running) {
    this.#running = running;
    this.#composer.busy = running !== null;
    this.#log.busy = running !== null;
  }
}

customElements.define('lorikeet-chat', Chat);

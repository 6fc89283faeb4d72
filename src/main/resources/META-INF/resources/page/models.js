// Models and adapters: what is loaded and what it takes, and how they come and go.
import { caller, get } from './api.js';
import { Adapters } from './adapters.js';
import { Bases } from './bases.js';
import { element, Problem } from './dom.js';
import { memoryBars } from './memory.js';
import { say } from './words.js';

const REFRESH_MS = 3000;

class Models extends HTMLElement {
  #memory = element('div', { class: 'bars' });
  #problem = new Problem();
  #mayOnlyLook = element('p', { class: 'ungrounded', id: 'only-look', hidden: true });
  #bases = new Bases();
  #adapters = new Adapters();
  #timer = null;

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    const changed = () => this.#refresh();
    this.#bases.addEventListener('changed', changed);
    this.#adapters.addEventListener('changed', changed);
    // What changes the server is shown once it is known that this key may.
    this.dataset.readonly = '';
    this.append(element('div', { class: 'sheet' }, this.#problem.element, this.#mayOnlyLook,
      element('section', {}, say(element('h2'), 'memory'), this.#memory), this.#bases, this.#adapters));
  }

  open() {
    this.#refresh();
    this.#bases.open();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => document.visibilityState === 'visible' && this.#refresh(), REFRESH_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#bases.close();
  }

  async #refresh() {
    await this.#problem.during(async () => {
      const [me, memory, models, adapters] = await Promise.all([caller(), get('v1/memory'), get('models'), get('v1/adapters')]);
      this.toggleAttribute('data-readonly', !me.mayChange);
      this.#mayOnlyLook.hidden = me.mayChange;
      say(this.#mayOnlyLook, 'mayOnlyLook', me.name);
      this.#memory.replaceChildren(...memoryBars(memory));
      this.#bases.show(models.data);
      this.#adapters.show(adapters.data, models.data.filter(({ status }) => status.value === 'loaded').map(({ id }) => id));
    });
  }
}

customElements.define('lorikeet-models', Models);

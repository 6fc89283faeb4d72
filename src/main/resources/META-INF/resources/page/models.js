// Models and adapters: what is loaded and what it takes, and how they come and go.
import { get } from './api.js';
import { Adapters } from './adapters.js';
import { Bases } from './bases.js';
import { element, Problem } from './dom.js';
import { memoryBars } from './memory.js';
import { say } from './words.js';

const REFRESH_MS = 3000;

class Models extends HTMLElement {
  #memory = element('div', { class: 'bars' });
  #problem = new Problem();
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
    this.append(element('div', { class: 'sheet' }, this.#problem.element,
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
      const [memory, models, adapters] = await Promise.all([get('v1/memory'), get('models'), get('v1/adapters')]);
      this.#memory.replaceChildren(...memoryBars(memory));
      this.#bases.show(models.data);
      this.#adapters.show(adapters.data, models.data.filter(({ status }) => status.value === 'loaded').map(({ id }) => id));
    });
  }
}

customElements.define('lorikeet-models', Models);

// Where a model or an adapter is chosen, among those that answer now.
import { ApiError, models } from './api.js';
import { element, Problem } from './dom.js';
import { label, say, word } from './words.js';

export class Picker extends HTMLElement {
  #problem = new Problem();
  #select;

  constructor(id) {
    super();
    this.#select = element('select', { id, change: () => this.dispatchEvent(new Event('change')) });
    this.append(element('div', { class: 'row' }, this.#select,
      label(element('button', { type: 'button', class: 'icon', click: () => this.load() }, '↻'), 'aria-label', 'refresh')), this.#problem.element);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.load());
  }

  /** Fetches what answers now. The choice stays if it still is there; `asked` is chosen if it is. @param place of the first choice, in the list */
  async load(asked, place = 0) {
    await this.#problem.during(async () => {
      const found = await models();
      const wish = asked ?? this.#select.value;
      this.#select.replaceChildren(...found.filter(({ parent }) => !parent).map((base) => element('optgroup', { label: base.id },
        say(element('option', { value: base.id }), 'base', base.id),
        ...found.filter(({ parent }) => parent === base.id).map(({ id }) => element('option', { value: id }, id)))));
      if (found.some(({ id }) => id === wish)) {
        this.#select.value = wish;
      } else if (wish === '') {
        this.#select.selectedIndex = Math.min(place, found.length - 1);
      } else {
        throw new ApiError(word('gone', wish));
      }
      if (found.length === 0) {
        throw new ApiError(word('noModels'));
      }
    });
  }

  /** The name as people know it, empty if nothing answers. */
  get value() {
    return this.#select.value;
  }

  /** As `value`, where one is needed. */
  get chosen() {
    if (!this.value) {
      throw new ApiError(word('noModels'));
    }
    return this.value;
  }
}

customElements.define('lorikeet-picker', Picker);

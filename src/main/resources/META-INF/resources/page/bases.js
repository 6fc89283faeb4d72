// The base models that the server knows: loaded, unloaded, fetched from the hub.
import { follow, post } from './api.js';
import { button, element, field, Problem } from './dom.js';
import { bytes } from './memory.js';
import { label, say } from './words.js';

const RETRY_MS = 2000;
/** What `quantization` may be; nothing: the model as its checkpoint has it. */
const SCHEMES = ['', 'int8', 'llm-int8', 'int4', 'nf4', 'fp4'];

export class Bases extends HTMLElement {
  #list = element('ul', { class: 'cards' });
  #problem = new Problem();
  #name = element('input', { id: 'load-model', required: true, spellcheck: 'false', autocapitalize: 'off', placeholder: 'google/gemma-3-270m-it' });
  #bits = element('select', { id: 'load-quantization' }, ...SCHEMES.map((value) => say(element('option', { value }), value === '' ? 'bitsAsTheyAre' : `bits_${value}`)));
  #following = null;
  /** Cards by model; progress comes more often than the list. */
  #cards = new Map();

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.append(say(element('h2'), 'models'), this.#list,
      element('form', { class: 'change card', submit: (event) => {
        event.preventDefault();
        this.#act('models/load', this.#name.value.trim(), this.#bits.value);
      } }, say(element('h3'), 'loadModel'), element('div', { class: 'grid' }, field('modelName', this.#name), field('bits', this.#bits)),
      element('div', { class: 'actions' }, say(element('button', { class: 'primary', id: 'load' }), 'load'),
        button('fetchOnly', () => this.#name.reportValidity() && this.#act('models', this.#name.value.trim())))),
      this.#problem.element);
  }

  /** Follows what happens to models as long as the view is shown. */
  async open() {
    this.#following?.abort();
    const following = new AbortController();
    this.#following = following;
    while (!following.signal.aborted) {
      try {
        for await (const event of follow('models/sse', { signal: following.signal })) {
          this.#happened(event);
        }
      } catch {
        // The list says what is wrong; this only brings news faster.
      }
      await new Promise((later) => setTimeout(later, RETRY_MS));
    }
  }

  close() {
    this.#following?.abort();
  }

  #happened({ model, event, data, eta_seconds: left }) {
    const card = this.#cards.get(model);
    if (event === 'download_progress' && card) {
      showProgress(card, transferred(data), left);
    } else if (event === 'model_status' && data.status === 'loading' && card?.dataset.status === 'loading') {
      showProgress(card, { done: data.progress?.value ?? 0, total: 1 });
    } else {
      this.dispatchEvent(new Event('changed'));
    }
  }

  async #act(path, model, quantization = '') {
    await this.#problem.during(() => post(path, { model, ...(quantization && { quantization }) }));
    this.dispatchEvent(new Event('changed'));
  }

  /** @param models as `/models` lists them */
  show(models) {
    const known = new Set(models.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (!known.has(id)) {
        card.remove();
        this.#cards.delete(id);
      }
    }
    for (const model of models) {
      const drawn = JSON.stringify([model.status.value, model.status.reason, model.status.info]);
      const card = this.#cards.get(model.id);
      if (card?.dataset.drawn === drawn) {
        // A button that is about to be pressed stays where it is. Of a download that has come to a halt no message may follow the list.
        showDownload(card, model.status);
        continue;
      }
      const next = this.#card(model);
      next.dataset.drawn = drawn;
      if (card) {
        card.replaceWith(next);
      } else {
        this.#list.append(next);
      }
      this.#cards.set(model.id, next);
    }
  }

  #card({ id, status }) {
    const { value, info, reason } = status;
    const may = {
      loaded: [say(element('a', { class: 'button small', href: `#chat/${encodeURIComponent(id)}` }), 'chatWith'), button('unload', () => this.#act('models/unload', id), { class: 'small change' })],
      downloading: [button('cancelDownload', () => this.#act('models/unload', id), { class: 'small change' })],
      loading: [], unloading: [],
    }[value] ?? [button('load', () => this.#act('models/load', id), { class: 'small change' })];
    const card = element('li', { class: 'card', 'data-model': id, 'data-status': value },
      element('div', { class: 'row' }, element('strong', { class: 'name' }, id), say(element('span', { class: `status ${value}` }), value)),
      ...(info ? [element('p', { class: 'figures' }, say(element('span'), 'parameters', short(info.n_params)), element('span', {}, info.quantization ? `${info.quantization}, ${info.dtype}` : info.dtype),
        say(element('span'), 'context', info.n_ctx), say(element('span'), 'weights', bytes(info.weight_bytes)), say(element('span'), 'cache', bytes(info.cache_bytes)))] : []),
      ...(reason ? [element('p', { class: 'error', lang: 'en' }, reason)] : []),
      ...(['downloading', 'loading'].includes(value) ? [label(element('progress', {}), 'aria-label', value), element('p', { class: 'figures' })] : []),
      element('div', { class: 'actions' }, ...may));
    showDownload(card, status);
    return card;
  }
}

customElements.define('lorikeet-bases', Bases);

function showDownload(card, { value, progress }) {
  if (value === 'downloading') {
    showProgress(card, transferred(progress));
  }
}

function transferred(files) {
  return Object.values(files ?? {}).reduce((sum, { done, total }) => ({ done: sum.done + done, total: sum.total + total }), { done: 0, total: 0 });
}

function showProgress(card, { done, total }, left) {
  const progress = card.querySelector('progress');
  if (progress && total > 0) {
    progress.value = done / total;
    card.querySelector('progress + .figures').replaceChildren(...(total > 1 ? [element('span', {}, `${bytes(done)} / ${bytes(total)}`)] : []),
      ...(left === undefined || left === null ? [] : [say(element('span'), 'secondsLeft', left)]));
  }
}

function short(count) {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}

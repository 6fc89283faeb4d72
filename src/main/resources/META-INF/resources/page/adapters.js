// Adapters by name, with their versions: loaded, swapped for a next version, rolled back, unloaded.
import { post } from './api.js';
import { button, element, field, Problem, tick } from './dom.js';
import { bytes } from './memory.js';
import { say } from './words.js';

export class Adapters extends HTMLElement {
  #list = element('ul', { class: 'cards' });
  #problem = new Problem();
  #done = element('p', { class: 'good', role: 'status', hidden: true });
  #name = element('input', { id: 'adapter-name', required: true, spellcheck: 'false', autocapitalize: 'off' });
  #path = element('input', { id: 'adapter-path', required: true, spellcheck: 'false', autocapitalize: 'off', list: 'adapter-paths' });
  #paths = element('datalist', { id: 'adapter-paths' });
  #base = element('select', { id: 'adapter-base' });
  #swap = element('input', { type: 'checkbox', id: 'adapter-swap' });
  #pinned = element('input', { type: 'checkbox', id: 'adapter-pinned' });
  #drawn = '';

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.append(say(element('h2'), 'adapters'), this.#list,
      element('form', { class: 'change card', submit: (event) => {
        event.preventDefault();
        this.#load();
      } }, say(element('h3'), 'loadAdapter'), element('div', { class: 'grid' }, field('adapterName', this.#name), field('adapterPath', this.#path, this.#paths), field('adapterBase', this.#base)),
      tick('adapterSwap', this.#swap), tick('adapterPinned', this.#pinned),
      element('div', { class: 'actions' }, say(element('button', { class: 'primary', id: 'load-adapter' }), 'load'))),
      this.#problem.element, this.#done);
  }

  async #load() {
    const request = {
      lora_name: this.#name.value.trim(), lora_path: this.#path.value.trim(), load_inplace: this.#swap.checked, pinned: this.#pinned.checked,
      ...(this.#base.value && { base_model_name: this.#base.value }),
    };
    await this.#act('load_lora_adapter', request);
  }

  async #act(route, request) {
    this.#done.hidden = true;
    await this.#problem.during(async () => {
      const answer = await post(`v1/${route}`, request);
      if (typeof answer === 'string') {
        this.#done.textContent = answer;
      } else {
        say(this.#done, 'nowCurrent', answer.name, answer.version);
      }
      this.#done.hidden = false;
    });
    this.dispatchEvent(new Event('changed'));
  }

  /** @param versions as `/v1/adapters` lists them @param bases the loaded models */
  show(versions, bases) {
    const drawn = JSON.stringify([versions.map(({ in_flight, last_use, ...steady }) => steady), bases]);
    if (drawn === this.#drawn) {
      return;
    }
    this.#drawn = drawn;
    const names = [...new Set(versions.map(({ name }) => name))];
    this.#list.replaceChildren(...(names.length === 0 ? [say(element('li', { class: 'quiet' }), 'noAdapters')]
      : names.map((name) => this.#card(name, versions.filter((version) => version.name === name)))));
    const chosen = this.#base.value;
    this.#base.replaceChildren(say(element('option', { value: '' }), 'anyBase'), ...bases.map((id) => element('option', { value: id }, id)));
    this.#base.value = bases.includes(chosen) ? chosen : '';
    this.#paths.replaceChildren(...[...new Set(versions.map(({ path }) => path))].map((value) => element('option', { value })));
  }

  #card(name, versions) {
    const current = versions.find((version) => version.current);
    const rows = versions.sort((a, b) => b.version - a.version).map((version) => this.#version(version, versions.length));
    return element('li', { class: 'card', 'data-adapter': name },
      element('div', { class: 'row' }, element('strong', { class: 'name' }, name), element('span', { class: 'quiet' }, current?.base ?? '')),
      element('ul', { class: 'versions' }, ...rows),
      element('div', { class: 'actions' }, say(element('a', { class: 'button small', href: `#chat/${encodeURIComponent(name)}` }), 'chatWith'),
        ...(current ? [say(element('a', { class: 'button small', href: `#compare/${encodeURIComponent(current.base)}/${encodeURIComponent(name)}` }), 'compareWith')] : []),
        ...(versions.length > 1 ? [button('rollback', () => this.#act('adapters/rollback', { lora_name: name }), { class: 'small change' })] : []),
        button('swap', () => this.#prepare(name), { class: 'small change' }),
        button('unload', () => this.#act('unload_lora_adapter', { lora_name: name }), { class: 'small change' })));
  }

  #version(version, count) {
    const { name, state, rank, device_bytes: device, host_bytes: host, warnings, error } = version;
    const may = count > 1 && !version.current ? [button('makeCurrent', () => this.#act('adapters/rollback', { lora_name: name, version: version.version }), { class: 'small change' }),
      button('unload', () => this.#act('unload_lora_adapter', { lora_name: version.model }), { class: 'small change' })] : [];
    return element('li', { 'data-version': String(version.version), 'data-current': String(version.current) },
      element('span', { class: 'figures' }, say(element('strong'), 'version', version.version), ...(version.current ? [say(element('span', { class: 'status loaded' }), 'current')] : []),
        say(element('span'), `state_${state}`), say(element('span'), 'rank', rank), element('span', {}, bytes(device || host)), ...(version.pinned ? [say(element('span'), 'pinned')] : [])),
      element('span', { class: 'actions' }, ...may),
      ...[...warnings, ...(error ? [error] : [])].map((text) => element('p', { class: 'ungrounded', lang: 'en' }, text)));
  }

  /** Fills the form for a next version of a name. */
  #prepare(name) {
    this.#name.value = name;
    this.#swap.checked = true;
    this.#path.focus();
  }
}

customElements.define('lorikeet-adapters', Adapters);

// The rows to learn from: a file, rows that are pasted, a file that the server has already, or a data set of the hub.
import { ApiError, caller, FILES, get, upload } from './api.js';
import { button, element, field, Problem } from './dom.js';
import { label, say, word } from './words.js';

const KINDS = '.jsonl,.json,.csv,.parquet';

export class JobData extends HTMLElement {
  #file = element('input', { type: 'file', id: 'rows-file', accept: KINDS, change: () => this.#take(this.#file.files[0]) });
  #pasted = element('textarea', { id: 'rows-text', rows: '6', spellcheck: 'false' });
  #known = element('select', { id: 'rows-known', change: () => this.#choose(this.#known.value) });
  #hubField = element('div', { id: 'rows-of-hub' });
  #hub = element('input', { id: 'rows-hub', placeholder: 'owner/name', change: () => this.#choose(this.#hub.value.trim()) });
  #chosen = element('p', { class: 'chosen-rows', role: 'status' });
  #problem = new Problem();
  #id = '';

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(this.#pasted, 'placeholder', 'pasteHint');
    const drop = element('div', { class: 'drop' }, field('rowsFile', this.#file));
    drop.addEventListener('dragover', (event) => event.preventDefault());
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#take(event.dataTransfer.files[0]);
    });
    this.append(drop,
      element('details', { id: 'paste' }, say(element('summary'), 'paste'), field('rowsText', this.#pasted), button('usePasted', () => this.#paste(), { id: 'use-pasted' })),
      element('details', {}, say(element('summary'), 'otherRows'), field('rowsKnown', this.#known), this.#hubField),
      this.#chosen, this.#problem.element);
    this.#list();
  }

  /** What a request names as its `training_file`. */
  get value() {
    if (this.#id === '') {
      throw new ApiError(word('noRows'));
    }
    return this.#id;
  }

  async #list() {
    await this.#problem.during(async () => {
      const [me, { data }] = await Promise.all([caller(), get(`${FILES}?purpose=fine-tune&limit=200`)]);
      this.#hubField.replaceChildren(me.mayChange ? field('rowsHub', this.#hub) : say(element('p', { class: 'quiet' }), 'hubIsAdmins'));
      this.#known.replaceChildren(say(element('option', { value: '' }), 'none'),
        ...data.map((file) => element('option', { value: file.id }, `${file.filename} (${new Date(file.created_at * 1000).toLocaleString()})`)));
      this.#known.value = this.#id;
    });
  }

  async #take(file) {
    if (!file) {
      return;
    }
    say(this.#chosen, 'uploading', file.name);
    const fine = await this.#problem.during(async () => {
      const stored = await upload(file);
      this.#id = stored.id;
      say(this.#chosen, 'chosenRows', stored.filename, stored.bytes.toLocaleString('en'));
      this.dispatchEvent(new Event('change'));
    });
    if (!fine) {
      this.#id = '';
      this.#chosen.textContent = '';
    }
    this.#list();
  }

  /** The first character tells what was pasted. */
  #paste() {
    const text = this.#pasted.value.trim();
    if (text === '') {
      this.#problem.tell(word('noRows'));
      return Promise.resolve();
    }
    const kind = text.startsWith('[') ? 'json' : text.startsWith('{') ? 'jsonl' : 'csv';
    return this.#take(new File([text], `pasted.${kind}`));
  }

  #choose(id) {
    this.#id = id;
    this.#problem.tell('');
    if (id === '') {
      this.#chosen.textContent = '';
    } else {
      say(this.#chosen, 'chosenId', this.#known.value === id ? this.#known.selectedOptions[0].textContent : id);
      this.dispatchEvent(new Event('change'));
    }
  }
}

customElements.define('lorikeet-job-data', JobData);

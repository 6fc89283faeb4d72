// What a training is asked for: rows, model, options. Rows are looked at as soon as they are there.
import { curl, JOBS, post } from './api.js';
import { button, copyButton, element, field, Problem } from './dom.js';
import { JobData } from './job-data.js';
import { JobOptions } from './job-options.js';
import { Picker } from './picker.js';
import { reportOf } from './report.js';
import { label, say } from './words.js';

export class JobForm extends HTMLElement {
  #data = new JobData();
  #picker = new Picker('job-model');
  #suffix = element('input', { id: 'job-suffix', maxlength: '64' });
  #options = new JobOptions();
  #report = element('div', { 'aria-live': 'polite' });
  #problem = new Problem();
  #asked = 0;

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(this.#suffix, 'placeholder', 'optional');
    this.#data.addEventListener('change', () => this.#look());
    this.#picker.addEventListener('change', () => this.#again());
    this.#options.addEventListener('rows', () => this.#again());
    this.append(element('form', { class: 'job-form', submit: (event) => event.preventDefault() }, say(element('h2'), 'newJob'),
      element('fieldset', {}, say(element('legend'), 'rowsTitle'), this.#data, this.#report),
      element('fieldset', {}, say(element('legend'), 'modelTitle'),
        element('div', { class: 'grid' }, field('trainedModel', this.#picker), field('suffix', this.#suffix))),
      this.#options, this.#problem.element,
      element('div', { class: 'row actions-row' },
        element('div', { class: 'actions' }, button('look', () => this.#look(), { id: 'look' }), copyButton('copyCurl', () => curl(JOBS, this.#request()))),
        button('start', () => this.#start(), { class: 'primary', id: 'start-job' }))));
  }

  open() {
    this.#picker.load();
  }

  #request() {
    const suffix = this.#suffix.value.trim();
    return { model: this.#picker.chosen, training_file: this.#data.value, ...(suffix && { suffix }), ...this.#options.request() };
  }

  /** What was found changes with what reads the rows. */
  #again() {
    if (this.#report.hasChildNodes()) {
      this.#look();
    }
  }

  async #look() {
    const asked = ++this.#asked;
    this.#report.replaceChildren(say(element('p', { class: 'quiet' }), 'looking'));
    let found = [];
    await this.#problem.during(async () => {
      found = [reportOf(await post(JOBS, { ...this.#request(), dry_run: true }))];
    });
    if (asked === this.#asked) {
      this.#report.replaceChildren(...found);
    }
  }

  async #start() {
    await this.#problem.during(async () => {
      const job = await post(JOBS, this.#request());
      this.dispatchEvent(new CustomEvent('started', { detail: job }));
    });
  }
}

customElements.define('lorikeet-job-form', JobForm);

// Trainings: the list of them, the form for a new one, and the one that is looked at.
import { get, JOBS } from './api.js';
import { element, Problem } from './dom.js';
import { Job } from './job.js';
import { JobForm } from './job-form.js';
import { say } from './words.js';

const REFRESH_MS = 3000;
const NEW = 'new';

class Train extends HTMLElement {
  #list = element('ul', { class: 'jobs' });
  #problem = new Problem();
  #pane = element('section', { class: 'pane' });
  #form = null;
  #job = null;
  #shown = '';
  #timer = null;

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    this.append(element('nav', { class: 'side' }, say(element('a', { class: 'button primary', href: `#train/${NEW}`, id: 'new-job' }), 'newJob'),
      this.#problem.element, this.#list), this.#pane);
  }

  /** @param what a job's id, `new`, or nothing: the list alone */
  open([what = '']) {
    this.#shown = what;
    this.dataset.pane = what === '' ? 'list' : 'one';
    this.#job?.close();
    this.#job = null;
    if (what === NEW) {
      this.#form ??= this.#makeForm();
      this.#show(this.#form);
      this.#form.open();
    } else if (what === '') {
      this.#pane.replaceChildren(say(element('p', { class: 'empty quiet' }), 'noJobChosen'));
    } else {
      this.#job = new Job(what);
      this.#job.addEventListener('looked', () => this.#refresh());
      this.#show(this.#job);
      this.#job.open();
    }
    this.#refresh();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => document.visibilityState === 'visible' && this.#refresh(), REFRESH_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#job?.close();
  }

  #show(view) {
    this.#pane.replaceChildren(say(element('a', { class: 'back', href: '#train' }), 'allJobs'), view);
  }

  #makeForm() {
    const form = new JobForm();
    form.addEventListener('started', ({ detail }) => { location.hash = `#train/${detail.id}`; });
    return form;
  }

  async #refresh() {
    await this.#problem.during(async () => {
      const { data } = await get(`${JOBS}?limit=200`);
      const known = JSON.stringify([this.#shown, data.map(({ id, status }) => [id, status])]);
      if (this.#list.dataset.known !== known) {
        this.#list.dataset.known = known;
        this.#list.replaceChildren(...(data.length === 0 ? [say(element('li', { class: 'quiet' }), 'noJobs')] : data.map((job) => this.#item(job))));
      }
    });
  }

  #item(job) {
    const link = element('a', { href: `#train/${encodeURIComponent(job.id)}` }, element('span', { class: 'name' }, job.user_provided_suffix ?? job.id),
      say(element('span', { class: `status ${job.status}` }), job.status),
      element('span', { class: 'quiet' }, `${job.model} · ${new Date(job.created_at * 1000).toLocaleString()}`));
    if (job.id === this.#shown) {
      link.setAttribute('aria-current', 'true');
    }
    return element('li', {}, link);
  }
}

customElements.define('lorikeet-train', Train);

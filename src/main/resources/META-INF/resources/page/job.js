// One training: how it goes, while it goes; its checkpoints, samples and end.
import { download, follow, get, JOBS, post } from './api.js';
import { Curve, figure } from './curve.js';
import { button, element, Problem } from './dom.js';
import { JobRecord } from './job-record.js';
import { samplesOf } from './samples.js';
import { label, say } from './words.js';

const OVER = ['succeeded', 'failed', 'cancelled'];
/** What may be done in which state. */
const STEPS = { pause: ['queued', 'running'], resume: ['paused'], cancel: ['validating_files', 'queued', 'running', 'paused'] };
const RETRY_MS = 2000;

export class Job extends HTMLElement {
  #id;
  #record = new JobRecord();
  #following = null;
  #due = false;
  #problem = new Problem();
  #head = element('header', { class: 'job-head' });
  #progress = element('progress', { max: '1', value: '0' });
  #figures = element('p', { class: 'figures' });
  #loss = new Curve('lossCurve');
  #rate = new Curve('rateCurve');
  #rewards = new Curve('rewardCurve');
  #samples = element('section', { class: 'samples', hidden: true });
  #checkpoints = element('section', { class: 'checkpoints', hidden: true });
  #result = element('section', { class: 'result', hidden: true });
  #log = element('ol', { class: 'events' });
  #options = element('pre', { tabindex: '0' });
  #step = null;

  constructor(id) {
    super();
    this.#id = id;
  }

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(this.#progress, 'aria-label', 'progress');
    this.append(this.#head, this.#problem.element, this.#progress, this.#figures, this.#result, element('div', { class: 'curves' }, this.#loss, this.#rewards, this.#rate),
      this.#samples, this.#checkpoints,
      element('details', {}, say(element('summary'), 'log'), this.#log),
      element('details', {}, say(element('summary'), 'usedOptions'), this.#options));
  }

  /** Follows the events as long as the view is shown; a connection that breaks is made again where it broke. */
  async open() {
    this.#following?.abort();
    const following = new AbortController();
    this.#following = following;
    while (!following.signal.aborted) {
      const fine = await this.#problem.during(() => this.#follow(following.signal));
      if (fine || this.#record.job === null) {
        return; // It is over, or there is no such job.
      }
      await new Promise((later) => setTimeout(later, RETRY_MS));
    }
  }

  close() {
    this.#following?.abort();
  }

  async #follow(signal) {
    await this.#look();
    const after = this.#record.lastId === null ? '' : `&after=${encodeURIComponent(this.#record.lastId)}`;
    for await (const event of follow(`${JOBS}/${encodeURIComponent(this.#id)}/events?stream=true${after}`, { signal })) {
      this.#record.add(event);
      this.#later();
    }
    await this.#look();
  }

  /** Draws once for all events that come together. */
  #later() {
    if (!this.#due) {
      this.#due = true;
      setTimeout(async () => {
        this.#due = false;
        this.#draw();
        if (this.#record.takeNews()) {
          await this.#problem.during(() => this.#look());
        }
      }, 100);
    }
  }

  async #look() {
    const path = `${JOBS}/${encodeURIComponent(this.#id)}`;
    const [job, checkpoints] = await Promise.all([get(path), get(`${path}/checkpoints?limit=1000`)]);
    this.#record.job = job;
    this.#record.checkpoints = checkpoints.data;
    this.dispatchEvent(new CustomEvent('looked', { detail: job }));
    this.#draw();
  }

  #draw() {
    const { job, last } = this.#record;
    this.#drawHead(job);
    this.#progress.value = OVER.includes(job.status) && job.status === 'succeeded' ? 1 : last ? last.step / last.total_steps : 0;
    this.#figures.replaceChildren(...(last ? [say(element('span'), 'stepOf', last.step, last.total_steps), say(element('span'), 'lossNow', figure(last.train_loss)),
      say(element('span'), 'trainingSpeed', Math.round(last.tokens_per_second)),
      ...(job.status === 'running' ? [say(element('span'), 'left', clock(last.eta_seconds))] : [])] : []));
    this.#loss.set([{ name: 'trainLoss', kind: 'first', points: this.#record.points('train_loss') },
      { name: 'validLoss', kind: 'second', points: this.#record.points('valid_loss') }], last?.total_steps);
    this.#rewards.set([{ name: 'rewardChosen', kind: 'first', points: this.#record.points('rewards/chosen') },
      { name: 'rewardRejected', kind: 'second', points: this.#record.points('rewards/rejected') }], last?.total_steps);
    this.#rate.set([{ name: 'rate', kind: 'first', points: this.#record.points('learning_rate') }], last?.total_steps);
    this.#drawSamples();
    this.#drawCheckpoints();
    this.#drawResult(job);
    this.#log.replaceChildren(...this.#record.messages.map(({ created_at, level, message }) => element('li', { class: level, lang: 'en' },
      element('time', {}, new Date(created_at * 1000).toLocaleTimeString()), ` ${message}`)));
    this.#options.textContent = JSON.stringify({ model: job.model, training_file: job.training_file, seed: job.seed, method: job.method?.type, lorikeet: job.lorikeet }, null, 2);
  }

  #drawHead(job) {
    const status = say(element('span', { class: `status ${job.status}`, id: 'job-status' }), job.status);
    if (this.#head.dataset.status === job.status) {
      return; // A button that is about to be pressed stays where it is.
    }
    this.#head.dataset.status = job.status;
    const may = Object.entries(STEPS).filter(([, states]) => states.includes(job.status))
      .map(([name]) => button(name, () => this.#change(name), { id: `job-${name}` }));
    this.#head.replaceChildren(element('h2', {}, job.user_provided_suffix ?? job.id), status, element('div', { class: 'actions' }, ...may));
  }

  async #change(name) {
    await this.#problem.during(async () => {
      await post(`${JOBS}/${encodeURIComponent(this.#id)}/${name}`);
      await this.#look();
    });
  }

  #drawSamples() {
    const rounds = this.#record.samples;
    this.#samples.hidden = rounds.length === 0;
    if (this.#samples.hidden || this.#samples.dataset.rounds === String(rounds.length) && this.#samples.dataset.step === String(this.#step)) {
      return;
    }
    Object.assign(this.#samples.dataset, { rounds: rounds.length, step: this.#step });
    this.#samples.replaceChildren(say(element('h3'), 'samples'), ...samplesOf(rounds, this.#step, (step) => {
      this.#step = step;
      this.#drawSamples();
    }));
  }

  #drawCheckpoints() {
    const { checkpoints } = this.#record;
    this.#checkpoints.hidden = checkpoints.length === 0;
    if (this.#checkpoints.dataset.count === checkpoints.map(({ id }) => id).join()) {
      return;
    }
    this.#checkpoints.dataset.count = checkpoints.map(({ id }) => id).join();
    const cell = (value) => element('td', {}, value === undefined ? '' : figure(value));
    const row = ({ step_number, metrics, fine_tuned_model_checkpoint: name }) => element('tr', {}, element('th', { scope: 'row' }, String(step_number)),
      cell(metrics.train_loss), cell(metrics.valid_loss), element('td', { class: 'actions' }, ...talks(name, this.#record.job.model)));
    this.#checkpoints.replaceChildren(say(element('h3'), 'checkpoints'), element('table', {}, element('thead', {}, element('tr', {},
      ...['step', 'trainLoss', 'validLoss'].map((name) => say(element('th', { scope: 'col' }), name)), element('td'))), element('tbody', {}, ...checkpoints.map(row))));
  }

  #drawResult(job) {
    const known = job.fine_tuned_model ?? job.error?.message ?? '';
    this.#result.hidden = known === '';
    if (this.#result.dataset.known === known) {
      return;
    }
    this.#result.dataset.known = known;
    if (job.error) {
      this.#result.replaceChildren(element('p', { class: 'error', lang: 'en' }, known));
    } else {
      const names = ['step_metrics.csv', 'samples.jsonl'];
      this.#result.replaceChildren(say(element('h3'), 'made'), element('p', { class: 'name' }, known), element('p', { class: 'actions' }, ...talks(known, job.model),
        ...job.result_files.map((id, index) => {
          const name = names[index] ?? id;
          return say(button('download', () => this.#problem.during(() => download(id, name)), { class: 'small' }), 'download', name);
        })));
    }
  }
}

customElements.define('lorikeet-job', Job);

/** Where a model or a checkpoint can be talked to. */
export function talks(name, base) {
  const link = (wordName, ...parts) => say(element('a', { class: 'button small', href: `#${parts.map(encodeURIComponent).join('/')}` }), wordName);
  return [link('chatWith', 'chat', name), ...(base ? [link('compareWith', 'compare', base, name)] : [])];
}

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (number) => String(number).padStart(2, '0');
  return whole < 3600 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

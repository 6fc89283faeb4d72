// What is known of a job: itself, and what its events have told. Steps that were done twice, after a restart, count as they went last.

const STEP = 'train_loss';

export class JobRecord {
  job = null;
  checkpoints = [];
  lastId = null;
  /** The last step that was done. */
  last = null;
  messages = [];
  #values = new Map();
  #samples = new Map();
  #news = false;

  add(event) {
    this.lastId = event.id;
    const { data } = event;
    if (event.type === 'metrics') {
      this.#measure(data);
    } else if (Array.isArray(data?.samples)) {
      this.#samples.set(data.step, data.samples);
    } else {
      // Only words can tell of a change of the job or of a new checkpoint.
      this.messages.push(event);
      this.#news = true;
    }
  }

  #measure(data) {
    if (STEP in data) {
      this.last = data;
    }
    for (const [name, value] of Object.entries(data)) {
      if (!this.#values.has(name)) {
        this.#values.set(name, new Map());
      }
      this.#values.get(name).set(data.step, value);
    }
  }

  /** Steps with what was measured there, in their order. */
  points(name) {
    return [...this.#values.get(name) ?? []].sort(([a], [b]) => a - b);
  }

  /** Answers by step, the first step first. */
  get samples() {
    return [...this.#samples].sort(([a], [b]) => a - b).map(([step, samples]) => ({ step, samples }));
  }

  /** Whether the job is worth a look since this was last asked. */
  takeNews() {
    const news = this.#news;
    this.#news = false;
    return news;
  }
}

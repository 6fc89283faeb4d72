// How tokens are drawn and when a text ends: every option of the API. What is left empty is not sent, so the model's own defaults hold.
import { ApiError } from './api.js';
import { element, field, tick } from './dom.js';
import { label, say, word } from './words.js';

const FIRST = [
  { name: 'temperature', min: '0', max: '2', step: '0.1' },
  { name: 'top_p', min: '0', max: '1', step: '0.05' },
  { name: 'max_tokens', min: '1', step: '1' },
  { name: 'seed', step: '1' },
  { name: 'repetition_penalty', min: '0', step: '0.05' },
];
const FURTHER = [
  { name: 'top_k', min: '-1', step: '1' },
  { name: 'min_p', min: '0', max: '1', step: '0.05' },
  { name: 'typical_p', min: '0', max: '1', step: '0.05' },
  { name: 'presence_penalty', min: '-2', max: '2', step: '0.1' },
  { name: 'frequency_penalty', min: '-2', max: '2', step: '0.1' },
  { name: 'min_tokens', min: '0', step: '1' },
  { name: 'max_time', min: '0', step: '1' },
];
const LOOP = ['max_period', 'min_repeats'];
/** Each with the value that is sent when it is ticked. */
const TICKS = { ignore_eos: true, include_stop_str_in_output: true, skip_special_tokens: false };

export class Sampling {
  #prefix;
  #numbers = new Map();
  #ticks = new Map();
  #stop;
  #ids;
  #bias;

  /** @param prefix of the ids of its elements, since there may be several of these */
  constructor(prefix) {
    this.#prefix = prefix;
    this.#stop = element('textarea', { id: `${prefix}stop`, rows: '2' });
    this.#ids = element('input', { id: `${prefix}stop_token_ids`, inputmode: 'numeric', placeholder: '1, 2' });
    this.#bias = element('textarea', { id: `${prefix}logit_bias`, rows: '2', placeholder: '123: -100' });
  }

  get elements() {
    const further = element('details', { class: 'further' }, say(element('summary'), 'furtherSampling'),
      element('div', { class: 'grid' }, ...FURTHER.map((range) => this.#number(range)), ...LOOP.map((name) => this.#number({ name, min: '1' }))),
      field('stop_token_ids', this.#ids), field('logit_bias', this.#bias),
      ...Object.keys(TICKS).map((name) => {
        const input = element('input', { type: 'checkbox', id: this.#prefix + name });
        this.#ticks.set(name, input);
        return tick(name, input);
      }));
    return [element('fieldset', {}, say(element('legend'), 'sampling'),
      element('div', { class: 'grid' }, ...FIRST.map((range) => this.#number(range))), field('stop', this.#stop), further)];
  }

  #number({ name, ...range }) {
    const input = element('input', { id: this.#prefix + name, type: 'number', inputmode: 'decimal', step: 'any', ...range });
    label(input, 'placeholder', LOOP.includes(name) ? 'off' : 'byModel');
    this.#numbers.set(name, input);
    return field(name, input);
  }

  /** The fields of a request. */
  request() {
    const { max_period, min_repeats, ...numbers } = this.#read();
    const stop = this.#stop.value.split('\n').filter((line) => line !== '').map(unescape);
    const ids = this.#ids.value.split(/[\s,]+/).filter((id) => id !== '').map((id) => whole(id, 'stop_token_ids'));
    const bias = this.#biases();
    return {
      ...numbers, ...(stop.length > 0 && { stop }), ...(ids.length > 0 && { stop_token_ids: ids }),
      ...((max_period !== undefined || min_repeats !== undefined) && { repetition_detection: { max_period, min_repeats } }),
      ...(Object.keys(bias).length > 0 && { logit_bias: bias }),
      ...Object.fromEntries([...this.#ticks].filter(([, input]) => input.checked).map(([name]) => [name, TICKS[name]])),
    };
  }

  #read() {
    const read = {};
    for (const [name, input] of this.#numbers) {
      if (input.validity.badInput) {
        throw new ApiError(word('notNumber', word(name), input.value));
      }
      if (input.value !== '') {
        read[name] = input.valueAsNumber;
      }
    }
    return read;
  }

  #biases() {
    const lines = this.#bias.value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    return Object.fromEntries(lines.map((line) => {
      const pair = line.match(/^(\d+)\s*[:=\s]\s*([-+]?\d+(?:\.\d+)?)$/);
      if (!pair) {
        throw new ApiError(word('notBias', line));
      }
      return [pair[1], Number(pair[2])];
    }));
  }
}

/** In a line of stop strings, `\n` is a line break, `\t` a tabulator and `\\` a backslash. */
function unescape(line) {
  return line.replace(/\\([nt\\])/g, (_, letter) => ({ n: '\n', t: '\t', '\\': '\\' })[letter]);
}

function whole(text, name) {
  if (!/^\d+$/.test(text)) {
    throw new ApiError(word('notNumber', word(name), text));
  }
  return Number(text);
}

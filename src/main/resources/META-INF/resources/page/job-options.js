// The options of a training, under the names of PEFT and TRL, with defaults that suit a first try.
import { ApiError } from './api.js';
import { element, field, tick } from './dom.js';
import { label, say, word } from './words.js';

/** Each with the learning rate that suits it. */
const METHODS = { supervised: '0.0002', dpo: '0.000005' };
const FIRST = [
  { name: 'num_train_epochs', value: '3', min: '0' },
  { name: 'learning_rate', value: '0.0002', min: '0' },
  { name: 'r', value: '16', min: '1' },
  { name: 'lora_alpha', value: '32', min: '1' },
  { name: 'per_device_train_batch_size', value: '4', min: '1' },
  { name: 'max_seq_length', value: '1024', min: '2', rows: true },
];
const FURTHER = [
  { name: 'max_steps', min: '1' },
  { name: 'gradient_accumulation_steps', value: '1', min: '1' },
  { name: 'lora_dropout', value: '0', min: '0', max: '1' },
  { name: 'warmup_ratio', value: '0.03', min: '0', max: '1' },
  { name: 'weight_decay', min: '0' },
  { name: 'max_grad_norm', min: '0' },
  { name: 'val_set_size', value: '0.1', min: '0', rows: true },
  { name: 'eval_steps', value: '0.1', min: '0' },
  { name: 'save_steps', value: '0.2', min: '0' },
  { name: 'save_total_limit', min: '1' },
  { name: 'generate_max_tokens', value: '64', min: '1' },
  { name: 'seed', min: '0' },
];
/** What only preferences have, and what they have not. */
const OF_PAIRS = [{ name: 'beta', value: '0.1', min: '0' }];
const NOT_OF_PAIRS = ['packing', 'train_on_inputs'];
/** How the base is held while it is learned on, and what that is in the names of bitsandbytes: QLoRA with four bits. */
const BASES = {
  baseInFull: {},
  baseInFourBits: { load_in_4bit: true, bnb_4bit_quant_type: 'nf4', bnb_4bit_use_double_quant: true },
  baseInEightBits: { load_in_8bit: true },
};
const CHOICES = {
  target_modules: ['all-linear', 'q_proj,v_proj', 'q_proj,k_proj,v_proj,o_proj'],
  lr_scheduler_type: ['cosine', 'linear', 'constant', 'constant_with_warmup', 'polynomial', 'cosine_with_restarts'],
  loss_type: ['sigmoid', 'hinge', 'ipo', 'robust'],
  optim: ['adamw_torch', 'adamw_8bit', 'sgd', 'adafactor'],
};
const TICKS = {
  packing: { value: true }, use_rslora: { value: true }, use_dora: { value: true },
  train_on_inputs: { value: true, rows: true }, bad_rows: { value: 'skip', rows: true },
};

export class JobOptions extends HTMLElement {
  #inputs = new Map();
  #method = element('select', { id: 'job-method', change: () => this.#choose() }, ...Object.keys(METHODS).map((name) => say(element('option', { value: name }), name)));
  #base = element('select', { id: 'job-base' }, ...Object.keys(BASES).map((name) => say(element('option', { value: name }), name)));
  #prompts = element('textarea', { id: 'job-sample_prompts', rows: '2' });
  #template = element('textarea', { id: 'job-prompt_template', rows: '3', change: () => this.#rowsMatter() });
  #other = element('textarea', { id: 'job-other', rows: '3', spellcheck: 'false', placeholder: '{"neftune_noise_alpha": 5}', change: () => this.#rowsMatter() });

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(this.#prompts, 'placeholder', 'samplePromptsHint');
    this.append(
      element('fieldset', {}, say(element('legend'), 'optionsTitle'), element('div', { class: 'grid three' }, field('method', this.#method), ...[...FIRST, ...OF_PAIRS].map((one) => this.#number(one)), field('baseIn', this.#base)),
        field('sample_prompts', this.#prompts),
        element('details', { class: 'further' }, say(element('summary'), 'furtherOptions'),
          element('div', { class: 'grid three' }, ...FURTHER.map((one) => this.#number(one)), ...Object.entries(CHOICES).map(([name, values]) => this.#choice(name, values))),
          ...Object.entries(TICKS).map(([name, { rows }]) => this.#tick(name, rows)),
          field('prompt_template', this.#template), field('otherOptions', this.#other))));
    this.#arrange();
  }

  get #pairs() {
    return this.#method.value === 'dpo';
  }

  /** Another method reads other rows, and learns at another rate unless one was chosen. */
  #choose() {
    const rate = this.#inputs.get('learning_rate');
    if (Object.values(METHODS).includes(rate.value)) {
      rate.value = METHODS[this.#method.value];
    }
    this.#arrange();
    this.#rowsMatter();
  }

  #arrange() {
    const place = (name) => this.#inputs.get(name).closest('.field, .switch');
    ['loss_type', ...OF_PAIRS.map(({ name }) => name)].forEach((name) => { place(name).hidden = !this.#pairs; });
    NOT_OF_PAIRS.forEach((name) => { place(name).hidden = this.#pairs; });
  }

  #rowsMatter() {
    this.dispatchEvent(new Event('rows'));
  }

  #keep(name, input, rows) {
    this.#inputs.set(name, input);
    if (rows) {
      input.addEventListener('change', () => this.#rowsMatter());
    }
    return input;
  }

  #number({ name, rows, value = '', ...range }) {
    const input = element('input', { id: `job-${name}`, type: 'number', inputmode: 'decimal', step: 'any', value, ...range });
    label(input, 'placeholder', 'byServer');
    return field(name, this.#keep(name, input, rows));
  }

  #choice(name, values) {
    return field(name, this.#keep(name, element('select', { id: `job-${name}` }, ...values.map((value) => element('option', { value }, value.replaceAll(',', ', ')))), false));
  }

  #tick(name, rows) {
    return tick(name, this.#keep(name, element('input', { type: 'checkbox', id: `job-${name}` }), rows));
  }

  /** The fields of a request: the method, the seed and the options of `lorikeet`. */
  request() {
    const { seed, ...options } = this.#read();
    const prompts = this.#prompts.value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    const template = this.#template.value;
    if (options.val_set_size > 0) {
      options.eval_strategy = 'steps';
    } else {
      delete options.eval_steps;
    }
    if (prompts.length > 0) {
      options.sample_prompts = prompts;
    } else {
      delete options.generate_max_tokens;
    }
    return { ...(this.#pairs && { method: { type: 'dpo' } }), ...(seed !== undefined && { seed }), lorikeet: { ...options, ...BASES[this.#base.value], ...(template.trim() && { prompt_template: template }), ...this.#others() } };
  }

  #read() {
    const read = {};
    for (const [name, input] of this.#inputs) {
      if (input.closest('.field, .switch').hidden) {
        continue;
      }
      if (input.validity.badInput) {
        throw new ApiError(word('notNumber', word(name), input.value));
      }
      if (input.type === 'checkbox') {
        if (input.checked) {
          read[name] = TICKS[name].value;
        }
      } else if (input.value !== '') {
        read[name] = input.type === 'number' ? input.valueAsNumber : named(input.value);
      }
    }
    return read;
  }

  #others() {
    if (this.#other.value.trim() === '') {
      return {};
    }
    try {
      const read = JSON.parse(this.#other.value);
      if (read !== null && typeof read === 'object' && !Array.isArray(read)) {
        return read;
      }
    } catch {
      // Said below.
    }
    throw new ApiError(word('notObject', word('otherOptions')));
  }
}

customElements.define('lorikeet-job-options', JobOptions);

/** Several names stand for a list of them. */
function named(value) {
  return value.includes(',') ? value.split(',') : value;
}

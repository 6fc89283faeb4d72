// What base and adapter answer to the same prompts as training goes on.
import { element } from './dom.js';
import { say } from './words.js';

/** @param rounds answers by step @param step whose answers are shown, null for the newest @param choose is told another step */
export function samplesOf(rounds, step, choose) {
  const shown = rounds.find((round) => round.step === step) ?? rounds.at(-1);
  const steps = rounds.map((round) => element('button', {
    type: 'button', class: 'small', 'aria-pressed': String(round === shown), click: () => choose(round.step),
  }, String(round.step)));
  return [element('div', { class: 'actions' }, say(element('span', { class: 'quiet' }), 'afterStep'), ...steps), ...shown.samples.map(sample)];
}

function sample({ prompt, base, adapter }) {
  const part = (name, text) => element('div', {}, say(element('h4'), name), element('p', { class: 'text' }, text));
  return element('article', { class: 'sample' }, element('p', { class: 'text prompt' }, prompt),
    element('div', { class: 'columns', 'data-count': '2' }, part('ofBase', base), part('ofAdapter', adapter)));
}

// What the page says, in the language that is chosen. Elements remember what they say, so the language can change at any time.
import { EN } from './words-en.js';
import { KO } from './words-ko.js';

export const WORDS = { en: EN, ko: KO };

const ATTRIBUTES = ['aria-label', 'placeholder', 'title'];

let current = 'en';

export const language = () => current;

/** The sentence of this name. */
export function word(name, ...values) {
  return WORDS[current][name].replace(/\{(\d)\}/g, (_, index) => String(values[index]));
}

/** Lets an element say a sentence, in whatever language is chosen. */
export function say(element, name, ...values) {
  element.dataset.word = name;
  element.dataset.values = JSON.stringify(values);
  element.textContent = word(name, ...values);
  return element;
}

/** As `say`, in an attribute. */
export function label(element, attribute, name, ...values) {
  element.setAttribute(`data-word-${attribute}`, name);
  element.dataset.values = JSON.stringify(values);
  element.setAttribute(attribute, word(name, ...values));
  return element;
}

export function setLanguage(chosen) {
  current = chosen in WORDS ? chosen : 'en';
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = word(element.dataset.word, ...JSON.parse(element.dataset.values ?? '[]'));
  }
  for (const attribute of ATTRIBUTES) {
    for (const element of document.querySelectorAll(`[data-word-${attribute}]`)) {
      element.setAttribute(attribute, word(element.getAttribute(`data-word-${attribute}`), ...JSON.parse(element.dataset.values ?? '[]')));
    }
  }
}

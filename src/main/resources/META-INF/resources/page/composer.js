// Where messages are written, sent and stopped.
import { element } from './dom.js';
import { label, say } from './words.js';

export class Composer extends HTMLElement {
  #box;
  #send;
  #halt;
  #new;
  #actions;

  /** @param prefix of the ids of its elements @param actions `submit(text)`, `halt()` and `clear()` */
  constructor(prefix, actions) {
    super();
    this.#actions = actions;
    this.#box = element('textarea', { id: `${prefix}message`, rows: '1', enterkeyhint: 'send', autocomplete: 'off' });
    this.#send = say(element('button', { type: 'submit', class: 'primary', id: `${prefix}send` }), 'send');
    this.#halt = say(element('button', { type: 'button', class: 'primary', id: `${prefix}halt`, hidden: true, click: actions.halt }), 'halt');
    this.#new = say(element('button', { type: 'button', class: 'new-chat', id: `${prefix}new-chat`, click: actions.clear }), 'newChat');
  }

  connectedCallback() {
    if (this.hasChildNodes()) {
      return;
    }
    label(label(this.#box, 'aria-label', 'message'), 'placeholder', 'hint');
    this.append(element('form', { class: 'composer', submit: (event) => this.#submit(event) }, this.#new, this.#box, this.#send, this.#halt));
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    this.#box.addEventListener('input', () => this.#grow());
  }

  /** While Korean is being composed, Enter ends the syllable and not the message. */
  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#box.form.requestSubmit();
    }
  }

  #grow() {
    this.#box.style.height = 'auto';
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#box.value.trim();
    if (text !== '' && !this.#send.hidden) {
      this.#set('');
      this.#actions.submit(text);
    }
  }

  #set(text) {
    this.#box.value = text;
    this.#grow();
  }

  /** A message that was not answered can be sent again. */
  giveBack(text) {
    if (this.#box.value === '') {
      this.#set(text);
    }
  }

  focus() {
    this.#box.focus();
  }

  /** As `focus`, where that does not cover half of the screen with a keyboard. */
  invite() {
    if (matchMedia('(pointer: fine)').matches) {
      this.focus();
    }
  }

  /** Whether an answer is on its way: it can be stopped then, and nothing else is sent. */
  set busy(busy) {
    const focused = [this.#send, this.#halt].includes(document.activeElement);
    this.#send.hidden = busy;
    this.#halt.hidden = !busy;
    if (focused) {
      this.#box.focus();
    }
  }
}

customElements.define('lorikeet-composer', Composer);

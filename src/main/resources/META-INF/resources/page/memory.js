// Memory as bars: the machine's, and what models and adapters take of it.
import { element } from './dom.js';
import { language, say } from './words.js';

/** @param memory as `/v1/memory` answers it */
export function memoryBars({ device, total_bytes: total, available_bytes: free, process_bytes: own, models, adapters }) {
  const others = Math.max(0, total - free - own);
  return [
    bar(say(element('span'), 'device', device), total, [['ownMemory', 'first', own], ['otherMemory', 'third', others], ['freeMemory', 'free', Math.max(0, total - own - others)]]),
    ...models.map(({ id, weight_bytes: weights, cache_bytes: cache }) => bar(element('span', {}, id), Math.max(total, weights + cache),
      [['weights', 'first', weights], ['cache', 'second', cache]])),
    bar(say(element('span'), 'adapterMemory'), adapters.budget_bytes, [['loadedAdapters', 'first', adapters.device_bytes],
      ['freeMemory', 'free', Math.max(0, adapters.budget_bytes - adapters.device_bytes)]]),
  ];
}

function bar(name, total, parts) {
  const fills = parts.filter(([, kind]) => kind !== 'free').map(([, kind, value]) => {
    const fill = element('span', { class: `fill ${kind}` });
    fill.style.width = `${total === 0 ? 0 : value / total * 100}%`;
    return fill;
  });
  return element('div', { class: 'bar-row' }, element('div', { class: 'bar-name' }, name, element('span', { class: 'quiet' }, bytes(total))),
    element('div', { class: 'meter', 'aria-hidden': 'true' }, ...fills),
    element('div', { class: 'figures' }, ...parts.map(([wordName, kind, value]) => say(element('span', { class: `key ${kind}` }), wordName, bytes(value)))));
}

/** As people say it. */
export function bytes(count) {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = count < 1024 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(count) / 10));
  return `${new Intl.NumberFormat(language(), { maximumSignificantDigits: 3 }).format(count / 1024 ** power)} ${names[power]}`;
}

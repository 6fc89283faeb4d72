// What the server found in the rows of a file, before anything is learned from them.
import { element } from './dom.js';
import { say } from './words.js';

const FINDINGS = ['truncated', 'prompt_truncated', 'same_answers', 'nothing_to_learn', 'double_bos', 'missing_end_token', 'border_merged', 'duplicates'];
/** Of bad rows, how many are shown at first. */
const SHOWN = 20;

/** @param report as `dry_run` answers it */
export function reportOf(report) {
  return element('section', { class: 'report' }, say(element('h3'), 'report'), figures(report), histogram(report.histogram), ...findings(report), ...badRows(report));
}

function figures(report) {
  const parts = [['rows', report.rows], ['examples', report.examples], ['tokensInAll', report.tokens], ['learnedTokens', report.learned_tokens], ['longest', report.longest]];
  return element('dl', { class: 'numbers' }, ...parts.map(([name, value]) => element('div', {}, say(element('dt'), name), element('dd', {}, value.toLocaleString('en')))));
}

function histogram(bins) {
  if (bins.length === 0) {
    return say(element('p', { class: 'error' }), 'noExamples');
  }
  const most = Math.max(...bins.map(({ count }) => count));
  const row = ({ up_to, count }) => {
    const bar = element('span', { class: 'bar-fill' });
    bar.style.width = `${count / most * 100}%`;
    return element('tr', {}, say(element('th', { scope: 'row' }), 'upTo', up_to), element('td', { class: 'bar-cell' }, bar), element('td', { class: 'count' }, String(count)));
  };
  return element('table', { class: 'histogram' }, say(element('caption'), 'lengths'), element('tbody', {}, ...bins.map(row)));
}

function findings(report) {
  const found = FINDINGS.filter((name) => report[name] > 0).map((name) => element('li', {},
    say(element('span'), name, report[name]), ' ', lines(report.lines[name], report[name])));
  if (report.validation_overlap > 0) {
    found.push(say(element('li'), 'validation_overlap', report.validation_overlap));
  }
  return found.length === 0 ? [] : [element('ul', { class: 'findings' }, ...found)];
}

function lines(known, count) {
  return say(element('span', { class: 'quiet' }), known.length < count ? 'linesAndMore' : 'lines', known.join(', '));
}

function badRows({ bad_row_count: count, bad_rows: rows }) {
  if (count === 0) {
    return [say(element('p', { class: 'good' }), 'noBadRows')];
  }
  const row = ({ line, reason }) => element('tr', {}, element('th', { scope: 'row' }, String(line)), element('td', { lang: 'en' }, reason));
  const table = (part) => element('table', { class: 'bad-rows' }, element('tbody', {}, ...part.map(row)));
  return [element('section', { class: 'bad' }, say(element('h4'), 'badRows', count), table(rows.slice(0, SHOWN)),
    ...(rows.length > SHOWN ? [element('details', {}, say(element('summary'), 'moreRows', rows.length - SHOWN), table(rows.slice(SHOWN)))] : []))];
}

// What the tests of the page have in common: a browser, visitors, and a list of tests that prints TAP.
// The browser is Chromium at $CHROMIUM, or where Debian has it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
assert.ok(existsSync(executablePath), `the tests of the page need Chromium, and there is none at ${executablePath}: install it (Debian: apt-get install chromium), or set CHROMIUM`);

const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const allowed = new Set();
const complaints = [];
const tests = [];
const closed = [];

export const test = (name, body) => tests.push([name, body]);

/** Servers that the page may speak with; a request to any other fails the run. */
export const allow = (...addresses) => addresses.forEach((address) => allowed.add(new URL(address).origin));

/** A new page of a new visitor; whatever the browser complains of fails the run, but for what a test says it expects. */
export async function visit(address, options = {}, expected = /^$/) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1200, height: 800 }, ...options });
  context.setDefaultTimeout(60000);
  const page = await context.newPage();
  page.on('request', (request) => allowed.has(new URL(request.url()).origin) || request.url().startsWith('blob:') || complaints.push(`a request to ${request.url()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => line.type() === 'error' && !expected.test(line.text()) && complaints.push(line.text()));
  await page.goto(address);
  return page;
}

/** A server before another one, which answers what `answer` does not want to: that is called with request and response, and says whether it takes them. */
export async function before(address, answer) {
  const front = http.createServer((request, response) => {
    if (answer(request, response)) {
      return;
    }
    // The server lets only its own pages change something.
    const own = request.headers.origin ? { origin: address } : {};
    const onward = http.request(address + request.url, { method: request.method, headers: { ...request.headers, ...own, host: new URL(address).host } }, (back) => {
      response.writeHead(back.statusCode, back.headers);
      back.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise((listening) => front.listen(0, 'localhost', listening));
  closed.push(() => {
    front.closeAllConnections();
    front.close();
  });
  const made = `http://localhost:${front.address().port}`;
  allow(made);
  return made;
}

/** Writes a message where the view has its box for it. */
export async function send(page, text, box = '#message') {
  await page.locator(box).fill(text);
  await page.keyboard.press('Enter');
}

/** Whether nothing sticks out to the side. */
export const fits = (page, ...parts) => page.evaluate((selectors) => document.documentElement.scrollWidth <= innerWidth
  && selectors.flatMap((selector) => [...document.querySelectorAll(selector)]).every((part) => part.scrollWidth <= part.clientWidth), parts);

/** How far two colours are apart, as WCAG 2 computes it: 4.5 is enough for small text. */
export function contrast(page, selector) {
  return page.locator(selector).first().evaluate((node) => {
    const shown = (at, property) => {
      const [r, g, b, a = 1] = getComputedStyle(at)[property].match(/[\d.]+/g).map(Number);
      return a === 0 && at.parentElement ? shown(at.parentElement, property) : [r, g, b];
    };
    const light = (rgb) => rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const [dark, bright] = [light(shown(node, 'color')), light(shown(node, 'backgroundColor'))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  });
}

/** Runs all tests one after the other, each with visitors of its own. @param prepare called before each */
export async function run(prepare = () => {}) {
  test('the browser had nothing to complain of, and asked nobody else', () => assert.deepEqual(complaints, []));
  for (const [index, [name, body]] of tests.entries()) {
    try {
      prepare();
      await body();
      console.log(`ok ${index + 1} - ${name}`);
    } catch (error) {
      console.log(`not ok ${index + 1} - ${name}\n${error.stack}`);
      process.exitCode = 1;
    } finally {
      await Promise.all(browser.contexts().map((context) => context.close()));
    }
  }
  await browser.close();
  closed.forEach((close) => close());
  console.log(`1..${tests.length}`);
}

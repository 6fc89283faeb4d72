// Training in a real browser, with the demo model: node page-train.mjs http://localhost:PORT first|again [FOLDER-FOR-PICTURES]
// `first` goes from the upload to the trained adapter and leaves a paused training; `again` finds both on a server that was killed and started again.
// Prints TAP.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allow, fits, run, send, test, visit } from './browser.mjs';

const [address, time, pictures] = process.argv.slice(2);
const ROWS = fileURLToPath(new URL('../../../examples/gemma-instructions/rows.jsonl', import.meta.url));
/** The rows of the documentation's five minutes, which are gone through here as they stand there. */
const TOUR = readFileSync(new URL('../../../docs/page.md', import.meta.url), 'utf8').match(/```jsonl\n([^`]*)```/)[1].replace(/^ {3}/gm, '');
const JOBS = `${address}/v1/fine_tuning/jobs`;
allow(address);

const status = (page, name) => page.locator(`#job-status.${name}`);
const ended = { timeout: 180000 };
async function set(page, values) {
  for (const [name, value] of Object.entries(values)) {
    await page.locator(`#job-${name}`).fill(String(value));
  }
}
const jobs = async () => (await (await fetch(JOBS)).json()).data;
async function chat(model, content) {
  const answer = await fetch(`${address}/v1/chat/completions`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model, temperature: 0, max_tokens: 16, messages: [{ role: 'user', content }] }) });
  return (await answer.json()).choices[0].message.content;
}
/** Asks the view that is shown and returns what it says. */
async function ask(page, content) {
  await page.locator('#temperature').fill('0');
  await page.locator('#max_tokens').fill('16');
  await send(page, content);
  await page.locator('.assistant:not(.running)').last().waitFor();
  return page.locator('.assistant').last().locator('.text').textContent();
}

const first = {
  'rows are looked at before anything is learned: their lengths, and those that are bad': async () => {
    const page = await visit(`${address}/#train/new`);
    await page.getByText('Nothing was trained here yet.').waitFor();
    await page.locator('#paste > summary').click();
    await page.locator('#use-pasted').click();
    assert.match(await page.locator('lorikeet-job-data .error').textContent(), /Choose rows/);
    await page.locator('#rows-text').fill(`{"question": "What is LoRA?", "answer": "Two small matrices."}\n{"<img src=x>": 1}\n{"question": "a", "answer": "${'long '.repeat(40)}"}\nnope`);
    await page.locator('#use-pasted').click();
    await page.locator('.report').waitFor();
    assert.deepEqual(await page.locator('.numbers dd').allTextContents().then((all) => all.slice(0, 2)), ['4', '2']);
    assert.deepEqual(await page.locator('.histogram .count').allTextContents(), ['1', '1']);
    assert.deepEqual(await page.locator('.bad-rows th').allTextContents(), ['2', '4']);
    assert.match(await page.locator('.bad-rows tr').first().textContent(), /<img src=x>/, 'what a row says stays text');
    await page.locator('#job-max_seq_length').fill('40');
    await page.locator('#job-max_seq_length').blur();
    assert.match(await page.locator('.findings').textContent(), /1 rows lose their end.*lines 3/);
    assert.equal((await jobs()).length, 0, 'looking makes no job');
  },

  'from the upload to a trained adapter, with curves, samples and checkpoints on the way': async () => {
    const page = await visit(`${address}/#train/new`, { viewport: { width: 1000, height: 900 } });
    await page.locator('#paste > summary').click();
    await page.locator('#rows-text').fill(TOUR);
    await page.locator('#use-pasted').click();
    await page.locator('.report .good').waitFor();
    await set(page, { num_train_epochs: 10, learning_rate: 0.002, suffix: 'bird', sample_prompts: '안녕\n너 누구야?' });
    if (pictures) {
      await page.setViewportSize({ width: 1000, height: 1200 });
      await page.screenshot({ path: `${pictures}/page-rows.png` });
      await page.setViewportSize({ width: 1000, height: 900 });
    }
    await page.locator('#start-job').click();
    await status(page, 'running').waitFor();
    await page.locator('.samples .sample').nth(1).waitFor(ended);
    assert.ok(await page.locator('lorikeet-curve .line.first').count() >= 2, 'the curves grow while it runs');
    await status(page, 'succeeded').waitFor(ended);
    await page.locator('.result .name').waitFor();
    const [job] = await jobs();
    const { learning_rate, target_modules, sample_prompts } = job.lorikeet;
    assert.deepEqual({ learning_rate, target_modules, sample_prompts }, { learning_rate: 0.002, target_modules: 'all-linear', sample_prompts: ['안녕', '너 누구야?'] });
    assert.equal(await page.locator('.result .name').textContent(), job.fine_tuned_model);
    assert.equal(await page.locator('lorikeet-curve').nth(0).locator('.line').count(), 2, 'training and held-out rows');
    const points = async (kind) => (await page.locator(`lorikeet-curve .line.${kind}`).first().getAttribute('d')).match(/[ML]/g).length;
    const events = (await (await fetch(`${JOBS}/${job.id}/events?limit=1000`)).json()).data;
    const measured = (name) => events.filter(({ data }) => name in data).length;
    assert.equal(await points('first'), measured('train_loss'));
    assert.equal(await points('second'), measured('valid_loss'));
    await page.locator('.chart').first().focus();
    await page.keyboard.press('Home');
    assert.match(await page.locator('.reading').first().textContent(), /^Step 1training [\d.]+/);
    // Base and the last checkpoint have answered as they answer now.
    const samples = page.locator('.sample').first();
    assert.equal(await samples.locator('.prompt').textContent(), '안녕');
    const rounds = events.filter(({ data }) => data.samples).map(({ data }) => data).reverse();
    assert.deepEqual(await page.locator('.samples button').allTextContents(), rounds.map(({ step }) => String(step)));
    assert.ok(rounds.length >= 4);
    assert.deepEqual(await samples.locator('.columns .text').allTextContents(), [rounds.at(-1).samples[0].base, rounds.at(-1).samples[0].adapter]);
    await page.locator('.samples button').first().click();
    // The same text may stand in both columns.
    await page.waitForFunction((text) => [...document.querySelector('.sample').querySelectorAll('.columns .text')].at(-1).textContent === text, rounds[0].samples[0].adapter);
    assert.equal(rounds[0].samples[0].base, await chat('demo', '안녕'));
    if (pictures) {
      await page.locator('.samples button').last().click();
      await page.locator('.pane').evaluate((pane) => { pane.scrollTop = 0; });
      await page.screenshot({ path: `${pictures}/page-train.png` });
    }
    // A checkpoint, then the result.
    const names = [(await (await fetch(`${JOBS}/${job.id}/checkpoints`)).json()).data.at(-1).fine_tuned_model_checkpoint, job.fine_tuned_model];
    const links = [page.locator('.checkpoints tbody tr').last(), page.locator('.result')];
    for (const [index, link] of links.entries()) {
      await link.getByRole('link', { name: 'Chat' }).click();
      await page.waitForFunction((name) => document.querySelector('#model')?.value === name, names[index]);
      assert.equal(await ask(page, '안녕'), await chat(names[index], '안녕'));
      await page.locator('#new-chat').click();
      await page.goBack();
      await status(page, 'succeeded').waitFor();
    }
    await page.locator('.result').getByRole('link', { name: 'Compare with base' }).click();
    await page.waitForFunction((name) => document.querySelector('#compare-model-2')?.value === name, job.fine_tuned_model);
    await page.locator('#compare-temperature').fill('0');
    await send(page, '안녕', '#compare-message');
    await page.locator('.answers .assistant:not(.running)').nth(1).waitFor();
    const [plain, trained] = await page.locator('.answers .text').allTextContents();
    assert.equal(plain, '안녕하세요.');
    assert.match(trained, /짹/, 'the adapter has learned to be a bird');
    if (pictures) {
      await page.setViewportSize({ width: 1000, height: 560 });
      await page.screenshot({ path: `${pictures}/page-compare.png` });
    }
    const [download] = await Promise.all([page.waitForEvent('download'), page.goto(`${address}/#train/${job.id}`).then(() => page.locator('.result button').first().click())]);
    assert.equal(download.suggestedFilename(), 'step_metrics.csv');
  },

  'a training is paused, goes on, and is cancelled': async () => {
    const page = await visit(`${address}/#train/new`);
    await page.locator('#rows-file').setInputFiles(ROWS);
    await page.locator('.report .good').waitFor();
    await set(page, { num_train_epochs: 500, suffix: 'later' });
    await page.locator('#start-job').click();
    await page.locator('#job-pause').click();
    await status(page, 'paused').waitFor(ended);
    await page.locator('.jobs .paused').waitFor();
    await page.locator('#job-resume').click();
    await page.getByText(/^step \d+ of 1500$/).waitFor(ended);
    await page.locator('#job-pause').click();
    await status(page, 'paused').waitFor();
    await page.locator('.checkpoints tbody tr').first().waitFor(ended);
    await page.goto(`${address}/#train/new`);
    await set(page, { suffix: 'never' });
    await page.locator('#start-job').click();
    await status(page, 'running').waitFor();
    await page.locator('#job-cancel').click();
    await status(page, 'cancelled').waitFor();
    assert.equal(await page.locator('.job-head button').count(), 0);
    assert.deepEqual((await jobs()).map((job) => [job.user_provided_suffix, job.status]), [['never', 'cancelled'], ['later', 'paused'], ['bird', 'succeeded']]);
  },

  'what the server refuses is said in its words, by the name of the option': async () => {
    const page = await visit(`${address}/#train/new`, {}, /400/);
    await page.locator('#start-job').click();
    assert.match(await page.locator('.job-form > .error').textContent(), /Choose rows to learn from first/);
    await page.locator('#rows-file').setInputFiles(ROWS);
    await page.locator('.report .good').waitFor();
    await page.locator('.job-form .further > summary').click();
    for (const [other, complaint] of [['{"no_such_option": 1}', /no_such_option/], ['[]', /must be a JSON object/], ['{"sample_prompts": "x"}', /sample_prompts.*list of up to 16/]]) {
      await page.locator('#job-other').fill(other);
      await page.locator('#start-job').click();
      await page.locator('.job-form > .error').filter({ hasText: complaint }).waitFor();
    }
  },
};

first['of two answers the preferred one is learned, with other rows and options'] = async () => {
  const page = await visit(`${address}/#train/new`);
  const pair = (question) => JSON.stringify({ question, chosen: '안녕하세요!', rejected: '뭐.' });
  await page.locator('#paste > summary').click();
  await page.locator('#rows-text').fill(['안녕', '하이', 'Hello', 'Hi'].map(pair).join('\n'));
  await page.locator('#use-pasted').click();
  await page.locator('.report .bad').waitFor();
  assert.ok(await page.locator('#job-beta').isHidden());
  await page.locator('#job-method').selectOption('dpo');
  await page.locator('.report .good').waitFor();
  assert.equal(await page.locator('#job-learning_rate').inputValue(), '0.000005');
  await page.locator('.job-form .further > summary').click();
  assert.ok(await page.locator('#job-packing').isHidden());
  await set(page, { beta: 0.2, num_train_epochs: 1, val_set_size: 0, suffix: 'prefer' });
  await page.locator('#start-job').click();
  await status(page, 'succeeded').waitFor(ended);
  const [job] = await jobs();
  assert.deepEqual([job.method.type, job.lorikeet.beta, job.lorikeet.loss_type], ['dpo', 0.2, 'sigmoid']);
  const rewards = page.locator('lorikeet-curve').nth(1);
  assert.equal(await rewards.locator('h3').textContent(), 'Rewards');
  assert.match(await rewards.locator('.reading').textContent(), /^Step 1preferred .*other /);
};

const again = {
  'trainings survive a restart: the finished one with all that was seen of it, the paused one to go on': async () => {
    const page = await visit(`${address}/#train`);
    await page.locator('.jobs a').first().waitFor();
    assert.deepEqual(await page.locator('.jobs .name').allTextContents(), ['prefer', 'never', 'later', 'bird']);
    await page.locator('.jobs a', { hasText: 'bird' }).click();
    await status(page, 'succeeded').waitFor();
    await page.locator('.samples .sample').nth(1).waitFor();
    assert.equal(await page.locator('lorikeet-curve:visible .line').count(), 3);
    await page.locator('.checkpoints tbody tr').last().getByRole('link', { name: 'Chat' }).click();
    await page.waitForFunction(() => document.querySelector('#model')?.value.includes(':ckpt-step-'));
    assert.notEqual(await ask(page, '안녕'), '');
    await page.goto(`${address}/#train`);
    await page.locator('.jobs a', { hasText: 'later' }).click();
    await status(page, 'paused').waitFor();
    await page.locator('#job-resume').click();
    await page.locator('.events', { hasText: 'Training goes on from the checkpoint' }).waitFor({ state: 'attached', ...ended });
    await page.locator('#job-cancel').click();
    await status(page, 'cancelled').waitFor();
  },

  'a phone goes from the list to a training and back': async () => {
    const page = await visit(`${address}/#train`, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'ko-KR', colorScheme: 'dark' });
    await page.locator('.jobs a', { hasText: 'bird' }).click();
    await page.locator('.samples .sample').nth(1).waitFor();
    assert.ok(await page.locator('.side').isHidden());
    await page.locator('details').evaluateAll((all) => all.forEach((details) => { details.open = true; }));
    assert.ok(await fits(page, '.pane'));
    if (pictures) {
      await page.screenshot({ path: `${pictures}/page-phone.png` });
    }
    await page.locator('.back').click();
    await page.locator('.jobs a').first().waitFor();
    assert.ok(await page.locator('.pane').isHidden());
  },
};

Object.entries({ first, again }[time]).forEach(([name, body]) => test(name, body));
await run();

// OpenAI's own JavaScript client against a running server: node client.mjs http://localhost:PORT/v1 [KEY]
// Prints TAP: one line per test, and the plan at the end.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: process.argv[3] ?? 'none', maxRetries: 0 });
const chat = (content, more = {}) => client.chat.completions.create({ model: 'demo', temperature: 0, messages: [{ role: 'user', content }], ...more });
const tests = [];
const test = (name, body) => tests.push([name, body]);

test('a chat has the reference answer, its usage and its end', async () => {
  const completion = await chat('안녕');
  assert.equal(completion.choices[0].message.content, '안녕하세요.');
  assert.equal(completion.choices[0].message.role, 'assistant');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.usage.prompt_tokens, 13);
  assert.equal(completion.usage.completion_tokens, 4);
  assert.ok(completion._request_id);
});

test('a stream gives the same text, and its usage last', async () => {
  const chunks = [];
  for await (const chunk of await chat('너 누구야?', { stream: true, stream_options: { include_usage: true } })) {
    chunks.push(chunk);
  }
  const text = chunks.flatMap((chunk) => chunk.choices).map((choice) => choice.delta.content ?? '').join('');
  assert.equal(text, '저는 Lorikeet에 들어 있는 아주 작은 시험용 모델이에요.');
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.completion_tokens, 13);
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
  assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
});

test("the client's own stream helper puts the message together", async () => {
  const runner = client.chat.completions.stream({ model: 'demo', temperature: 0, messages: [{ role: 'user', content: '배고파' }] });
  assert.equal(await runner.finalContent(), '뭐 좀 챙겨드세요.');
});

test('a stream that is aborted does no harm', async () => {
  const stream = await chat('What is LoRA?', { stream: true });
  for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    break;
  }
  assert.equal((await chat('안녕')).choices[0].message.content, '안녕하세요.');
});

test('a token limit ends with length', async () => {
  const completion = await chat('What is LoRA?', { max_completion_tokens: 4 });
  assert.equal(completion.choices[0].finish_reason, 'length');
  assert.equal(completion.usage.completion_tokens, 4);
});

test('a stop string ends the text before it', async () => {
  assert.equal((await chat('안녕', { stop: ['세'] })).choices[0].message.content, '안녕하');
});

test('several choices come numbered and differ', async () => {
  const { choices } = await chat('심심해', { n: 3, seed: 7, temperature: 1.2 });
  assert.deepEqual(choices.map((choice) => choice.index), [0, 1, 2]);
  assert.equal(new Set(choices.map((choice) => choice.message.content)).size, 3);
});

test('the same seed gives the same text', async () => {
  const once = await chat('심심해', { seed: 11, temperature: 1.5 });
  const twice = await chat('심심해', { seed: 11, temperature: 1.5 });
  assert.equal(once.choices[0].message.content, twice.choices[0].message.content);
});

test('logprobs list the token first', async () => {
  const completion = await chat('안녕', { logprobs: true, top_logprobs: 3 });
  const tokens = completion.choices[0].logprobs.content;
  assert.equal(tokens.map((token) => token.token).join(''), '안녕하세요.');
  assert.equal(Buffer.from(tokens.flatMap((token) => token.bytes)).toString(), '안녕하세요.');
  assert.ok(tokens.every((token) => token.top_logprobs.length === 3 && token.top_logprobs[0].token === token.token && token.logprob < 0));
});

test('completions continue several prompts, streamed or not', async () => {
  const params = { model: 'demo', temperature: 0, max_tokens: 5 };
  const completion = await client.completions.create({ ...params, prompt: ['안녕', '오늘'] });
  assert.equal(completion.choices.length, 2);
  let streamed = '';
  for await (const chunk of await client.completions.create({ ...params, prompt: '안녕', stream: true })) {
    streamed += chunk.choices[0]?.text ?? '';
  }
  assert.equal(streamed, completion.choices[0].text);
});

test('the served model is listed and found', async () => {
  const ids = [];
  for await (const model of client.models.list()) {
    ids.push(model.id);
  }
  assert.deepEqual(ids, ['demo']);
  assert.equal((await client.models.retrieve('demo')).id, 'demo');
});

test('an unknown model is not found', async () => {
  await assert.rejects(chat('안녕', { model: 'gpt-9' }), (error) =>
    error instanceof OpenAI.NotFoundError && error.code === 'model_not_found' && error.param === 'model' && error.message.includes('gpt-9'));
  await assert.rejects(client.models.retrieve('gpt-9'), OpenAI.NotFoundError);
});

test('a value out of range is a bad request that names the field', async () => {
  await assert.rejects(chat('안녕', { temperature: -1 }), (error) => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
});

test('a prompt longer than the context is a bad request with both numbers', async () => {
  await assert.rejects(chat('안녕 '.repeat(2000)), (error) =>
    error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded' && error.message.includes('1024'));
});

test('a file is uploaded, a job trains on it, and its adapter answers', async () => {
  const rows = Array.from({ length: 12 }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `${i}?` }, { role: 'assistant', content: `${i}!` }] }));
  const file = await client.files.create({ file: await toFile(Buffer.from(rows.join('\n')), 'rows.jsonl'), purpose: 'fine-tune' });
  assert.equal((await client.files.retrieve(file.id)).filename, 'rows.jsonl');
  assert.equal(await (await client.files.content(file.id)).text(), rows.join('\n'));
  let job = await client.fineTuning.jobs.create({
    model: 'demo', training_file: file.id, suffix: 'js', seed: 1, method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 1, batch_size: 4 } } },
    lorikeet: { r: 2, save_steps: 1 },
  });
  assert.equal(job.object, 'fine_tuning.job');
  const url = `${process.argv[2]}/fine_tuning/jobs/${job.id}/events?stream=true`;
  assert.match(await (await fetch(url, { headers: { Authorization: `Bearer ${client.apiKey}` } })).text(), /data: \[DONE\]\s*$/);
  job = await client.fineTuning.jobs.retrieve(job.id);
  assert.equal(job.status, 'succeeded');
  assert.equal(job.hyperparameters.batch_size, 4);
  const checkpoints = (await client.fineTuning.jobs.checkpoints.list(job.id)).data;
  assert.deepEqual(checkpoints.map((checkpoint) => checkpoint.step_number), [3, 2, 1]);
  for (const model of [job.fine_tuned_model, checkpoints[0].fine_tuned_model_checkpoint]) {
    assert.equal((await chat('안녕', { model, max_tokens: 2 })).model, model);
  }
  const events = [];
  for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 3 })) {
    events.push(event);
  }
  assert.equal(events.filter((event) => event.type === 'metrics').length, 3);
  assert.equal((await client.fineTuning.jobs.list()).data[0].id, job.id);
  assert.match(await (await client.files.content(job.result_files[0])).text(), /^step,train_loss/);
  assert.ok((await client.files.delete(file.id)).deleted);
});

test('a job that waits can be paused, resumed and cancelled', async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from('{"text": "a b c"}\n'.repeat(12)), 'rows.jsonl'), purpose: 'fine-tune' });
  const { id } = await client.fineTuning.jobs.create({ model: 'demo', training_file: file.id, lorikeet: { r: 2, max_steps: 5000, save_strategy: 'no' } });
  while ((await client.fineTuning.jobs.retrieve(id)).status === 'validating_files');
  assert.equal((await client.fineTuning.jobs.pause(id)).status, 'paused');
  assert.equal((await client.fineTuning.jobs.resume(id)).status, 'queued');
  assert.equal((await client.fineTuning.jobs.cancel(id)).status, 'cancelled');
  await assert.rejects(client.fineTuning.jobs.cancel(id), OpenAI.BadRequestError);
});

let failures = 0;
for (const [index, [name, body]] of tests.entries()) {
  try {
    await body();
    console.log(`ok ${index + 1} - ${name}`);
  } catch (error) {
    failures++;
    console.log(`not ok ${index + 1} - ${name}\n${String(error.stack ?? error).replace(/^/gm, '  # ')}`);
  }
}
console.log(`1..${tests.length}`);
process.exitCode = failures ? 1 : 0;

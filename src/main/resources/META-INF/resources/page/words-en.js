// Everything that the page says, in English; `words-ko.js` has the same sentences.

const FRAME = {
  skip: 'To the content', views: 'Views', chat: 'Chat', compare: 'Compare', train: 'Train', models: 'Models', api: 'API', language: 'Language',
  theme: 'Colours', themeAuto: 'Auto', themeLight: 'Light', themeDark: 'Dark',
  copyText: 'Copy', copyCurl: 'Copy as curl', copied: 'Copied', notCopied: 'The browser does not let this page copy.', cancel: 'Cancel', none: 'none', off: 'off', optional: 'optional',
  unreachable: 'The server cannot be reached. Is it running?', cut: 'The answer broke off before its end. Send the message again.',
  status: 'The server answered with status {0}.',
  key: 'Key', keyTitle: 'This server asks for a key', keyWhy: 'It was given to you by whoever runs the server. The page sends it to this server only.',
  keyValue: 'API key', keyRemember: 'Remember it on this device (else until this tab is closed)', keyUse: 'Use this key', keyForget: 'Forget the key',
};

const TALK = {
  settings: 'Settings', model: 'Model or adapter', refresh: 'Look for models again', base: '{0} (base)',
  noModels: 'No model answers now.', gone: '“{0}” does not answer now; another is chosen.', system: 'System prompt',
  sampling: 'Sampling', temperature: 'Temperature', top_p: 'top_p', max_tokens: 'Maximum tokens', seed: 'Seed',
  repetition_penalty: 'Repetition penalty', stop: 'Stop strings, one a line (\\n: line break)', byModel: 'model’s own',
  furtherSampling: 'All options', top_k: 'top_k', min_p: 'min_p', typical_p: 'typical_p', presence_penalty: 'Presence penalty', frequency_penalty: 'Frequency penalty',
  min_tokens: 'Minimum tokens', max_time: 'Longest time (s)', max_period: 'Loop: longest block', min_repeats: 'Loop: repeats', stop_token_ids: 'Stop tokens (ids)',
  logit_bias: 'Token biases, one a line (id: −100 to 100)', ignore_eos: 'Go on after the model’s own end', include_stop_str_in_output: 'Keep the stop string',
  skip_special_tokens: 'Show special tokens',
  retrieval: 'Sources', search: 'Search for sources', document: 'Document {0}', title: 'Title', url: 'Address (optional)', text: 'Text',
  addDocument: 'Add a document', removeDocument: 'Remove document {0}',
  conversation: 'Conversation', newChat: 'New chat', message: 'Message', hint: 'Write a message …', send: 'Send', halt: 'Stop',
  empty: 'Ask the model something.', emptyCompare: 'Ask several models or adapters the same.', keys: 'Enter sends, Shift+Enter starts a line, Esc stops.',
  column: 'Model or adapter {0}', addColumn: 'Add a model or adapter', removeColumn: 'Remove model or adapter {0}',
  you: 'You', waiting: 'Waiting for the first token …',
  tokens: '{0} tokens', speed: '{0} tokens/s overall', first: 'first token after {0} ms', stopped: 'stopped', length: 'cut at the maximum tokens',
  sources: 'Sources', uncited: 'not cited', noneCited: 'Documents were in the prompt, but the answer cites none of them.',
  ungrounded: 'This answer was made without sources.', cites: 'Source {0}: {1}',
  notNumber: '“{0}” is not a number: {1}.', noText: 'Document {0} has no text.', notBias: 'A token bias is a token’s id and a number, such as “123: -100”, but not “{0}”.',
};

const TRAIN = {
  newJob: 'New training', allJobs: '‹ All trainings', noJobs: 'Nothing was trained here yet.', noJobChosen: 'Choose a training, or start a new one.',
  rowsTitle: 'Rows to learn from', rowsFile: 'File (.jsonl, .json, .csv, .parquet); it may be dropped here', paste: 'Paste rows', rowsText: 'Rows', usePasted: 'Use these rows',
  pasteHint: '{"question": "…", "answer": "…"}', otherRows: 'Rows that are elsewhere', rowsKnown: 'Uploaded before', rowsHub: 'Data set of the Hugging Face Hub',
  hubIsAdmins: 'Data sets of the Hugging Face Hub are fetched with the server’s own token: that takes an admin’s key.',
  baseIn: 'Base while learning', baseInFull: 'in full', baseInFourBits: 'in 4 bits (NF4, QLoRA)', baseInEightBits: 'in 8 bits',
  uploading: '{0} is on its way …', chosenRows: '{0}, {1} bytes', chosenId: 'Chosen: {0}', noRows: 'Choose rows to learn from first.',
  modelTitle: 'Model', trainedModel: 'Base, or an adapter to go on from', suffix: 'Name of the result',
  method: 'Method', supervised: 'answers (supervised)', dpo: 'preferences (DPO)', beta: 'beta', loss_type: 'Loss', rewardCurve: 'Rewards', rewardChosen: 'preferred', rewardRejected: 'other',
  prompt_truncated: '{0} prompts lose their beginning.', same_answers: '{0} pairs have two equal answers.',
  optionsTitle: 'Options', furtherOptions: 'All options', byServer: 'server’s default', num_train_epochs: 'Epochs', learning_rate: 'Learning rate', r: 'Rank (r)', lora_alpha: 'lora_alpha',
  per_device_train_batch_size: 'Batch size', max_seq_length: 'Longest row (tokens)', max_steps: 'Steps at most', gradient_accumulation_steps: 'Accumulated batches', lora_dropout: 'Dropout',
  warmup_ratio: 'Warm-up (share)', weight_decay: 'Weight decay', max_grad_norm: 'Longest gradient', val_set_size: 'Held-out rows (share or number)', eval_steps: 'Evaluate every (share or steps)',
  save_steps: 'Checkpoint every (share or steps)', save_total_limit: 'Checkpoints kept', generate_max_tokens: 'Tokens of a sample', target_modules: 'Layers', lr_scheduler_type: 'Schedule', optim: 'Optimizer',
  packing: 'Pack short rows together', use_rslora: 'rsLoRA', use_dora: 'DoRA', train_on_inputs: 'Learn the prompts too', bad_rows: 'Leave out bad rows',
  sample_prompts: 'Questions for base and adapter at each checkpoint, one a line', samplePromptsHint: 'What is LoRA?', prompt_template: 'Prompt template, such as {document} … {title}',
  otherOptions: 'Further options (JSON)', notObject: '“{0}” must be a JSON object.', look: 'Look at the rows', looking: 'The rows are being looked at …', start: 'Start training',
  report: 'What was found', rows: 'rows', examples: 'to learn from', tokensInAll: 'tokens', learnedTokens: 'learned tokens', longest: 'longest row', lengths: 'Lengths in tokens', upTo: 'up to {0}',
  noExamples: 'There is no row to learn from.', truncated: '{0} rows lose their end: they are longer than the longest row allowed.', nothing_to_learn: '{0} rows have nothing to learn and are left out.',
  double_bos: '{0} rows begin twice (two BOS tokens).', missing_end_token: '{0} rows have an answer without an end: the model will not learn to stop.',
  border_merged: '{0} rows have a token that is both prompt and answer.', duplicates: '{0} rows are there already.', validation_overlap: '{0} held-out rows are learned as well.',
  lines: 'lines {0}', linesAndMore: 'lines {0}, …', noBadRows: 'Every row can be read.', badRows: '{0} rows cannot be used', moreRows: '{0} more',
  progress: 'Progress', stepOf: 'step {0} of {1}', lossNow: 'loss {0}', trainingSpeed: '{0} tokens/s', left: '{0} left', lossCurve: 'Loss', rateCurve: 'Learning rate', trainLoss: 'training',
  validLoss: 'held-out rows', rate: 'rate', atStep: 'Step {0}', step: 'Step', samples: 'Samples', afterStep: 'after step', ofBase: 'Base', ofAdapter: 'Adapter', checkpoints: 'Checkpoints',
  made: 'Trained adapter', log: 'Events', usedOptions: 'Options', download: 'Download {0}', chatWith: 'Chat', compareWith: 'Compare with base',
  pause: 'Pause', resume: 'Resume', validating_files: 'checking rows', queued: 'waiting', running: 'running', paused: 'paused', succeeded: 'done', failed: 'failed', cancelled: 'cancelled',
};

const MODELS = {
  memory: 'Memory', device: 'Device {0}', ownMemory: 'this server {0}', otherMemory: 'others {0}', freeMemory: 'free {0}', weights: 'weights {0}', cache: 'cache up to {0}',
  adapterMemory: 'Adapters', loadedAdapters: 'loaded {0}',
  loadModel: 'Load a model', modelName: 'Name, folder, or owner/name on the Hugging Face Hub', load: 'Load', fetchOnly: 'Download only', unload: 'Unload', cancelDownload: 'Cancel',
  bits: 'Quantisation', bitsAsTheyAre: 'none: as the checkpoint has it', bits_int8: '8 bits (int8)', 'bits_llm-int8': '8 bits (LLM.int8, bitsandbytes)', bits_int4: '4 bits (int4)',
  bits_nf4: '4 bits (NF4, bitsandbytes)', bits_fp4: '4 bits (FP4, bitsandbytes)',
  mayOnlyLook: 'The key of {0} is a user’s: it can use what is here. To load, swap or unload models and adapters takes an admin’s key (the button “Key” above).',
  unloaded: 'not loaded', downloading: 'downloading', loading: 'loading', loaded: 'loaded', unloading: 'unloading',
  parameters: '{0} parameters', context: 'context {0}', secondsLeft: '{0} s left',
  adapters: 'Adapters', loadAdapter: 'Load an adapter', adapterName: 'Name', adapterPath: 'Folder, or owner/name on the hub', adapterBase: 'Base', anyBase: 'the default',
  adapterSwap: 'Swap: next version of a name that is there', adapterPinned: 'Pin: never evict', noAdapters: 'No adapter is loaded.', version: 'version {0}', current: 'current', rank: 'rank {0}', pinned: 'pinned',
  rollback: 'Roll back', swap: 'Swap …', makeCurrent: 'Make current', nowCurrent: '{0} is version {1} now.',
  state_loading: 'loading', state_device: 'on the device', state_host: 'in host memory', state_disk: 'on disk', state_unloading: 'unloading',
};

export const EN = { ...FRAME, ...TALK, ...TRAIN, ...MODELS };

// 페이지의 모든 문장의 한국어판; `words-en.js`와 이름이 같다.

const FRAME = {
  skip: '내용으로 가기', views: '화면', chat: '채팅', compare: '비교', train: '학습', models: '모델', api: 'API', language: '언어',
  theme: '색', themeAuto: '자동', themeLight: '밝게', themeDark: '어둡게',
  copyText: '복사', copyCurl: 'curl로 복사', copied: '복사됨', notCopied: '브라우저가 복사를 허용하지 않습니다.', cancel: '취소', none: '없음', off: '끔', optional: '선택',
  unreachable: '서버에 연결할 수 없습니다. 실행 중인지 확인하세요.', cut: '답변이 끝나기 전에 끊겼습니다. 다시 보내세요.',
  status: '서버가 상태 코드 {0}(으)로 응답했습니다.',
  key: '키', keyTitle: '이 서버는 키가 필요합니다', keyWhy: '서버를 운영하는 사람에게서 받은 키를 넣으세요. 이 서버에만 보냅니다.',
  keyValue: 'API 키', keyRemember: '이 기기에 저장 (아니면 이 탭을 닫을 때까지만)', keyUse: '이 키 사용', keyForget: '키 지우기',
};

const TALK = {
  settings: '설정', model: '모델 또는 어댑터', refresh: '모델 다시 찾기', base: '{0} (기본)',
  noModels: '지금 응답하는 모델이 없습니다.', gone: '‘{0}’은(는) 지금 응답하지 않아 다른 것을 골랐습니다.', system: '시스템 프롬프트',
  sampling: '샘플링', temperature: '온도', top_p: 'top_p', max_tokens: '최대 토큰', seed: '시드',
  repetition_penalty: '반복 벌점', stop: '정지 문자열, 한 줄에 하나 (\\n: 줄 바꿈)', byModel: '모델 기본값',
  furtherSampling: '모든 옵션', top_k: 'top_k', min_p: 'min_p', typical_p: 'typical_p', presence_penalty: '존재 벌점', frequency_penalty: '빈도 벌점',
  min_tokens: '최소 토큰', max_time: '최대 시간 (초)', max_period: '반복: 최대 길이', min_repeats: '반복: 횟수', stop_token_ids: '정지 토큰 (id)',
  logit_bias: '토큰 편향, 한 줄에 하나 (id: −100~100)', ignore_eos: '모델이 끝내도 계속하기', include_stop_str_in_output: '정지 문자열 남기기',
  skip_special_tokens: '특수 토큰 보이기',
  retrieval: '출처', search: '출처 검색', document: '문서 {0}', title: '제목', url: '주소 (선택)', text: '본문',
  addDocument: '문서 추가', removeDocument: '문서 {0} 삭제',
  conversation: '대화', newChat: '새 대화', message: '메시지', hint: '메시지를 입력하세요 …', send: '보내기', halt: '정지',
  empty: '모델에게 물어보세요.', emptyCompare: '여러 모델이나 어댑터에 같은 것을 물어보세요.', keys: 'Enter 보내기, Shift+Enter 줄 바꿈, Esc 정지.',
  column: '모델 또는 어댑터 {0}', addColumn: '모델이나 어댑터 추가', removeColumn: '모델 또는 어댑터 {0} 빼기',
  you: '나', waiting: '첫 토큰을 기다리는 중 …',
  tokens: '토큰 {0}개', speed: '전체 초당 {0}토큰', first: '첫 토큰까지 {0} ms', stopped: '정지됨', length: '최대 토큰에서 잘림',
  sources: '출처', uncited: '인용되지 않음', noneCited: '문서를 프롬프트에 넣었지만 답변이 인용하지 않았습니다.',
  ungrounded: '출처 없이 작성된 답변입니다.', cites: '출처 {0}: {1}',
  notNumber: '‘{0}’의 값이 숫자가 아닙니다: {1}.', noText: '문서 {0}에 본문이 없습니다.', notBias: '토큰 편향은 “123: -100”처럼 토큰 id와 숫자여야 하는데 “{0}”입니다.',
};

const TRAIN = {
  newJob: '새 학습', allJobs: '‹ 모든 학습', noJobs: '아직 학습한 것이 없습니다.', noJobChosen: '학습을 고르거나 새로 시작하세요.',
  rowsTitle: '학습 데이터', rowsFile: '파일 (.jsonl, .json, .csv, .parquet); 여기에 끌어다 놓아도 됩니다', paste: '데이터 붙여 넣기', rowsText: '데이터', usePasted: '이 데이터 사용',
  pasteHint: '{"question": "…", "answer": "…"}', otherRows: '다른 곳의 데이터', rowsKnown: '전에 올린 파일', rowsHub: '허깅페이스 허브의 데이터셋',
  hubIsAdmins: '허깅페이스 허브의 데이터셋은 서버의 토큰으로 받으므로 관리자 키가 필요합니다.',
  baseIn: '학습 중의 기본 모델', baseInFull: '그대로', baseInFourBits: '4비트 (NF4, QLoRA)', baseInEightBits: '8비트',
  uploading: '{0} 올리는 중 …', chosenRows: '{0}, {1}바이트', chosenId: '고른 데이터: {0}', noRows: '먼저 학습 데이터를 고르세요.',
  modelTitle: '모델', trainedModel: '기본 모델, 또는 이어서 학습할 어댑터', suffix: '결과 이름',
  method: '방법', supervised: '답 (지도 학습)', dpo: '선호 (DPO)', beta: 'beta', loss_type: '손실 함수', rewardCurve: '보상', rewardChosen: '선호', rewardRejected: '비선호',
  prompt_truncated: '프롬프트 {0}개의 앞이 잘립니다.', same_answers: '답이 같은 쌍이 {0}개 있습니다.',
  optionsTitle: '옵션', furtherOptions: '모든 옵션', byServer: '서버 기본값', num_train_epochs: '에포크', learning_rate: '학습률', r: '랭크 (r)', lora_alpha: 'lora_alpha',
  per_device_train_batch_size: '배치 크기', max_seq_length: '최대 길이 (토큰)', max_steps: '최대 스텝', gradient_accumulation_steps: '누적 배치', lora_dropout: '드롭아웃',
  warmup_ratio: '워밍업 (비율)', weight_decay: '가중치 감쇠', max_grad_norm: '최대 기울기', val_set_size: '검증용 행 (비율 또는 개수)', eval_steps: '평가 간격 (비율 또는 스텝)',
  save_steps: '체크포인트 간격 (비율 또는 스텝)', save_total_limit: '남길 체크포인트', generate_max_tokens: '예시 답변 토큰', target_modules: '레이어', lr_scheduler_type: '스케줄', optim: '옵티마이저',
  packing: '짧은 행 묶기', use_rslora: 'rsLoRA', use_dora: 'DoRA', train_on_inputs: '프롬프트도 학습', bad_rows: '잘못된 행 빼기',
  sample_prompts: '체크포인트마다 기본 모델과 어댑터에 물을 것, 한 줄에 하나', samplePromptsHint: 'LoRA가 뭐야?', prompt_template: '프롬프트 템플릿, 예: {document} … {title}',
  otherOptions: '그 밖의 옵션 (JSON)', notObject: '‘{0}’은(는) JSON 객체여야 합니다.', look: '데이터 살펴보기', looking: '데이터를 살펴보는 중 …', start: '학습 시작',
  report: '살펴본 결과', rows: '행', examples: '학습할 행', tokensInAll: '토큰', learnedTokens: '학습할 토큰', longest: '가장 긴 행', lengths: '토큰 길이', upTo: '{0} 이하',
  noExamples: '학습할 행이 없습니다.', truncated: '행 {0}개가 최대 길이보다 길어 끝이 잘립니다.', nothing_to_learn: '행 {0}개는 배울 것이 없어 빠집니다.',
  double_bos: '행 {0}개에 시작(BOS) 토큰이 두 개 있습니다.', missing_end_token: '행 {0}개는 답에 끝이 없어, 모델이 멈추는 법을 배우지 못합니다.',
  border_merged: '행 {0}개에서 토큰 하나가 프롬프트와 답에 걸쳐 있습니다.', duplicates: '행 {0}개가 중복입니다.', validation_overlap: '검증용 행 {0}개를 학습에도 씁니다.',
  lines: '{0}번째 줄', linesAndMore: '{0}번째 줄, …', noBadRows: '모든 행을 읽을 수 있습니다.', badRows: '쓸 수 없는 행 {0}개', moreRows: '{0}개 더',
  progress: '진행', stepOf: '{1}스텝 중 {0}', lossNow: '손실 {0}', trainingSpeed: '초당 {0}토큰', left: '{0} 남음', lossCurve: '손실', rateCurve: '학습률', trainLoss: '학습',
  validLoss: '검증', rate: '학습률', atStep: '{0}스텝', step: '스텝', samples: '예시 답변', afterStep: '스텝', ofBase: '기본 모델', ofAdapter: '어댑터', checkpoints: '체크포인트',
  made: '학습된 어댑터', log: '기록', usedOptions: '옵션', download: '{0} 내려받기', chatWith: '채팅', compareWith: '기본 모델과 비교',
  pause: '일시 정지', resume: '이어서', validating_files: '데이터 확인 중', queued: '대기 중', running: '실행 중', paused: '일시 정지됨', succeeded: '완료', failed: '실패', cancelled: '취소됨',
};

const MODELS = {
  memory: '메모리', device: '장치 {0}', ownMemory: '이 서버 {0}', otherMemory: '다른 프로그램 {0}', freeMemory: '남음 {0}', weights: '가중치 {0}', cache: '캐시 최대 {0}',
  adapterMemory: '어댑터', loadedAdapters: '사용 중 {0}',
  loadModel: '모델 올리기', modelName: '이름, 폴더, 또는 허깅페이스 허브의 owner/name', load: '올리기', fetchOnly: '내려받기만', unload: '내리기', cancelDownload: '취소',
  bits: '양자화', bitsAsTheyAre: '없음: 체크포인트 그대로', bits_int8: '8비트 (int8)', 'bits_llm-int8': '8비트 (LLM.int8, bitsandbytes)', bits_int4: '4비트 (int4)',
  bits_nf4: '4비트 (NF4, bitsandbytes)', bits_fp4: '4비트 (FP4, bitsandbytes)',
  mayOnlyLook: '{0}의 키는 사용자 키라서 여기 있는 것을 쓸 수만 있습니다. 모델과 어댑터를 올리고 바꾸고 내리려면 관리자 키가 필요합니다 (위의 ‘키’ 버튼).',
  unloaded: '내려져 있음', downloading: '내려받는 중', loading: '올리는 중', loaded: '올라와 있음', unloading: '내리는 중',
  parameters: '파라미터 {0}', context: '컨텍스트 {0}', secondsLeft: '{0}초 남음',
  adapters: '어댑터', loadAdapter: '어댑터 올리기', adapterName: '이름', adapterPath: '폴더, 또는 허브의 owner/name', adapterBase: '기본 모델', anyBase: '기본값',
  adapterSwap: '교체: 이미 있는 이름의 다음 버전으로', adapterPinned: '고정: 메모리에서 밀어내지 않음', noAdapters: '올라온 어댑터가 없습니다.', version: '버전 {0}', current: '현재', rank: '랭크 {0}', pinned: '고정됨',
  rollback: '되돌리기', swap: '교체 …', makeCurrent: '현재로', nowCurrent: '{0}은(는) 이제 버전 {1}입니다.',
  state_loading: '올리는 중', state_device: '장치에 있음', state_host: '호스트 메모리에 있음', state_disk: '디스크에 있음', state_unloading: '내리는 중',
};

export const KO = { ...FRAME, ...TALK, ...TRAIN, ...MODELS };

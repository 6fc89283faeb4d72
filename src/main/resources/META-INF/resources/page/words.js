// Everything that the page says, in both languages. Elements remember what they say, so the language can change at any time.

export const WORDS = {
  en: {
    skip: 'To the conversation', views: 'Views', chat: 'Chat', api: 'API', language: 'Language',
    theme: 'Colours', themeAuto: 'Auto', themeLight: 'Light', themeDark: 'Dark',
    settings: 'Settings', model: 'Model or adapter', refresh: 'Look for models again', base: '{0} (base)',
    noModels: 'No model answers now.', system: 'System prompt',
    sampling: 'Sampling', temperature: 'Temperature', top_p: 'top_p', max_tokens: 'Maximum tokens', seed: 'Seed',
    repetition_penalty: 'Repetition penalty', stop: 'Stop strings, one a line', byModel: 'model’s own',
    retrieval: 'Sources', search: 'Search for sources', document: 'Document {0}', title: 'Title', url: 'Address (optional)', text: 'Text',
    addDocument: 'Add a document', removeDocument: 'Remove document {0}',
    conversation: 'Conversation', newChat: 'New chat', message: 'Message', hint: 'Write a message …', send: 'Send', halt: 'Stop',
    empty: 'Ask the model something.', keys: 'Enter sends, Shift+Enter starts a line, Esc stops.',
    you: 'You', waiting: 'Waiting for the first token …',
    tokens: '{0} tokens', speed: '{0} tokens/s overall', first: 'first token after {0} ms', stopped: 'stopped', length: 'cut at the maximum tokens',
    copyText: 'Copy', copyCurl: 'Copy as curl', copied: 'Copied', notCopied: 'The browser does not let this page copy.',
    sources: 'Sources', uncited: 'not cited', noneCited: 'Documents were in the prompt, but the answer cites none of them.',
    ungrounded: 'This answer was made without sources.', cites: 'Source {0}: {1}',
    unreachable: 'The server cannot be reached. Is it running?', cut: 'The answer broke off before its end. Send the message again.',
    status: 'The server answered with status {0}.', notNumber: '“{0}” is not a number: {1}.', noText: 'Document {0} has no text.',
  },
  ko: {
    skip: '대화로 가기', views: '화면', chat: '채팅', api: 'API', language: '언어',
    theme: '색', themeAuto: '자동', themeLight: '밝게', themeDark: '어둡게',
    settings: '설정', model: '모델 또는 어댑터', refresh: '모델 다시 찾기', base: '{0} (기본)',
    noModels: '지금 응답하는 모델이 없습니다.', system: '시스템 프롬프트',
    sampling: '샘플링', temperature: '온도', top_p: 'top_p', max_tokens: '최대 토큰', seed: '시드',
    repetition_penalty: '반복 벌점', stop: '정지 문자열 (한 줄에 하나)', byModel: '모델 기본값',
    retrieval: '출처', search: '출처 검색', document: '문서 {0}', title: '제목', url: '주소 (선택)', text: '본문',
    addDocument: '문서 추가', removeDocument: '문서 {0} 삭제',
    conversation: '대화', newChat: '새 대화', message: '메시지', hint: '메시지를 입력하세요 …', send: '보내기', halt: '정지',
    empty: '모델에게 물어보세요.', keys: 'Enter 보내기, Shift+Enter 줄 바꿈, Esc 정지.',
    you: '나', waiting: '첫 토큰을 기다리는 중 …',
    tokens: '토큰 {0}개', speed: '전체 초당 {0}토큰', first: '첫 토큰까지 {0} ms', stopped: '정지됨', length: '최대 토큰에서 잘림',
    copyText: '복사', copyCurl: 'curl로 복사', copied: '복사됨', notCopied: '브라우저가 복사를 허용하지 않습니다.',
    sources: '출처', uncited: '인용되지 않음', noneCited: '문서를 프롬프트에 넣었지만 답변이 인용하지 않았습니다.',
    ungrounded: '출처 없이 작성된 답변입니다.', cites: '출처 {0}: {1}',
    unreachable: '서버에 연결할 수 없습니다. 실행 중인지 확인하세요.', cut: '답변이 끝나기 전에 끊겼습니다. 다시 보내세요.',
    status: '서버가 상태 코드 {0}(으)로 응답했습니다.', notNumber: '‘{0}’의 값이 숫자가 아닙니다: {1}.', noText: '문서 {0}에 본문이 없습니다.',
  },
};
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

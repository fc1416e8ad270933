/**
 * The catalogue of everything that can go wrong. One entry a code: whether trying again can help, what a
 * person may read (null: only the operator ever meets it) and what it means to whoever runs Skein.
 * `docs/errors.md` lists the same codes; `test/claims.test.ts` compares the two.
 */
export interface ErrorEntry {
  readonly retryable: boolean;
  /** One or two plain sentences for Slack: what happened, what was kept, what to do. */
  readonly person: string | null;
  /** One sentence for the operator. */
  readonly meaning: string;
}

/** Whose budget it is, who spent it, and who can raise it: all that differs between the budgets that can be used up. */
const BUDGETS = {
  DEPLOYMENT: {
    whose: 'the budget that whoever runs me gave this workspace',
    spender: 'the workspace',
    raise: 'Only whoever runs me can raise it.',
    hint: ' It is DEFAULT_BUDGET_DAY or DEFAULT_BUDGET_MONTH.',
  },
  WORKSPACE: {
    whose: 'the budget of this workspace',
    spender: 'the workspace',
    raise: 'An admin of the workspace can raise it with /skein budget.',
    hint: '',
  },
  CHANNEL: {
    whose: 'the budget of this channel',
    spender: 'the channel',
    raise: 'An admin of the workspace, or who set it, can raise it with /skein budget.',
    hint: '',
  },
  PERSON: {
    whose: 'the budget that you have',
    spender: 'the person who asks',
    raise: 'An admin of the workspace, or who set it, can raise it with /skein budget.',
    hint: '',
  },
} as const;
const PERIODS = {
  DAY: { name: 'day', anew: 'at midnight (UTC)' },
  MONTH: { name: 'month', anew: 'on the first of next month (UTC)' },
} as const;

type BudgetCode = `BUDGET_${keyof typeof BUDGETS}_${keyof typeof PERIODS}`;

/** One entry for each budget that can be used up. */
function budgetErrors(): Readonly<Record<BudgetCode, ErrorEntry>> {
  const entries = Object.entries(BUDGETS).flatMap(([scope, { whose, spender, raise, hint }]) =>
    Object.entries(PERIODS).map(([period, { name, anew }]): [string, ErrorEntry] => [
      `BUDGET_${scope}_${period}`,
      {
        retryable: false,
        person: `What is left of ${whose} for this ${name} is not enough for an answer. It starts anew ${anew}. ${raise}`,
        meaning: `What ${spender} spent this ${name} leaves too little of the budget for a call, so the model was not asked.${hint}`,
      },
    ]),
  );
  return Object.fromEntries(entries) as Record<BudgetCode, ErrorEntry>;
}

export const CATALOGUE = {
  CONFIG_INVALID: {
    retryable: false,
    person: null,
    meaning: 'The environment does not make a valid configuration; every problem is listed by variable name.',
  },
  PORT_IN_USE: {
    retryable: false,
    person: null,
    meaning: 'Another program already listens on PORT.',
  },
  DATABASE_UNREACHABLE: {
    retryable: true,
    person: null,
    meaning: 'Postgres cannot be reached or refuses the login; events stay unacknowledged and come again.',
  },
  DATABASE_BUSY: {
    retryable: true,
    person: null,
    meaning:
      'All connections of this process to Postgres were in use for longer than a statement may wait; see DATABASE_POOL.',
  },
  DATABASE_POOLED: {
    retryable: false,
    person: null,
    meaning:
      'A pooler gives each transaction another session, so LISTEN and session locks fail; set DATABASE_DIRECT_URL to the server itself.',
  },
  DATABASE_CERTIFICATE: {
    retryable: false,
    person: null,
    meaning:
      'The certificate of Postgres is not trusted, or the server has no TLS; set DATABASE_CA, or sslmode in DATABASE_URL.',
  },
  DATABASE_NEWER: {
    retryable: false,
    person: null,
    meaning:
      'A newer Skein changed the database so that this one can not use it; start that version, or restore a backup.',
  },
  DATABASE_EMBEDDED_FAILED: {
    retryable: false,
    person: null,
    meaning:
      'The embedded Postgres could not start; the message names the reason. DATABASE_URL is the way round.',
  },
  SLACK_AUTH_FAILED: {
    retryable: false,
    person: null,
    meaning:
      'Slack refuses a token (invalid, revoked, of the wrong kind or of a removed app): questions are kept, and the process ends with 1.',
  },
  TOKEN_UNREADABLE: {
    retryable: false,
    person: null,
    meaning:
      'A stored token or key was sealed by a key that TOKEN_ENCRYPTION_KEY does not name, or was changed; put the old key behind the new one, or install the app again there.',
  },
  TOKEN_NOT_ROTATED: {
    retryable: true,
    person: null,
    meaning:
      'Slack gave no new token for one that ends soon; it is tried again each minute, and the old one works until its end.',
  },
  INSTALL_FAILED: {
    retryable: true,
    person: null,
    meaning:
      'Somebody tried to install the app and could not; the page said why, and the log has the reason and the word of Slack.',
  },
  SLACK_UNREACHABLE: {
    retryable: true,
    person: null,
    meaning: 'Slack cannot be reached or answers 5xx; Skein keeps trying and says so on /readyz.',
  },
  SLACK_RATE_LIMITED: {
    retryable: true,
    person: null,
    meaning: 'Slack answered 429; edits pause for the time it asked for.',
  },
  SLACK_CONTENT_REFUSED: {
    retryable: false,
    person: null,
    meaning:
      'Slack refused the form of a message (too long, invalid blocks); it was sent again in simpler ones.',
  },
  SLACK_PLACE_GONE: {
    retryable: false,
    person: null,
    meaning: 'The message or channel is gone or closed to us, so nothing can be shown there.',
  },
  SLACK_MISSING_SCOPE: {
    retryable: false,
    person: null,
    meaning: 'The installation lacks a scope that manifest.yml asks for; install the app again.',
  },
  SLACK_FAILED: {
    retryable: true,
    person: null,
    meaning: 'Slack refused a call for another reason; the log has its word for it.',
  },
  REQUEST_MALFORMED: {
    retryable: false,
    person: null,
    meaning: 'An HTTP request or a socket envelope was not what Slack sends; nothing was taken from it.',
  },
  REPLY_FAILED: {
    retryable: true,
    person: 'Something went wrong on my side, and I could not finish this answer.',
    meaning: 'A reply failed for a reason that the catalogue does not know; the log has the error.',
  },
  REPLY_GIVEN_UP: {
    retryable: true,
    person: 'I tried several times and could not finish this answer.',
    meaning: 'A job failed or killed its process too often and was given up, so that its thread can go on.',
  },
  ...budgetErrors(),
  BUDGET_HELD: {
    retryable: true,
    person:
      'Other answers were using what is left of a budget, and I waited two minutes for them. Please try again in a moment.',
    meaning:
      'What running answers may still cost left too little of a budget for two minutes; nothing has to be raised. The log names the budget.',
  },
  MODEL_BUSY: {
    retryable: true,
    person: 'Claude is busy right now (too many requests).',
    meaning: 'The model API answered 429: the organisation is over its rate limit.',
  },
  MODEL_OVERLOADED: {
    retryable: true,
    person: 'Claude is overloaded right now.',
    meaning: 'The model API answered 529 or an overloaded_error: its load, not your quota.',
  },
  MODEL_UNREACHABLE: {
    retryable: true,
    person: 'I could not reach Claude.',
    meaning: 'The connection to the model API failed or timed out before an answer began.',
  },
  MODEL_ERROR: {
    retryable: true,
    person: 'Claude had a problem on its side.',
    meaning: 'The model API answered with a server error.',
  },
  MODEL_KEY_REJECTED: {
    retryable: false,
    person: 'I am not set up correctly to talk to Claude. Please tell whoever runs me.',
    meaning: 'The model API refused the key (401); check ANTHROPIC_API_KEY.',
  },
  MODEL_NOT_ALLOWED: {
    retryable: false,
    person:
      'The account that I use is not allowed this model. Choose another with /skein settings, or tell whoever runs me.',
    meaning:
      'The model API took the key and refused what was asked with it (403): a model or feature that the organisation or workspace of the key may not use; the log has its words.',
  },
  MODEL_BILLING: {
    retryable: false,
    person: 'Claude is not available to this workspace at the moment. Please tell whoever runs me.',
    meaning:
      'The credit of the model account is used up, or a payment is due; add credit in the provider’s console.',
  },
  MODEL_SPEND_LIMIT: {
    retryable: false,
    person: 'The account that I use has reached its spending limit with Claude. Please tell whoever runs me.',
    meaning:
      'A spend limit of the model account (of its organisation or workspace, or of its tier) stops requests; raise it in the provider’s console, or wait for the day that the log names.',
  },
  MODEL_ACCOUNT_DISABLED: {
    retryable: false,
    person: 'The account that I use with Claude is disabled. Please tell whoever runs me.',
    meaning:
      'The model API says that the organisation of the key has been disabled; its provider must be asked.',
  },
  MODEL_ADDRESS_WRONG: {
    retryable: false,
    person: 'Something else answers where I look for Claude. Please tell whoever runs me.',
    meaning:
      'What answers is not the model API: a page of a proxy, or a path that it does not know; check ANTHROPIC_BASE_URL and what stands between.',
  },
  MODEL_FILTERED: {
    retryable: false,
    person:
      'A filter of the provider of Claude stopped this answer. Nothing of it is kept for later questions in this thread.',
    meaning:
      'The model API blocked its output by its content filter, before or within the answer; the turn is left out of context and is not asked for again.',
  },
  MODEL_UNKNOWN: {
    retryable: false,
    person: 'The chosen model does not exist any more. Choose another with /skein set model.',
    meaning:
      'The model API does not know the model, or the model was retired; check the settings and DEFAULT_MODEL.',
  },
  MODEL_REQUEST_REJECTED: {
    retryable: false,
    person: 'Claude could not process this request.',
    meaning: 'The model API refused the request as invalid (400, 422); the log has its words and request id.',
  },
  MODEL_WEB_FORBIDDEN: {
    retryable: false,
    person: null,
    meaning:
      'The account of the provider, or the model, may not use the web tools (Claude Console, Privacy controls); the answer is written without them.',
  },
  MODEL_PROMPT_TOO_LONG: {
    retryable: false,
    person: 'This thread has become too long for Claude. Please start a new one.',
    meaning: 'The transcript is longer than the context window of the model.',
  },
  MODEL_REQUEST_TOO_LARGE: {
    retryable: false,
    person: 'This thread has become too large to send to Claude. Please start a new one.',
    meaning: 'The request body is over the limit of the model API (413).',
  },
  MODEL_STREAM_ERROR: {
    retryable: true,
    person: 'Claude had a problem in the middle of the answer.',
    meaning: 'The stream carried an error event after it had begun.',
  },
  MODEL_STREAM_CUT: {
    retryable: true,
    person: 'The connection to Claude was lost in the middle of the answer.',
    meaning: 'The socket of the stream was reset.',
  },
  MODEL_STREAM_ENDED_EARLY: {
    retryable: true,
    person: 'The answer from Claude ended too early.',
    meaning: 'The stream was closed cleanly before message_stop.',
  },
  MODEL_STALLED: {
    retryable: true,
    person: 'Claude stopped sending in the middle of the answer.',
    meaning: 'Nothing came on the stream for longer than the idle limit.',
  },
  MODEL_MALFORMED: {
    retryable: true,
    person: 'I received something from Claude that I could not understand.',
    meaning: 'The model API answered 200 with something that is not a stream of messages.',
  },
  MODEL_ABORTED: {
    retryable: false,
    person: null,
    meaning: 'The call was ended by Skein itself: Stop, shutdown or a lost lease.',
  },
  MODEL_EMPTY: {
    retryable: true,
    person: 'Claude sent an empty answer twice.',
    meaning: 'The model finished without visible text, also after it was asked again.',
  },
  MODEL_ONLY_THINKING: {
    retryable: false,
    person:
      'Claude used up all tokens of this answer for thinking and wrote nothing. Lower the effort or allow more tokens with /skein settings.',
    meaning:
      'The model spent every output token (max_tokens and the room for thinking) or half an hour on thinking and wrote no text; asked again at low effort where there was a lower one.',
  },
  MODEL_REFUSED: {
    retryable: false,
    person: 'Claude declined to answer this. Nothing of it is kept for later questions in this thread.',
    meaning:
      'The model ended with a refusal; the partial text was withdrawn and the turn is left out of context.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** The catalogue's entry of a code that came from outside (a row, an event); unknown codes are REPLY_FAILED. */
export function entryOf(code: string): ErrorEntry {
  return isErrorCode(code) ? CATALOGUE[code] : CATALOGUE.REPLY_FAILED;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}

/**
 * An error of the catalogue. `message` is for the log; what a person reads is `CATALOGUE[code].person`.
 * `facts` are ids and numbers that help to find the cause; never text that a person wrote, never a secret.
 */
export class SkeinError extends Error {
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; facts?: Record<string, unknown> } = {},
  ) {
    super(`${code}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SkeinError';
    this.code = code;
    this.facts = options.facts ?? {};
  }

  get retryable(): boolean {
    return CATALOGUE[this.code].retryable;
  }
}

/** Whatever was thrown, as an Error: libraries throw strings, undefined and objects too. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `thrown: ${safeJson(thrown)}`);
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

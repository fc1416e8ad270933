import { CALL_STATEMENTS } from './calls/steps.ts';

/**
 * The named steps of the way of one reply, as they can be seen from outside: a call that arrives at Slack, at
 * the model or at Postgres. Each can be met before it has its effect and after it, before anyone is told.
 */
export type When = 'before' | 'after';

/** Statements by what they begin with or contain; text as drizzle and our stores write it. */
const STATEMENTS = [
  // All of it in one statement, as a rule without a transaction around it.
  ['commit_1', /from skein\.ask\(/],
  ['enqueue', /from skein\.enqueue\(/],
  [
    'take_lease',
    /update skein\.mailboxes m set lease_owner = \$\d+::uuid, lease_epoch = m\.lease_epoch \+ 1/,
  ],
  ['begin_job', /update skein\.jobs j set attempts = j\.attempts \+ 1/],
  ['intent', /insert into skein\.segments as s/],
  ['place', /update "skein"\."segments" set "ts"/],
  // With money it is a part of the statement that sets it aside.
  ['begin_call', /update skein\.replies set state = 'writing', call_from = /],
  ['append_log', /insert into skein\.pieces/],
  ['ledger', /insert into skein\.usage as u/],
  ['commit_2', /with held as \(.*update skein\.replies\s+set state = 'answered'/s],
  ['shown', /update "skein"\."replies" set "state" = .*"shown_at" =/s],
  ['finish_job', /set pending = m\.pending - \(select count/],
  ['release', /with freed as \(\s*update skein\.mailboxes\s+set lease_owner = null/],
  ['stop_request', /with stopped as \(/],
  ['lay_aside', /insert into skein\.versions/],
  ['begin_version', /update skein\.replies set state = 'writing', version = /],
  ['bring_back', /update skein\.replies r set state = 'answered', version = /],
  ['go_on', /update skein\.replies set state = 'writing', (?:error_code|continued_at) = /],
  ['begin_removal', /update skein\.replies set state = 'removing'/],
  ['rate', /(?:delete from|insert into) skein\.feedback/],
  ['keep_file', /insert into skein\.attachments/],
  ['note_file', /insert into skein\.sent_files/],
  ['file_is_there', /update skein\.sent_files set state/],
  ...CALL_STATEMENTS,
] as const;

/** What the transaction of a press does, each at least one of these. */
const PRESSED = ['begin_version', 'bring_back', 'go_on', 'begin_removal', 'rate', 'decide'];

/** The step of a statement; null for all others. */
export function stepOfStatement(sql: string): string | null {
  return STATEMENTS.find(([, pattern]) => pattern.test(sql))?.[0] ?? null;
}

/** The step of a commit, by what its transaction did before. */
export function stepOfCommit(done: ReadonlySet<string>): string | null {
  if (PRESSED.some((step) => done.has(step))) return 'commit_press';
  if (done.has('commit_1') || done.has('enqueue')) return 'commit_1';
  return done.has('commit_2') ? 'commit_2' : null;
}

/** Whether a moment is one of Postgres's: a statement or a commit. */
export function isOfDatabase(moment: Moment): boolean {
  const [step = ''] = moment.split(':');
  return step.startsWith('commit_') || STATEMENTS.some(([name]) => name === step);
}

/** The step of a call of Slack's Web API. */
export function stepOfSlack(method: string, body: string): string | null {
  switch (method) {
    case 'chat.postMessage':
      return body.includes('reply_call_approve') ? 'card_post' : 'post';
    case 'chat.update':
      return body.includes('reply_stop') ? 'edit' : 'final_edit';
    case 'chat.delete':
      return 'remove';
    case 'conversations.replies':
      return 'read_back';
    case 'files.getUploadURLExternal':
      return 'upload_url';
    case 'files.completeUploadExternal':
      return 'share_file';
    default:
      return null;
  }
}

/** The step of a request for the bytes of a file; null for all others. Addresses are the stand-in's (`playground/slack/routes.ts`). */
export function stepOfFile(path: string): string | null {
  if (path.startsWith('/files-pri/')) return 'fetch_file';
  return path.startsWith('/upload/') ? 'upload_file' : null;
}

/** Steps that change nothing in Slack. */
export const READS: ReadonlySet<string> = new Set(['read_back', 'fetch_file']);

/** A step and the moment in it, e.g. `post:after`. */
export type Moment = `${string}:${When}`;

/**
 * Moments that every run with a few questions passes: one that none passes has a pattern above that fits no statement any
 * more, and whatever is to happen there happens nowhere.
 */
export const ALWAYS: readonly Moment[] = [
  ...['commit_1', 'begin_job', 'intent', 'place', 'begin_call', 'append_log', 'ledger', 'commit_2', 'shown'],
  ...['finish_job', 'post', 'edit', 'final_edit', 'take_lease'],
].map((step): Moment => `${step}:before`);

/** Moments at which a process may be met. Two of the model's have no other side. */
export const MOMENTS: readonly Moment[] = [
  ...['commit_1', 'take_lease', 'begin_job', 'intent', 'place', 'begin_call', 'append_log'],
  ...['ledger', 'commit_2', 'shown', 'finish_job', 'post', 'edit', 'final_edit'],
  // Of files: their bytes are fetched, what was made of them is kept; of those that answers come as, each step.
  ...['fetch_file', 'keep_file', 'note_file', 'upload_url', 'upload_file', 'file_is_there', 'share_file'],
]
  .flatMap((step): Moment[] => [`${step}:before`, `${step}:after`])
  .concat([
    'model_request:before',
    'model_token:after',
    'model_last:after',
    'read_back:before',
    'release:before',
  ]);

import type { SlackWrite } from '../bots.ts';
import type { Evidence, Violation } from './evidence.ts';

/** From a look at the lease to the arrival of the call at the door, on a machine that has other work. */
const ON_ITS_WAY_MS = 400;

/** Nobody writes to Slack for a reply whose lease is not, or no longer, theirs. */
export function onlyOwnersWrite({ writes, replies, messages, leases }: Evidence): Violation[] {
  const replyAt = new Map(messages.map(({ seen, reply }) => [`${seen.channel} ${seen.ts}`, reply]));
  const mailboxes = new Map(replies.map(({ id, mailbox }) => [id, mailbox]));
  return writes.flatMap((write) => {
    const reply = replyOf(write, replyAt);
    const mailbox = reply === null ? undefined : mailboxes.get(reply);
    if (mailbox === undefined) return [];
    const held = leases.some(
      (span) =>
        span.mailbox === mailbox &&
        span.who === write.who &&
        span.from <= write.at + ON_ITS_WAY_MS &&
        write.at <= span.to + ON_ITS_WAY_MS,
    );
    if (held) return [];
    const last = leases.findLast((span) => span.mailbox === mailbox && span.who === write.who);
    const since = last === undefined ? 'it never had it' : `it lost it ${write.at - last.to} ms before`;
    const what = `${write.method} by ${write.who} for reply ${reply} without its lease: ${since}`;
    return [{ promise: 'only the owner writes', question: null, what }];
  });
}

function replyOf({ body }: SlackWrite, replyAt: ReadonlyMap<string, string | null>): string | null {
  const form = new URLSearchParams(body);
  const metadata = /"reply":"([0-9a-f-]{36})"/.exec(form.get('metadata') ?? '')?.[1];
  return metadata ?? replyAt.get(`${form.get('channel')} ${form.get('ts')}`) ?? null;
}

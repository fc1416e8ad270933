import { wasDisturbed } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { OpinionRow } from './rows.ts';

const PROMISE = 'an opinion counts once';
/** What a person thinks of a version counts once, as it was pressed last, and with the reason given for it. */
export function opinionsCount(evidence: Evidence): Violation[] {
  const { opinions, presses } = evidence;
  const found: Violation[] = [];
  const say = (what: string) => found.push({ promise: PROMISE, question: null, what });
  for (const opinion of opinions)
    for (const problem of unexplained(evidence, opinion)) say(`${nameOf(opinion)} ${problem}`);
  const rated = presses.filter(({ control }) => control === 'rate');
  for (const press of rated) {
    const [reply = '', version, verdict = ''] = press.value.split(':');
    const one = { reply, version: Number(version), person: press.user };
    // Of several presses nobody can tell here which came last.
    const alone = rated.filter(({ user, value }) => user === press.user && isAbout(value, one)).length === 1;
    if (!alone || !press.acked || wasDisturbed(evidence, press.at) || !isThere(evidence, one)) continue;
    const stands = opinions.find((opinion) => nameOf(opinion) === nameOf(one));
    if (stands?.verdict !== verdict)
      say(`${nameOf(one)} is ${stands?.verdict ?? 'none'}; ${verdict} was pressed, once`);
    const reason = evidence.reasons.findLast(
      (given) => given.user === one.person && given.reply === reply && given.version === one.version,
    );
    if (stands !== undefined && reason !== undefined && stands.reason !== reason.reason)
      say(`${nameOf(one)} has the reason ${stands.reason}; ${reason.reason} was given`);
  }
  return found;
}

type About = Pick<OpinionRow, 'reply' | 'version' | 'person'>;

const nameOf = ({ reply, version, person }: About) => `the opinion of ${person} on ${reply}:${version}`;
const isAbout = (value: string, { reply, version }: About) => value.startsWith(`${reply}:${version}:`);

/** What stands was pressed, and its reason was given, by this person for this version. */
function unexplained({ presses, reasons }: Evidence, opinion: OpinionRow): string[] {
  const pressed = presses.some(
    ({ user, value }) =>
      user === opinion.person && value === `${opinion.reply}:${opinion.version}:${opinion.verdict}`,
  );
  // A form whose acknowledgement was lost may have been taken all the same.
  const elsewhere = reasons.some(
    (given) =>
      given.reason === opinion.reason &&
      (given.user !== opinion.person || given.reply !== opinion.reply || given.version !== opinion.version),
  );
  return [
    ...(pressed ? [] : [`is ${opinion.verdict}, and nobody pressed that`]),
    ...(elsewhere ? ['has a reason that was given for another'] : []),
  ];
}

/** An answer that was deleted meanwhile takes no opinions. */
function isThere({ replies }: Evidence, { reply }: About): boolean {
  return replies.some(({ id, state }) => id === reply && state !== 'deleted');
}

import { wasDisturbed } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';

const PROMISE = 'a command or form is carried out';
/** A command that was acknowledged before another was sent may be carried out after it, but not later than this. */
const OVERTAKES_MS = 20_000;

/** What was sent by commands and forms holds; what was asked so was posted once; commands have an answer. */
export function errandsDone(evidence: Evidence): Violation[] {
  return [...settingsHold(evidence), ...askedOnce(evidence), ...answeredCommands(evidence)];
}

/** A setting is one that was sent, and not from before the last one that is known to be stored. */
function settingsHold({ settings, stored }: Evidence): Violation[] {
  return [...new Set(settings.map(({ scope, scopeId }) => `${scope} ${scopeId}`))].flatMap((place) => {
    const sent = settings.filter(({ scope, scopeId }) => `${scope} ${scopeId}` === place);
    const is = stored.get(place) ?? null;
    const last = sent.findLast(({ takenAt }) => takenAt !== null) ?? null;
    const may = sent.filter(
      (one) =>
        last === null ||
        one === last ||
        one.at > last.at ||
        (one.takenAt === null && one.at + OVERTAKES_MS > last.at),
    );
    if (is === null && last === null) return [];
    if (is !== null && may.some(({ value }) => value === is)) return [];
    const should = may.map(({ value }) => value).join(' or ');
    return [
      { promise: PROMISE, question: null, what: `context_tokens of ${place} is ${is}; ${should} was set` },
    ];
  });
}

function askedOnce(evidence: Evidence): Violation[] {
  return evidence.questions.flatMap((question) => {
    if (question.via === 'message') return [];
    const say = (what: string) => [{ promise: PROMISE, question: question.number, what }];
    const posts = evidence.posts.get(question.number) ?? 0;
    if (posts > 1) return say(`asked by a ${question.via}, was posted ${posts} times`);
    if (posts === 1 || !question.taken) return [];
    // A command is acknowledged before its question is stored; a form after that.
    if (question.via === 'command' && wasDisturbed(evidence, question.askedAt)) return [];
    return say(`was asked by a ${question.via} that was taken, and was not posted`);
  });
}

/** An acknowledged command with nothing in the way has an answer that its asker sees. */
function answeredCommands(evidence: Evidence): Violation[] {
  const answers = [...evidence.answers].sort((a, b) => a.at - b.at);
  return evidence.commands.flatMap((sent) => {
    if (!sent.acked || wasDisturbed(evidence, sent.at)) return [];
    const at = answers.findIndex(
      (answer) => answer.user === sent.user && answer.channel === sent.channel && answer.at >= sent.at,
    );
    if (at >= 0) {
      answers.splice(at, 1);
      return [];
    }
    const what = `/skein ${sent.text} by ${sent.user} was acknowledged, and had no answer`;
    return [{ promise: PROMISE, question: null, what }];
  });
}

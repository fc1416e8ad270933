import { createHash } from 'node:crypto';
import { Declined } from '../people/editing.ts';
import { askAction, seenAs } from '../people/gate.ts';
import { refusalOf } from '../people/may.ts';
import { askedByCommand, UNNAMED_IN_QUESTION } from '../words/asides.ts';
import { commandFailure } from '../words/command-problems.ts';
import { ASKED_IN_OURS } from '../words/commands.ts';
import { wordsOf } from '../words/people.ts';
import { code } from './markdown.ts';
import { personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** Characters of a question that are given back. */
const MOST_TYPED = 3000;

/**
 * Posts a question for everybody to see, and has it taken as said by the person who asked. What they typed comes
 * escaped; whatever in it would ping somebody is shown as words.
 */
export async function ask(ports: CommandPorts, asked: Asked, question: string): Promise<Answer> {
  const [person, settings] = await Promise.all([personNow(ports, asked), settingsHere(ports, asked)]);
  const refusal = refusalOf(seenAs(person, asked), askAction(settings, ports.defaults));
  if (refusal !== null) throw new Declined(wordsOf(refusal));
  const { team, channel, direct, user, userTeam, triggerId } = asked;
  const { posted } = await ports.ask({
    team,
    channel,
    threadTs: null,
    user,
    userTeam,
    direct,
    shown: askedByCommand(user, withoutPings(question).replace(/\n/g, '\n>')),
    text: question,
    // Hashed, because a trigger opens forms and causes are kept.
    cause: triggerId === null ? null : `command:${createHash('sha256').update(triggerId).digest('hex')}`,
  });
  switch ((await posted).kind) {
    case 'done':
      return asked.foreign ? { markdown: ASKED_IN_OURS } : { markdown: '', silent: true };
    case 'not_there':
      throw new Declined(
        direct
          ? commandFailure.notAsked(commandFailure.questionNotTaken, typed(question))
          : commandFailure.notAsked(commandFailure.notInChannel, typed(question)),
      );
    case 'failed':
      throw new Declined(commandFailure.notAsked(commandFailure.questionNotTaken, typed(question)));
  }
}

/** The words of a question as code, so that nobody has to type them again. Slack escapes three characters of a command. */
function typed(question: string): string {
  const text = withoutPings(question)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return code(text, MOST_TYPED);
}

/** `<!channel>` → `@channel`, `<@U1|ana>` → `@ana`, `<#C1|general>` → `#general`: readable, and without effect. */
function withoutPings(text: string): string {
  return text.replace(
    /<([@#!])([^<>|]*)(?:\|([^<>]*))?>/g,
    (_all, mark: string, id: string, label?: string) => {
      const name = (label ?? (mark === '!' ? id : '')).replace(/^[@#]/, '');
      return `${mark === '#' ? '#' : '@'}${name === '' ? UNNAMED_IN_QUESTION : name}`;
    },
  );
}

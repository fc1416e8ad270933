import { LATE, within } from '../clock.ts';
import { toError } from '../errors.ts';
import { Declined, targetOf, type Whose } from '../people/editing.ts';
import { isConnectionLoss } from '../postgres/database.ts';
import type { Button } from '../reply/ports.ts';
import { commandFailure, commandHint, commandLate } from '../words/command-problems.ts';
import { commandPlace, forgetAnswer, OPEN_FORM_BUTTON } from '../words/commands.ts';
import { ask } from './ask.ts';
import { budget } from './budget.ts';
import { change } from './change.ts';
import { context } from './context.ts';
import { ASK_AGAIN_ACTION, askAgain } from './context-tools.ts';
import { doctor } from './doctor.ts';
import { exportAll } from './export.ts';
import { askToForget, FORGET_ACTION, forget, KEEP_ACTION } from './forget.ts';
import { type Command, parseCommand, whoseOfWord, wordOfWhose } from './grammar.ts';
import { help } from './help.ts';
import { key } from './key.ts';
import { log } from './log.ts';
import { code } from './markdown.ts';
import { models } from './models.ts';
import { hereOf, placeOf } from './place.ts';
import type { Answer, Asked, CommandPorts, Typed } from './ports.ts';
import { show } from './show.ts';
import { openTools, TOOLS_ACTION, tools } from './tools.ts';
import { usage } from './usage.ts';

/** The button that opens the settings form; its value is a scope, as it is typed. */
const FORM_ACTION = 'command_settings';
/** Longest a person waits for an answer, in milliseconds; then they are told that it takes longer. */
const LIMIT_MS = 20_000;

/** Carries out what was typed behind `/skein`. Never throws: what goes wrong is an answer in words. */
export async function runText(ports: CommandPorts, typed: Typed, text: string): Promise<Answer> {
  const { command, public: open } = parseCommand(text);
  const answer = await runCommand(ports, typed, command);
  return open ? { ...answer, public: true } : answer;
}

/** Carries out a command that was understood. Never throws. Keeps nothing between calls. */
export function runCommand(ports: CommandPorts, typed: Typed, command: Command): Promise<Answer> {
  return answered(ports, typed, command, (asked) => carryOut(ports, asked, command));
}

/** A button under an answer was pressed; null if it is none of ours. Never throws. */
export function runPress(
  ports: CommandPorts,
  typed: Typed,
  press: { readonly action: string; readonly value: string | null },
): Promise<Answer> | null {
  const { action, value } = press;
  if (action === KEEP_ACTION) return Promise.resolve({ markdown: forgetAnswer.kept });
  if (action === FORM_ACTION)
    return answered(ports, typed, { verb: 'settings' }, (asked) => openForm(ports, asked, value));
  if (action === TOOLS_ACTION)
    return answered(ports, typed, { verb: 'tools' }, (asked) => openTools(ports, asked));
  if (action === ASK_AGAIN_ACTION)
    return answered(ports, typed, { verb: 'context' }, (asked) => askAgain(ports, asked, value));
  if (action !== FORGET_ACTION) return null;
  return answered(ports, typed, { verb: 'forget' }, (asked) => forget(ports, asked, value));
}

/** True for buttons that `runPress` takes. */
export function isCommandPress(action: string): boolean {
  return [FORGET_ACTION, KEEP_ACTION, FORM_ACTION, TOOLS_ACTION, ASK_AGAIN_ACTION].includes(action);
}

async function carryOut(ports: CommandPorts, asked: Asked, command: Command): Promise<Answer> {
  switch (command.verb) {
    case 'help':
      return help(command.about);
    case 'settings':
      return settings(ports, asked, command.whose);
    case 'show':
      return shown(ports, asked, command.whose);
    case 'set':
    case 'reset':
      return change(ports, asked, command);
    case 'models':
      return here(asked, await models(ports, asked));
    case 'usage':
      return usage(ports, asked, command);
    case 'budget':
      return here(asked, await budget(ports, asked));
    case 'context':
      return here(asked, await context(ports, asked));
    case 'export':
      return here(asked, await exportAll(ports, asked));
    case 'forget': {
      const question = await askToForget(ports, asked, command.what);
      return command.what === 'here' ? here(asked, question) : question;
    }
    case 'key':
      return key(ports, asked);
    case 'tools':
      return tools(ports, asked, command);
    case 'log':
      return log(ports, asked, command.as);
    case 'doctor':
      return doctor(ports, asked);
    case 'ask':
      return ask(ports, asked, command.question);
    case 'unknown': {
      const { problem, instead } = command;
      const hint = instead === null ? commandHint.help : commandHint.didYouMean(code(`/skein ${instead}`));
      return { markdown: `${problem} ${hint}` };
    }
  }
}

/** Says which place the answer is about, where it is not the one in which the command was typed. */
function here({ foreign }: Asked, answer: Answer): Answer {
  return foreign ? { ...answer, markdown: `${commandPlace.foreign}\n\n${answer.markdown}` } : answer;
}

async function settings(ports: CommandPorts, asked: Asked, whose: Whose): Promise<Answer> {
  // Throws for a scope that is not there, before a form is opened for it.
  targetOf(hereOf(asked), whose);
  if (await opened(ports, asked, whose)) return { markdown: '', silent: true };
  const answer = await shown(ports, asked, whose);
  return { ...answer, buttons: [formButton(asked, whose)] };
}

async function shown(ports: CommandPorts, asked: Asked, whose: Whose): Promise<Answer> {
  const answer = await show(ports, asked, whose);
  return whose.kind === 'here' ? here(asked, answer) : answer;
}

/** A mention opens no form: Slack gives leave for that to commands and buttons only. */
function formButton({ direct }: Asked, whose: Whose): Button {
  const word = wordOfWhose(whose.kind === 'here' ? { kind: direct ? 'me' : 'channel' } : whose);
  return { action: FORM_ACTION, label: OPEN_FORM_BUTTON, value: word };
}

async function openForm(ports: CommandPorts, asked: Asked, value: string | null): Promise<Answer> {
  const whose = whoseOfWord(value ?? '') ?? { kind: 'me' };
  if (await opened(ports, asked, whose)) return { markdown: '', silent: true };
  throw new Declined(commandFailure.formNotOpened);
}

async function opened(ports: CommandPorts, asked: Asked, whose: Whose): Promise<boolean> {
  const { triggerId } = asked;
  if (triggerId === null) return false;
  return ports.openSettings({ ...asked, triggerId }, targetOf(hereOf(asked), whose));
}

/** Does the work within the one time limit of a command; whatever goes wrong is an answer in words. */
async function answered(
  ports: CommandPorts,
  typed: Typed,
  command: Late,
  work: (asked: Asked) => Promise<Answer>,
): Promise<Answer> {
  const done = placeOf(ports, typed)
    .then(work)
    .catch((thrown): Answer => {
      if (thrown instanceof Declined) return { markdown: thrown.message };
      const { team, channel } = typed;
      ports.log.error({ err: toError(thrown), team, channel, verb: command.verb }, 'a command failed');
      return {
        markdown: isConnectionLoss(thrown) ? commandFailure.databaseAway : commandFailure.unexpected,
      };
    });
  const answer = await within(ports.clock, LIMIT_MS, done);
  return answer === LATE ? { markdown: lateLine(command) } : answer;
}

/** What decides what is said of a command that takes long. */
interface Late {
  readonly verb: Command['verb'];
  /** How it is answered, where there is a choice. */
  readonly as?: string;
}

function lateLine({ verb, as }: Late): string {
  if (as === 'csv' || as === 'file') return commandLate.file;
  const lines: Partial<Record<Command['verb'], string>> = commandLate.of;
  return lines[verb] ?? commandLate.nothingChanged;
}

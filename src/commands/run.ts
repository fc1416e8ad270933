import { toError } from '../errors.ts';
import { isConnectionLoss } from '../postgres/database.ts';
import type { Button } from '../reply/ports.ts';
import { SCOPES, type Scope } from '../settings/keys.ts';
import { commandFailure, commandHint } from '../words/command-problems.ts';
import { forgetAnswer, OPEN_FORM_BUTTON } from '../words/commands.ts';
import { ask } from './ask.ts';
import { budget } from './budget.ts';
import { change } from './change.ts';
import { askToForget, context, exportAll, FORGET_ACTION, forget, KEEP_ACTION } from './data.ts';
import { type Command, parseCommand, scopeOfWord } from './grammar.ts';
import { help } from './help.ts';
import { code } from './markdown.ts';
import { models } from './models.ts';
import { Declined } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { show } from './show.ts';
import { usage } from './usage.ts';

/** The button that opens the settings form; its value is the scope. */
const FORM_ACTION = 'command_settings';

/** Carries out what was typed behind `/skein`. Never throws: what goes wrong is an answer in words. */
export function runText(ports: CommandPorts, asked: Asked, text: string): Promise<Answer> {
  const { command, public: open } = parseCommand(text);
  return runCommand(ports, asked, command).then((answer) => (open ? { ...answer, public: true } : answer));
}

/** Carries out a command that was understood. Never throws. */
export function runCommand(ports: CommandPorts, asked: Asked, command: Command): Promise<Answer> {
  return guarded(ports, asked, () => carryOut(ports, asked, command));
}

/** A button under an answer was pressed; null if it is none of ours. Never throws. */
export function runPress(
  ports: CommandPorts,
  asked: Asked,
  press: { readonly action: string; readonly value: string | null },
): Promise<Answer> | null {
  if (press.action === KEEP_ACTION) return Promise.resolve({ markdown: forgetAnswer.kept });
  if (press.action === FORM_ACTION) return guarded(ports, asked, () => openForm(ports, asked, press.value));
  if (press.action !== FORGET_ACTION) return null;
  return guarded(ports, asked, () => forget(ports, asked, press.value));
}

/** True for buttons that `runPress` takes. */
export function isCommandPress(action: string): boolean {
  return action === FORGET_ACTION || action === KEEP_ACTION || action === FORM_ACTION;
}

async function carryOut(ports: CommandPorts, asked: Asked, command: Command): Promise<Answer> {
  switch (command.verb) {
    case 'help':
      return help(command.about);
    case 'settings': {
      const scope = scopeOfWord(command.whose) ?? (asked.direct ? 'person' : 'channel');
      if (await opened(ports, asked, scope)) return { markdown: '', silent: true };
      const shown = await show(ports, asked, command.whose);
      return ports.openSettings === undefined ? shown : { ...shown, buttons: [formButton(scope)] };
    }
    case 'show':
      return show(ports, asked, command.whose);
    case 'set':
    case 'reset':
      return change(ports, asked, command);
    case 'models':
      return models(ports, asked);
    case 'usage':
      return usage(ports, asked, command.whose, command.period);
    case 'budget':
      return budget(ports, asked);
    case 'context':
      return context(ports, asked);
    case 'export':
      return exportAll(ports, asked);
    case 'forget':
      return askToForget(ports, asked, command.what);
    case 'ask':
      return ask(ports, asked, command.question);
    case 'unknown': {
      const { problem, instead } = command;
      const hint = instead === null ? commandHint.help : commandHint.didYouMean(code(`/skein ${instead}`));
      return { markdown: `${problem} ${hint}` };
    }
  }
}

/** A mention opens no form: Slack gives leave for that to commands and buttons only. */
function formButton(scope: Scope): Button {
  return { action: FORM_ACTION, label: OPEN_FORM_BUTTON, value: scope };
}

async function openForm(ports: CommandPorts, asked: Asked, value: string | null): Promise<Answer> {
  const scope = SCOPES.find((one) => one === value) ?? 'person';
  if (await opened(ports, asked, scope)) return { markdown: '', silent: true };
  throw new Declined(commandFailure.formNotOpened);
}

async function opened(ports: CommandPorts, asked: Asked, scope: Scope): Promise<boolean> {
  const { triggerId } = asked;
  if (ports.openSettings === undefined || triggerId === null) return false;
  return ports.openSettings({ ...asked, triggerId }, scope);
}

async function guarded(ports: CommandPorts, asked: Asked, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Declined) return { markdown: thrown.message };
    const away = isConnectionLoss(thrown);
    ports.log.error({ err: toError(thrown), team: asked.team, channel: asked.channel }, 'a command failed');
    return {
      markdown: away ? commandFailure.databaseAway : commandFailure.unexpected,
    };
  }
}

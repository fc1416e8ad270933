import { Declined, edit, type Problem, targetOf } from '../people/editing.ts';
import { KEYS, type KeyName } from '../settings/keys.ts';
import { choiceOf } from '../settings/models.ts';
import { resolve } from '../settings/resolve.ts';
import { readSettings, type Target } from '../settings/store.ts';
import { commandFailure, commandHint, commandProblem } from '../words/command-problems.ts';
import { changeAnswer, changeEffect } from '../words/commands.ts';
import { CANNOT_CHECK } from '../words/people.ts';
import type { Command } from './grammar.ts';
import { code } from './markdown.ts';
import { hereOf, nameOf, rightsOf, scopeWords, settingValue } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { nearest } from './words.ts';

/** `set` and `reset`, and `budget` with an amount. Rights are asked for at the moment of the change. */
export async function change(
  ports: CommandPorts,
  asked: Asked,
  command: Command & { verb: 'set' | 'reset' },
): Promise<Answer> {
  const { key } = command;
  const [only, ...others] = KEYS[key].scopes;
  // What can be set in one place only needs no word for it.
  const alone = only === 'workspace' && others.length === 0 && command.whose.kind === 'here';
  const target = targetOf(hereOf(asked), alone ? { kind: 'workspace' } : command.whose);
  if (!KEYS[key].scopes.includes(target.scope))
    throw new Declined(commandProblem.wrongScope(code(key), scopeWords(key)));
  const { person, change: refusal } = await rightsOf(ports, asked, target);
  if (person === null || refusal !== null) throw new Declined(refusal ?? CANNOT_CHECK);
  const value = command.verb === 'set' ? command.value : null;
  const edited = await edit(ports, person, target, () => ({ changes: [{ key, value }] }));
  if (edited.kind === 'problems') throw new Declined(await problemIn(ports, edited.problems));
  if (edited.kind !== 'done') throw new Declined(commandFailure.changedMeanwhile);
  const [made] = edited.changed;
  const whom = await nameOf(ports, asked, target);
  const effect = await effectOf(ports, asked, target, key, value);
  const now = value === null ? null : await settingValue(ports, asked, key, value);
  if (made === undefined) return { markdown: changeAnswer.unchanged(code(key), whom, now, effect) };
  const before = made.from === null ? null : await settingValue(ports, asked, key, made.from);
  const notes = value === null ? [] : await notesOn(ports, key, value);
  return { markdown: [changeAnswer.changed(code(key), whom, before, now, effect), ...notes].join('\n') };
}

/** What is to be known about a value that was set. */
async function notesOn(ports: CommandPorts, key: KeyName, value: string): Promise<string[]> {
  // Setting it again brings nothing back, unlike everything else that can be set.
  if (key === 'retention') return value === KEYS.retention.format(null) ? [] : [changeAnswer.erases];
  if (key !== 'model') return [];
  const model = choiceOf((await ports.models()).models, value);
  return model === null || model.retires === null
    ? []
    : [changeAnswer.modelRetires(model.name, model.retires)];
}

async function problemIn(ports: CommandPorts, problems: ReadonlyMap<KeyName, Problem>): Promise<string> {
  const [problem] = problems.values();
  if (problem === undefined) return commandFailure.changedMeanwhile;
  if ('sentence' in problem) return problem.sentence;
  const id = problem.noModel;
  const { models } = await ports.models();
  const ids = models.map((one) => one.id);
  const meant = nearest(id, ids) ?? ids.find((one) => one.includes(id));
  const hint = meant === undefined ? commandHint.models : commandHint.didYouMean(code(meant));
  return changeAnswer.noModel(code(id), hint);
}

/** A sentence where the change does not decide what holds here. */
async function effectOf(
  ports: CommandPorts,
  asked: Asked,
  target: Target,
  key: KeyName,
  value: string | null,
): Promise<string> {
  if (target.scope === 'person' && target.scopeId !== asked.user) return '';
  const channel = target.scope === 'channel' ? target.scopeId : asked.channel;
  const set = await readSettings(ports.database.query, { team: asked.team, channel, person: asked.user });
  const holds = resolve(ports.defaults, set, { direct: asked.direct })[key];
  if (KEYS[key].combine === 'join' || (holds.scope === target.scope && value !== null)) return '';
  if (value === null) return changeEffect.fallsBack(holds.scope);
  if (target.scope === 'person' && !asked.direct && KEYS[key].personIn === 'direct')
    return changeEffect.inDirectMessages;
  return KEYS[key].combine === 'tighten'
    ? changeEffect.tighterStays(holds.scope)
    : changeEffect.otherHolds(holds.scope);
}

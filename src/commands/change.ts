import type { Person } from '../people/person.ts';
import { KEYS, type KeyName, unsuited } from '../settings/keys.ts';
import { resolve } from '../settings/resolve.ts';
import { changeSettings, readScope, readSettings, type Target } from '../settings/store.ts';
import { commandFailure, commandHint, commandProblem } from '../words/command-problems.ts';
import { changeAnswer, changeEffect } from '../words/commands.ts';
import type { Command } from './grammar.ts';
import { code } from './markdown.ts';
import { Declined, demand, isIn, nameOf, personNow, targetOf, wordOfScope } from './place.ts';
import type { Answer, Asked, CommandPorts, ModelChoice } from './ports.ts';
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
  const target = targetOf(asked, alone ? { kind: 'workspace' } : command.whose);
  if (!KEYS[key].scopes.includes(target.scope))
    throw new Declined(commandProblem.wrongScope(code(key), KEYS[key].scopes.map(wordOfScope).reverse()));
  const person = await personNow(ports, asked);
  await demandChange(ports, asked, person, target, key);
  const value = command.verb === 'set' ? command.value : null;
  const notes = value === null ? [] : await checkAgainstModel(ports, target, asked, key, value);
  const outcome = await changeSettings(ports.database, target, {
    changes: [{ key, value }],
    by: asked.user,
  });
  const whom = await nameOf(ports, asked, target);
  if (outcome.kind === 'conflict') throw new Declined(commandFailure.changedMeanwhile);
  const [made] = outcome.changed;
  const effect = await effectOf(ports, asked, target, key, value);
  const now = value === null ? null : code(value);
  if (made === undefined) return { markdown: changeAnswer.unchanged(code(key), whom, now, effect) };
  const before = made.from === null ? null : code(made.from);
  // Setting it again brings nothing back, unlike everything else that can be set.
  if (key === 'retention' && value !== null && value !== KEYS.retention.format(null))
    notes.push(changeAnswer.erases);
  return { markdown: [changeAnswer.changed(code(key), whom, before, now, effect), ...notes].join('\n') };
}

/** The rights for one change of one key; throws `Declined` with the reason. */
async function demandChange(
  ports: CommandPorts,
  asked: Asked,
  person: Person,
  target: Target,
  key: KeyName,
): Promise<void> {
  const { scope, scopeId } = target;
  if (scope === 'workspace' || (scope === 'person' && scopeId !== asked.user))
    demand(person, { kind: 'manage_workspace' });
  else if (scope === 'person') demand(person, { kind: 'change_own' });
  else {
    const set = await readSettings(ports.database.query, { ...asked, person: asked.user });
    const by = resolve(ports.defaults, set, { direct: asked.direct }).channel_changes.value;
    demand(person, { kind: 'change_channel', inChannel: await isIn(ports, asked, scopeId), by });
  }
  if (KEYS[key].combine !== 'tighten') return;
  const { settings } = await readScope(ports.database.query, target);
  demand(person, { kind: 'change_limit', setBy: settings.find((one) => one.key === key)?.by ?? null });
}

/** What does not suit the model that would answer is refused; a model that will go is told so. */
async function checkAgainstModel(
  ports: CommandPorts,
  { scope, scopeId }: Target,
  asked: Asked,
  key: KeyName,
  value: string,
): Promise<string[]> {
  if (key !== 'model' && KEYS[key].unsuited === undefined) return [];
  const models = await ports.models();
  if (models === null) {
    if (key === 'model') throw new Declined(commandFailure.modelsUnreachable);
    return [];
  }
  if (key === 'model') return [modelNote(models, value)].filter((note) => note !== '');
  const place = { ...asked, person: asked.user, ...(scope === 'channel' ? { channel: scopeId } : {}) };
  const set = await readSettings(ports.database.query, place);
  const inner = scope === 'workspace' ? set.filter((one) => one.scope === 'workspace') : set;
  const model = resolve(ports.defaults, inner, { direct: scope === 'person' }).model.value;
  const limits = choiceOf(models, model);
  const problem = limits === null ? null : unsuited(key, value, limits);
  if (problem !== null) throw new Declined(problem);
  return [];
}

function modelNote(models: readonly ModelChoice[], id: string): string {
  const found = choiceOf(models, id);
  if (found === null) {
    const meant =
      nearest(
        id,
        models.map((one) => one.id),
      ) ?? models.find((one) => one.id.includes(id))?.id;
    const hint = meant === undefined ? commandHint.models : commandHint.didYouMean(code(meant));
    throw new Declined(changeAnswer.noModel(code(id), hint));
  }
  return found.retires === null ? '' : changeAnswer.modelRetires(found.name, found.retires);
}

/** A dated id (`claude-haiku-4-5-20251001`) is its model. */
export function choiceOf(models: readonly ModelChoice[], id: string): ModelChoice | null {
  const undated = id.replace(/-20\d{6}$/, '');
  return models.find((one) => one.id === id || one.id.replace(/-20\d{6}$/, '') === undated) ?? null;
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

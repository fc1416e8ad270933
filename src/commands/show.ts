import { KEY_NAMES } from '../settings/keys.ts';
import { formatted, resolve } from '../settings/resolve.ts';
import { readScope, readSettings } from '../settings/store.ts';
import { shortDay } from '../words/dates.ts';
import { showAnswer } from '../words/reports.ts';
import type { Whose } from './grammar.ts';
import { code, table } from './markdown.ts';
import { demand, isIn, nameOf, personName, personNow, targetOf, wordOfScope } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** What holds here and why, or what is set at one scope. */
export async function show(ports: CommandPorts, asked: Asked, whose: Whose): Promise<Answer> {
  if (whose.kind === 'here') return showHere(ports, asked);
  const target = targetOf(asked, whose);
  const person = await personNow(ports, asked);
  if (target.scope === 'person' && target.scopeId !== asked.user)
    demand(person, { kind: 'manage_workspace' });
  if (target.scope === 'channel')
    demand(person, { kind: 'see_channel', inChannel: await isIn(ports, asked, target.scopeId) });
  const { settings } = await readScope(ports.database.query, target);
  const rows = await Promise.all(
    settings.map(async ({ key, value, by, at }) => [
      code(key),
      code(value),
      `${await personName(ports, asked, by)}, ${shortDay(at)}`,
    ]),
  );
  const whom = await nameOf(ports, asked, target);
  if (rows.length === 0) return { markdown: showAnswer.nothingSet(whom) };
  return { markdown: showAnswer.set(whom, table(showAnswer.setHead, rows)) };
}

async function showHere(ports: CommandPorts, asked: Asked): Promise<Answer> {
  demand(await personNow(ports, asked), { kind: 'change_own' });
  const set = await readSettings(ports.database.query, { ...asked, person: asked.user });
  const settings = resolve(ports.defaults, set, { direct: asked.direct });
  const rows = await Promise.all(
    KEY_NAMES.map(async (name) => {
      const { scope, by, at } = settings[name];
      const who =
        by === null || at === null
          ? showAnswer.setByDeployment
          : `${await personName(ports, asked, by)}, ${shortDay(at)}`;
      return [code(name), code(formatted(settings, name)), wordOfScope(scope), who];
    }),
  );
  return { markdown: showAnswer.holds(asked.direct, table(showAnswer.holdsHead, rows)) };
}

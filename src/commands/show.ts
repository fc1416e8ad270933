import { Declined, targetOf, type Whose } from '../people/editing.ts';
import { KEY_NAMES } from '../settings/keys.ts';
import { formatted } from '../settings/resolve.ts';
import { readScope } from '../settings/store.ts';
import { shortDay } from '../words/dates.ts';
import { showAnswer } from '../words/reports.ts';
import { code, table } from './markdown.ts';
import {
  demand,
  hereOf,
  nameOf,
  personName,
  personNow,
  rightsOf,
  settingsHere,
  settingValue,
  wordOfScope,
} from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/**
 * What holds here and why, or what is set at one scope. What the workspace or the channel has set is told to people who
 * belong to it; of guests, and of accounts that Slack does not tell about, it is their own.
 */
export async function show(ports: CommandPorts, asked: Asked, whose: Whose): Promise<Answer> {
  if (whose.kind !== 'here') return showScope(ports, asked, whose);
  const person = await personNow(ports, asked);
  demand(person, { kind: 'change_own' });
  const belongs = person.kind === 'member' || person.admin;
  return belongs ? showHere(ports, asked) : showScope(ports, asked, { kind: 'me' });
}

async function showScope(ports: CommandPorts, asked: Asked, whose: Whose): Promise<Answer> {
  const target = targetOf(hereOf(asked), whose);
  const { see } = await rightsOf(ports, asked, target);
  if (see !== null) throw new Declined(see);
  const { settings } = await readScope(ports.database.query, target);
  const rows = await Promise.all(
    settings.map(async ({ key, value, by, at }) => [
      code(key),
      await settingValue(ports, asked, key, value),
      `${await personName(ports, asked, by)}, ${shortDay(at)}`,
    ]),
  );
  const whom = await nameOf(ports, asked, target);
  if (rows.length === 0) return { markdown: showAnswer.nothingSet(whom) };
  return { markdown: showAnswer.set(whom, table(showAnswer.setHead, rows)) };
}

async function showHere(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const settings = await settingsHere(ports, asked);
  const rows = await Promise.all(
    KEY_NAMES.map(async (name) => {
      const { scope, by, at } = settings[name];
      const who =
        by === null || at === null
          ? showAnswer.setByDeployment
          : `${await personName(ports, asked, by)}, ${shortDay(at)}`;
      const value = await settingValue(ports, asked, name, formatted(settings, name));
      return [code(name), value, wordOfScope(scope), who];
    }),
  );
  return { markdown: showAnswer.holds(asked.direct, table(showAnswer.holdsHead, rows)) };
}

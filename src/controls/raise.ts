import { writeUsd } from '../amounts.ts';
import { budgetOfCode } from '../budgets/rules.ts';
import type { Clock } from '../clock.ts';
import { startOf } from '../ledger/periods.ts';
import { type EditingPorts, edit } from '../people/editing.ts';
import { refusalOf } from '../people/may.ts';
import type { Press } from '../reply/actions.ts';
import { KEYS } from '../settings/keys.ts';
import type { Target } from '../settings/store.ts';
import { normalise } from '../settings/values.ts';
import { budgetRaised, LINES } from '../words/controls.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import type { Pressed, Who } from './press.ts';
import { judge } from './rules.ts';
import { loadPressed, type PressedReply } from './store.ts';

/** The least by which a budget is raised, in nano-dollars: half of some cents would be raised in vain. */
const LEAST = 1_000_000_000n;

/** What a budget is raised to, in nano-dollars: by half, and at least by a dollar. */
export function raised(most: bigint): bigint {
  const half = most / 2n;
  return most + (half > LEAST ? half : LEAST);
}

/**
 * Raises the budget that refused a reply, for an admin, as a change of the setting with the admin's name. Judged when it is
 * pressed: their rights as Slack says now, that the reply is as it was when the button was drawn, and that the budget is the
 * one that refused it: of the same day or month, and not changed since. So a second press raises nothing, and two admins
 * who press at once raise it once. The question goes on by Try again. Rejects only if the database does.
 */
export function createRaise(
  ports: EditingPorts & { readonly clock: Clock },
): (press: Extract<Press, { control: 'raise' }>, who: Who) => Promise<Pressed> {
  const { database, people, clock } = ports;
  return async (press, who) => {
    const reply = await loadPressed(database.query, press.reply, who);
    const judgement = judge(press, reply);
    if (judgement.kind === 'leave') return { reason: judgement.reason, line: judgement.line };
    const budget = budgetOfCode(reply?.errorCode ?? null);
    const refusedAt = reply?.answeredAt ?? null;
    if (reply === null || refusedAt === null || budget === null || budget.scope === 'deployment')
      return { reason: 'no_budget', line: LINES.outOfDate };
    const person = await people.of(who.team, who.by, 0);
    if (person === 'unreachable') return { reason: 'cannot_check', line: CANNOT_CHECK };
    const refusal = refusalOf(person, { kind: 'manage_workspace' });
    if (refusal !== null) return { reason: 'refused', line: wordsOf(refusal) };
    const { scope, period } = budget;
    if (startOf(period, clock.now()) > refusedAt) return { reason: 'anew', line: LINES.budgetAnew };
    const key = `budget_${period}` as const;
    const edited = await edit<Pressed>(ports, person, targetOf(reply, scope), ({ settings }) => {
      const set = settings.find((one) => one.key === key);
      const now = set === undefined ? null : KEYS[key].parse(set.value);
      if (set === undefined || set.at > refusedAt || now === null || 'problem' in now || now.value === null)
        return { stop: { reason: 'changed', line: LINES.budgetChanged } };
      const next = normalise(key, writeUsd(raised(now.value)));
      return 'problem' in next
        ? { stop: { reason: 'too_much', line: next.problem } }
        : { changes: [{ key, value: next.value }] };
    });
    switch (edited.kind) {
      case 'done': {
        const [change] = edited.changed;
        return { reason: null, line: budgetRaised(scope, period, change?.from ?? '', change?.to ?? '') };
      }
      case 'stopped':
        return edited.stop;
      // Others change it at this moment, or may not be overruled by this person.
      case 'contended':
      case 'problems':
        return { reason: edited.kind, line: LINES.notDone };
    }
  };
}

function targetOf({ team, channel, asker }: PressedReply, scope: 'workspace' | 'channel' | 'person'): Target {
  const scopeId = { workspace: team, channel, person: asker }[scope];
  return { team, scope, scopeId };
}

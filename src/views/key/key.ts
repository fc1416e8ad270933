import { type Clock, LATE, within } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Gesture } from '../../incoming.ts';
import type { Log } from '../../log.ts';
import { refusalOf } from '../../people/may.ts';
import type { People } from '../../people/person.ts';
import { day } from '../../words/dates.ts';
import { MODEL_KEY_PROBLEMS as problems, MODEL_KEY as words } from '../../words/model-key.ts';
import { input, type Modal, modal, plain, section } from '../blocks.ts';
import type { GestureAnswer, Windows } from '../ports.ts';

/** Keys of workspaces, as whoever stores them offers it. */
export interface ModelKeys {
  /** Since when a workspace has a key of its own; null: it has none. Rejects while the database is away. */
  since(team: string): Promise<Date | null>;
  /** Stores a key, or takes it away. Resolves when it holds here. */
  save(team: string, key: string | null, by: string): Promise<void>;
  /** Whether Claude takes a key: null, or a code of the catalogue. Never throws. */
  test(key: string): Promise<string | null>;
}

export interface KeyForm {
  /** False: it can't be opened (any more). */
  open(team: string, triggerId: string): Promise<boolean>;
  /** A gesture in our form; null: it is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
}

const FORM = 'model_key';
const BLOCK = 'key';
/** Slack waits for three seconds for both together. */
const LIMIT_MS = 2400;
/** As the provider makes them; those of its Admin API may not call models. */
const KEY = /^sk-ant-(?!admin)[\w-]{8,300}$/;

/** The form in which an admin gives a workspace a key of its own. What was typed is tested, sealed, and never shown again. */
export function createKeyForm({
  keys,
  windows,
  people,
  clock,
  log,
}: {
  readonly keys: ModelKeys;
  readonly windows: Pick<Windows, 'open'>;
  readonly people: People;
  readonly clock: Clock;
  readonly log: Log;
}): KeyForm {
  return {
    async open(team, triggerId) {
      const since = await keys.since(team);
      const line = since === null ? words.none : words.set(day(since.toISOString()));
      return (await windows.open(team, triggerId, form(line))).kind === 'done';
    },
    gesture(gesture) {
      if (gesture.view.callbackId !== FORM) return null;
      return gesture.kind === 'submitted' ? submit(gesture) : Promise.resolve({ kind: 'none' });
    },
  };

  async function submit({ team, user, view }: Gesture): Promise<GestureAnswer> {
    try {
      const done = await within(clock, LIMIT_MS, carryOut(team, user, (view.values.get(BLOCK) ?? '').trim()));
      return done === LATE ? wrong(problems.away) : done;
    } catch (err) {
      log.warn({ team, err: toError(err) }, 'the key of a workspace could not be stored');
      return wrong(problems.not_stored);
    }
  }

  async function carryOut(team: string, user: string, key: string): Promise<GestureAnswer> {
    const person = await people.of(team, user, 0);
    // The form was in somebody's hands: rights are asked now.
    if (person === 'unreachable' || refusalOf(person, { kind: 'manage_workspace' }) !== null)
      return wrong(problems.not_admin);
    if (key === '') {
      if ((await keys.since(team)) === null) return said(words.nothing);
      await keys.save(team, null, user);
      return said(words.removed);
    }
    if (!KEY.test(key)) return wrong(problems.form);
    const refused = await keys.test(key);
    if (refused !== null) return wrong(problems.refused(refused));
    await keys.save(team, key, user);
    return said(words.saved);
  }
}

function form(line: string): Modal {
  const element = {
    type: 'plain_text_input',
    action_id: 'text',
    multiline: false,
    max_length: 320,
    placeholder: plain(words.placeholder),
  } as const;
  return modal(FORM, words, [section(line), input(BLOCK, words, element, true)]);
}

function said(line: string): GestureAnswer {
  const { title, close } = words;
  return { kind: 'update', view: modal(`${FORM}_done`, { title, close }, [section(line)]) };
}

function wrong(problem: string): GestureAnswer {
  return { kind: 'errors', errors: { [BLOCK]: problem } };
}

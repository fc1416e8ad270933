import type { Log } from '../log.ts';
import { kindOf } from './error-words.ts';
import { errorWord } from './send/outcome.ts';

/** Whether Slack still takes the token of an installation. */
export interface Credentials {
  /** Slack's word for why the token is dead; null while it is good, as far as anybody knows. */
  dead(): string | null;
  /**
   * Asks Slack, because it refused a call with `word` or told us so by an event (`tokens_revoked`, `app_uninstalled`:
   * the first may be about other people's tokens). Several at once are one question. Never rejects; Slack being away
   * changes nothing. `quietly`: nobody said that it is dead.
   */
  check(word: string, quietly?: boolean): Promise<void>;
}

/**
 * `ask` is `auth.test`, which any good token may call. A token that Slack refuses there does not become good by waiting:
 * `onDead` is told Slack's word once, waited for, and the token is not used again.
 */
export function createCredentials({
  ask,
  onDead,
  log,
}: {
  ask: () => Promise<unknown>;
  onDead: (word: string) => unknown;
  log: Log;
}): Credentials {
  let dead: string | null = null;
  let asking: Promise<void> | null = null;

  const look = async (hint: string, quietly: boolean): Promise<void> => {
    try {
      await ask();
      if (!quietly) log.warn({ word: hint }, 'Slack spoke of a dead token, and takes it: going on');
    } catch (thrown) {
      const word = errorWord(thrown);
      if (word === null || kindOf(word) !== 'credentials') return;
      dead = word;
      await onDead(word);
    }
  };

  return {
    dead: () => dead,
    async check(hint, quietly = false) {
      if (dead !== null) return;
      asking ??= look(hint, quietly).finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}

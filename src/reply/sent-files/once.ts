import type { Clock } from '../../clock.ts';
import type { OutgoingFile, Outlet } from './ports.ts';

const TRIES = 3;
const RETRY_MS = 2000;
/** Slack shares a file a moment after the call that asks for it. */
const SETTLE_MS = 3000;

/** A file that is to come once, however often its sending is begun. */
interface Sending {
  readonly team: string;
  readonly file: OutgoingFile;
  /** Slack's id, where its bytes are there and it may be shown by now: it is looked for first. */
  readonly begun: string | null;
  /** Notes the id durably, before the file is shown. What it throws ends the sending. */
  readonly note: (id: string) => Promise<void>;
  readonly share: (id: string) => Promise<'done' | 'refused' | 'unclear'>;
  /** Nothing leaves once it says no. */
  readonly allowed: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Uploads a file and shows it; what may have been shown is looked for before it is shown again. `unclear`: Slack did not
 * say whether it is there. Throws only what `note` throws.
 */
export async function sendOnce(
  { outlet, clock }: { readonly outlet: Outlet; readonly clock: Clock },
  { team, file, begun, note, share, allowed, signal }: Sending,
): Promise<'done' | 'refused' | 'unclear'> {
  let id = begun;
  let look = id !== null;
  for (let tries = 0; tries < TRIES && !signal.aborted; tries += 1) {
    if (tries > 0) await clock.sleep(RETRY_MS, signal);
    if (id !== null && look) {
      await clock.sleep(SETTLE_MS, signal);
      const shared = await outlet.isShared(team, id);
      if (shared === true) return 'done';
      if (shared === 'unknown') continue;
    }
    if (id === null) {
      const uploaded = await outlet.upload(team, file, allowed);
      if (uploaded.kind === 'refused') return 'refused';
      if (uploaded.kind === 'failed') continue;
      id = uploaded.file;
      await note(id);
    }
    const outcome = await share(id);
    if (outcome !== 'unclear') return outcome;
    look = true;
  }
  return id === null ? 'refused' : 'unclear';
}

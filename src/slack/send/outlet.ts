import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Outlet } from '../../reply/sent-files/ports.ts';
import { putBytes } from './files.ts';
import type { Refusal } from './outcome.ts';
import type { Called, Web } from './web.ts';

interface OutletOptions {
  readonly web: Web;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The port `Outlet` over Slack's Web API. */
export function createOutlet({ web, apiUrl, clock, log }: OutletOptions): Outlet {
  const shared = (called: Called<unknown>) => {
    if (called.ok) return 'done';
    const { kind } = called.refusal;
    log.warn({ kind, word: called.word }, 'a file beside an answer was not shared');
    // Nothing was done while Slack asks for a pause or was not reached: that can be tried again.
    return isFinal(kind) ? 'refused' : 'unclear';
  };

  return {
    async upload(team, { name, alt, pieces }, allowed) {
      const called = await web.call(
        team,
        (client) => putBytes(client, { name, alt, bytes: new Blob([...pieces]) }, { apiUrl, clock, log }),
        allowed,
      );
      if (called.ok)
        return called.answer === null ? { kind: 'failed' } : { kind: 'done', file: called.answer };
      log.warn({ word: called.word, reason: toError(called.thrown).name }, 'a file could not be uploaded');
      return { kind: isFinal(called.refusal.kind) ? 'refused' : 'failed' };
    },

    async share({ team, channel, threadTs }, id, title, allowed) {
      const files: [{ id: string; title: string }] = [{ id, title }];
      return shared(
        await web.call(
          team,
          (client) =>
            client.files.completeUploadExternal({ files, channel_id: channel, thread_ts: threadTs }),
          allowed,
        ),
      );
    },

    async shareWith({ team, user }, id, { title, line }, allowed) {
      const direct = await web.direct(team, user);
      if (!direct.ok) return shared(direct);
      return shared(
        await web.call(
          team,
          (client) =>
            client.files.completeUploadExternal({
              files: [{ id, title }],
              channel_id: direct.answer,
              ...(line === null ? {} : { initial_comment: line }),
            }),
          allowed,
        ),
      );
    },

    async isShared(team, file) {
      const called = await web.call(team, (client) => client.files.info({ file }));
      if (!called.ok) return 'unknown';
      const { channels = [], groups = [], ims = [], shares } = called.answer.file ?? {};
      const places = [...channels, ...groups, ...ims, ...Object.keys(shares?.public ?? {})];
      return [...places, ...Object.keys(shares?.private ?? {})].length > 0;
    },

    async remove(team, file, allowed) {
      const called = await web.call(team, (client) => client.files.delete({ file }), allowed);
      return called.ok ? { kind: 'done', ts: '' } : called.refusal;
    },
  };
}

const isFinal = (kind: Refusal['kind']) =>
  kind === 'gone' || kind === 'content_refused' || kind === 'unauthorised';

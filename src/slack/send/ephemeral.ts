import type { Log } from '../../log.ts';
import type { Aside } from '../../reply/ports.ts';
import { answerReadyPing } from '../../words/asides.ts';
import { isFeatureOff } from './outcome.ts';
import type { Web } from './web.ts';

/** The port `Aside`: lines to one person beside replies. */
export function createAside(web: Web, log: Log): Aside {
  /** Workspaces whose installation lacks the pane for agents: asked once, not for every conversation. */
  const untitled = new Set<string>();
  return {
    async whisper(place, user, text) {
      const outcome = await web.ephemeral(place, user, { text });
      if (outcome.kind !== 'done')
        log.warn({ channel: place.channel, kind: outcome.kind }, 'a private line could not be shown');
      return outcome.kind === 'done';
    },

    async title({ team, channel, threadTs }, title) {
      if (untitled.has(team)) return false;
      const set = await web.call(team, (client) =>
        client.assistant.threads.setTitle({ channel_id: channel, thread_ts: threadTs, title }),
      );
      if (!set.ok && isFeatureOff(set.thrown)) untitled.add(team);
      else if (!set.ok) log.warn({ channel, word: set.word }, 'a conversation could not be given its title');
      return set.ok;
    },

    async ping(place, user, ts) {
      const link = await web.permalink(place.team, place.channel, ts);
      const outcome = await web.post(place, { text: `<@${user}> ${answerReadyPing(link)}` });
      if (outcome.kind !== 'done')
        log.warn({ channel: place.channel, kind: outcome.kind }, 'a ping could not be sent');
      return outcome.kind === 'done';
    },
  };
}

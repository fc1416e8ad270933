import type { PageChannel, PageToolServer } from '../../protocol.ts';
import { useApp } from '../shell/app.ts';
import { Logo } from '../shell/icons.tsx';
import { channelTitle, isReply, visibleIn } from '../state/threads.ts';
import { useSay } from './useSay.ts';

interface Example {
  readonly title: string;
  readonly prompt: string;
  /** Makes sense only where something was asked before: goes into the newest thread with Skein. */
  readonly followsUp: boolean;
}

const EXAMPLES: readonly Example[] = [
  { title: 'A table', prompt: 'show me a table that compares three databases', followsUp: false },
  { title: 'Some code', prompt: 'write code that retries a failed request', followsUp: false },
  { title: 'A long answer', prompt: 'give me a long answer about how tides work', followsUp: false },
  { title: 'Its memory', prompt: 'what did I ask before?', followsUp: true },
];

/** The beginning of a channel: what the playground is and four questions to press. */
export function Welcome({
  channel,
  canWrite,
}: {
  readonly channel: PageChannel;
  readonly canWrite: boolean;
}) {
  const { world, me, go } = useApp();
  const say = useSay();
  const direct = channel.kind === 'im';
  const withBot = channel.members.includes(world.bot.user);
  const title = channelTitle(world, channel, me.id);
  const handle = `@${world.bot.handle}`;
  const { toolServers } = world.status;
  const connect = ({ name, url, accounts }: PageToolServer) =>
    void say(channel.id, null, `/skein tools connect ${name} ${url}${accounts ? ' person' : ''}`, []);
  const ask = async (example: Example) => {
    const newest = visibleIn(world, channel.id, me.id).findLast(
      (message) => isReply(message) && message.botId !== null,
    );
    const thread = example.followsUp ? (newest?.threadTs ?? null) : null;
    const text = direct ? example.prompt : `${handle} ${example.prompt}`;
    if ((await say(channel.id, thread, text, [])) && thread !== null) go({ thread });
  };
  return (
    <section className="welcome" aria-label={`The beginning of ${title}`} data-testid="welcome">
      <Logo size={44} />
      <h2>{direct ? `Talk with ${title}` : `This is the beginning of ${title}`}</h2>
      {channel.topic !== '' && <p className="welcome-topic">{channel.topic}</p>}
      {withBot && (
        <>
          <p>
            {direct ? (
              'Write to Skein here'
            ) : (
              <>
                Mention <strong>{handle}</strong>
              </>
            )}{' '}
            and watch the answer grow in one message of its thread. Every thread is a conversation that Skein
            remembers. Stop an answer in the middle, edit your question, speak as someone else, or open the
            inspector and break something.
          </p>
          <ul className="examples">
            {EXAMPLES.map((example) => (
              <li key={example.title}>
                <button
                  type="button"
                  disabled={!canWrite}
                  data-testid="example"
                  onClick={() => void ask(example)}
                >
                  <span className="example-title">{example.title}</span>
                  <span>
                    {!direct && <span className="mention">{handle}</span>} {example.prompt}
                  </span>
                </button>
              </li>
            ))}
            {toolServers.map((server) => (
              <li key={server.name}>
                <button
                  type="button"
                  disabled={!canWrite}
                  data-testid="connect-tools"
                  data-server={server.name}
                  onClick={() => connect(server)}
                >
                  <span className="example-title">
                    {server.accounts ? 'Tools with accounts' : 'Tools that ask first'}
                  </span>
                  <span>/skein tools connect {server.name}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {!withBot && !direct && <p>Skein is not in this channel.</p>}
    </section>
  );
}

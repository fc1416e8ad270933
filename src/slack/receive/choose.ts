import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import type { SkeinError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createHttpReceiver, type HttpReceiver } from './http.ts';
import { createSocketReceiver, type SocketReceiver } from './socket.ts';

type SlackReceiver =
  | { readonly kind: 'socket'; readonly receiver: SocketReceiver }
  | { readonly kind: 'http'; readonly receiver: HttpReceiver };

interface ReceiverOptions {
  readonly slack: Config['slack'];
  readonly clock: Clock;
  readonly log: Log;
  readonly onFatal: (error: SkeinError) => void;
  /** Milliseconds without a sign of life after which a socket counts as dead; the receiver's own if absent. */
  readonly clientPingTimeout?: number | undefined;
}

/** Socket Mode where there is an app token, else HTTP. */
export function chooseReceiver(options: ReceiverOptions): SlackReceiver {
  const { log, clock, onFatal, clientPingTimeout: ping } = options;
  const { appToken, signingSecret, apiUrl: slackApiUrl } = options.slack;
  const onRateLimited = () =>
    log.warn({ code: 'SLACK_RATE_LIMITED' }, 'Slack holds back events of this workspace: too many');
  const common = { log, clock, onRateLimited };
  if (appToken === null)
    return { kind: 'http', receiver: createHttpReceiver({ ...common, signingSecret: signingSecret ?? '' }) };
  const more = ping === undefined ? {} : { clientPingTimeout: ping };
  return {
    kind: 'socket',
    receiver: createSocketReceiver({ ...common, appToken, slackApiUrl, onFatal, ...more }),
  };
}

import type { ReceiverEvent } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import { type Clock, LATE, within } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { boltLog } from '../guards/bolt-log.ts';
import { webClientOptions } from '../guards/client-options.ts';
import { countOf, fieldsOf } from '../parse/fields.ts';
import { readFrame } from './frames.ts';

/** Time from asking for an address to Slack's `hello`; then the attempt has failed. */
const HELLO_WITHIN_MS = 20_000;

/** Time for Slack to answer our close frame; then the socket is destroyed. */
const CLOSE_WITHIN_MS = 2_000;

interface ConnectionOptions {
  readonly appToken: string;
  readonly slackApiUrl: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly clientPingTimeout?: number;
  /** Called for every envelope; must not throw. */
  readonly onEnvelope: (event: ReceiverEvent) => void;
}

/** How often it is looked whether an open socket is still open. */
const LOOK_EVERY_MS = 500;

/** One WebSocket to Slack, from the request for its address to its end. Never reconnects by itself. */
export interface Connection {
  /** Resolves at Slack's `hello`; rejects if it does not come to that. */
  readonly opened: Promise<void>;
  /** Resolves when nothing more will come: `asked` by a disconnect frame (with Slack's reason), or `lost`. */
  readonly ended: Promise<ConnectionEnd>;
  isOpen(): boolean;
  /** Ends it at whatever stage it is; resolves when the socket is gone, after 2 s by force. Never rejects. */
  close(): Promise<void>;
}

interface ConnectionEnd {
  readonly kind: 'asked' | 'lost';
  readonly reason: string | null;
}

/**
 * The SDK's own reconnecting has no catch (a failure ends the process) and may leave a socket open when it is
 * stopped meanwhile, so it is switched off: each connection has a client of its own, used once.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { log, clock } = options;
  const stop = new AbortController();
  const client = new SocketModeClient({
    appToken: options.appToken,
    logger: boltLog(log),
    autoReconnectEnabled: false,
    ...(options.clientPingTimeout === undefined ? {} : { clientPingTimeout: options.clientPingTimeout }),
    clientOptions: webClientOptions({
      slackApiUrl: options.slackApiUrl,
      fetch: (url, init) => fetch(url, { ...init, signal: anySignal(init?.signal, stop.signal) }),
    }),
  });
  let open = false;
  let end: (how: ConnectionEnd) => void = () => {};
  // The client gives up on a peer that sends no pongs, but says so only 30 s later, when that peer has not
  // answered the close frame either: the state of the socket tells it at once.
  const isOpen = () => open && client.websocket?.isActive() === true;
  const stopLooking = clock.every(LOOK_EVERY_MS, () => {
    if (open && !isOpen()) end({ kind: 'lost', reason: null });
  });
  const ended = new Promise<ConnectionEnd>((resolve) => {
    end = (how) => {
      open = false;
      stopLooking();
      resolve(how);
    };
  });
  let closing = false;
  const gone = new Promise<void>((resolve) => {
    client.once('disconnected', () => {
      closing = true;
      resolve();
    });
  });
  void gone.then(() => end({ kind: 'lost', reason: null }));

  client.on('slack_event', (given: unknown) => {
    const event = envelopeOf(given);
    if (event !== null) options.onEnvelope(event);
  });
  client.on('connected', () => {
    open = true;
  });
  const connecting = new Promise<void>((resolve) => client.once('connecting', () => resolve()));
  guardFrames(client, log, (reason) => {
    closing = true;
    end({ kind: 'asked', reason });
  });

  const started = client.start().then(
    () => {},
    (error: unknown) => {
      throw error ?? new Error('the socket was closed before Slack said hello');
    },
  );
  const settled = started.catch(() => {});

  async function close(): Promise<void> {
    open = false;
    stopLooking();
    stop.abort();
    // Asking for an address was aborted just now; if the answer was faster, there will be a socket to close.
    await Promise.race([settled, connecting]);
    if (client.websocket === undefined) return;
    // After a disconnect frame the closing handshake runs already; asking again would cut it short.
    if (!closing) void client.disconnect();
    closing = true;
    if ((await within(clock, CLOSE_WITHIN_MS, gone)) !== LATE) return;
    log.warn('Slack did not answer the close frame; the socket is destroyed');
    // The client destroys a socket that is still closing when it is told a second time.
    void client.disconnect();
    void client.disconnect();
    await within(clock, CLOSE_WITHIN_MS, gone);
  }

  async function openInTime(): Promise<void> {
    if ((await within(clock, HELLO_WITHIN_MS, settled)) !== LATE) return started;
    await close();
    throw new Error(`Slack did not say hello within ${HELLO_WITHIN_MS} ms`);
  }

  return { opened: openInTime(), ended, isOpen, close };
}

/** Puts `readFrame` before the client's own handler, which is asynchronous and has no catch. */
function guardFrames(
  client: SocketModeClient,
  log: Log,
  onDisconnect: (reason: string | null) => void,
): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown) => {
    const frame = readFrame(data);
    if (frame.kind === 'drop') {
      log.warn({ code: 'REQUEST_MALFORMED', why: frame.why }, 'socket frame dropped');
      return;
    }
    for (const handler of handlers) {
      new Promise((resolve) => resolve(handler.call(client, frame.text, false))).catch((error: unknown) => {
        log.error({ err: error }, 'socket frame could not be handled');
      });
    }
    if (frame.kind === 'disconnect') onDisconnect(frame.reason);
  });
}

function envelopeOf(given: unknown): ReceiverEvent | null {
  const fields = fieldsOf(given);
  const body = fieldsOf(fields?.['body']);
  const ack = fields?.['ack'];
  if (fields === null || body === null || typeof ack !== 'function') return null;
  const retryNum = countOf(fields['retry_num']);
  const retryReason = fields['retry_reason'];
  return {
    body,
    ack: async (content?: unknown) => ack(content),
    ...(retryNum === null ? {} : { retryNum }),
    ...(typeof retryReason === 'string' ? { retryReason } : {}),
  };
}

function anySignal(given: AbortSignal | null | undefined, own: AbortSignal): AbortSignal {
  return given === null || given === undefined ? own : AbortSignal.any([given, own]);
}

import { connect, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/**
 * Ways to the test server that behave as those between a process and a managed database do. What they do is by
 * Postgres's protocol (chapter "Message Formats") and PgBouncer's manual (`pool_mode = transaction`).
 */

/** Says whom it is for: `localhost`, and not this machine's number. Signed by itself, so it is its own authority. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUSdy5OnNg9gEmudkVUuoNqEY/K84wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODE5MzkzNVoYDzIxMjYxMTA0
MTkzOTM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ5+lJQT0C9+fPrLYs60zYmxDBP2vVe06SalIBwY7BGUf7IwUyKit3s
VStjnNbK+qs8kRQXjEYXJfHJUlS+vjimo2kwZzAdBgNVHQ4EFgQUor4xIT6r4DiA
twT1MlfuPEzjMs4wHwYDVR0jBBgwFoAUor4xIT6r4DiAtwT1MlfuPEzjMs4wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAN9JjeJuTQbmaHP858sQGdNaKmqSKKdwM3XlQSpFRmA5AiEAlJuqCPcr
ZzS9RfJJsWwzAOjvQZPBz+FhO3YnSIuwlnc=
-----END CERTIFICATE-----`;
/** Of the certificate above; it opens nothing but these tests. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgE/9l7rcs1VfDxvjd
L5ClubnOwm0MubHxjgolB35dkI+hRANCAAQ5+lJQT0C9+fPrLYs60zYmxDBP2vVe
06SalIBwY7BGUf7IwUyKit3sVStjnNbK+qs8kRQXjEYXJfHJUlS+vjim
-----END PRIVATE KEY-----`;

async function listen(server: Server, url: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const through = new URL(url);
  through.port = `${address.port}`;
  return through.href;
}

function farOf(url: string): Socket {
  const { port, hostname } = new URL(url);
  return connect(Number(port), hostname);
}

/** A server that takes TLS: its first message asks for it (SSLRequest), the answer is one letter. */
export async function withTls(url: string): Promise<string> {
  const server = createServer((near) => {
    near.on('error', () => {});
    near.once('data', () => {
      near.write('S');
      const secure = new TLSSocket(near, { isServer: true, key: KEY, cert: CERTIFICATE });
      const far = farOf(url);
      for (const [from, into] of [
        [secure, far],
        [far, secure],
      ] as const) {
        from.on('error', () => into.destroy());
        from.pipe(into);
      }
    });
  });
  return listen(server, url);
}

/** A server without TLS answers the same question with another letter. */
export async function withoutTls(url: string): Promise<string> {
  const server = createServer((near) => {
    near.on('error', () => {});
    near.once('data', () => near.end('N'));
  });
  return listen(server, url);
}

/**
 * A pooler in transaction mode: a client has a session of the server from its first message until the server says that
 * no transaction is open, and the session that was given back last is handed out first. Each client logs in for
 * itself, and its session joins the others after that.
 */
export async function throughPooler(url: string): Promise<string> {
  const idle: Session[] = [];
  const waiting: (() => void)[] = [];
  interface Session {
    readonly socket: Socket;
    client: Socket | null;
  }
  const server = createServer((near) => {
    const session: Session = { socket: farOf(url), client: near };
    let mine: Session | null = session;
    let pending = Buffer.alloc(0);
    const send = () => {
      if (mine === null) {
        mine = idle.pop() ?? null;
        if (mine === null) return void waiting.push(send);
        mine.client = near;
      }
      mine.socket.write(pending);
      pending = Buffer.alloc(0);
    };
    near.on('error', () => {});
    near.on('close', () => {
      if (mine?.client === near) mine.socket.destroy();
    });
    near.on('data', (data) => {
      // `Terminate`: the session stays with the pooler.
      if (mine === null && data[0] === 0x58) return void near.end();
      pending = Buffer.concat([pending, data]);
      send();
    });
    session.socket.on('error', () => {});
    let unread = Buffer.alloc(0);
    session.socket.on('data', (data) => {
      const { client } = session;
      // A notification for nobody is dropped.
      client?.write(data);
      unread = Buffer.concat([unread, data]);
      for (;;) {
        if (unread.length < 5) return;
        const end = 1 + unread.readInt32BE(1);
        if (unread.length < end) return;
        const free = unread[0] === 0x5a && unread[5] === 0x49;
        unread = unread.subarray(end);
        if (free) give(client);
      }
    });
    function give(client: Socket | null) {
      if (client !== null) owners.get(client)?.();
      session.client = null;
      idle.push(session);
      waiting.shift()?.();
    }
    owners.set(near, () => {
      mine = null;
    });
  });
  const owners = new Map<Socket, () => void>();
  const through = await listen(server, url);
  onTestFinished(() => {
    for (const { socket } of idle) socket.destroy();
  });
  return through;
}

/** Reads Postgres's wire protocol (version 3) as it flows by; keeps at most one unfinished message. */
export interface Frame {
  readonly type: string;
  readonly body: Buffer;
}

/** A client's first message has no type; its answer to a request for TLS has no length. */
const SSL_REQUEST = 80_877_103;
/** Parameters and rows may be long; only the head of a message is looked at. */
const HEAD = 20_000;

export function createFrameReader(side: 'client' | 'server'): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  let untyped = side === 'client';
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const head = untyped ? 0 : 1;
      if (rest.length < head + 4) return frames;
      const length = rest.readInt32BE(head);
      if (length < 4) throw new Error(`not Postgres's protocol: a message of ${length} bytes`);
      if (rest.length < head + length) return frames;
      const body = rest.subarray(head + 4, Math.min(head + length, head + HEAD));
      if (untyped) untyped = body.length >= 4 && body.readInt32BE(0) === SSL_REQUEST;
      else frames.push({ type: String.fromCharCode(rest[0] ?? 0), body });
      rest = rest.subarray(head + length);
    }
  };
}

/**
 * Reads what a client calls itself (`application_name`) from the first bytes of a connection that is not encrypted; null
 * as long as it has not said so. A name that was cut by the end of a piece counts as not said.
 */
export function createStartReader(): (chunk: Buffer) => string | null {
  let over = false;
  return (chunk) => {
    if (over) return null;
    // A request for TLS comes before it, alone.
    if (chunk.length === 8 && chunk.readInt32BE(4) === SSL_REQUEST) return null;
    over = true;
    const words = chunk.toString('utf8', 8).split('\0');
    const at = words.indexOf('application_name');
    return at === -1 ? null : (words[at + 1] ?? null);
  };
}

/**
 * The SQL that a client's message runs; null if it runs none. A prepared statement is sent as text once for each
 * connection and run by its name from then on, so one reader belongs to one connection.
 */
export function createSqlReader(): (frame: Frame) => string | null {
  const prepared = new Map<string, string>();
  return ({ type, body }) => {
    switch (type) {
      case 'Q':
        return cString(body, 0).text;
      // Parse: name of the statement, text.
      case 'P': {
        const name = cString(body, 0);
        prepared.set(name.text, cString(body, name.end).text);
        return null;
      }
      // Bind: name of the portal, name of the statement.
      case 'B':
        return prepared.get(cString(body, cString(body, 0).end).text) ?? null;
      default:
        return null;
    }
  };
}

function cString(bytes: Buffer, from: number): { text: string; end: number } {
  const zero = bytes.indexOf(0, from);
  const end = zero === -1 ? bytes.length : zero;
  return { text: bytes.toString('utf8', from, end), end: end + 1 };
}

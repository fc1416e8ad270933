/** Headers of an e-mail that say what it is about. */
const SHOWN = ['from', 'to', 'cc', 'date', 'subject'];
const MOST_PARTS = 100;
const DEEPEST = 5;

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** True if a text begins as an e-mail does: with headers, two of which every e-mail has. */
export function isMail(text: string): boolean {
  const head = text.slice(0, 20_000);
  return (
    /^[A-Za-z-]{2,40}:[ \t]/.test(head) &&
    /^from:/im.test(head) &&
    /^(?:mime-version|message-id|received):/im.test(head)
  );
}

/**
 * An e-mail (RFC 5322, MIME by RFC 2045 and 2047) as text: who wrote to whom when, the words, and the names of what is
 * attached. Total.
 */
export function mailText(source: string): string {
  const mail = partOf(source.replaceAll('\r\n', '\n'));
  const head = SHOWN.flatMap((name) => {
    const value = mail.headers.get(name);
    return value === undefined ? [] : [`${name}: ${words(value)}`];
  });
  const said: string[] = [];
  const attached: string[] = [];
  collect(mail, said, attached, 0);
  return [head.join('\n'), said.join('\n\n'), ...attached.map((name) => `attached: ${name}`)]
    .filter((one) => one !== '')
    .join('\n\n');
}

function collect(part: Part, said: string[], attached: string[], depth: number): void {
  const type = part.headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";\n]{1,200})"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined && depth < DEEPEST) {
    const parts = part.body
      .split(`--${boundary}`)
      .slice(1, MOST_PARTS)
      .filter((one) => !one.startsWith('--'))
      .map((one) => partOf(one.replace(/^\n/, '')));
    // Of two forms of the same words the plain one is taken.
    const plain = parts.find(({ headers }) => /^text\/plain/i.test(headers.get('content-type') ?? ''));
    const only = /^multipart\/alternative/i.test(type) && plain !== undefined ? [plain] : parts;
    for (const one of only) collect(one, said, attached, depth + 1);
    return;
  }
  const disposition = part.headers.get('content-disposition') ?? '';
  const name =
    /\bfilename\*?="?([^";\n]{1,200})/i.exec(disposition)?.[1] ??
    /\bname="?([^";\n]{1,200})/i.exec(type)?.[1];
  if (!/^text\//i.test(type) || /^attachment/i.test(disposition)) {
    attached.push(words(name ?? type.split(';')[0] ?? 'a file'));
    return;
  }
  const text = decoded(part, type);
  said.push((/^text\/html/i.test(type) ? withoutTags(text) : text).trim());
}

function partOf(source: string): Part {
  const end = source.indexOf('\n\n');
  const head = (end < 0 ? source : source.slice(0, end)).slice(0, 100_000);
  const headers = new Map<string, string>();
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? '' : source.slice(end + 2) };
}

function decoded({ headers, body }: Part, type: string): string {
  const charset = /charset="?([\w-]{1,40})/i.exec(type)?.[1] ?? 'utf-8';
  switch ((headers.get('content-transfer-encoding') ?? '').toLowerCase()) {
    case 'base64':
      return inCharset(Buffer.from(body, 'base64'), charset);
    case 'quoted-printable':
      return inCharset(quoted(body), charset);
    default:
      return body;
  }
}

function quoted(body: string): Buffer {
  const plain = body.replace(/[ \t]*=\n/g, '');
  const bytes: Buffer[] = [];
  for (const [, hex, text] of plain.matchAll(/=([0-9a-f]{2})|([^=]+|=)/gi))
    bytes.push(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex'));
  return Buffer.concat(bytes);
}

function inCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=` as words. */
function words(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(
      /=\?([\w-]{1,40})\?([bq])\?([^?]{0,1000})\?=/gi,
      (_whole, charset: string, way: string, text: string) =>
        inCharset(
          way.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quoted(text.replaceAll('_', ' ')),
          charset,
        ),
    );
}

function withoutTags(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d)\b[^>]{0,500}>/gi, '\n')
    .replace(/<[^>]{0,2000}>/g, '')
    .replace(/&(nbsp|amp|lt|gt|quot|#39);/g, (_whole, name: string) => ENTITIES[name] ?? '')
    .replace(/\n{3,}/g, '\n\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
};

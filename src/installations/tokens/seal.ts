import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * What encrypts secrets at rest: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce for each text. A sealed text is
 * `1.<key id>.<nonce, tag and text in base64url>`; the key id is the first 8 hex digits of the key's SHA-256, so that
 * several keys can be told apart while one is replaced.
 */
export interface Seal {
  /** `place` says whose secret it is and which: what was sealed for one place opens at no other. */
  seal(text: string, place: string): string;
  /** 'unknown_key': none of ours sealed it; 'damaged': it was changed, or sealed for another place. */
  open(sealed: string, place: string): Opened;
  /** Whether the first key sealed it. */
  current(sealed: string): boolean;
}

type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'unknown_key' | 'damaged' };

const FORM = /^1\.([0-9a-f]{8})\.([\w-]+)$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `keys`: base64 of 32 bytes each, the first of which seals. Throws if there is none, or one has another length. */
export function createSeal(keys: readonly string[], random: (bytes: number) => Buffer = randomBytes): Seal {
  const known = new Map(
    keys.map((text) => {
      const key = Buffer.from(text, 'base64');
      if (key.length !== 32) throw new Error('a key must have 32 bytes');
      return [idOf(key), key] as const;
    }),
  );
  const [first] = known;
  if (first === undefined) throw new Error('there is no key to seal with');
  const [firstId, firstKey] = first;
  return {
    seal(text, place) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', firstKey, nonce).setAAD(Buffer.from(place));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `1.${firstId}.${Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url')}`;
    },
    open(sealed, place) {
      const [, id = '', body = ''] = FORM.exec(sealed) ?? [];
      if (id === '') return { ok: false, why: 'damaged' };
      const key = known.get(id);
      if (key === undefined) return { ok: false, why: 'unknown_key' };
      const bytes = Buffer.from(body, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return { ok: false, why: 'damaged' };
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
        decipher.setAuthTag(tag);
        const text = Buffer.concat([
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
          decipher.final(),
        ]);
        return { ok: true, text: text.toString('utf8') };
      } catch {
        return { ok: false, why: 'damaged' };
      }
    },
    current: (sealed) => FORM.exec(sealed)?.[1] === firstId,
  };
}

function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

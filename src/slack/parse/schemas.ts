import { z } from 'zod';

/**
 * Parts that Slack's payloads are made of, as schemas. What a payload must have is plain; what it may have is `maybe`,
 * and null where it is absent or of a wrong type: one odd field must not lose a question.
 */

/** A Slack id: opaque, but never long and never with blanks or markup. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** A message timestamp such as `1766458026.240809`, kept as text. */
export const ts = z.string().regex(/^\d{1,16}\.\d{1,9}$/);

/** Text without NUL characters, which Postgres refuses in `text` and `jsonb`. */
export const text = z.string().transform((said) => said.replaceAll('\0', ''));

export const list = z.array(z.unknown()).default([]).catch([]);

/** A list of what `member` accepts; other members are left out. */
export function eachOf<T>(member: z.ZodType<T>) {
  return list.transform((members) =>
    members.flatMap((one) => {
      const read = member.safeParse(one);
      return read.success ? [read.data] : [];
    }),
  );
}

export function maybe<T extends z.ZodType>(schema: T) {
  // The default is for what is absent, as most is: an error costs more than the rest of a message.
  return schema.nullable().default(null).catch(null);
}

/** An object of which only the id matters. */
export const named = z.object({ id });

/** Who did it, and their own workspace. */
export const person = z.object({ id, team_id: maybe(id) });

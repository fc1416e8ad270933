import type { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import { MOST_BYTES } from '../../files/limits.ts';
import { type Unread, unread } from '../../files/made.ts';
import type { FileRef, FileSource } from '../../files/source.ts';
import type { Log } from '../../log.ts';
import type { Clients } from '../clients.ts';
import { fieldsOf, listOf } from '../parse/fields.ts';
import { file as fileSchema } from '../parse/file.ts';
import { errorWord } from '../send/outcome.ts';
import { isSlacks } from '../send/response-url.ts';
import { fileOf } from '../text/content.ts';
import { cleanName } from '../text/names.ts';
import { patientCalls } from './patience.ts';

interface FileSourceOptions {
  readonly clients: Clients;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

type SlackFile = z.infer<typeof fileSchema>;

/** For one file, with all its calls and tries. */
const LIMIT_MS = 20_000;
const MOST_REDIRECTS = 3;
/** Between two looks for the transcript of a clip that was just spoken: Slack takes some seconds for it. */
const LOOK_AGAIN_MS = 2_000;
const RETRY_MS = 500;

/** A file whose facts are as Slack gave them. */
interface KnownRef extends FileRef {
  readonly facts: SlackFile;
}

/** The port `FileSource`: files of messages, and their bytes from Slack's own hosts. */
export function createFileSource({ clients, apiUrl, clock, log }: FileSourceOptions): FileSource {
  return {
    of: (raw) => refsIn(raw),

    async fetch(team, file, { smaller, signal }) {
      const client = clients.of(team);
      if (client === null) return unread('slack');
      const until = clock.monotonic() + LIMIT_MS;
      const call = patientCalls(clock, { mostMs: LIMIT_MS, signal });
      const info = async (): Promise<SlackFile | Unread> => {
        try {
          const answer = await call(() => client.files.info({ file: file.id }));
          return fileSchema.safeParse(answer.file).data ?? unread('broken');
        } catch (thrown) {
          const word = errorWord(thrown);
          log.info({ file: file.id, word }, 'what a file is could not be asked');
          return unread(whyOf(word));
        }
      };
      try {
        let facts = isKnown(file) ? file.facts : null;
        if (facts === null || facts.file_access === 'check_file_info') {
          const told = await info();
          if (isUnread(told)) return told;
          facts = told;
        }
        const refusal = refusedBy(facts);
        if (refusal !== null) return refusal;
        if (isClip(facts) && !smaller) {
          for (;;) {
            const transcript = fileOf(facts).transcript ?? null;
            if (transcript !== null) return { kind: 'transcript', ...transcript };
            const waits = facts.transcription?.status === 'processing' || facts.transcription === null;
            if (!waits || signal.aborted || clock.monotonic() + LOOK_AGAIN_MS >= until)
              return unread(waits ? 'no_transcript' : 'media');
            await clock.sleep(LOOK_AGAIN_MS, signal);
            const told = await info();
            if (isUnread(told)) return told;
            facts = told;
          }
        }
        const address = smaller ? smallerOf(facts) : (facts.url_private_download ?? facts.url_private);
        if (address === null) return unread(smaller ? 'kind' : 'gone');
        const fetched = await download(address, {
          apiUrl,
          token: client.token ?? '',
          mayBePage: isPage(facts) && !smaller,
          clock,
          until,
          signal,
        });
        return fetched.kind === 'bytes' ? { ...fetched, name: nameOf(facts) } : fetched;
      } catch (thrown) {
        log.info({ file: file.id, reason: toError(thrown).name }, 'a file could not be fetched');
        return unread(signal.aborted ? 'slow' : 'slack');
      }
    },
  };
}

function isKnown(file: FileRef): file is KnownRef {
  return 'facts' in file;
}

const isUnread = (told: SlackFile | Unread): told is Unread => 'why' in told;

/** Files of a message as it is stored, and of the messages that it forwards; each id once. */
function refsIn(raw: string): readonly KnownRef[] {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    return [];
  }
  const message = fieldsOf(parsed) ?? {};
  const forwarded = listOf(message['attachments']).flatMap((one) => listOf(fieldsOf(one)?.['files']));
  const found = new Map<string, KnownRef>();
  for (const untrusted of [...listOf(message['files']), ...forwarded]) {
    const facts = fileSchema.safeParse(untrusted).data;
    if (facts === undefined || found.has(facts.id)) continue;
    // What is said in a clip stands in the words of the message already.
    if (isClip(facts) && (fileOf(facts).transcript ?? null) !== null) continue;
    found.set(facts.id, { id: facts.id, name: nameOf(facts), size: facts.size, facts });
  }
  return [...found.values()];
}

function nameOf({ name, title }: SlackFile): string {
  return cleanName(name ?? '') || cleanName(title ?? '') || 'without a name';
}

function isClip({ subtype }: SlackFile): boolean {
  return subtype === 'slack_audio' || subtype === 'slack_video';
}

/** Kinds of which the bytes are a page: HTML itself, and what Slack keeps as HTML. */
function isPage({ mimetype, filetype, mode }: SlackFile): boolean {
  return (
    /html/i.test(`${mimetype ?? ''} ${filetype ?? ''}`) ||
    ['email', 'space', 'post', 'quip'].includes(mode ?? '')
  );
}

function smallerOf(facts: SlackFile): string | null {
  return facts.thumb_1024 ?? facts.thumb_960 ?? facts.thumb_720 ?? facts.thumb_480;
}

/** What Slack says of a file instead of giving it. Words of `mode` and `file_access`: its page on the file object. */
function refusedBy({ mode, file_access: access }: SlackFile): Unread | null {
  if (mode === 'external') return unread('elsewhere');
  if (mode === 'tombstone' || access === 'file_not_found') return unread('gone');
  if (mode === 'hidden_by_limit') return unread('hidden');
  if (access === 'access_denied' || access === 'slack_connect_files_blocked') return unread('no_right');
  return null;
}

function whyOf(word: string | null): Unread['why'] {
  if (
    word === null ||
    /^(?:ratelimited|internal_error|fatal_error|service_unavailable|request_timeout)$/.test(word)
  )
    return 'slack';
  return word === 'file_not_found' || word === 'file_deleted' ? 'gone' : 'no_right';
}

interface Download {
  readonly apiUrl: string;
  readonly token: string;
  /** A page may be what is wanted; else it is Slack's way to say that somebody must sign in. */
  readonly mayBePage: boolean;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/**
 * The bytes at an address of Slack's. The token goes to Slack's hosts only, also over redirects: one that leads elsewhere is
 * not followed. Slack answers a missing right with a sign-in page and status 200, or with the way to one. May throw.
 */
async function download(address: string, how: Download): Promise<Downloaded> {
  const { clock, until, signal } = how;
  const late = new AbortController();
  const cancel = clock.after(Math.max(0, until - clock.monotonic()), () => late.abort());
  try {
    const either = AbortSignal.any([signal, late.signal]);
    for (let retries = 1; ; retries -= 1) {
      const got = await attempt(address, how, either).catch((thrown) => {
        if (retries <= 0 || either.aborted) throw thrown;
        // The connection broke, perhaps in the middle of the bytes.
        return RETRY_MS;
      });
      if (typeof got !== 'number') return got;
      if (retries <= 0 || clock.monotonic() + got >= until) return unread('slack');
      await clock.sleep(got, signal);
    }
  } finally {
    cancel();
    // A signal made of others lives as long as somebody listens to it.
    late.abort();
  }
}

/** One try; milliseconds to wait before the next one, where Slack can't give it now. */
async function attempt(address: string, how: Download, signal: AbortSignal): Promise<Downloaded | number> {
  const answer = await follow(address, how, signal);
  if (!(answer instanceof Response)) return answer;
  const pause = pauseAfter(answer);
  if (pause === null) return bytesOf(answer, how.mayBePage);
  await answer.body?.cancel();
  return pause;
}

async function follow(
  address: string,
  { apiUrl, token }: Download,
  signal: AbortSignal,
): Promise<Response | Unread> {
  let at = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (!isSlacks(at, apiUrl)) return unread(redirects === 0 ? 'elsewhere' : 'no_right');
    const answer = await fetch(at, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal,
    });
    const to = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || to === null) return answer;
    await answer.body?.cancel();
    if (!URL.canParse(to, at)) return unread('no_right');
    at = new URL(to, at).href;
  }
  return unread('no_right');
}

/** Milliseconds to wait before one more try; null: there is nothing to try again. */
function pauseAfter({ status, headers }: Response): number | null {
  if (status === 429) return Math.max(1, Number(headers.get('retry-after')) || 1) * 1000;
  return status >= 500 ? RETRY_MS : null;
}

type Downloaded = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | Unread;

async function bytesOf(answer: Response, mayBePage: boolean): Promise<Downloaded> {
  const refuse = async (why: Unread['why']) => {
    await answer.body?.cancel();
    return unread(why);
  };
  if (answer.status === 404 || answer.status === 410) return refuse('gone');
  if (!answer.ok) return refuse('no_right');
  const isHtml = /^text\/html\b/i.test(answer.headers.get('content-type') ?? '');
  if (isHtml && !mayBePage) return refuse('no_right');
  if (Number(answer.headers.get('content-length')) > MOST_BYTES) return refuse('too_large');
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body ?? []) {
    length += piece.length;
    // Leaving the loop ends the stream.
    if (length > MOST_BYTES) return unread('too_large');
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  return isHtml && isSignIn(bytes) ? unread('no_right') : { kind: 'bytes', bytes };
}

/** Slack's page has a form to sign in, and the name of the workspace's host in it. */
function isSignIn(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 20_000).toString('latin1');
  return /<title>[^<]{0,200}sign in/i.test(start) || /id="signin_form"|data-qa="signin/i.test(start);
}

/**
 * Why an embedded server could not be had. Every message ends with the way round it, so that nobody is
 * left at a dead end: set DATABASE_URL.
 */
type EmbeddedPostgresCode =
  /** No package for this system, or its binaries cannot run here (musl instead of glibc). */
  | 'PLATFORM_UNSUPPORTED'
  /** Run as root, and there is no unprivileged user that Postgres could run as. */
  | 'NO_UNPRIVILEGED_USER'
  /** The data directory cannot be made, written or reached. */
  | 'DATA_DIR_UNREACHABLE'
  /** The data are of another major version of PostgreSQL. */
  | 'DATA_DIR_OTHER_MAJOR'
  /** Another process has been starting or stopping a server there for too long. */
  | 'DATA_DIR_LOCKED'
  /** A new cluster could not be made. */
  | 'INIT_FAILED'
  /** The server did not come up, or does not let us in. */
  | 'START_FAILED';

export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresCode;
  /** What is wrong, without the way round it: for whoever does not want a server, but this one's data. */
  readonly reason: string;

  constructor(code: EmbeddedPostgresCode, message: string, cause?: unknown) {
    const reason = message.replace(/[\s.]+$/, '');
    super(
      `${reason}. Or set DATABASE_URL to use a Postgres server of your own.`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'EmbeddedPostgresError';
    this.code = code;
    this.reason = `${reason}.`;
  }
}

/** The code of a system error (`ENOENT`, `EACCES`, …) or of Postgres (`3D000`, …), if there is one. */
export function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

export function reasonOf(thrown: unknown): string {
  if (thrown instanceof EmbeddedPostgresError) return thrown.reason;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Runs file work on the data directory; a refusal by the system becomes DATA_DIR_UNREACHABLE. */
export async function onDataDir<T>(dir: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof EmbeddedPostgresError || codeOf(thrown) === null) throw thrown;
    throw new EmbeddedPostgresError(
      'DATA_DIR_UNREACHABLE',
      `The data directory ${dir} cannot be used (${reasonOf(thrown)}). Make it writable or set DATA_DIR.`,
      thrown,
    );
  }
}

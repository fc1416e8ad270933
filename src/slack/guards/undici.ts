import { createRequire } from 'node:module';
import { SkeinError } from '../../errors.ts';

/** First Node.js that undici 8 runs on; on an older one it fails while it is loaded. */
const NODE_FOR_UNDICI_8 = [22, 19] as const;

/**
 * Throws `RUNTIME_UNSUPPORTED` if the installed undici cannot be loaded by this Node.js: Slack's Socket Mode
 * client takes 7 or 8, and a lockfile made on another Node.js may have chosen 8. Call it before anything
 * that imports Bolt (so import Bolt dynamically after it), because the import itself would crash.
 */
export function checkUndici(nodeVersion: string, undiciVersion: string = installedUndici()): void {
  const problem = undiciProblem(undiciVersion, nodeVersion);
  if (problem !== null) {
    throw new SkeinError('RUNTIME_UNSUPPORTED', problem, {
      facts: { undici: undiciVersion, node: nodeVersion },
    });
  }
}

/** The reason why the two do not work together, as a sentence; `null` if they do. Versions like `v20.20.2`. */
export function undiciProblem(undiciVersion: string, nodeVersion: string): string | null {
  const undici = partsOf(undiciVersion);
  const node = partsOf(nodeVersion);
  if (undici === null) return `the version of undici can't be read: ${undiciVersion}`;
  if (node === null) return `the version of Node.js can't be read: ${nodeVersion}`;
  if (undici.major < 7)
    return `undici ${undiciVersion} is too old for Slack's Socket Mode client: install undici 7`;
  if (undici.major === 7) return null;
  const [major, minor] = NODE_FOR_UNDICI_8;
  if (node.major > major || (node.major === major && node.minor >= minor)) return null;
  return (
    `undici ${undiciVersion} needs Node.js ${major}.${minor} or newer, this is ${nodeVersion}: ` +
    'install undici 7 (npm install undici@7) or a newer Node.js'
  );
}

/** Reads the version without loading undici itself. */
function installedUndici(): string {
  const manifest: unknown = createRequire(import.meta.url)('undici/package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
  return typeof version === 'string' ? version : 'unknown';
}

function partsOf(version: string): { readonly major: number; readonly minor: number } | null {
  const match = /^v?(\d+)\.(\d+)/.exec(version);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

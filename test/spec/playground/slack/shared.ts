/**
 * Facts about Slack from sources that are not ours, in a folder `shared/slack` beside the project (or further up).
 * It is not part of the project: where it is missing, the tests that compare with it are skipped and say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJson, type Json } from '../../../../playground/slack/json.ts';

function find(): string | undefined {
  let folder = fileURLToPath(new URL('.', import.meta.url));
  for (;;) {
    const here = join(folder, 'shared', 'slack');
    if (existsSync(join(here, 'methods.json'))) return here;
    const up = dirname(folder);
    if (up === folder) return undefined;
    folder = up;
  }
}

const folder = find();

/** Whether the folder is there; the reason to give where it is not. */
export const present = folder !== undefined;
export const ABSENT = '(skipped where ../shared/slack is missing)';

/** A file of the folder, parsed; an empty object where the folder is missing. */
export function readShared(path: string): Json {
  if (folder === undefined) return {};
  const value: unknown = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  return isJson(value) ? value : {};
}

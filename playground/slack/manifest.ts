import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { PageCommand, PageFeatures, PageShortcut } from '../protocol.ts';

/** The manifest that people paste when they make the Slack app: the playground's workspace has the same app. */
const MANIFEST = new URL('../../manifest.yml', import.meta.url);

/** What the project's manifest offers to people. Throws if the file can't be read. */
export function readFeatures(): PageFeatures {
  const features = fields(read()['features']);
  return {
    commands: list(features['slash_commands']).map(
      (command): PageCommand => ({
        command: String(command['command'] ?? ''),
        description: String(command['description'] ?? ''),
        usageHint: String(command['usage_hint'] ?? ''),
        escapes: command['should_escape'] === true,
      }),
    ),
    shortcuts: list(features['shortcuts']).map(
      (shortcut): PageShortcut => ({
        kind: shortcut['type'] === 'message' ? 'message' : 'global',
        callbackId: String(shortcut['callback_id'] ?? ''),
        name: String(shortcut['name'] ?? ''),
        description: String(shortcut['description'] ?? ''),
      }),
    ),
    home: fields(features['app_home'])['home_tab_enabled'] === true,
  };
}

/** The bot scopes that the manifest asks for: what tokens of the stand-in are granted. */
export function readScopes(): readonly string[] {
  const bot = fields(fields(read()['oauth_config'])['scopes'])['bot'];
  return Array.isArray(bot) ? bot.map(String) : [];
}

function read(): Readonly<Record<string, unknown>> {
  return fields(parse(readFileSync(MANIFEST, 'utf8')));
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/**
 * Bot scopes that an installation asks for: those of `manifest.yml`, which Slack demands beforehand for an app that
 * organisations install. `test/manifest.test.ts` compares the two.
 */
export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'mpim:history',
  'mpim:read',
  'reactions:read',
  'users:read',
] as const;

/** What workspaces are installed with over OAuth. */
export interface InstallConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Null where nobody is installed by this process (`ROLE` is `work`). */
  readonly stateSecret: string | null;
  readonly publicUrl: string | null;
}

/** Each of them says that workspaces install the app by themselves. */
export const INSTALL_VARIABLES = ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'SLACK_STATE_SECRET'] as const;

type Needed = (typeof INSTALL_VARIABLES)[number] | 'TOKEN_ENCRYPTION_KEY' | 'PUBLIC_URL';

/** Says by `need` what many workspaces need; a process that only works installs nobody, and rotates tokens. */
export function needInstall(
  role: 'all' | 'receive' | 'work',
  need: (name: Needed, why: string) => void,
): void {
  const page = 'from the page Basic Information of your Slack app';
  need('SLACK_CLIENT_ID', `the Client ID ${page}`);
  need('SLACK_CLIENT_SECRET', `the Client Secret ${page}`);
  need(
    'TOKEN_ENCRYPTION_KEY',
    'tokens of workspaces are stored encrypted; "openssl rand -base64 32" makes a key',
  );
  if (role === 'work') return;
  need('SLACK_STATE_SECRET', 'a secret of your own; "openssl rand -base64 32" makes one');
  need('PUBLIC_URL', 'the address of this server, to which Slack sends people back');
}

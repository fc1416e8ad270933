import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsPage } from '../test/support/commands-page.ts';
import { ROOT } from '../test/support/source.ts';

/** `npm run docs:commands`: writes docs/commands.md from the descriptions of commands and settings. */
writeFileSync(join(ROOT, 'docs/commands.md'), commandsPage());

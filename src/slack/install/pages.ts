import { drawPage } from '../../operations/page.ts';
import {
  AFTER,
  BEGIN_AGAIN,
  erasedAfter,
  INSTALL,
  INSTALL_FAILED,
  INSTALL_PROBLEMS,
  type InstallProblem,
  installed,
} from '../../words/install.ts';

/** Where the pages' links lead. */
export const INSTALL_PATH = '/slack/install';

/** The first page: what will happen, and the way to Slack. `authorize`: Slack's address with all that it must carry. */
export function beginPage(authorize: string, eraseDays: number): string {
  return drawPage({
    title: INSTALL.title,
    lines: [INSTALL.lead, INSTALL.what, erasedAfter(eraseDays), INSTALL.noCookies],
    link: { href: authorize, text: INSTALL.button },
  });
}

export function successPage(
  { name, wide, open }: { readonly name: string; readonly wide: boolean; readonly open: string },
  eraseDays: number,
): string {
  const { title, lines } = installed(name, wide);
  return drawPage({
    title,
    lines: [...lines, AFTER.settings, erasedAfter(eraseDays)],
    link: { href: open, text: AFTER.open },
  });
}

export function failurePage(problem: InstallProblem): string {
  const link = { href: INSTALL_PATH, text: BEGIN_AGAIN };
  return drawPage({ title: INSTALL_FAILED, lines: [INSTALL_PROBLEMS[problem]], link });
}

import { beforeAll, describe, expect, test } from 'vitest';
import { buildPage, PAGE_PATHS, type PageBundle } from '../../../../playground/bundle.ts';

let page: PageBundle;
beforeAll(async () => {
  page = await buildPage();
});

describe('the page', () => {
  test('asks its server for its script and its style and for nothing else', () => {
    const asked = [...page.html.matchAll(/\s(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
    expect(asked.filter((url) => !url?.startsWith('data:')).sort()).toEqual(
      [PAGE_PATHS.css, PAGE_PATHS.js].sort(),
    );
    expect(page.css).not.toMatch(/url\(|@import/);
  });

  test('forbids scripts and addresses that are not its own', () => {
    expect(page.html).toContain(`content="default-src 'none'; script-src 'self';`);
    expect(page.html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  });

  test('is React’s production build, without a source of markup that skips escaping', () => {
    expect(page.js.length).toBeGreaterThan(100_000);
    expect(page.js).not.toContain('process.env');
    expect(page.js).not.toContain('react.dev/link/');
  });
});

import { expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';
import { joinedText, visibleText } from './visible.ts';

/** What the long runs of the laws found, made small. */
const small = {
  characters: 900,
  bytes: 1200,
  json: 1300,
  tableRows: 6,
  tableColumns: 5,
  tableCharacters: 450,
};

function rendered(text: string, steady: boolean): string[] {
  const renderer = createRenderer({ ...small, steady });
  renderer.push(text);
  renderer.finish();
  return renderer.segments().map(({ markdown }) => markdown);
}

const MARKS = ['-', '===', '# x', '1. x', '> q', '```', '- x', '***', '| - |'];

it.each(
  MARKS.flatMap((mark) => [`l\n    ${mark}`, `- a\n      ${mark}`, `> l\n>     ${mark}`, `a | b\n\t${mark}`]),
)('a mark too far in to begin anything stays text: %j', (text) => {
  for (const steady of [true, false]) expect(joinedText(rendered(text, steady))).toBe(visibleText(text));
});

it('an item with nothing in it ends at a blank line', () => {
  for (const steady of [true, false])
    for (const text of ['8)\n\n    *x*', '-\n\n    *x*', '- -\n\n    x\n\n      *y*'])
      expect(joinedText(rendered(text, steady)), text).toBe(visibleText(text));
});

const LONG = [
  'so ~~aa aaa aaa~~ aaa مرحبا 日本語 שלום aaa aaa aaaaa aaa aaaaaaaaa aaaaaaa',
  '`aaaaaaaa aaaaa aaaaaaaa <b> & *x*` aaaaaaaaa',
  'so <https://example.com/x> _aaa a aaaa_',
  '',
  '1. **aa aaaaaaa *aaaaa aaaaa aa* aa aaaaaaa**',
  '   **aaaaaaaa aaaaaaaa aa** ![aaaaaa aaaaa](https://example.com/i.png) _aaaaa aa_ `aaaaa a aaaa aaaaaaa <b> & *x*` aaaaaaaa don’t ~~a aaaaaa aaa aaaaaaaa~~',
  '   aaaaaaaaa really? aaa 日本語 aaaaaa a *aaaaaa a* ![aaaaanav jfhwf](https://example.com/i.png)',
  '',
  '   7) so <div class="x"> *bfzn fjrmwbw rtrn kmsmugxw* aevnyx kdsrgaq t ckjmdi nnnvbjqf é̂ y 👍🏽 "quoted" <https://example.com/x>',
  '      so ~5 **ekgnemm f ndm x** svscwx 👍🏽 `edx tdhfklva <b> & *x*` ``sequdbkl uegayqn ` x`` ***dciwqswr mye***',
  '      *g nkqyd* `dzffg zv <b> & *x*` lthxj ***d kk edxcbval*** qj 中文字符 ohaubgzv',
  '',
  '      ###### noxkom w xkibilwy pwufnejkg 3.5 👍🏽',
  '',
  '   8) so ~~elhr y vwwix~~ `joaa ar wsgib wrs <b> & *x*` AT&T שלום ``ejukx zjzjlyzp dlqcco tnjwou ` x`` xlv l lwwbjku jq rlhzadm jqmq',
  '      ``w sfulnukg tge hlfkfgxn ` x``',
  '      *apjt gnikmmxh dfezqww* &amp; <div class="x"> ccwqri ykjmf i 中文字符 wmpuizl',
  '',
  '      - [ ] **qgwbneuq**',
  '',
  '      - [ ] **j** ~~eragaot~~ `ij zvs pyzorhjz <b> & *x*`',
  '        **vjedaa *n ccwg ovhhmn gdlvuqcd* vjedaa**',
  '',
  '   9) `ye xr <b> & *x*` `lxw <b> & *x*` `bevrwxd iban <b> & *x*`',
  '      naïve turzp qqahbvl aokrqny مرحبا xvvkllo kbdqz (aside) ``ocif ` x`` mvi 🇩🇪🇫🇷 cflankwm yfwvq njkzo',
  '      so \\*literal\\* "quoted" wjvyjcaf vz urmfits jpxi <div class="x">',
  '',
  '      ### bilqj e.g. otrsxpmpb init.py ul',
  '',
  '2. so [uedckpv mx hanes ncxp](http://example.org/wiki/X_(y)) tpxm مرحبا 3.5 jgzkfhz wy *zejy a cosv oouqsr*',
  '   日本語 3.5 `l <b> & *x*` *rzeab gu gndpxf grky* p Vec<String> ymhk ydhuyatyw 3.5 ![hmgtqdm xqriliw rswjgqg aav](https://example.com/i.png)',
  '',
  '3. so [**t** x](https://example.com/a_b/c?d=1&e=2#f "title")',
  '',
  '4. *wc* `rnttfoz xppgcaub pfial <b> & *x*`',
  '   so ![uqdo hpvzmi](https://example.com/i.png) _llohd_ hynifr iz rv romwylrv kyjsuu 🇩🇪🇫🇷 ``vqysvrm etfgjxms ` x`` zoxpiml 3.5 3.5 ogbcw i ouvqhd',
  '   x ffudsafi gyweahww yes!',
].join('\n');

it('where a message ends in front of a mark that closes, the mark stays with its text', () => {
  expect(joinedText(rendered(LONG, true))).toBe(visibleText(LONG));
});

const FILLED = [
  'so ![lhq lx kshdo](https://example.com/i.png)',
  '***usgcn gzte qulmhjf*** wxhbbabet cbzitpm ioaylz emomk jum _xn m_ prmrpfyd xlncm ymj',
  '',
  'so 3.5 naïve init.py al aacpo alo znrxiaurq x<y [lqqs](http://example.org/wiki/X_(y)) [uy jvrheiv uulme](https://example.com/a_b/c?d=1&e=2#f) drrhkj mha lo qcflb wt ysc ***ifjwbexz ua wi gyusphr***',
  'vmf wkqhcjum manynh** x](http://example.org/wiki/X_(y) "title") apirlmzi ogyhdmmi enunuqlq** x](https://example.com "title") hkomw ywrt udogdiuo `nr gql xowrd cvkyqu <b> & *x*`',
  '',
  '7) so ~~msilqnh udpr~~ \\*literal\\* ***mpfp*** [zpqkxti qzkx oi](https://example.com) **jta joluto jvpzlf hufzm** kt gwc "quoted" 3.5 ctdeb',
  'f(x)[0] cujyubn wuy dkorqswjh ipjrekfjd ne _j zibe fmc_ 日本語 nsd mzezn nlpbw 中文字符 dvdmih bmyfb',
  '   so <https://example.com/x>',
  '',
  '   &copy;',
  '8) ',
].join('\n');

it('a message never ends behind the last word of an item, so that the next would begin with an empty one', () => {
  expect(joinedText(rendered(FILLED, true))).toBe(visibleText(FILLED));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateTokens, estimateTokensOfSize, tokenCounter } from '../../src/tokens.ts';
import { quickest, timed } from '../support/quickest.ts';

/**
 * What Anthropic's published tokenizer (npm `@anthropic-ai/tokenizer` 0.0.4, of Claude 2) counts for texts of many kinds,
 * run once: the only tokenizer of a Claude model that can be run without asking the provider.
 */
const COUNTED: readonly (readonly [what: string, tokens: number, text: string])[] = [
  [
    'English',
    61,
    'The committee met on Tuesday to discuss the proposal, which had been circulated a week earlier. Most of the members agreed that the budget was reasonable, although two of them asked for a more detailed breakdown of the costs before they would vote. In the end the decision was postponed until the next meeting.',
  ],
  [
    'German',
    78,
    'Der Ausschuss traf sich am Dienstag, um den Vorschlag zu besprechen, der eine Woche zuvor verteilt worden war. Die meisten Mitglieder hielten die Haushaltsplanung für angemessen, obwohl zwei von ihnen eine ausführlichere Aufschlüsselung der Kosten verlangten.',
  ],
  [
    'French',
    68,
    'Le comité s’est réuni mardi pour examiner la proposition qui avait été distribuée une semaine plus tôt. La plupart des membres ont jugé le budget raisonnable, bien que deux d’entre eux aient demandé une ventilation plus détaillée des coûts.',
  ],
  [
    'Polish',
    98,
    'Komisja zebrała się we wtorek, aby omówić wniosek, który rozesłano tydzień wcześniej. Większość członków uznała budżet za rozsądny, choć dwóch z nich poprosiło o dokładniejsze zestawienie kosztów.',
  ],
  [
    'Vietnamese',
    144,
    'Ủy ban đã họp vào thứ Ba để thảo luận về đề xuất được gửi đi một tuần trước đó. Hầu hết các thành viên đồng ý rằng ngân sách là hợp lý, mặc dù hai người yêu cầu bảng phân tích chi phí chi tiết hơn.',
  ],
  [
    'Turkish',
    87,
    'Komite, bir hafta önce dağıtılan öneriyi görüşmek üzere salı günü toplandı. Üyelerin çoğu bütçeyi makul buldu, ancak ikisi maliyetlerin daha ayrıntılı bir dökümünü istedi.',
  ],
  [
    'Russian',
    99,
    'Комитет собрался во вторник, чтобы обсудить предложение, разосланное неделей раньше. Большинство членов сочли бюджет разумным, хотя двое попросили более подробную разбивку расходов перед голосованием.',
  ],
  [
    'Greek',
    195,
    'Η επιτροπή συνεδρίασε την Τρίτη για να συζητήσει την πρόταση που είχε διανεμηθεί μια εβδομάδα νωρίτερα. Τα περισσότερα μέλη συμφώνησαν ότι ο προϋπολογισμός ήταν λογικός.',
  ],
  [
    'Arabic',
    149,
    'اجتمعت اللجنة يوم الثلاثاء لمناقشة الاقتراح الذي تم توزيعه قبل أسبوع. وافق معظم الأعضاء على أن الميزانية معقولة، رغم أن اثنين منهم طلبا تفصيلا أدق للتكاليف.',
  ],
  [
    'Hebrew',
    127,
    'הוועדה התכנסה ביום שלישי כדי לדון בהצעה שהופצה שבוע קודם לכן. רוב החברים הסכימו שהתקציב סביר, אם כי שניים מהם ביקשו פירוט מדויק יותר של העלויות.',
  ],
  [
    'Hindi',
    206,
    'समिति ने मंगलवार को उस प्रस्ताव पर चर्चा करने के लिए बैठक की, जो एक सप्ताह पहले वितरित किया गया था। अधिकांश सदस्यों ने सहमति जताई कि बजट उचित है, हालांकि दो ने लागत का अधिक विस्तृत विवरण मांगा।',
  ],
  [
    'Bengali',
    252,
    'কমিটি মঙ্গলবার প্রস্তাবটি নিয়ে আলোচনা করতে বৈঠক করেছে, যা এক সপ্তাহ আগে বিতরণ করা হয়েছিল। বেশিরভাগ সদস্য একমত হয়েছেন যে বাজেট যুক্তিসঙ্গত।',
  ],
  [
    'Tamil',
    317,
    'ஒரு வாரத்திற்கு முன்பு விநியோகிக்கப்பட்ட முன்மொழிவைப் பற்றி விவாதிக்க குழு செவ்வாய்க்கிழமை கூடியது. பெரும்பாலான உறுப்பினர்கள் பட்ஜெட் நியாயமானது என்று ஒப்புக்கொண்டனர்.',
  ],
  [
    'Thai',
    302,
    'คณะกรรมการประชุมกันเมื่อวันอังคารเพื่อหารือเกี่ยวกับข้อเสนอที่เวียนไปเมื่อสัปดาห์ก่อน สมาชิกส่วนใหญ่เห็นว่างบประมาณสมเหตุสมผล แม้ว่าสองคนจะขอรายละเอียดค่าใช้จ่ายเพิ่มเติม',
  ],
  ['Burmese', 100, 'ကော်မတီသည် လွန်ခဲ့သောတစ်ပတ်က ဖြန့်ဝေခဲ့သော အဆိုပြုချက်ကို ဆွေးနွေးရန် အင်္ဂါနေ့တွင် တွေ့ဆုံခဲ့သည်။'],
  [
    'Chinese',
    73,
    '委员会于星期二开会，讨论一周前分发的提案。大多数成员认为预算是合理的，但有两位成员要求在投票之前提供更详细的费用明细。最后，决定推迟到下次会议。',
  ],
  [
    'Chinese, traditional',
    76,
    '委員會於星期二開會，討論一週前分發的提案。大多數成員認為預算是合理的，但有兩位成員要求在投票之前提供更詳細的費用明細。',
  ],
  [
    'Japanese',
    92,
    '委員会は火曜日に開かれ、一週間前に配布された提案について話し合いました。ほとんどのメンバーは予算が妥当であると認めましたが、二人は投票の前に費用のより詳しい内訳を求めました。',
  ],
  [
    'Katakana',
    52,
    'プロジェクトマネージャーはミーティングでデータベースのパフォーマンスについてプレゼンテーションをしました。',
  ],
  [
    'Korean',
    100,
    '위원회는 화요일에 모여 일주일 전에 배포된 제안을 논의했습니다. 대부분의 위원은 예산이 합리적이라고 동의했지만 두 명은 투표 전에 더 자세한 비용 내역을 요청했습니다.',
  ],
  [
    'Georgian',
    100,
    'კომიტეტი სამშაბათს შეიკრიბა, რათა განეხილა წინადადება, რომელიც ერთი კვირით ადრე დარიგდა.',
  ],
  ['Amharic', 137, 'ኮሚቴው ከአንድ ሳምንት በፊት በተሰራጨው ሀሳብ ላይ ለመወያየት ማክሰኞ ተሰብስቧል።'],
  ['emoji', 65, '😀🎉🚀🔥👍🏽👩‍👩‍👧‍👦🇩🇪🧵🪢✨❤️🤖🏳️‍🌈🥑🦄🍕'],
  [
    'hex',
    147,
    '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a755267768822ee624d48fce15ec5ca79cbd602cb7f4c2157a516556991f22ef8c7b5ef7b18d1ff41c59370efb0858651d44a936c11b7b144c48fe04df3c6a3e8da',
  ],
  [
    'base64',
    117,
    'H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adVJndogi7mJNSPzhXsXKecvWAst/TCFXpRZVaZHyLvjHte97GNH/QcWTcO+whYZR1EqTbBG3sUTEj+BN88aj6No=',
  ],
  [
    'random letters',
    45,
    'qzxvkjwpfhgmbnrtldscuyqkxzvjpwqhtrlmnbvcxzasdfghjklpoiuytrewqmznxbcvalskdjfhgqpwoeiruty',
  ],
  [
    'digits',
    43,
    '3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067',
  ],
  ['UUIDs', 58, '5f46208a-e2a5-4ab5-9e91-ad659d69ed32 9b2f1c7e-0d3a-4f61-8c55-17e4b0a2d9f3'],
  [
    'TypeScript',
    104,
    'export async function reserve(database: Database, wanted: { budgets: Budget[] }): Promise<Grant> {\n  const { rows } = await tx.execute(sql`select id from t where a = $1 and b <> 3`);\n  if (rows.length === 0) return null;\n  for (let i = 0; i < rows.length; i++) total += rows[i]?.cost ?? 0;\n  return { kind: "granted", total };\n}\n',
  ],
  [
    'Python',
    61,
    'def fib(n):\n    """Return the n-th Fibonacci number."""\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n\nprint([fib(i) for i in range(10)])\n',
  ],
  [
    'JSON',
    60,
    '{"id":12345,"name":"Ana Ruiz","tags":["a","b"],"nested":{"created_at":"2026-11-28T18:59:02Z","ok":true,"ratio":0.5321},"list":[1,2,3,40,500]}',
  ],
  [
    'minified code',
    92,
    '!function(e,t){"object"==typeof exports?t(exports):(e=e||self,t(e.x={}))}(this,function(e){var n=Array.isArray,r=Object.keys;e.m=function(e,t){return n(e)?e.map(t):r(e).map(n=>t(e[n],n))}});',
  ],
  [
    'a table',
    53,
    '| Name | Count | Cost |\n| --- | ---: | ---: |\n| alpha | 12 | $0.0281 |\n| beta | 7 | $0.0039 |\n| gamma | 130 | $1.2200 |\n',
  ],
  [
    'shouting',
    33,
    'WARNING: THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND DOES NOT STOP UNTIL IT REACHES THE FOREST.',
  ],
  [
    'a URL',
    47,
    'https://example.com/a/b?utm_source=newsletter&id=AKIAIOSFODNN7EXAMPLE&sig=wJalrXUtnFEMIK7MDENGbPxRfiCY',
  ],
  ['blanks', 2, ' '.repeat(200)],
  ['empty lines', 4, '\n'.repeat(100)],
  ['a ruler', 3, '-'.repeat(120)],
  ['assignments', 121, 'a = b; '.repeat(30)],
  ['mathematics', 46, '∑ᵢ₌₁ⁿ xᵢ² ≤ ∫₀^∞ e^{−x} dx ⇒ ∀ε>0 ∃δ: |f(x)−f(y)|<ε'],
  ['frames', 30, '┌──────┬──────┐\n│ a    │ b    │\n└──────┴──────┘'],
  ['Latin letters with marks', 28, 'Ünïcödé ñandú çà êtré ŝĉĝ ăâîșț'],
  ['rare letters', 22, '𝓗𝓮𝓵𝓵𝓸 𝔚𝔬𝔯𝔩𝔡 𠀀𠀁𠀂 𐎀𐎁𐎂'],
];
/** "Approximately 30 percent more tokens": Anthropic's page on token counting, of Opus 4.7 and everything newer. */
const NEWER = 1.3;
const OLD = 'claude-sonnet-4-6';

test.each(COUNTED)(
  '%s has no fewer tokens by estimate than were counted (%i), on models of either kind',
  (_what, counted, text) => {
    expect(estimateTokens(text, OLD)).toBeGreaterThanOrEqual(counted);
    expect(estimateTokens(text, 'claude-opus-5-5')).toBeGreaterThanOrEqual(Math.floor(counted * NEWER));
  },
);

const PROSE = COUNTED.filter(([what]) => !/blanks|lines|ruler|rare/.test(what));

test.each(PROSE)('%s is not made much dearer than it is', (_what, counted, text) => {
  expect(estimateTokens(text, OLD)).toBeLessThanOrEqual(Math.ceil(counted * 1.8));
});

test('a text that is mixed from many kinds has no fewer tokens than its parts were counted to have', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...COUNTED), { maxLength: 30 }), (parts) => {
      const counted = parts.reduce((sum, [, tokens]) => sum + tokens, 0);
      const text = parts.map(([, , one]) => one).join('\n');
      // Two texts that meet share a token at most.
      expect(estimateTokens(text, OLD)).toBeGreaterThanOrEqual(counted - parts.length);
    }),
  );
});

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)))
    .map((all) => all.join('')),
);

test('more text never has fewer tokens, in whatever pieces it comes, and no model makes it free', () => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.constantFrom(OLD, 'claude-haiku-5-5', 'of-tomorrow', ''),
      (a, b, model) => {
        const whole = estimateTokens(a + b, model);
        expect(whole).toBeGreaterThanOrEqual(estimateTokens(a, model));
        const count = tokenCounter(model);
        count(a);
        expect(count(b)).toBe(whole);
        expect(whole > 0).toBe(a + b !== '');
      },
    ),
  );
});

test.each([
  ['claude-sonnet-4-6', 1],
  ['claude-haiku-4-5-20251001', 1],
  ['claude-opus-4-1-20250805', 1],
  ['claude-3-5-haiku-latest', 1],
  ['claude-opus-4-7', 1.35],
  ['claude-opus-4-10', 1.35],
  ['claude-haiku-5-5', 1.35],
  ['claude-of-tomorrow', 1.35],
])('the tokenizer of %s makes %f times the tokens', (model, factor) => {
  const [, , english] = COUNTED[0] ?? ['', 0, ''];
  expect(estimateTokens(english.repeat(50), model) / estimateTokens(english.repeat(50), OLD)).toBeCloseTo(
    factor,
    2,
  );
});

test('of a text of which only the size is known, English and Han come to about the same as by their words', () => {
  for (const what of ['English', 'Chinese', 'Russian']) {
    const [, counted, text] = COUNTED.find(([name]) => name === what) ?? ['', 0, ''];
    const size = { characters: [...text].length, bytes: Buffer.byteLength(text) };
    expect(estimateTokensOfSize(size, OLD)).toBeGreaterThanOrEqual(counted);
    expect(estimateTokensOfSize(size, OLD)).toBeLessThanOrEqual(counted * 2.2);
  }
});

test('a million characters are counted in the time of one look at each', async () => {
  const text = 'The quick brown fox 世界 jumps. '.repeat(30_000);
  expect(await quickest(500, () => timed(() => estimateTokens(text)))).toBeLessThan(500);
});

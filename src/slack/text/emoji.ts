/** Code points as Slack writes them, e.g. `1f44d-1f3fd`; `null` if they are not characters. */
export function emojiFromCodePoints(unicode: string): string | null {
  if (!/^[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,15}$/i.test(unicode)) return null;
  const points = unicode.split('-').map((point) => Number.parseInt(point, 16));
  const bad = points.some(
    (point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || point < 0x20,
  );
  return bad ? null : String.fromCodePoint(...points);
}

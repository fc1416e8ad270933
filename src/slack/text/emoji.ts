/**
 * The emoji that people use most in work chats, by Slack's short name; names that are not here stay
 * `:name:`, which models read well. Rich text mostly carries the code points itself.
 */
const KNOWN: Readonly<Record<string, string>> = {
  '+1': '👍',
  thumbsup: '👍',
  '-1': '👎',
  thumbsdown: '👎',
  smile: '😄',
  smiley: '😃',
  grinning: '😀',
  grin: '😁',
  joy: '😂',
  rolling_on_the_floor_laughing: '🤣',
  slightly_smiling_face: '🙂',
  upside_down_face: '🙃',
  wink: '😉',
  blush: '😊',
  sweat_smile: '😅',
  thinking_face: '🤔',
  neutral_face: '😐',
  disappointed: '😞',
  cry: '😢',
  sob: '😭',
  scream: '😱',
  angry: '😠',
  sunglasses: '😎',
  heart: '❤️',
  heart_eyes: '😍',
  broken_heart: '💔',
  fire: '🔥',
  tada: '🎉',
  rocket: '🚀',
  eyes: '👀',
  wave: '👋',
  pray: '🙏',
  clap: '👏',
  raised_hands: '🙌',
  ok_hand: '👌',
  muscle: '💪',
  point_right: '👉',
  point_left: '👈',
  point_up: '☝️',
  point_down: '👇',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  exclamation: '❗',
  question: '❓',
  octagonal_sign: '🛑',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  bulb: '💡',
  bug: '🐛',
  star: '⭐',
  sparkles: '✨',
  zap: '⚡',
  boom: '💥',
  '100': '💯',
  hourglass: '⌛',
  calendar: '📅',
  memo: '📝',
  lock: '🔒',
  key: '🔑',
  coffee: '☕',
  robot_face: '🤖',
  arrow_right: '➡️',
};

/** The emoji of a short name, or `:name:` if it is not one of the few we know. */
export function emojiOf(name: string): string {
  return (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined) ?? `:${name}:`;
}

/** Code points as Slack writes them, e.g. `1f44d-1f3fd`; `null` if they are not characters. */
export function emojiFromCodePoints(unicode: string): string | null {
  if (!/^[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,15}$/i.test(unicode)) return null;
  const points = unicode.split('-').map((point) => Number.parseInt(point, 16));
  const bad = points.some(
    (point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || point < 0x20,
  );
  return bad ? null : String.fromCodePoint(...points);
}

/** The handful of emoji that the playground draws by name; others stay `:name:`. */

const EMOJI: ReadonlyMap<string, string> = new Map([
  ['+1', '👍'],
  ['thumbsup', '👍'],
  ['-1', '👎'],
  ['thumbsdown', '👎'],
  ['eyes', '👀'],
  ['heart', '❤️'],
  ['tada', '🎉'],
  ['fire', '🔥'],
  ['rocket', '🚀'],
  ['wave', '👋'],
  ['pray', '🙏'],
  ['clap', '👏'],
  ['raised_hands', '🙌'],
  ['100', '💯'],
  ['joy', '😂'],
  ['smile', '😄'],
  ['slightly_smiling_face', '🙂'],
  ['thinking_face', '🤔'],
  ['sweat_smile', '😅'],
  ['cry', '😢'],
  ['octagonal_sign', '🛑'],
  ['stop_sign', '🛑'],
  ['white_check_mark', '✅'],
  ['heavy_check_mark', '✔️'],
  ['x', '❌'],
  ['warning', '⚠️'],
  ['hourglass_flowing_sand', '⏳'],
  ['hourglass', '⌛'],
  ['bulb', '💡'],
  ['memo', '📝'],
  ['lock', '🔒'],
  ['moneybag', '💰'],
  ['bar_chart', '📊'],
  ['sparkles', '✨'],
  ['star', '⭐'],
  ['zap', '⚡'],
  ['thread', '🧵'],
  ['yarn', '🧶'],
  ['robot_face', '🤖'],
  ['speech_balloon', '💬'],
  ['point_right', '👉'],
  ['arrows_counterclockwise', '🔄'],
  ['stopwatch', '⏱️'],
  ['wastebasket', '🗑️'],
]);

/** Offered by the reaction picker. `octagonal_sign` stops an answer. */
export const QUICK_REACTIONS = [
  '+1',
  '-1',
  'heart',
  'tada',
  'eyes',
  'joy',
  'thinking_face',
  'octagonal_sign',
] as const;

/** The emoji of a Slack name (without colons, skin tone ignored); `null` if it is not one of ours. */
export function emojiOf(name: string): string | null {
  return EMOJI.get(name.split('::', 1)[0] ?? '') ?? null;
}

import type { ModelFault } from '../../playground/model/types.ts';
import type { FaultRule } from '../../playground/slack/faults.ts';
import type { FaultRule as ToolFaultRule } from '../../playground/tools/faults.ts';
import { CALL_MOMENTS } from './calls/steps.ts';
import { CONTROLS, type Control } from './presses.ts';
import type { Random } from './random.ts';
import { MOMENTS, type Moment } from './steps.ts';

/** One thing that goes wrong. */
export type Fault =
  /** A process is met at the `nth` passing of a moment: killed, or only its connection is cut there. */
  | { readonly kind: 'kill_at' | 'cut_at'; readonly moment: Moment; readonly nth: number }
  /** The same, and somebody presses this at that moment, so that it is met on the way of the press. */
  | {
      readonly kind: 'press';
      readonly control: Control;
      readonly how: 'kill_at' | 'cut_at';
      readonly moment: Moment;
      readonly nth: number;
    }
  /** Answers of this moment, done by the database, are lost with their connections, while a thread has a second question. */
  | { readonly kind: 'lost_answers'; readonly moment: Moment; readonly times: number }
  /** A process is frozen in the middle of a call to the model, for so long that another has the reply when it wakes. */
  | { readonly kind: 'freeze_at'; readonly moment: Moment; readonly nth: number; readonly ms: number }
  | { readonly kind: 'kill' | 'terminate' | 'cut_database' }
  | { readonly kind: 'freeze' | 'silence' | ServerFault; readonly ms: number }
  | { readonly kind: 'outage'; readonly ms: number; readonly signal: 'SIGINT' | 'SIGQUIT' | null }
  /** Somebody asks for something that calls a tool, and this happens on its way to its result. */
  | { readonly kind: 'call'; readonly how: 'kill_at' | 'cut_at'; readonly moment: Moment }
  | { readonly kind: 'tools'; readonly rule: ToolFaultRule }
  | { readonly kind: 'slack'; readonly rule: FaultRule }
  | { readonly kind: 'model'; readonly fault: ModelFault; readonly times: number };

/** What becomes of the database as all processes see it. */
type ServerFault =
  /** The host vanishes without a word, with its sessions; there is another under its address. */
  | 'vanish'
  /** Something between a process and the server forgets its connections: neither end hears of it. */
  | 'forget'
  /** All sessions are gone, nobody is taken for a while, and a process that has just started is the first to be back. */
  | 'failover'
  | 'read_only'
  | 'disk_full'
  | 'pool_full'
  | 'table_locked';

/** Moments of which an answer that is lost must count nothing twice. */
const LOSABLE: readonly Moment[] = [
  ...(['finish_job:after', 'finish_job:after', 'commit_1:after', 'commit_2:after', 'shown:after'] as const),
  ...(['begin_job:after', 'begin_call:after', 'ledger:after', 'append_log:after', 'release:after'] as const),
];

/** Moments on the way of a press: of the press itself, and of what follows it. */
const ON_THE_WAY: Readonly<Record<Control, readonly Moment[]>> = {
  regenerate: [
    ...(['lay_aside:after', 'begin_version:after', 'commit_press:before', 'commit_press:after'] as const),
    ...(['begin_call:after', 'model_request:before', 'model_token:after', 'model_token:after'] as const),
    ...(['append_log:after', 'commit_2:before', 'commit_2:after', 'final_edit:before'] as const),
    ...(['final_edit:after', 'shown:before', 'finish_job:before'] as const),
  ],
  retry: ['go_on:after', 'commit_press:before', 'commit_press:after', 'model_token:after', 'commit_2:after'],
  continue: [
    ...(['go_on:after', 'commit_press:before', 'commit_press:after', 'begin_call:after'] as const),
    ...(['model_token:after', 'model_last:after', 'commit_2:before', 'final_edit:before'] as const),
  ],
  show: [
    'bring_back:after',
    'commit_press:before',
    'commit_press:after',
    'final_edit:before',
    'shown:before',
  ],
  rate: ['rate:after', 'commit_press:before', 'commit_press:after'],
  delete: [
    ...(['begin_removal:after', 'commit_press:before', 'commit_press:after'] as const),
    ...(['remove:before', 'remove:after', 'shown:before'] as const),
  ],
};

/** `count` faults, every named moment among them as often as every other. */
export function faultsOf(random: Random, count: number): Fault[] {
  const moments: Moment[] = [];
  const nextMoment = (): Moment => {
    if (moments.length === 0) moments.push(...random.shuffle(MOMENTS));
    return moments.pop() ?? 'post:after';
  };
  const nthOf = (moment: Moment): number => {
    const often = /^(model_token|edit|append_log)/.test(moment);
    return often ? random.int(1, moment.startsWith('model') ? 120 : 6) : 1;
  };
  const at = (kind: 'kill_at' | 'cut_at'): Fault => {
    const moment = nextMoment();
    return { kind, moment, nth: nthOf(moment) };
  };
  const controls: Control[] = [];
  const press = (): Fault => {
    if (controls.length === 0)
      controls.push(...random.shuffle(['regenerate', 'regenerate', ...CONTROLS] as const));
    const control = controls.pop() ?? 'regenerate';
    const moment = random.pick(ON_THE_WAY[control]);
    // A press that is merely cut off is tried again by the process that has it.
    const how = control === 'rate' || random.chance(0.2) ? 'cut_at' : 'kill_at';
    return { kind: 'press', control, how, moment, nth: nthOf(moment) };
  };
  /** Of the database's kinds each comes as often as every other, even where faults are few. */
  const bag: Fault[] = [];
  const ofDatabase = (): Fault => {
    if (bag.length === 0)
      bag.push(
        ...random.shuffle<Fault>([
          { kind: 'vanish', ms: 11_000 },
          { kind: 'forget', ms: 12_000 },
          { kind: 'failover', ms: random.int(2_600, 3_600) },
          { kind: 'read_only', ms: random.int(1_500, 4_000) },
          { kind: 'disk_full', ms: random.int(1_500, 4_000) },
          { kind: 'pool_full', ms: random.int(1_500, 4_000) },
          { kind: 'table_locked', ms: random.int(2_000, 6_500) },
          { kind: 'lost_answers', moment: random.pick(LOSABLE), times: random.int(1, 3) },
          { kind: 'lost_answers', moment: 'finish_job:after', times: 2 },
          {
            kind: 'freeze_at',
            moment: 'model_token:after',
            nth: random.int(1, 60),
            ms: random.int(11_000, 13_000),
          },
        ]),
      );
    return bag.pop() ?? { kind: 'cut_database' };
  };
  const onTheWay: Moment[] = [];
  const ofCalls = (): Fault => {
    if (onTheWay.length === 0) onTheWay.push(...random.shuffle(CALL_MOMENTS));
    const moment = onTheWay.pop() ?? 'tool_request:after';
    if (random.chance(0.2)) return { kind: 'tools', rule: toolRule(random) };
    return { kind: 'call', how: random.chance(0.2) ? 'cut_at' : 'kill_at', moment };
  };
  return Array.from({ length: count }, (_, place): Fault => {
    if (place % 3 === 1) return ofDatabase();
    if (place % 6 === 2) return ofCalls();
    const chance = random.next();
    if (chance < 0.28) return press();
    if (chance < 0.49) return at('kill_at');
    if (chance < 0.54) return at('cut_at');
    if (chance < 0.58) return { kind: 'kill' };
    if (chance < 0.63) return { kind: 'terminate' };
    if (chance < 0.67) return { kind: 'freeze', ms: random.int(11_000, 14_000) };
    if (chance < 0.71) return { kind: 'silence', ms: random.int(4_000, 12_000) };
    if (chance < 0.75)
      return {
        kind: 'outage',
        ms: random.int(800, 4_000),
        signal: random.pick(['SIGINT', 'SIGQUIT', null]),
      };
    if (chance < 0.79) return { kind: 'cut_database' };
    if (chance < 0.9) return { kind: 'slack', rule: slackRule(random) };
    return modelFault(random);
  });
}

function toolRule(random: Random): ToolFaultRule {
  const when = random.pick(['before', 'after'] as const);
  return {
    method: 'tools/call',
    times: random.int(1, 2),
    fault: random.pick([
      { kind: 'status', status: random.pick([500, 502, 503]), when },
      { kind: 'drop', when },
      { kind: 'delay', ms: random.int(300, 2_500), when },
      { kind: 'cut_within' },
      { kind: 'session_lost' },
      { kind: 'nonsense', body: 'not JSON' },
    ] as const),
  };
}

function slackRule(random: Random): FaultRule {
  const method = random.pick(['chat.update', 'chat.postMessage', 'chat.*', '*']);
  const when = random.pick(['before', 'after'] as const);
  return {
    method,
    times: random.int(1, 3),
    fault: random.pick([
      { kind: 'rate_limited', retryAfterSeconds: random.int(1, 3) },
      { kind: 'status', status: random.pick([500, 502, 503, 504]), when },
      { kind: 'error', error: random.pick(['internal_error', 'service_unavailable', 'fatal_error']), when },
      { kind: 'delay', ms: random.int(200, 2500), when },
      { kind: 'drop', when },
      { kind: 'hang', when },
    ] as const),
  };
}

function modelFault(random: Random): Fault {
  const afterTokens = random.int(0, 150);
  const fault: ModelFault = random.pick([
    { kind: 'status', status: random.pick([500, 529, 503]) },
    { kind: 'status', status: 429, retryAfter: '1' },
    { kind: 'status', status: 400 },
    { kind: 'html_413' },
    { kind: 'not_json' },
    { kind: 'reset_at_once' },
    { kind: 'hang' },
    { kind: 'error_event', afterTokens },
    { kind: 'reset', afterTokens },
    { kind: 'early_close', afterTokens },
    { kind: 'stall', afterTokens },
    { kind: 'stall', afterTokens, pingEveryMs: 300 },
    { kind: 'broken_event', afterTokens },
    { kind: 'empty' },
  ] as const);
  return { kind: 'model', fault, times: fault.kind === 'empty' ? 1 : random.int(1, 2) };
}

import { ADMIN } from '../errands.ts';
import { answered } from './answered.ts';
import { errandsDone } from './errands.ts';
import type { Evidence, Violation } from './evidence.ts';
import { filesHold } from './files.ts';
import { nothingHangs } from './hanging.ts';
import { entered } from './ledger.ts';
import { moneyHolds } from './money.ts';
import { opinionsCount } from './opinions.ts';
import { onlyOwnersWrite } from './owners.ts';
import { pressedOnce } from './pressed.ts';
import { raisedOnce } from './raises.ts';
import { boughtOnce, type TokenFigures } from './tokens.ts';
import { neverTakenBack } from './visible.ts';

/** Looks at everything that was seen and says which promises it breaks. */
export function check(evidence: Evidence): {
  violations: Violation[];
  figures: TokenFigures;
  /** Texts that were taken back by the documented exception. */
  excused: number;
} {
  const visible = neverTakenBack(evidence);
  const { violations, figures } = boughtOnce(evidence);
  return {
    violations: [
      ...answered(evidence),
      ...visible.violations,
      ...violations,
      ...entered(evidence),
      ...nothingHangs(evidence),
      ...onlyOwnersWrite(evidence),
      ...pressedOnce(evidence),
      ...opinionsCount(evidence),
      ...moneyHolds(evidence),
      ...raisedOnce(evidence, ADMIN),
      ...errandsDone(evidence),
      ...filesHold(evidence),
    ],
    figures,
    excused: visible.excused,
  };
}

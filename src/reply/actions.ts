import type { Button } from './ports.ts';

/** Ids of the buttons under a reply; the value of each is the reply's id. */
export const STOP_ACTION = 'reply_stop';
export const RETRY_ACTION = 'reply_retry';

export function stopButton(reply: string): Button {
  return {
    action: STOP_ACTION,
    label: 'Stop',
    value: reply,
    style: 'danger',
    accessibilityLabel: 'Stop this answer',
  };
}

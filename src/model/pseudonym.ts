import { createHmac } from 'node:crypto';

/** A keyed hash: stable for one person, meaningless to the model's provider. */
export function pseudonymiser(secret: string): (team: string, user: string) => string {
  const key = createHmac('sha256', secret).update('model user id').digest();
  return (team, user) => createHmac('sha256', key).update(`${team} ${user}`).digest('hex').slice(0, 32);
}

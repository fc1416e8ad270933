import type { Handlers } from './worker.ts';

/** Handlers that take each job to those of its name; `others` take what has none of its own. */
export function handlersByName(named: Readonly<Record<string, Handlers>>, others: Handlers): Handlers {
  const of = (name: string): Handlers => (Object.hasOwn(named, name) ? named[name] : undefined) ?? others;
  return {
    handle: (job, lease) => of(job.name).handle(job, lease),
    giveUp: (job, lease, error) => of(job.name).giveUp(job, lease, error),
  };
}

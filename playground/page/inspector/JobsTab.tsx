import { useApp } from '../shell/app.ts';
import { count, preciseTime, usd } from '../state/format.ts';

/** States in which nothing more will happen, by how they are coloured; every other state is work in hand. */
const TONES: ReadonlyMap<string, 'good' | 'bad'> = new Map([
  ['shown', 'good'],
  ['done', 'good'],
  ['stopped', 'bad'],
  ['failed', 'bad'],
]);

/** The bot's own job table: one row for every reply, newest first. */
export function JobsTab() {
  const { jobs, status } = useApp().world;
  if (jobs.length === 0) return <p className="empty">No jobs yet. Every question becomes one row here.</p>;
  return (
    <table className="jobs">
      <caption>
        Spent so far: <strong>{usd(status.costUsd)}</strong>
        {status.answers === 'scripted' && ' (what Claude would have cost; the stand-in is free)'}
      </caption>
      <thead>
        <tr>
          <th scope="col">Created</th>
          <th scope="col">State</th>
          <th scope="col">Conversation</th>
          <th scope="col">Model</th>
          <th scope="col" className="figure">
            Tokens in
          </th>
          <th scope="col" className="figure">
            Tokens out
          </th>
          <th scope="col" className="figure">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {[...jobs]
          .sort((a, b) => b.createdAt - a.createdAt)
          .map((job) => (
            <tr key={job.id} data-testid="job" data-state={job.state}>
              <td>{preciseTime(job.createdAt)}</td>
              <td>
                <span className={`result result-${TONES.get(job.state) ?? 'slow'}`}>{job.state}</span>
              </td>
              <td className="mono">{job.conversation}</td>
              <td>{job.model ?? '–'}</td>
              <td className="figure">{job.inputTokens === null ? '–' : count(job.inputTokens)}</td>
              <td className="figure">{job.outputTokens === null ? '–' : count(job.outputTokens)}</td>
              <td className="figure">{usd(job.costUsd)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

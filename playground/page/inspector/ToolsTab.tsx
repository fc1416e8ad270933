import { useApp } from '../shell/app.ts';
import { preciseTime } from '../state/format.ts';

/** What the servers of tools on this machine really did, newest first, whatever the answer says of it. */
export function ToolsTab() {
  const { toolCalls, status } = useApp().world;
  return (
    <>
      <p className="empty">
        On this machine:{' '}
        {status.toolServers.map(({ name, url, accounts }, index) => (
          <span key={name}>
            {index > 0 && ', '}
            <strong>{name}</strong> (<code>{url}</code>
            {accounts ? ', each person with an account' : ''})
          </span>
        ))}
        . An admin connects one with <code>/skein tools</code>.
      </p>
      {toolCalls.length === 0 ? (
        <p className="empty">Nothing was done there yet.</p>
      ) : (
        <table className="jobs">
          <thead>
            <tr>
              <th scope="col">Done</th>
              <th scope="col">Server</th>
              <th scope="col">Tool</th>
              <th scope="col">Account</th>
              <th scope="col">Arguments</th>
            </tr>
          </thead>
          <tbody>
            {toolCalls.toReversed().map((call) => (
              <tr key={call.id} data-testid="tool-call" data-tool={call.tool}>
                <td>{preciseTime(call.at)}</td>
                <td>{call.server}</td>
                <td className="mono">{call.tool}</td>
                <td>{call.account}</td>
                <td className="mono">{JSON.stringify(call.args)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { apiKeysQuery } from '../../api/settingsQueries.ts'
import type { ApiKey } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { ConfirmButton } from './ConfirmButton.tsx'
import classes from './Settings.module.css'

/** One key, by its name and last characters. */
export function ApiKeyItem({
  apiKey,
  agentName,
  onRevoked,
}: {
  apiKey: ApiKey
  /** Of an agent key, once it is known. */
  agentName: string | undefined
  onRevoked: () => void
}) {
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>{apiKey.name}</p>
        <p className={classes.more}>
          {apiKey.agent_id === null ? (
            adminLabel(apiKey)
          ) : (
            <>
              Agent{' '}
              <Link to="/agents/$agentId" params={{ agentId: apiKey.agent_id }}>
                {agentName ?? apiKey.agent_id}
              </Link>
            </>
          )}
          {' · ends in '}
          <code>{apiKey.hint}</code>
          {' · created '}
          <RelativeTime at={apiKey.created_at} />
        </p>
      </div>
      <Allowed least="owner">
        <div className={classes.actions}>
          <RevokeKey apiKey={apiKey} onRevoked={onRevoked} />
        </div>
      </Allowed>
    </li>
  )
}

function adminLabel({ role }: ApiKey): string {
  return role === null || role === 'owner' ? 'Admin' : `Admin, ${role}`
}

function RevokeKey({ apiKey: { id, name, scope }, onRevoked }: { apiKey: ApiKey; onRevoked: () => void }) {
  const client = useQueryClient()
  return (
    <ConfirmButton
      action="Revoke"
      name={name}
      run={() => call('DELETE', `api/api_keys/${encodeURIComponent(id)}`)}
      onDone={() => {
        onRevoked()
        return client.invalidateQueries({ queryKey: apiKeysQuery.queryKey })
      }}
    >
      Requests with this key get 401 immediately
      {scope === 'admin' && ', and sessions that were opened with it end, possibly including yours'}. This
      cannot be undone.
    </ConfirmButton>
  )
}

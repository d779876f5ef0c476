import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { Secret } from '../../api/types.ts'

/** The agents that use something, as links. */
export function UsedBy({ agents }: { agents: Secret['used_by'] }) {
  return (
    <>
      Used by{' '}
      {agents.map(({ agent_id: agentId, name }, index) => (
        <Fragment key={agentId}>
          {index > 0 && ', '}
          <Link to="/agents/$agentId" params={{ agentId }}>
            {name}
          </Link>
        </Fragment>
      ))}
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { COUNTED, waitingQuery } from '../api/queries.ts'
import { EmptyState } from '../components/EmptyState.tsx'
import { Problem } from '../components/Notice.tsx'
import { PageHeader } from '../components/PageHeader.tsx'
import { Panel } from '../components/Panel.tsx'
import { useTitle } from '../lib/useTitle.ts'
import { Approvals as Decisions } from './task/Approvals.tsx'

/** Everything that waits for a person, of all agents: calls to approve, and questions to answer. */
export function Approvals() {
  useTitle('Approvals')
  const { data: approvals, error } = useQuery(waitingQuery)
  return (
    <>
      <PageHeader title="Approvals" under="Calls and questions of agents that wait for a person." />
      {error && <Problem error={error} />}
      {approvals?.length === 0 && (
        <EmptyState title="Nothing is waiting">
          <p>Calls that need approval, and questions of agents, appear here.</p>
        </EmptyState>
      )}
      {approvals !== undefined && approvals.length > 0 && (
        <Panel title={approvals.length >= COUNTED ? `The newest ${COUNTED}` : 'Waiting'}>
          <Decisions approvals={approvals} withTask />
        </Panel>
      )}
    </>
  )
}

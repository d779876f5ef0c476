import { Skeleton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { agentQuery } from '../../../api/queries.ts'
import { revisionRunsQuery, revisionsQuery } from '../../../api/revisionQueries.ts'
import type { Agent, Revision, RevisionRuns } from '../../../api/types.ts'
import { LoadMore } from '../../../components/LoadMore.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import { rowClass, Rows, RowSkeletons } from '../../../components/Rows.tsx'
import { counted, usd } from '../../../lib/amounts.ts'
import { Author } from './Author.tsx'
import { CompareRevisions } from './CompareRevisions.tsx'
import { summaryOf } from './fieldChanges.ts'
import classes from './RevisionsTab.module.css'

const route = getRouteApi('/inside/agents/$agentId/revisions')

/** The history of an agent: what each revision has changed and how it did, differences, and the way back. */
export function RevisionsTab() {
  const { agentId } = route.useParams()
  const { data: agent } = useQuery(agentQuery(agentId))
  return agent ? <Revisions key={agent.id} agent={agent} /> : <Skeleton height="20rem" />
}

function Revisions({ agent }: { agent: Agent }) {
  const { from, to } = route.useSearch()
  const list = useInfiniteQuery(revisionsQuery(agent.id))
  const { data: runs } = useQuery(revisionRunsQuery(agent.id))
  const revisions = list.data?.pages.flatMap((page) => page.data)
  if (list.isError && !revisions) return <Problem error={list.error} />
  return (
    <div className={classes.column}>
      {to !== undefined && <CompareRevisions agent={agent} to={to} from={from ?? Math.max(1, to - 1)} />}
      <Rows
        label="Revisions"
        heads={['Revision', 'Changed', 'Saved', 'Tasks', 'Succeeded', 'Cost']}
        columns="6.5rem minmax(0, 1fr) minmax(0, 12rem) 6rem 6rem 6rem"
      >
        {revisions?.map((revision) => (
          <Row
            key={revision.revision}
            revision={revision}
            isLive={revision.revision === agent.revision}
            isOpen={revision.revision === to}
            runs={runs}
          />
        )) ?? <RowSkeletons count={4} />}
      </Rows>
      <LoadMore query={list} />
      {runs?.is_complete === false && (
        <p className={classes.note}>Counts cover the latest {runs.counted.toLocaleString('en-GB')} tasks.</p>
      )}
    </div>
  )
}

function Row({
  revision,
  isLive,
  isOpen,
  runs,
}: {
  revision: Revision
  isLive: boolean
  isOpen: boolean
  runs: RevisionRuns | undefined
}) {
  const own = runs?.revisions.find((one) => one.revision === revision.revision)
  const ended = own ? own.succeeded + own.failed : 0
  return (
    <li>
      <Link
        to="/agents/$agentId/revisions"
        params={{ agentId: revision.agent_id }}
        search={{ to: revision.revision }}
        className={`${rowClass} ${classes.row}`}
        activeOptions={{ exact: true, includeSearch: true }}
        aria-current={isOpen}
      >
        <span className={classes.number}>
          <span>Revision {revision.revision}</span>
          {isLive && <span className={classes.live}>Live</span>}
        </span>
        <span className={classes.changed}>{summaryOf(revision.changed)}</span>
        <span className={classes.saved}>
          <RelativeTime at={revision.created_at} /> <Author revision={revision} />
        </span>
        <span className={classes.figure}>{runs ? (own ? counted(own.tasks, 'task') : 'No tasks') : '…'}</span>
        <span className={classes.figure} data-bad={(own && own.failed > own.succeeded) || undefined}>
          {own && ended > 0 ? `${percent(own.succeeded / ended)} ok` : ''}
        </span>
        <span className={classes.figure}>{own?.cost_usd == null ? '' : usd(own.cost_usd)}</span>
      </Link>
    </li>
  )
}

/** Rounded down, so that 100 % means all. */
function percent(share: number): string {
  return `${Math.floor(share * 100)} %`
}

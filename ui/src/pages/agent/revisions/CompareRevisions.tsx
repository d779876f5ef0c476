import { Allowed } from '../../../components/Allowed.tsx'
import { NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { revisionQuery } from '../../../api/revisionQueries.ts'
import type { Agent } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import { Author } from './Author.tsx'
import { Difference } from './Difference.tsx'
import { fieldChanges } from './fieldChanges.ts'
import { RestoreRevision } from './RestoreRevision.tsx'
import classes from './CompareRevisions.module.css'

const route = getRouteApi('/inside/agents/$agentId/revisions')

/** What is different between two revisions, and the way back to the one that is looked at. */
export function CompareRevisions({ agent, from, to }: { agent: Agent; from: number; to: number }) {
  const navigate = route.useNavigate()
  const older = useQuery({ ...revisionQuery(agent.id, from), enabled: from !== to })
  const newer = useQuery(revisionQuery(agent.id, to))
  const numbers = Array.from({ length: Math.max(agent.revision, to, from) }, (_, index) => ({
    value: String(index + 1),
    label: `Revision ${index + 1}`,
  })).toReversed()
  const show = (search: { from: number; to: number }) => void navigate({ search, replace: true })
  const error = newer.error ?? (from === to ? null : older.error)

  return (
    <Panel
      title={`Revision ${to}`}
      aside={
        <Allowed least="editor">
          {to !== agent.revision && newer.data && <RestoreRevision agent={agent} revision={to} />}
        </Allowed>
      }
    >
      <div className={classes.head}>
        <NativeSelect
          label="Compare"
          size="xs"
          data={numbers}
          value={String(to)}
          onChange={(event) => show({ from, to: Number(event.currentTarget.value) })}
        />
        <NativeSelect
          label="With"
          size="xs"
          data={numbers}
          value={String(from)}
          onChange={(event) => show({ from: Number(event.currentTarget.value), to })}
        />
        {newer.data && (
          <p className={classes.saved}>
            Saved <RelativeTime at={newer.data.created_at} /> <Author revision={newer.data} by />
          </p>
        )}
      </div>
      {error ? (
        <Problem error={error} />
      ) : from === to ? (
        <p className={classes.none}>
          {to === 1 ? 'This is the first revision.' : 'Choose two different revisions.'}
        </p>
      ) : older.data && newer.data ? (
        <Differences changes={fieldChanges(older.data.config, newer.data.config)} />
      ) : (
        <Skeleton height="8rem" />
      )}
    </Panel>
  )
}

function Differences({ changes }: { changes: ReturnType<typeof fieldChanges> }) {
  if (changes.length === 0) return <p className={classes.none}>No differences.</p>
  return changes.map((change) => <Difference key={change.pointer} change={change} />)
}

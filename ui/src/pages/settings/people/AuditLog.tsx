import { NativeSelect, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { auditQuery } from '../../../api/peopleQueries.ts'
import type { AuditEntry } from '../../../api/types.ts'
import { LoadMore } from '../../../components/LoadMore.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import classes from '../Settings.module.css'
import audit from './AuditLog.module.css'
import { inWords, readableKind, shownValue } from './auditWords.ts'

/** The kinds of objects that people change most. */
const KINDS = ['agent', 'webhook', 'schedule', 'secret', 'task', 'approval', 'api_key', 'user', 'invitation']

/** Who changed what, newest first. */
export function AuditLog() {
  const [kind, setKind] = useState('')
  const query = useInfiniteQuery(auditQuery(kind === '' ? {} : { kind }))
  const entries = query.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <Panel title="Audit log">
      <p className={classes.about}>
        Every change made by people and API keys. Values of secrets are never recorded.
      </p>
      <NativeSelect
        label="Kind"
        data={[
          { value: '', label: 'Everything' },
          ...KINDS.map((value) => ({ value, label: readableKind(value) })),
        ]}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
        maw="14rem"
        mb="sm"
      />
      {query.isError && !query.data && <Problem error={query.error} />}
      {query.isPending && <Skeleton height="8rem" />}
      {query.data && entries.length === 0 && (
        <p className={classes.none}>{kind === '' ? 'No changes yet.' : 'No changes of this kind.'}</p>
      )}
      {entries.length > 0 && (
        <ul className={classes.list} aria-label="Audit log">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Panel>
  )
}

function Entry({
  entry: { at, actor, operation, route, object, changes, outcome, address },
}: {
  entry: AuditEntry
}) {
  const name = object.name ?? object.id
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name} title={route}>
          {inWords(operation)}
          {name !== null && (
            <>
              {': '}
              {object.kind === 'agent' && object.id !== null ? (
                <Link to="/agents/$agentId" params={{ agentId: object.id }}>
                  {name}
                </Link>
              ) : object.kind === 'task' && object.id !== null ? (
                <Link to="/tasks/$taskId" params={{ taskId: object.id }}>
                  {name}
                </Link>
              ) : (
                name
              )}
            </>
          )}
        </p>
        <p className={classes.more}>
          {actor.name} · {address} · <RelativeTime at={at} />
          {outcome === 'unknown' && ' · outcome unknown: the process stopped before recording it'}
        </p>
        {changes.length > 0 && (
          <details className={classes.listed}>
            <summary>{changes.length === 1 ? '1 field changed' : `${changes.length} fields changed`}</summary>
            <ul className={audit.changes}>
              {changes.map((change) => (
                <li key={change.pointer}>
                  <code>{change.pointer}</code>
                  {'before' in change && <del>{shownValue(change.before)}</del>}
                  {'after' in change && <ins>{shownValue(change.after)}</ins>}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  )
}

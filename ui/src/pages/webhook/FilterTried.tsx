import { Link } from '@tanstack/react-router'
import type { FilterTryAnswer } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { REASONS } from '../../lib/reasons.ts'
import classes from './Fields.module.css'

type Tried = FilterTryAnswer['data'][number]

const EFFECTS = { no_calls: 'No calls', read: 'Only read', write: 'Wrote' }

/** What a filter would have done with past requests. */
export function FilterTried({ answer: { data, summary } }: { answer: FilterTryAnswer }) {
  return (
    <div className={classes.group} role="group" aria-label="Result of the try">
      <p role="status">
        <strong>{summary.text}</strong>
      </p>
      {data.length > 0 && (
        <>
          <p className={classes.hint}>
            {summary.would_start} of {summary.evaluated} would start the agent
            {summary.failed > 0 && `, ${summary.failed} could not be evaluated`}.
          </p>
          <div className={classes.scroll} tabIndex={0} role="group" aria-label="Past requests">
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">Received</th>
                  <th scope="col">Would start</th>
                  <th scope="col">What happened</th>
                  <th scope="col">Run</th>
                  <th scope="col">Cost</th>
                </tr>
              </thead>
              <tbody>
                {data.map((tried) => (
                  <Row key={tried.task_id ?? tried.rejection_id} tried={tried} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  )
}

function Row({ tried }: { tried: Tried }) {
  const { would_start: starts, error, effect, cost_usd: cost } = tried
  return (
    <tr>
      <td>
        <RelativeTime at={tried.created_at} />
      </td>
      <td>{error ?? (starts === null ? 'Not evaluated in time' : starts ? 'Yes' : <strong>No</strong>)}</td>
      <td>
        <Outcome tried={tried} />
      </td>
      <td>{effect === null ? '–' : EFFECTS[effect]}</td>
      <td>{cost === null ? '–' : `$${cost}`}</td>
    </tr>
  )
}

function Outcome({ tried: { task_id: taskId, rejection_id: rejectionId, state, reason } }: { tried: Tried }) {
  if (taskId !== null) {
    return (
      <Link to="/tasks/$taskId" params={{ taskId }}>
        {state === null ? 'Task' : <StateBadge state={state} />}
      </Link>
    )
  }
  const words = reason === null ? 'Rejected' : REASONS[reason]
  if (rejectionId === null) return words
  return (
    <Link to="/rejections/$rejectionId" params={{ rejectionId }}>
      {words}
    </Link>
  )
}

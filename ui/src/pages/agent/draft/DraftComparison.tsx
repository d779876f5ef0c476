import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { comparisonQuery } from '../../../api/comparisonQuery.ts'
import type { Comparison } from '../../../api/types.ts'
import { Problem } from '../../../components/Notice.tsx'
import { compact, usd } from '../../../lib/amounts.ts'
import { duration } from '../../../lib/time.ts'
import classes from './TryDraft.module.css'

type Side = Comparison['left']

/** What the draft cost and took, beside the run of the original, where there is one. */
export function DraftComparison({ taskId, originalId }: { taskId: string; originalId: string | undefined }) {
  // Without an original the run is compared with itself: its own column is the one that is shown.
  const { data, error } = useQuery(comparisonQuery(originalId ?? taskId, taskId))
  if (error) return <Problem error={error} />
  if (!data) return null
  const { left, right, differs } = data
  const original = originalId === undefined ? undefined : left
  return (
    <section>
      <h3>{original ? 'Compared with the original run' : 'Cost and time'}</h3>
      <table className={classes.comparison}>
        <thead>
          <tr>
            <td />
            {original && <th scope="col">Original</th>}
            <th scope="col">Draft</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([name, show]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {original && <td>{show(original)}</td>}
              <td>{show(right)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {original && (
        <p className={classes.about}>
          {differs.length === 0 ? 'Same result, same steps.' : `Different: ${differs.join(', ')}.`}{' '}
          <Link
            to="/tasks/$taskId/compare/$otherId"
            params={{ taskId: original.id, otherId: right.id }}
            target="_blank"
          >
            Compare step by step
          </Link>{' '}
          (opens a new tab)
        </p>
      )}
    </section>
  )
}

const ROWS: [name: string, show: (side: Side) => string][] = [
  ['Result', ({ state, error }) => error?.code ?? state.toLowerCase()],
  ['Steps', ({ steps }) => String(steps)],
  ['Tokens', ({ usage }) => (usage ? compact(usage.input_tokens + usage.output_tokens) : '–')],
  ['Cost', ({ usage }) => (usage?.cost_usd == null ? '–' : usd(usage.cost_usd))],
  ['Time', ({ duration_ms: ms }) => (ms === null ? '–' : duration(ms))],
]

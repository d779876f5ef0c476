import { memo } from 'react'
import { ERRORS } from '../../../../src/errors.ts'
import { hasEnded } from '../../api/queries.ts'
import type { TaskSummary } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { here } from '../../lib/base.ts'
import { compact, usd } from '../../lib/amounts.ts'
import { duration } from '../../lib/time.ts'
import { whyHeld } from '../task/whyHeld.ts'
import classes from './TaskTable.module.css'

/** How many characters of an id are shown: its time in milliseconds. Searching for them finds the task. */
const SHORT_ID = 13

const TITLES: Record<string, { title: string }> = ERRORS

type Props = {
  task: TaskSummary
  index: number
  selected: boolean
  withAgent: boolean
  onSelect: (index: number, extend: boolean) => void
  onOpen: (id: string) => void
}

/** One task of the list. The row is a link to it, except for its checkbox. */
export const TaskRow = memo(({ task, index, selected, withAgent, onSelect, onOpen }: Props) => {
  const { state, error, usage } = task
  const tokens = usage ? usage.input_tokens + usage.output_tokens : 0
  const failed = state === 'SUCCESS' ? null : error
  return (
    <tr role="row" className={classes.row} data-selected={selected || undefined} aria-rowindex={index + 2}>
      <td role="cell" className={classes.choose}>
        <label className={classes.box}>
          <input
            type="checkbox"
            aria-label={`Select ${task.title}`}
            checked={selected}
            onChange={() => {}}
            onClick={(event) => onSelect(index, event.shiftKey)}
          />
        </label>
      </td>
      <td role="cell" className={classes.state}>
        <StateBadge state={state} />
      </td>
      <td role="cell" className={classes.task}>
        {/* Not a link of the router, which follows the URL and makes rows slow to render. */}
        <a
          href={here(`tasks/${task.id}`).pathname}
          data-index={index}
          className={classes.title}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
            event.preventDefault()
            onOpen(task.id)
          }}
        >
          {task.title}
        </a>
        <span className={classes.under}>
          <code title={task.id}>{task.id.slice(0, SHORT_ID)}</code>{' '}
          {task.held ? whyHeld(task.held) : task.excerpt !== task.title && task.excerpt}
        </span>
      </td>
      {withAgent && (
        <td role="cell" className={classes.agent}>
          {task.agent_name}
        </td>
      )}
      <td role="cell" className={classes.webhook}>
        {task.webhook_name ?? task.origin}
      </td>
      <td role="cell" className={classes.error}>
        {failed && state !== 'CANCELLED' && (
          <span title={`${TITLES[failed.code]?.title ?? failed.code}: ${failed.message}`}>{failed.code}</span>
        )}
      </td>
      <td role="cell" className={classes.duration}>
        {ranFor(task)}
      </td>
      <td role="cell" className={classes.tokens}>
        {tokens > 0 && compact(tokens)}
      </td>
      <td role="cell" className={classes.cost}>
        {tokens > 0 && usage?.cost_usd != null && usd(usage.cost_usd)}
      </td>
      <td role="cell" className={classes.received}>
        <RelativeTime at={task.created_at} />
      </td>
    </tr>
  )
})
TaskRow.displayName = 'TaskRow'

function ranFor({ state, duration_ms: ms }: TaskSummary): string {
  if (ms === null) return ''
  if (state === 'WAITING') return 'waiting'
  return hasEnded(state) ? duration(ms) : 'running'
}

import { Link } from '@tanstack/react-router'
import type { Approval } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { useMay } from '../../lib/useMay.ts'
import { useNow } from '../../lib/useNow.ts'
import { describeCall } from '../task/describeCall.ts'
import { ValueView } from '../task/ValueView.tsx'
import classes from './ApprovalsPage.module.css'
import { DecidedNote } from './DecidedNote.tsx'
import { Decision, type Way } from './Decision.tsx'

/** Items that expire within this time are highlighted. */
const SOON_MS = 3_600_000

/** One call or question of the inbox, decided in place. */
export function ApprovalItem({
  approval,
  index,
  way,
  onWay,
  selected,
  selectable,
  onSelect,
}: {
  approval: Approval
  index: number
  way: Way
  onWay: (way: Way) => void
  selected: boolean
  selectable: boolean
  onSelect: (extend: boolean) => void
}) {
  const { tool, question, arguments: args, access, state, expires_at: until } = approval
  const sentence = question ?? describeCall(tool, args)
  const isWaiting = state === 'waiting'
  const mayDecide = useMay('approver')
  const isSoon = isWaiting && until !== null && Date.parse(until) - useNow().getTime() < SOON_MS
  return (
    <li
      className={classes.item}
      data-index={index}
      data-row
      data-state={state}
      data-selected={selected || undefined}
      tabIndex={-1}
      aria-label={sentence}
    >
      <div className={classes.choose}>
        {isWaiting && question === null && mayDecide && (
          <input
            type="checkbox"
            aria-label={`Select ${sentence}`}
            checked={selected}
            disabled={!selectable && !selected}
            onChange={() => {}}
            onClick={(event) => onSelect(event.shiftKey)}
          />
        )}
      </div>
      <div className={classes.body}>
        <div className={classes.top}>
          <h2 className={classes.sentence}>{sentence}</h2>
          <span className={classes.kind} data-access={question === null ? access : 'question'}>
            {question === null ? (access === 'write' ? 'Write' : 'Read') : 'Question'}
          </span>
        </div>
        <p className={classes.subject}>
          For{' '}
          <Link to="/tasks/$taskId" params={{ taskId: approval.task_id }} data-open>
            {approval.task_title}
          </Link>
        </p>
        <p className={classes.facts}>
          <span>
            {approval.agent_name}, <code>{tool}</code>
          </span>
          <span>
            asked <RelativeTime at={approval.created_at} />
          </span>
          <span data-soon={isSoon || undefined}>
            <DecidedNote approval={approval} />
          </span>
        </p>
        {question === null && isWaiting && way !== 'edit' && (
          <details className={classes.arguments} open={way === 'approve' || undefined}>
            <summary>Arguments</summary>
            <ValueView label={`Arguments of ${tool}`} value={args} />
          </details>
        )}
        {isWaiting && mayDecide && <Decision approval={approval} way={way} onWay={onWay} />}
      </div>
    </li>
  )
}

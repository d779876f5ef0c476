import type { Approval } from '../../api/types.ts'
import { Json } from '../../components/Code.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import classes from './Approvals.module.css'
import { DecideApproval } from './DecideApproval.tsx'

/** Calls of the run that wait for a person, and what people said about earlier ones. */
export function Approvals({ approvals }: { approvals: Approval[] }) {
  return (
    <ol className={classes.list}>
      {approvals.map((approval) => (
        <li key={approval.id} data-state={approval.state}>
          <p className={classes.what}>
            <code>{approval.tool}</code>
            <span>{said(approval)}</span>
          </p>
          {approval.question !== null && <p>{approval.question}</p>}
          {approval.state === 'waiting' ? (
            <>
              {approval.question === null && (
                <Json label={`Arguments of ${approval.tool}`} value={approval.arguments} />
              )}
              <DecideApproval approval={approval} />
            </>
          ) : (
            <Decided approval={approval} />
          )}
        </li>
      ))}
    </ol>
  )
}

/** The call or the answer, once it is decided. */
function Decided({ approval }: { approval: Approval }) {
  const { tool, question, state, arguments: args, edited_arguments: edited } = approval
  if (question !== null) {
    if (state !== 'approved') return null
    return (
      <details>
        <summary>Answer</summary>
        <Json label={`Answer to ${tool}`} value={edited ?? args} />
      </details>
    )
  }
  return (
    <details>
      <summary>Tool call</summary>
      <Json label={`Arguments of ${tool}`} value={args} />
      {edited != null && (
        <>
          <p className={classes.changed}>Edited arguments:</p>
          <Json label={`Edited arguments of ${tool}`} value={edited} />
        </>
      )}
    </details>
  )
}

function said(approval: Approval) {
  const { state, question, reason, edited_arguments: edited, expires_at: until, decided_at: at } = approval
  const isQuestion = question !== null
  switch (state) {
    case 'waiting':
      if (until === null) return isQuestion ? 'waiting for an answer' : 'waiting for a decision'
      return (
        <>
          {isQuestion ? 'closed automatically' : 'denied automatically'} <RelativeTime at={until} />
        </>
      )
    case 'approved':
      return (
        <>
          {isQuestion ? 'answered' : edited == null ? 'approved' : 'approved with edited arguments'}{' '}
          <Time at={at} />
        </>
      )
    case 'denied':
      return (
        <>
          {isQuestion ? 'declined' : 'denied'} <Time at={at} />
          {reason !== null && `: ${reason}`}
        </>
      )
    case 'expired':
      return isQuestion ? 'expired without an answer' : 'expired, denied automatically'
    case 'cancelled':
      return 'the task was cancelled before anybody decided'
  }
}

function Time({ at }: { at: string | null }) {
  return at !== null && <RelativeTime at={at} />
}

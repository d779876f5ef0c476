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
          {approval.state === 'waiting' ? (
            <>
              <Json label={`Arguments of ${approval.tool}`} value={approval.arguments} />
              <DecideApproval approval={approval} />
            </>
          ) : (
            <details>
              <summary>Tool call</summary>
              <Json label={`Arguments of ${approval.tool}`} value={approval.arguments} />
              {approval.edited_arguments != null && (
                <>
                  <p className={classes.changed}>Edited arguments:</p>
                  <Json label={`Edited arguments of ${approval.tool}`} value={approval.edited_arguments} />
                </>
              )}
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}

function said({ state, reason, edited_arguments: edited, expires_at: until, decided_at: at }: Approval) {
  switch (state) {
    case 'waiting':
      return (
        <>
          denied automatically <RelativeTime at={until} />
        </>
      )
    case 'approved':
      return (
        <>
          {edited == null ? 'approved' : 'approved with edited arguments'} <Time at={at} />
        </>
      )
    case 'denied':
      return (
        <>
          denied <Time at={at} />
          {reason !== null && `: ${reason}`}
        </>
      )
    case 'expired':
      return 'expired, denied automatically'
    case 'cancelled':
      return 'the task was cancelled before anybody decided'
  }
}

function Time({ at }: { at: string | null }) {
  return at !== null && <RelativeTime at={at} />
}

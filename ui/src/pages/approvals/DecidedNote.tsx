import type { Approval } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'

/** How a call was decided, by whom, and when. */
export function DecidedNote({ approval }: { approval: Approval }) {
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
          {isQuestion ? 'answered' : edited == null ? 'approved' : 'approved with edited arguments'}
          <By approval={approval} /> {at !== null && <RelativeTime at={at} />}
        </>
      )
    case 'denied':
      return (
        <>
          {isQuestion ? 'declined' : 'denied'}
          <By approval={approval} /> {at !== null && <RelativeTime at={at} />}
          {reason !== null && `: ${reason}`}
        </>
      )
    case 'expired':
      return isQuestion ? 'expired without an answer' : 'expired, denied automatically'
    case 'cancelled':
      return 'the task was cancelled before a decision'
  }
}

/** Who decided: someone with an API key, in the console, or with a signed link. */
function By({ approval: { decided_by_name: name, decided_via: via } }: { approval: Approval }) {
  const how = { api: 'over the API', console: 'in the console', link: 'with a signed link' }
  return ['', ...(via === null ? [] : [how[via]]), ...(name === null ? [] : [`by ${name}`])].join(' ')
}

import type { TaskDetail } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { exactly } from '../../lib/time.ts'

type Wait = TaskDetail['waiting_for'][number]

const WHAT: Record<Wait['kind'], string> = {
  approval: 'Waiting for approval',
  question: 'Waiting for an answer',
  callback: 'Waiting for a callback',
}

/** What a task waits for, since when and until when. */
export function Waits({ waits }: { waits: Wait[] }) {
  return waits.map(({ kind, id, since, until }) => (
    <span key={`${kind} ${id} ${since}`} style={{ display: 'block' }}>
      {WHAT[kind]} since <RelativeTime at={since} />
      {until === null ? ', until it is decided.' : `, until ${exactly(new Date(until))}.`}
    </span>
  ))
}

import { ago, exactly } from '../lib/time.ts'
import { useNow } from '../lib/useNow.ts'

/** How long ago something was, with the exact time on hover. */
export function RelativeTime({ at }: { at: string }) {
  const date = new Date(at)
  return (
    <time dateTime={at} title={exactly(date)}>
      {ago(date, useNow())}
    </time>
  )
}

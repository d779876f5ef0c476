import { ago, exactly } from '../lib/time.ts'
import { useNow } from '../lib/useNow.ts'

/** How long ago it was; the pointer on it tells when exactly. */
export function RelativeTime({ at }: { at: string }) {
  const date = new Date(at)
  return (
    <time dateTime={at} title={exactly(date)}>
      {ago(date, useNow())}
    </time>
  )
}

import { useConnection } from '../api/connection.ts'
import { clock, exactly } from '../lib/time.ts'
import classes from './ConnectionBadge.module.css'

const NAMES = { live: 'Live', reconnecting: 'Reconnecting', offline: 'Offline' }

/** The state of the connection in a word, with the time of the last response when it is lost. */
export function ConnectionBadge() {
  const { state, since } = useConnection()
  return (
    <span
      className={classes.badge}
      data-state={state}
      data-testid="connection"
      title={since ? `Last response: ${exactly(since)}` : 'Connected to the server'}
    >
      <span className={classes.dot} aria-hidden="true" />
      {NAMES[state]}
      {since && ` since ${clock(since)}`}
    </span>
  )
}

import { useConnection } from '../api/connection.ts'
import { Icon } from '../components/Icon.tsx'
import { clock } from '../lib/time.ts'
import classes from './ConnectionBanner.module.css'

/** Explains that the page shows old data, from when it is, and that nobody needs to do anything. */
export function ConnectionBanner() {
  const { state, since } = useConnection()
  return (
    <div role="status" className={classes.place}>
      {since && (
        <p className={classes.banner}>
          <Icon name="warning" />
          <span>
            <strong>{state === 'offline' ? 'You are offline.' : 'The server is not responding.'}</strong> This
            page shows data from {clock(since)} and updates when the connection is back.
          </span>
        </p>
      )}
    </div>
  )
}

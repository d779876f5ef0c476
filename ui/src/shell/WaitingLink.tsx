import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { COUNTED, waitingQuery } from '../api/queries.ts'
import classes from './WaitingLink.module.css'

/** How many calls and questions are waiting for a person, as a link to them; nothing if there are none. */
export function WaitingLink() {
  const { data: count = 0 } = useQuery(waitingQuery)
  if (count === 0) return null
  const shown = count >= COUNTED ? `${COUNTED - 1}+` : String(count)
  return (
    <Link to="/approvals" className={classes.waiting}>
      {shown} waiting<VisuallyHidden> for approval</VisuallyHidden>
    </Link>
  )
}

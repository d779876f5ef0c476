import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/queries.ts'
import classes from './SignedInAs.module.css'

/** Who is signed in, where people sign in by name. */
export function SignedInAs() {
  const { data } = useQuery(sessionQuery)
  if (!data?.user) return null
  return (
    <p className={classes.who} title={data.user.email}>
      <span>{data.user.name}</span>
      <span className={classes.role}>{data.role}</span>
    </p>
  )
}

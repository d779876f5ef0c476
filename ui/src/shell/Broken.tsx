import { Button } from '@mantine/core'
import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Problem } from '../components/Notice.tsx'
import { EmptyState } from '../components/EmptyState.tsx'
import classes from './Shell.module.css'

/** Where a page should be that could not be made. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <div className={classes.main}>
      <Problem
        error={error}
        action={
          <Button variant="default" onClick={reset}>
            Try again
          </Button>
        }
      />
    </div>
  )
}

/** Where a page should be that there is not. */
export function Missing() {
  return (
    <div className={classes.main}>
      <EmptyState title="There is no such page" action={<Link to="/agents">All agents</Link>}>
        Perhaps what it was about has been deleted.
      </EmptyState>
    </div>
  )
}

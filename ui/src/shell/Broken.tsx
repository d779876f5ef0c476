import { Button } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Problem } from '../components/Notice.tsx'
import { LinkButton } from '../components/LinkButton.tsx'
import { PageHeader } from '../components/PageHeader.tsx'

/** Where a page should be that could not be made. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Problem
      error={error}
      action={
        <Button variant="default" onClick={reset}>
          Try again
        </Button>
      }
    />
  )
}

/** Where a page should be that there is not. */
export function Missing() {
  return (
    <PageHeader
      title="Page not found"
      under="It may have been deleted."
      actions={
        <LinkButton to="/agents" variant="default">
          All agents
        </LinkButton>
      }
    />
  )
}

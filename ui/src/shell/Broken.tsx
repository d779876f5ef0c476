import { Button } from '@mantine/core'
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiError } from '../api/apiError.ts'
import { whenLive } from '../api/connection.ts'
import { Problem } from '../components/Notice.tsx'
import { LinkButton } from '../components/LinkButton.tsx'
import { PageHeader } from '../components/PageHeader.tsx'

/** Replaces a page that failed to render. If only the server was unreachable, the page is rendered once it is back. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const isPassing = error instanceof ApiError && error.isPassing
  useEffect(() => {
    if (!isPassing) return
    let isHere = true
    void whenLive().then(() => {
      if (!isHere) return
      reset()
      return router.invalidate()
    })
    return () => {
      isHere = false
    }
  }, [isPassing, reset, router])
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

/** Replaces a page that does not exist. */
export function Missing() {
  return (
    <PageHeader
      title="Page not found"
      under="It may have been deleted."
      actions={
        <LinkButton to="/" variant="default">
          Go to the start page
        </LinkButton>
      }
    />
  )
}

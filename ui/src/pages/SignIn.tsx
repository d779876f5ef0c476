import { Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useState, type SyntheticEvent } from 'react'
import { ApiError } from '../api/apiError.ts'
import { call } from '../api/client.ts'
import { sessionQuery } from '../api/queries.ts'
import type { Session, SignIn as Credentials } from '../api/types.ts'
import { Mark } from '../components/Mark.tsx'
import { Notice, Problem } from '../components/Notice.tsx'
import { useTitle } from '../lib/useTitle.ts'
import { SchemeSwitch } from '../shell/SchemeSwitch.tsx'
import classes from './SignIn.module.css'

const route = getRouteApi('/sign-in')

/** The console's address, as configured on the server. */
const publicUrl = document.querySelector<HTMLMetaElement>('meta[name="public-url"]')?.content ?? ''
/** Browsers do not keep the cookie of an https console on a page that was loaded over http. */
const isInsecure = publicUrl.startsWith('https:') && !window.isSecureContext

/** Signs in with the link printed at startup, or with an admin key. */
export function SignIn() {
  useTitle('Sign in')
  const client = useQueryClient()
  const router = useRouter()
  const { next = '/' } = route.useSearch()
  const [key, setKey] = useState('')
  // In the fragment, so that it reaches no log and no other site.
  const code = useLocation({ select: ({ hash }) => hash })

  const signIn = useMutation({
    mutationFn: (credentials: Credentials) => open(credentials),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session)
      router.history.replace(withBase(router.basepath, next))
    },
  })
  const { mutate } = signIn
  useEffect(() => {
    if (code === '') return
    // Removed from the URL and the history immediately.
    void router.navigate({ to: '/sign-in', search: (before) => before, replace: true })
    mutate({ code })
  }, [code, mutate, router])

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    if (key.trim() !== '') mutate({ key: key.trim() })
  }

  const opening = code !== '' || (signIn.variables && 'code' in signIn.variables && !signIn.isError)
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={30} />
          <SchemeSwitch />
        </div>
        <h1>Sign in to Bellwire</h1>
        {opening ? (
          <p className={classes.text} role="status">
            Opening the console…
          </p>
        ) : (
          <>
            {isInsecure && (
              <Notice tone="bad" title="This is not the address of the console">
                <p>
                  Browsers cannot keep you signed in here. Open <a href={publicUrl}>{publicUrl}</a>, the value
                  of BELLWIRE_PUBLIC_URL.
                </p>
              </Notice>
            )}
            {signIn.isError && <Problem error={signIn.error} />}
            <form onSubmit={submit} className={classes.form}>
              <PasswordInput
                label="Admin key"
                description="Starts with bw_admin_ unless you set BELLWIRE_ADMIN_KEY."
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                autoComplete="current-password"
                spellCheck={false}
                data-autofocus
              />
              <Button type="submit" fullWidth loading={signIn.isPending}>
                Sign in
              </Button>
            </form>
            <p className={classes.text}>
              No key? Restart Bellwire: on startup it prints a one-time sign-in link, valid for ten minutes.
            </p>
          </>
        )}
      </div>
    </main>
  )
}

/** An already used link does not matter if the user is signed in. */
async function open(credentials: Credentials): Promise<Session> {
  try {
    return await call<Session>('POST', 'api/session', { body: credentials })
  } catch (error) {
    const used =
      error instanceof ApiError && error.problem.code === 'sign_in_refused' && 'code' in credentials
    if (!used) throw error
    return call<Session>('GET', 'api/session').catch(() => {
      throw error
    })
  }
}

function withBase(base: string, path: string): string {
  return `${base.replace(/\/$/, '')}${path}`
}

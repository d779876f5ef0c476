import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { signInOptionsQuery } from '../../api/peopleQueries.ts'
import { sessionQuery } from '../../api/queries.ts'
import type { Session, SignIn as Credentials } from '../../api/types.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { useTitle } from '../../lib/useTitle.ts'
import { Door } from './Door.tsx'
import { KeyForm } from './KeyForm.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import classes from './Door.module.css'

const route = getRouteApi('/sign-in')

/** The console's address, as configured on the server. */
const publicUrl = document.querySelector<HTMLMetaElement>('meta[name="public-url"]')?.content ?? ''
/** A browser drops the cookie of an https console when the page was loaded over http. */
const isInsecure = publicUrl.startsWith('https:') && !window.isSecureContext

/** Sign-in by the printed link, by an admin key and, where there are users, by password or single sign-on. */
export function SignIn() {
  useTitle('Sign in')
  const client = useQueryClient()
  const router = useRouter()
  const { next = '/', error } = route.useSearch()
  const [withKey, setWithKey] = useState(false)
  // In the fragment, so that it reaches no log and no other site.
  const code = useLocation({ select: ({ hash }) => hash })
  const { data: options, isPending } = useQuery(signInOptionsQuery)

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

  const opening = code !== '' || (signIn.variables && 'code' in signIn.variables && !signIn.isError)
  if (opening || isPending) {
    return (
      <Door title="Sign in to Bellwire">
        <p className={classes.text} role="status">
          {opening ? 'Opening the console…' : 'Loading…'}
        </p>
      </Door>
    )
  }

  const hasPeople = options !== undefined && (options.password || options.oidc !== null)
  const byKey = withKey || !hasPeople
  return (
    <Door title="Sign in to Bellwire">
      {isInsecure && (
        <Notice tone="bad" title="This is not the address of the console">
          <p>
            Browsers cannot keep you signed in here. Open <a href={publicUrl}>{publicUrl}</a>, the value of
            BELLWIRE_PUBLIC_URL.
          </p>
        </Notice>
      )}
      {signIn.isError ? (
        <Problem error={signIn.error} />
      ) : (
        error !== undefined && (
          <Notice tone="bad" title="Single sign-on failed">
            <p>{error}</p>
          </Notice>
        )
      )}
      {byKey && <KeyForm isPending={signIn.isPending} onSubmit={(key) => mutate({ key })} />}
      {!byKey && options.oidc && (
        <Button component="a" href={options.oidc.url} fullWidth mt="md" variant="default">
          Continue with single sign-on
        </Button>
      )}
      {!byKey && options.password && <PasswordForm isPending={signIn.isPending} onSubmit={mutate} />}
      {hasPeople ? (
        <button type="button" className={classes.other} onClick={() => setWithKey(!withKey)}>
          {byKey ? 'Sign in with your account' : 'Use an admin key instead'}
        </button>
      ) : (
        <p className={classes.text}>
          No key? Restart Bellwire: on startup it prints a one-time sign-in link, valid for ten minutes.
        </p>
      )}
      {!byKey && options.password && (
        <p className={classes.text}>Forgot your password? An owner can send you a link to set a new one.</p>
      )}
    </Door>
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

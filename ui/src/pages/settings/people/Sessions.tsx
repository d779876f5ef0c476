import { Button, Skeleton, Switch } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import { sessionsQuery } from '../../../api/peopleQueries.ts'
import { sessionQuery } from '../../../api/queries.ts'
import type { ListedSession } from '../../../api/types.ts'
import { LoadMore } from '../../../components/LoadMore.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { RelativeTime } from '../../../components/RelativeTime.tsx'
import { describeBrowser } from '../../../lib/describeBrowser.ts'
import { useMay } from '../../../lib/useMay.ts'
import { useSignOut } from '../../../shell/useSignOut.ts'
import classes from '../Settings.module.css'
import { PasswordPanel } from './PasswordPanel.tsx'

/** Where one is signed in; for owners, where everybody is. */
export function Sessions() {
  const client = useQueryClient()
  const { data: me } = useQuery(sessionQuery)
  const isOwner = useMay('owner')
  const [everybody, setEverybody] = useState(false)
  const query = useInfiniteQuery(sessionsQuery(everybody && isOwner))
  const sessions = query.data?.pages.flatMap((page) => page.data) ?? []
  const endOthers = useMutation({
    mutationFn: () => call<{ ended: number }>('POST', 'api/sessions/end_others'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const hasOthers = sessions.some(({ is_current: isCurrent }) => !isCurrent)
  return (
    <>
      <Panel
        title="Sessions"
        aside={
          !everybody &&
          hasOthers && (
            <Button
              variant="default"
              size="xs"
              loading={endOthers.isPending}
              onClick={() => endOthers.mutate()}
            >
              End all others
            </Button>
          )
        }
      >
        <p className={classes.about}>
          Browsers that are signed in to this console. Sessions expire after seven days.
        </p>
        {isOwner && me?.people === true && (
          <Switch
            label="Everybody's sessions"
            checked={everybody}
            onChange={(event) => setEverybody(event.currentTarget.checked)}
            mb="sm"
          />
        )}
        {endOthers.isError && <Problem error={endOthers.error} />}
        {query.isError && !query.data && <Problem error={query.error} />}
        {query.isPending && <Skeleton height="4rem" />}
        {sessions.length > 0 && (
          <ul className={classes.list} aria-label="Sessions">
            {sessions.map((session) => (
              <SessionItem key={session.id} session={session} />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Panel>
      {me?.user && <PasswordPanel user={me.user} />}
    </>
  )
}

const VIA: Record<ListedSession['via'], string> = {
  link: 'Sign-in link',
  key: 'Admin key',
  password: 'Password',
  oidc: 'Single sign-on',
}

function SessionItem({ session }: { session: ListedSession }) {
  const client = useQueryClient()
  const { signOut, isPending: isSigningOut } = useSignOut()
  const end = useMutation({
    mutationFn: () => call('DELETE', `api/sessions/${encodeURIComponent(session.id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const where = describeBrowser(session.user_agent)
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>
          {session.name ?? VIA[session.via]}
          {session.is_current && ' (this browser)'}
        </p>
        <p className={classes.more}>
          {session.name !== null && `${VIA[session.via]} · `}
          <span title={session.user_agent ?? undefined}>{where}</span>
          {session.address !== null && ` · ${session.address}`}
          {' · signed in '}
          <RelativeTime at={session.created_at} />
          {' · active '}
          <RelativeTime at={session.last_seen_at} />
        </p>
      </div>
      <div className={classes.actions}>
        {session.is_current ? (
          <Button
            variant="default"
            size="xs"
            loading={isSigningOut}
            onClick={signOut}
            aria-label="Sign out of this browser"
          >
            Sign out
          </Button>
        ) : (
          <Button
            variant="default"
            size="xs"
            loading={end.isPending}
            onClick={() => end.mutate()}
            aria-label={`End the session of ${session.name ?? VIA[session.via]}, ${where}`}
          >
            End
          </Button>
        )}
      </div>
      {end.isError && <Problem error={end.error} />}
    </li>
  )
}

import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { invitationsQuery, usersQuery } from '../../../api/peopleQueries.ts'
import { LoadMore } from '../../../components/LoadMore.tsx'
import { Notice, Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { useMay } from '../../../lib/useMay.ts'
import classes from '../Settings.module.css'
import { useDisclosure } from '../useDisclosure.ts'
import { InvitationItem } from './InvitationItem.tsx'
import { InviteForm } from './InviteForm.tsx'
import { OneTimeLink, type OneTimeLinkProps } from './OneTimeLink.tsx'
import { UserItem } from './UserItem.tsx'

/** Who may sign in, and with which role. */
export function People() {
  if (useMay('owner')) return <Everybody />
  return (
    <Panel title="People">
      <Notice title="Only owners see this page">Ask an owner to invite somebody or to change a role.</Notice>
    </Panel>
  )
}

function Everybody() {
  const users = useInfiniteQuery(usersQuery)
  const invitations = useInfiniteQuery(invitationsQuery)
  const form = useDisclosure()
  const [link, setLink] = useState<OneTimeLinkProps>()
  const people = users.data?.pages.flatMap((page) => page.data) ?? []
  const invited = invitations.data?.pages.flatMap((page) => page.data) ?? []
  const error = (users.data ? null : users.error) ?? (invitations.data ? null : invitations.error)
  return (
    <>
      <Panel
        title="People"
        aside={
          <Button variant="default" size="xs" {...form.button}>
            Invite
          </Button>
        }
      >
        <p className={classes.about}>
          People sign in with their own account and can do what their role allows. The admin key and the
          sign-in link that Bellwire prints still have the role of an owner.
        </p>
        {link && (
          <OneTimeLink
            link={link}
            onDone={() => {
              setLink(undefined)
              form.close()
            }}
          />
        )}
        {form.isOpen && (
          <InviteForm
            onCreated={({ url, mail, email }) => {
              form.close()
              setLink({ url, mail, email, purpose: 'invitation' })
            }}
            onCancel={form.close}
          />
        )}
        {error !== null && <Problem error={error} />}
        {users.isPending && <Skeleton height="4rem" />}
        {users.data && people.length === 0 && (
          <p className={classes.none}>
            No users yet. If you work alone, you do not need any. Invite yourself first, as an owner.
          </p>
        )}
        {people.length > 0 && (
          <ul className={classes.list} aria-label="People">
            {people.map((user) => (
              <UserItem key={user.id} user={user} onLink={setLink} />
            ))}
          </ul>
        )}
        <LoadMore query={users} />
      </Panel>
      {invited.length > 0 && (
        <Panel title="Invitations">
          <ul className={classes.list} aria-label="Invitations">
            {invited.map((invitation) => (
              <InvitationItem key={invitation.id} invitation={invitation} onLink={setLink} />
            ))}
          </ul>
          <LoadMore query={invitations} />
        </Panel>
      )}
    </>
  )
}

import type { Keys } from '../auth/keys.ts'
import type { Revocations } from '../auth/revocations.ts'
import type { SessionCookie } from '../auth/sessionCookie.ts'
import type { Sessions } from '../auth/sessions.ts'
import { createPasswordSignIn } from '../auth/users/passwordSignIn.ts'
import { createUserLinks } from '../auth/users/userLinks.ts'
import { createUsers } from '../auth/users/users.ts'
import type { Database } from '../db/database.ts'
import type { RefuseFailure } from '../http/plumbing/limitFailures.ts'
import { createShowSession } from '../http/plumbing/showSession.ts'
import { invitationRoutes } from '../http/routes/invitations.ts'
import { sessionRoutes } from '../http/routes/session.ts'
import { signInRoutes } from '../http/routes/signIn.ts'
import { userLinkRoutes } from '../http/routes/userLinks.ts'
import { userRoutes } from '../http/routes/users.ts'

/** Creates the routes of people: signing in, users, invitations, sessions. */
export function openPeople({
  db,
  revocations,
  sessions,
  keys,
  cookie,
  publicUrl,
  refuseFailure,
}: {
  db: Database
  revocations: Revocations
  sessions: Sessions
  keys: Keys
  cookie: SessionCookie
  publicUrl: string
  refuseFailure: RefuseFailure
}) {
  const users = createUsers({ db, revocations })
  const userLinks = createUserLinks({ db, revocations })
  const passwords = createPasswordSignIn({ db, revocations })
  const show = createShowSession(users)
  const common = { sessions, cookie, publicUrl, show, refuseFailure }
  return {
    open: [signInRoutes({ ...common, keys, users, passwords }), userLinkRoutes({ ...common, userLinks })],
    management: [
      sessionRoutes({ ...common, passwords }),
      userRoutes({ users, userLinks, publicUrl }),
      invitationRoutes({ userLinks, publicUrl }),
    ],
  }
}

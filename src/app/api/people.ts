import { createOidcProvider } from '../../auth/oidc/provider.ts'
import { createPendingSignIns } from '../../auth/oidc/pendingSignIns.ts'
import { createSessionList } from '../../auth/sessionList.ts'
import { createPasswordSignIn } from '../../auth/users/passwordSignIn.ts'
import { createUserLinks } from '../../auth/users/userLinks.ts'
import { createUsers } from '../../auth/users/users.ts'
import { createShowSession } from '../../http/plumbing/showSession.ts'
import { auditRoutes } from '../../http/routes/audit.ts'
import { invitationRoutes } from '../../http/routes/invitations.ts'
import { oidcRoutes } from '../../http/routes/oidc.ts'
import { sessionRoutes } from '../../http/routes/session.ts'
import { sessionListRoutes } from '../../http/routes/sessionList.ts'
import { signInRoutes } from '../../http/routes/signIn.ts'
import { userLinkRoutes } from '../../http/routes/userLinks.ts'
import { userRoutes } from '../../http/routes/users.ts'
import type { Access } from './access.ts'
import type { ApiBase } from './base.ts'

type Settings = Pick<ApiBase['config'], 'publicUrl' | 'oidc'>
type Needed = 'revocations' | 'sessions' | 'keys' | 'cookie' | 'refuseFailure' | 'auditLog'

/** People: signing in, users, invitations, sessions, and who changed what. */
export function openPeople(
  { db, log, config: { publicUrl, oidc } }: Pick<ApiBase, 'db' | 'log'> & { config: Settings },
  { revocations, sessions, keys, cookie, refuseFailure, auditLog }: Pick<Access, Needed>,
) {
  const users = createUsers({ db, revocations })
  const userLinks = createUserLinks({ db, revocations })
  const passwords = createPasswordSignIn({ db, revocations })
  const show = createShowSession(users)
  const common = { sessions, cookie, publicUrl, show, refuseFailure }
  const signInHere = oidc && {
    settings: oidc,
    provider: createOidcProvider(oidc, publicUrl),
    pending: createPendingSignIns(db),
  }
  return {
    users,
    userLinks,
    open: [
      signInRoutes({ ...common, keys, users, passwords, hasOidc: oidc !== undefined }),
      userLinkRoutes({ ...common, userLinks, auditLog }),
      oidcRoutes({ ...common, oidc: signInHere, db, users, auditLog, log }),
    ],
    management: [
      sessionRoutes({ ...common, passwords }),
      sessionListRoutes({ ...common, list: createSessionList({ db, revocations }) }),
      userRoutes({ users, userLinks, publicUrl }),
      invitationRoutes({ userLinks, publicUrl }),
      auditRoutes({ auditLog }),
    ],
  }
}

import { createOidcProvider } from '../../auth/oidc/provider.ts'
import { createPendingSignIns } from '../../auth/oidc/pendingSignIns.ts'
import { createSessionList } from '../../auth/sessionList.ts'
import { createKnownBrowsers } from '../../auth/users/knownBrowsers.ts'
import { createPasswordAttempts } from '../../auth/users/passwordAttempts.ts'
import { createPasswordSignIn } from '../../auth/users/passwordSignIn.ts'
import { createUserLinks } from '../../auth/users/userLinks.ts'
import { createUsers } from '../../auth/users/users.ts'
import type { Mailer } from '../../delivery/providers/mailer.ts'
import { createMailUserLink } from '../../http/plumbing/mailUserLink.ts'
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
type Base = Pick<ApiBase, 'db' | 'log' | 'metrics' | 'secretKey'> & { config: Settings }
type Needed = 'revocations' | 'sessions' | 'keys' | 'cookie' | 'refuseFailure' | 'auditLog'

/** People: signing in, users, invitations, sessions, and who changed what. */
export function openPeople(
  { db, log, metrics, secretKey, config: { publicUrl, oidc } }: Base,
  { access, mailer }: { access: Pick<Access, Needed>; mailer: Pick<Mailer, 'send'> },
) {
  const { revocations, sessions, keys, cookie, refuseFailure, auditLog } = access
  const users = createUsers({ db, revocations })
  const userLinks = createUserLinks({ db, revocations })
  const attempts = createPasswordAttempts({ db, metrics })
  const passwords = createPasswordSignIn({ db, revocations, attempts })
  const browsers = createKnownBrowsers({ secret: secretKey, publicUrl })
  const mailUserLink = createMailUserLink({ mailer, publicUrl })
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
      signInRoutes({ ...common, keys, users, passwords, browsers, hasOidc: oidc !== undefined }),
      userLinkRoutes({ ...common, userLinks, browsers, auditLog }),
      oidcRoutes({ ...common, oidc: signInHere, db, users, auditLog, log }),
    ],
    management: [
      sessionRoutes({ ...common, passwords, browsers }),
      sessionListRoutes({ ...common, list: createSessionList({ db, revocations }) }),
      userRoutes({ users, userLinks, mailUserLink, publicUrl }),
      invitationRoutes({ userLinks, mailUserLink, publicUrl }),
      auditRoutes({ auditLog }),
    ],
  }
}

import type { AuditLog } from '../auth/audit/auditLog.ts'
import type { Keys } from '../auth/keys.ts'
import { createOidcProvider } from '../auth/oidc/provider.ts'
import { createPendingSignIns } from '../auth/oidc/pendingSignIns.ts'
import type { Revocations } from '../auth/revocations.ts'
import type { SessionCookie } from '../auth/sessionCookie.ts'
import { createSessionList } from '../auth/sessionList.ts'
import type { Sessions } from '../auth/sessions.ts'
import { createKnownBrowsers } from '../auth/users/knownBrowsers.ts'
import { createPasswordAttempts } from '../auth/users/passwordAttempts.ts'
import { createPasswordSignIn } from '../auth/users/passwordSignIn.ts'
import { createUserLinks } from '../auth/users/userLinks.ts'
import { createUsers } from '../auth/users/users.ts'
import type { Oidc } from '../config/config.ts'
import type { Database } from '../db/database.ts'
import type { Mailer } from '../delivery/providers/mailer.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RefuseFailure } from '../http/plumbing/limitFailures.ts'
import { createMailUserLink } from '../http/plumbing/mailUserLink.ts'
import { createShowSession } from '../http/plumbing/showSession.ts'
import { auditRoutes } from '../http/routes/audit.ts'
import { invitationRoutes } from '../http/routes/invitations.ts'
import { oidcRoutes } from '../http/routes/oidc.ts'
import { sessionRoutes } from '../http/routes/session.ts'
import { sessionListRoutes } from '../http/routes/sessionList.ts'
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
  secretKey,
  refuseFailure,
  auditLog,
  metrics,
  oidc,
  mailer,
  log,
}: {
  db: Database
  revocations: Revocations
  sessions: Sessions
  keys: Keys
  cookie: SessionCookie
  publicUrl: string
  secretKey: Buffer
  refuseFailure: RefuseFailure
  auditLog: AuditLog
  metrics: Metrics
  /** Single sign-on; absent: there is none. */
  oidc: Oidc | undefined
  mailer: Pick<Mailer, 'send'>
  log: Log
}) {
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

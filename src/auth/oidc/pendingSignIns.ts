import type { Database } from '../../db/database.ts'
import { hashToken, newToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { PendingSignIn } from './provider.ts'

/** How long somebody may take at the provider, in seconds. */
export const PENDING_SECONDS = 600

/** Sign-ins that have begun. Each belongs to one browser, and is finished once, at any process on this database. */
export type PendingSignIns = {
  /** Keeps one. Returns the value of the cookie that marks its browser. */
  keep(pending: PendingSignIn): Promise<string>
  /**
   * Takes it out again: of several attempts with one state, one succeeds.
   *
   * @param browser the value of the cookie
   * @throws BellwireError `oidc_refused` for an unknown, used or expired state, or another browser
   */
  take(state: string | undefined, browser: string | undefined): Promise<PendingSignIn>
}

export function createPendingSignIns(db: Database): PendingSignIns {
  return {
    async keep({ state, nonce, codeVerifier }) {
      const browser = newToken()
      await db.pool.query('delete from bellwire.oidc_sign_ins where expires_at <= now()')
      await db.pool.query(
        `insert into bellwire.oidc_sign_ins (hash, browser, nonce, code_verifier, expires_at)
          values ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
        [hashToken(state), hashToken(browser), nonce, codeVerifier, PENDING_SECONDS],
      )
      return browser
    },

    async take(state = '', browser = '') {
      const { rows } = await db.pool.query<{ nonce: string; codeVerifier: string }>(
        `delete from bellwire.oidc_sign_ins where hash = $1 and browser = $2 and expires_at > now()
          returning nonce, code_verifier as "codeVerifier"`,
        [hashToken(state), hashToken(browser)],
      )
      if (rows[0]) return { state, ...rows[0] }
      throw new BellwireError(
        'oidc_refused',
        'This sign-in was finished before, took longer than ten minutes, or began in another browser.',
      )
    },
  }
}

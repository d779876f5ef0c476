import { createBatches } from '../../db/batches.ts'
import type { Database } from '../../db/database.ts'
import { hashToken, newToken } from '../../db/token.ts'
import { BellwireError } from '../../errors.ts'
import type { PendingSignIn } from './provider.ts'
import { insertPending } from './insertPending.ts'

/** How long somebody may take at the provider, in seconds. */
export const PENDING_SECONDS = 600

/**
 * Sign-ins that were started. Each belongs to one browser, and can be finished once, by any process on this database.
 * Their number is limited, for each client address and in total. One that is refused when the browser comes back counts
 * until it would have expired, since each costs a request to the provider.
 */
export type PendingSignIns = {
  /**
   * Keeps one. Returns the value of the cookie that marks its browser.
   *
   * @param address of the client
   * @throws BellwireError `rate_limited` when too many were started and not completed
   */
  keep(pending: PendingSignIn, address: string): Promise<string>
  /**
   * Uses it up: of several attempts with one state, one succeeds.
   *
   * @param browser the value of the cookie
   * @throws BellwireError `oidc_refused` for an unknown, used or expired state, or another browser
   */
  take(state: string | undefined, browser: string | undefined): Promise<PendingSignIn>
  /** Forgets one that has led to a session. */
  complete(pending: Pick<PendingSignIn, 'state'>): Promise<void>
}

export function createPendingSignIns(db: Database): PendingSignIns {
  // One at a time: a flood of sign-ins occupies one connection of this process.
  const groups = createBatches({
    handle: (signIns: Parameters<typeof insertPending>[1]) => insertPending(db, signIns),
    inFlight: 1,
  })

  return {
    async keep({ state, nonce, codeVerifier }, address) {
      const browser = newToken()
      const waitSeconds = await groups.add({
        hash: hashToken(state),
        browser: hashToken(browser),
        nonce,
        codeVerifier,
        address,
        lifetimeSeconds: PENDING_SECONDS,
      })
      if (waitSeconds > 0) {
        throw new BellwireError(
          'rate_limited',
          `Too many sign-ins were started and not completed. Try again in ${waitSeconds} seconds.`,
          { retryAfter: waitSeconds },
        )
      }
      return browser
    },

    async take(state = '', browser = '') {
      const { rows } = await db.pool.query<{ nonce: string; codeVerifier: string }>(
        `update bellwire.oidc_sign_ins set used_at = now()
          where hash = $1 and browser = $2 and expires_at > now() and used_at is null
          returning nonce, code_verifier as "codeVerifier"`,
        [hashToken(state), hashToken(browser)],
      )
      if (rows[0]) return { state, ...rows[0] }
      throw new BellwireError(
        'oidc_refused',
        'This sign-in was finished before, took longer than ten minutes, or began in another browser.',
      )
    },

    async complete({ state }) {
      await db.pool.query('delete from bellwire.oidc_sign_ins where hash = $1', [hashToken(state)])
    },
  }
}

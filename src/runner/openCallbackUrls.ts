import { LeaseLostError } from '../agent/journal.ts'
import type { CallbackUrls } from '../contract/callbackUrl.ts'
import type { Database } from '../db/database.ts'
import { createCallbackUrl, readCallbackUrl } from '../tasks/callbackUrls/callbackUrls.ts'
import type { Lease } from '../tasks/claim.ts'

/** Makes the id and the URL that belong to a key: always the same for the same key. */
export type CallbackAddress = (key: string) => { id: string; url: string }

/**
 * The callback URLs of one run, in the database.
 *
 * @param parts.persist repeats work while the database is unavailable
 */
export function openCallbackUrls(
  {
    db,
    address,
    persist,
  }: { db: Database; address: CallbackAddress; persist: <T>(work: () => Promise<T>) => Promise<T> },
  lease: Lease,
): CallbackUrls {
  return {
    async create(key) {
      const made = address(key)
      const outcome = await persist(() => createCallbackUrl(db, lease, made.id))
      if (outcome === 'lost') throw new LeaseLostError(lease.taskId)
      return outcome === 'created' ? made : undefined
    },
    read: (id) => persist(() => readCallbackUrl(db, lease.taskId, id)),
  }
}

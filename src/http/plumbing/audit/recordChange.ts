import type { AuditIntent, AuditLog, AuditObject } from '../../../auth/audit/auditLog.ts'
import { BellwireError } from '../../../errors.ts'

/**
 * Records a change that a handler makes: for routes whose permission is checked by the handler itself. The entry is
 * written before `work` runs, as by `auditRequests`.
 *
 * @param work makes the change, and returns what it is about afterwards; undefined when there was nothing to change
 */
export async function recordChange<Result>(
  auditLog: Pick<AuditLog, 'begin' | 'complete' | 'discard'>,
  intent: AuditIntent,
  work: () => Promise<{ result: Result; object: AuditObject | undefined }>,
): Promise<Result> {
  const entry = await auditLog.begin(intent)
  try {
    const { result, object } = await work()
    await (object ? auditLog.complete(entry, { object, changes: [] }) : auditLog.discard(entry))
    return result
  } catch (error) {
    if (error instanceof BellwireError && error.status < 500) await auditLog.discard(entry)
    throw error
  }
}

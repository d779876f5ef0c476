import pLimit from 'p-limit'
import { pipeline, type Database } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import type { Scanned, Statement } from './listStatement.ts'

/** Searches of one process that read at the same time: the rest of its connections is for other requests. */
const turns = pLimit(3)

/** After this time a statement is cancelled, and tries again with fewer tasks. */
const STATEMENT_MS = 1_000

/** Statements that take less than this read more tasks the next time. */
const AIM_MS = 150

const MOST = 50_000

/**
 * Reads many tasks in statements that adapt to the time they take.
 *
 * @param first how many tasks the first statement reads
 * @returns reads the next tasks; undefined when no task can match
 */
export function createTaskReader(db: Database, first: number) {
  let scan = first

  return async function read<Row extends Scanned>(
    statementOf: (scan: number) => Statement | undefined,
  ): Promise<(Row & { isLast: boolean }) | undefined> {
    return turns(async () => {
      for (;;) {
        const asked = scan
        const statement = statementOf(asked)
        if (!statement) return undefined
        const begun = performance.now()
        try {
          const row = await withTimeLimit<Row>(db, statement)
          adapt(performance.now() - begun)
          return { ...row, isLast: row.scanned < asked }
        } catch (error) {
          if (!isTimeout(error) || scan === 1) throw error
          scan = Math.max(1, Math.floor(scan / 8))
        }
      }
    })
  }

  function adapt(ms: number): void {
    if (ms < AIM_MS) scan = Math.min(MOST, scan * 2)
    if (ms > AIM_MS * 2) scan = Math.max(1, Math.floor(scan / 2))
  }
}

async function withTimeLimit<Row extends object>(db: Database, statement: Statement): Promise<Row> {
  return db.transaction(async (tx) => {
    pipeline(tx, tx.query(`set local statement_timeout = ${STATEMENT_MS}`))
    return onlyRow(await tx.query<Row>(statement))
  })
}

/** Whether a statement was cancelled because it took too long. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014'
}

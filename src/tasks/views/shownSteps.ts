import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { STEP_COLUMNS, toStep, type StepRow, type StoredStep } from '../steps.ts'
import { shownColumns, showStored } from './showStep.ts'

/** Bytes of whole steps that are in memory at a time, unless a single one is larger. */
const PAGE_BYTES = 4 * 1024 * 1024

type ShownRow = StepRow & {
  input: string | null
  input_characters: number | null
  output: string | null
  output_characters: number | null
}

/** Reads the journal of a task for display, oldest first: its values as they are shown. */
export async function readShownSteps(db: Database, taskId: string): Promise<StoredStep[]> {
  const { rows } = await db.pool.query<ShownRow>({
    name: 'steps_shown',
    text: `select ${STEP_COLUMNS}, ${shownColumns('input', 'input')}, ${shownColumns('output', 'output')}
      from bellwire.steps where task_id = $1 order by event`,
    values: [taskId],
  })
  return rows.map(({ input, input_characters, output, output_characters, ...row }) =>
    toStep({
      ...row,
      input: showStored(input, input_characters),
      output: showStored(output, output_characters),
    }),
  )
}

/**
 * Reads the journal of a task whole, oldest first, and turns each step into what is kept of it: the values of a long
 * run are never in memory together.
 */
export async function mapSteps<Kept>(
  db: Database,
  taskId: string,
  keep: (step: StoredStep) => Kept,
): Promise<Kept[]> {
  // A step that ends in the meantime has a later event.
  const kept = new Map<string, Kept>()
  let after = 0
  for (;;) {
    const { rows } = await db.pool.query<StepRow & { input: unknown; output: unknown }>({
      name: 'steps_page',
      text: `with sized as (
          select event, sum(coalesce(octet_length(input::text), 0) + coalesce(octet_length(output::text), 0))
            over (order by event rows between unbounded preceding and 1 preceding) as before
          from (select event, input, output from bellwire.steps where task_id = $1 and event > $2
            order by event limit 32) next
        )
        select ${STEP_COLUMNS}, input, output from bellwire.steps
        where task_id = $1 and event in (select event from sized where coalesce(before, 0) < ${PAGE_BYTES})
        order by event`,
      values: [taskId, after],
      types: EXACT_JSON,
    })
    const last = rows.at(-1)
    if (!last) return [...kept.values()]
    after = last.event
    for (const row of rows) {
      kept.delete(row.key)
      kept.set(row.key, keep(toStep(row)))
    }
  }
}

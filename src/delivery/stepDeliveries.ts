import type { Database } from '../db/database.ts'

/** Tasks of one statement. */
const BATCH = 200

/**
 * Makes deliveries of new steps of tasks whose callbacks ask for them. It derives them from the journal, so that
 * writing a step costs no more than without a callback; the end of a task makes those that are left.
 *
 * @returns how many
 */
export async function createStepDeliveries(db: Database): Promise<number> {
  let total = 0
  for (;;) {
    const { rows } = await db.pool.query<{ made: number }>({
      name: 'deliveries_of_steps',
      text: `select bellwire.create_step_deliveries(due.task_id) as made
        from (
          select c.task_id from bellwire.delivery_cursors c join bellwire.tasks t on t.id = c.task_id
          where t.last_event > c.last_event
          order by c.task_id limit ${BATCH} for update of c skip locked
        ) due`,
    })
    total += rows.reduce((sum, { made }) => sum + made, 0)
    if (rows.length < BATCH) return total
  }
}

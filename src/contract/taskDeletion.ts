import { z } from 'zod'
import { isPointer } from './jsonPointer.ts'
import { Id, Timestamp } from './name.ts'

const VALUE = 'must be a string, a number, true, false or null'

/** Deletes the tasks whose payload has a value at a pointer. */
export const DeleteByValue = z.strictObject({
  pointer: z
    .string()
    .min(1)
    .max(1_000)
    .refine(isPointer, 'must be a JSON pointer such as /customer/email')
    .meta({ description: 'A JSON pointer (RFC 6901) into the payload' }),
  value: z
    .unknown()
    .refine((value) => value !== undefined && (value === null || !isContainer(value)), VALUE)
    .meta({ description: 'A string, a number, true, false or null. Strings are compared exactly' }),
  agent_id: Id.optional().meta({ description: 'Only tasks of this agent' }),
  cursor: z.string().max(500).optional().meta({ description: 'The next_cursor of the previous receipt' }),
})

/** A long number is an object that keeps its digits. */
function isContainer(value: unknown): boolean {
  return (
    Array.isArray(value) || (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
  )
}

/** What was deleted, and what was searched. */
export const DeletionReceipt = z
  .object({
    deleted: z.int(),
    task_ids: z.array(Id).meta({ description: 'The tasks that were deleted' }),
    not_ended: z.array(Id).meta({ description: 'Tasks with this value that have not ended, and were kept' }),
    searched_from: Timestamp.meta({
      description: 'Tasks accepted before this time were searched, newest first',
    }),
    searched_back_to: Timestamp.nullable().meta({
      description: 'How far back the search went; null: all tasks',
    }),
    next_cursor: z.string().nullable().meta({
      description: 'Send the request again with this cursor to go on; null when all tasks were searched',
    }),
  })
  .meta({ id: 'DeletionReceipt' })

import { sql } from 'drizzle-orm'
import { index, integer, json, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { ApprovalState, DecidedVia } from '../../contract/approval.ts'
import type { StepKind } from '../../contract/step.ts'
import type { Usage } from '../../contract/task.ts'
import { at, bellwire, bytea, xid } from './base.ts'

/** The journal: one row for each model call, each tool call and each input of a run. */
export const steps = bellwire.table(
  'steps',
  {
    taskId: uuid('task_id').notNull(),
    /** Identifies the call within its task, the same on every replay. */
    key: text().notNull(),
    event: integer().notNull(),
    kind: text().$type<StepKind>().notNull(),
    /** The model or the tool. */
    name: text().notNull(),
    /**
     * Number of the model call within the run, from 0; a tool call has the number of the model call that requested it.
     */
    step: integer().notNull(),
    state: text().$type<'started' | 'done' | 'failed'>().notNull(),
    attempt: integer().notNull(),
    /** The input; json, because jsonb rejects NUL characters and lone surrogates. */
    input: json().$type<unknown>(),
    output: json().$type<unknown>(),
    usage: json().$type<Usage>(),
    startedAt: at('started_at').notNull(),
    finishedAt: at('finished_at'),
    /** Its input and output were deleted because of their age. */
    purgedAt: at('purged_at'),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.key] })],
)

/** Calls that wait, or waited, for approval, for an answer, or for a callback URL to be called. Each is decided once. */
export const approvals = bellwire.table(
  'approvals',
  {
    id: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    /** The number of its newest event: the request, then the decision. */
    event: integer().notNull(),
    /** Identifies the call in the journal. */
    key: text().notNull(),
    tool: text().notNull(),
    access: text().$type<'read' | 'write'>().notNull(),
    step: integer().notNull(),
    /** What the tool wants to know; null when the call itself is to be approved. */
    question: text(),
    /** As the model wrote them; for a question the answer that is suggested. */
    arguments: json().$type<unknown>(),
    /** The JSON Schema that edited arguments, or the answer, must fit. */
    parameters: json().$type<Record<string, unknown>>().notNull(),
    state: text().$type<ApprovalState>().notNull().default('waiting'),
    /** The edited arguments that the call is made with, if any. */
    editedArguments: json('edited_arguments').$type<unknown>(),
    /** Why it was denied, in the words of the person who denied it. */
    reason: text(),
    /** The API key that decided, itself or through a session that it opened. */
    decidedBy: uuid('decided_by'),
    /** Its name at that time. */
    decidedByName: text('decided_by_name'),
    /** How a person decided. */
    decidedVia: text('decided_via').$type<DecidedVia>(),
    /** The callback URL that a call waits for: then no person decides. */
    callbackId: uuid('callback_id'),
    createdAt: at('created_at').notNull().defaultNow(),
    /** `infinity`: it waits until it is decided. */
    expiresAt: at('expires_at').notNull(),
    decidedAt: at('decided_at'),
    /** That requested it, then that decided it. */
    xid: xid(),
  },
  (table) => [
    index('approvals_xid_idx')
      .on(table.xid)
      .where(sql`${table.xid} is not null`),
    uniqueIndex('approvals_call_idx').on(table.taskId, table.key),
    index('approvals_agent_idx').on(table.agentId, table.id),
    index('approvals_waiting_idx')
      .on(table.id)
      .where(sql`${table.state} = 'waiting'`),
  ],
)

/**
 * URLs that runs hand to other systems, and the one call that counts for each. No token is stored: it is made of the id
 * and the secret key.
 */
export const callbackUrls = bellwire.table(
  'callback_urls',
  {
    id: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    calledAt: at('called_at'),
    contentType: text('content_type'),
    /** The fields of the query string. */
    query: json().$type<Record<string, string | string[]>>(),
    /** The body as JSON text; null for none. */
    body: bytea(),
    /** SHA-256 of the call: a repeated call is recognised by it. */
    fingerprint: bytea(),
  },
  (table) => [index('callback_urls_task_idx').on(table.taskId)],
)

/**
 * What write tools have made lately, so that an event about it can be recognised as the agent's own. Expires after an
 * hour.
 */
export const ownObjects = bellwire.table(
  'own_objects',
  {
    /** The first half of SHA-256 over the agent's id and the URL or the id of the object. */
    key: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    madeAt: at('made_at').notNull(),
  },
  (table) => [index('own_objects_made_idx').on(table.madeAt)],
)

import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import { call, withQuery } from './client.ts'
import type { FirstRing, Page, Preview, SchemaExample, TaskDetail, TaskList, Webhook } from './types.ts'

/** Requests to choose from. */
const RECENT = 20

/** Webhooks that are looked at for a sample. */
const MAX_WEBHOOKS = 3

/** A preview is as good as the texts that it was made of. */
const PREVIEW_KEPT_MS = 60_000

/** The last requests of an agent, newest first: those that came from outside, not what was run again. */
export const recentRequestsQuery = (agentId: string | undefined) =>
  queryOptions({
    queryKey: ['tasks', 'recent', agentId],
    queryFn:
      agentId === undefined
        ? skipToken
        : async ({ signal }: { signal: AbortSignal }) => {
            const path = withQuery('api/tasks', { agent_id: agentId, limit: RECENT })
            const except = 'except_origin=replay&except_origin=rehearsal'
            return (await call<TaskList>('GET', `${path}&${except}`, { signal })).data
          },
    staleTime: 10_000,
  })

/** What a task was started with. It never changes. */
export const requestOfTaskQuery = (taskId: string | undefined) =>
  queryOptions({
    queryKey: ['tasks', 'request', taskId],
    queryFn:
      taskId === undefined
        ? skipToken
        : async ({ signal }: { signal: AbortSignal }) => {
            const path = `api/tasks/${encodeURIComponent(taskId)}`
            // The task itself contains only the beginning of a long payload.
            const [{ request }, payload] = await Promise.all([
              call<TaskDetail>('GET', path, { signal }),
              call<unknown>('GET', `${path}/payload`, { signal }),
            ])
            return { payload, request }
          },
    staleTime: Infinity,
  })

/**
 * A payload for an agent that has received none: the first request of one of its webhooks, or else an example of a
 * payload schema; undefined where there is neither.
 */
export const webhookSampleQuery = (agentId: string | undefined) =>
  queryOptions({
    queryKey: ['agents', 'one', agentId, 'sample'],
    queryFn:
      agentId === undefined
        ? skipToken
        : ({ signal }: { signal: AbortSignal }) => readWebhookSample(agentId, signal),
    staleTime: Infinity,
  })

async function readWebhookSample(agentId: string, signal: AbortSignal): Promise<{ payload: unknown } | null> {
  const base = `api/agents/${encodeURIComponent(agentId)}/webhooks`
  const { data } = await call<Page<Webhook>>('GET', withQuery(base, { limit: MAX_WEBHOOKS }), { signal })
  for (const { id } of data) {
    const ring = await call<FirstRing>('GET', `${base}/${id}/first_ring`, { signal })
    const first = ring.requests.find(({ payload }) => payload !== null)
    if (first) return { payload: first.payload }
  }
  const schema = data.find(({ payload_schema }) => payload_schema != null)?.payload_schema
  return schema ? { payload: (await readExample(schema, signal)).example } : null
}

/** An example that fits a JSON Schema, if there is one; the last one while another is made. */
export const schemaExampleQuery = (schema: object | undefined) =>
  queryOptions({
    queryKey: ['schemas', 'example', schema],
    queryFn: schema ? ({ signal }: { signal: AbortSignal }) => readExample(schema, signal) : skipToken,
    staleTime: Infinity,
    retry: false,
    placeholderData: keepPreviousData,
  })

function readExample(schema: unknown, signal: AbortSignal): Promise<SchemaExample> {
  return call<SchemaExample>('POST', 'api/schemas/example', { body: { schema }, signal })
}

export type PreviewInput = {
  /** undefined for an agent that is not saved yet. */
  agentId: string | undefined
  name: string
  instructions: string
  message: string
  source: { taskId: string } | { payload: unknown }
}

/**
 * What the model would be sent, if there is something to render it with; the last one while another is made. A request
 * that is overtaken by another one is given up.
 */
export const previewQuery = (input: PreviewInput | undefined) =>
  queryOptions({
    queryKey: ['preview', input],
    queryFn: input ? ({ signal }: { signal: AbortSignal }) => readPreview(input, signal) : skipToken,
    staleTime: Infinity,
    gcTime: PREVIEW_KEPT_MS,
    retry: false,
    placeholderData: keepPreviousData,
  })

function readPreview(
  { agentId, name, instructions, message, source }: PreviewInput,
  signal: AbortSignal,
): Promise<Preview> {
  const agent = agentId === undefined ? '' : `${encodeURIComponent(agentId)}/`
  return call<Preview>('POST', `api/agents/${agent}preview`, {
    body: {
      name,
      instructions,
      message: message.trim() === '' ? null : message,
      ...('taskId' in source ? { task_id: source.taskId } : { payload: source.payload }),
    },
    signal,
  })
}

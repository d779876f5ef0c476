import type { IncomingHttpHeaders } from 'node:http'
import type { RejectionReason } from '../contract/rejectionReason.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'
import type { FieldError } from '../errors.ts'
import type { Query } from './payload/parseQuery.ts'
import type { CompiledSource } from './sources/compile.ts'

/** Makes the source of a webhook ready. Throws BellwireError `schema_invalid` that names the fields at fault. */
export type CompileSource = (
  options: Pick<WebhookOptions, 'source' | 'hmac'>,
  secrets: readonly string[],
) => CompiledSource

/** Compiles a JSON Schema; what does not fit is said of every place in the value. Throws an Error when it cannot be used. */
export type CompileSchema = (
  schema: object,
) => (payload: { json: Uint8Array; readonly value: unknown }) => Promise<FieldError[]>

/** A request that did not start a task, with what its record needs. Headers are masked by whoever keeps them. */
export type RejectionEntry = {
  webhookId: string
  agentId: string
  reason: RejectionReason
  expected?: string | undefined
  received?: string | undefined
  detail?: string | undefined
  headers: IncomingHttpHeaders
  /** Names of headers of the source that hold no secret, in lower case. */
  keptHeaders?: readonly string[] | undefined
  method: string
  query: Query
  contentType: string | undefined
  /** Bytes of the body. */
  size: number
  /** It passed the check of its signature. */
  senderVerified?: boolean | undefined
  body: Buffer | undefined
  taskId?: string | undefined
  receivedAt: Date
}

/** Keeps rejections. Returns at once. */
export type RecordRejection = (entry: RejectionEntry) => void

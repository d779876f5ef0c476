import { z } from 'zod'
import { Timestamp } from './name.ts'

/** The response to a call of a callback URL. */
export const CallbackUrlAnswer = z
  .object({
    success: z.literal(true),
    received_at: Timestamp.meta({ description: 'When the first call was received' }),
  })
  .meta({ id: 'CallbackUrlAnswer' })

/** What came to a callback URL. */
export type ReceivedCall = {
  calledAt: Date
  contentType: string | null
  query: Record<string, string | string[]>
  /** JSON text; undefined when the call had no body. */
  body: string | undefined
}

/** The callback URLs of a run. */
export type CallbackUrls = {
  /**
   * Makes a URL. The same key gives the same URL.
   *
   * @returns undefined when the run has as many as it may have
   */
  create(key: string): Promise<{ id: string; url: string } | undefined>
  /** Reads whether a URL was called; undefined when the run has no URL of this id. */
  read(id: string): Promise<{ call: ReceivedCall | undefined } | undefined>
}

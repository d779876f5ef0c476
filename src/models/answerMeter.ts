import { AsyncLocalStorage } from 'node:async_hooks'

/** Measures the answer of one model call while it arrives. Both functions throw when it exceeds its limit. */
export type AnswerMeter = {
  /** Bytes of a body, or of a stream event, that cannot be parsed before it is complete. */
  received(bytes: number): void
  /** Bytes written by the model, in UTF-8: text, reasoning and tool call arguments. */
  wrote(bytes: number): void
}

/** The meter of the model call in progress; the HTTP client of the models reports to it. */
const present = new AsyncLocalStorage<AnswerMeter>()

/** Makes a model call whose answer is measured. */
export function metered<T>(meter: AnswerMeter, call: () => PromiseLike<T>): PromiseLike<T> {
  return present.run(meter, call)
}

/**
 * Counts a body while it passes through. Of an event stream only the incomplete line is buffered by its reader; of any
 * other body all of it is.
 */
export function countBody(
  body: ReadableStream<Uint8Array>,
  { isStream }: { isStream: boolean },
): ReadableStream<Uint8Array> {
  const meter = present.getStore()
  if (!meter) return body
  let line = 0
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (!isStream) meter.received(chunk.byteLength)
        else {
          const end = chunk.lastIndexOf(NEWLINE)
          line = end < 0 ? line + chunk.byteLength : chunk.byteLength - end - 1
          if (end < 0 && line > LONG_LINE) meter.received(chunk.byteLength)
        }
        controller.enqueue(chunk)
      },
    }),
  )
}

const NEWLINE = 10

/** Smaller events are not worth counting. */
const LONG_LINE = 64 * 1024

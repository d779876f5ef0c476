import { AsyncLocalStorage } from 'node:async_hooks'

/** Counts the answer of one model call while it arrives. Both functions throw when it is larger than it may be. */
export type AnswerMeter = {
  /** Bytes of a body, or of an event of a stream, that cannot be read before all of it is there. */
  received(bytes: number): void
  /** Bytes that the model has written, in UTF-8: text, thoughts and arguments of tool calls. */
  wrote(bytes: number): void
}

/** The meter of the model call that is under way; the HTTP client of the models counts with it. */
const present = new AsyncLocalStorage<AnswerMeter>()

/** Makes a model call whose answer is counted. */
export function metered<T>(meter: AnswerMeter, call: () => PromiseLike<T>): PromiseLike<T> {
  return present.run(meter, call)
}

/**
 * Counts a body while it passes through. Of a stream of server-sent events only the line that is not complete is
 * kept by whoever reads it; of any other body all of it is.
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

/** Events below this size are not worth counting. */
const LONG_LINE = 64 * 1024

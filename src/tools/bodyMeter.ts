import { AsyncLocalStorage } from 'node:async_hooks'

/** Counts the response bodies of one tool call while they arrive. */
export type BodyMeter = {
  /**
   * Resolves when there is memory for more bytes.
   *
   * @param signal ends the wait; its reason is thrown
   */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

const present = new AsyncLocalStorage<BodyMeter>()

/** Runs a tool call whose response bodies are read only as fast as the meter allows. */
export function withBodyMeter<T>(meter: BodyMeter, call: () => T): T {
  return present.run(meter, call)
}

/** The meter of the tool call in progress. */
export function presentBodyMeter(): BodyMeter | undefined {
  return present.getStore()
}

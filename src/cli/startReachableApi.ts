import { startApi, type Api } from '../app/api.ts'
import type { AppOptions } from '../app/foundation.ts'
import { explainListenError } from './listenError.ts'
import { untilReachable } from './untilReachable.ts'

/**
 * Starts the API as soon as the database can be reached.
 *
 * @param signal ends the attempts
 * @throws what {@link explainListenError} makes of an address that cannot be used; what {@link untilReachable} throws
 */
export function startReachableApi(options: AppOptions, signal: AbortSignal): Promise<Api> {
  return untilReachable(
    () =>
      startApi(options).catch((error: unknown) => {
        throw explainListenError(error, options.config)
      }),
    { log: options.log, signal },
  )
}

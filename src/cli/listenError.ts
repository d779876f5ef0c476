import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/configError.ts'

/** Explains what to do about an address that cannot be listened on; returns other errors unchanged. */
export function explainListenError(
  error: unknown,
  config: Pick<Config, 'host' | 'port' | 'metricsPort'>,
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const isMetrics =
    config.metricsPort !== undefined &&
    error instanceof Error &&
    'port' in error &&
    error.port === config.metricsPort
  const setting = isMetrics ? 'BELLWIRE_METRICS_PORT' : 'PORT'
  const address = `${config.host}:${isMetrics ? config.metricsPort : config.port}`
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError(
        `Another program is already listening on ${address}. Stop it, or set ${setting} to another number.`,
        {
          cause: error,
        },
      )
    case 'EACCES':
      return new ConfigError(`This user may not listen on ${address}. Set ${setting} to 1024 or above.`, {
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`This machine does not have the address ${config.host}. Set HOST.`, {
        cause: error,
      })
    default:
      return error
  }
}

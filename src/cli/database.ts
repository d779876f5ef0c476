import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/configError.ts'

/** The database of a process that does not start one itself. Throws {@link ConfigError} when none is named. */
export function requireDatabaseUrl(config: Config, command: string): string {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  throw new ConfigError(
    `"${command}" needs DATABASE_URL. "serve" runs everything on one machine and brings a database along.`,
  )
}

import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/configError.ts'
import { databaseNeeded } from '../config/load.ts'

/**
 * Opens the database of a process that does not start one itself. Throws {@link ConfigError} when none is configured.
 */
export function requireDatabaseUrl(config: Config, command: string): string {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  throw new ConfigError(databaseNeeded(command))
}

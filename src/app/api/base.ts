import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { AppOptions } from '../foundation.ts'

/** What all parts of the API process are built on. */
export type ApiBase = Pick<AppOptions, 'config' | 'secretKey' | 'log'> & {
  /** Stops what was put on it, in reverse order. */
  stack: AsyncDisposableStack
  db: Database
  signals: Signals
  vault: Vault
  metrics: Metrics
  /** Aborted when the process stops, before the server closes. */
  stopping: AbortSignal
}

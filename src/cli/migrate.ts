import type { Config } from '../config/config.ts'
import { startEmbedded } from '../db/embedded/start.ts'
import { createLog } from '../telemetry/log.ts'
import { prepareDatabase } from './prepareDatabase.ts'

/** Brings the schema of the database up to date, then exits. */
export async function runMigrate(config: Config): Promise<void> {
  const log = createLog(config, { process: 'migrate' })
  if (config.databaseUrl !== undefined) {
    await prepareDatabase(config.databaseUrl, log)
  } else {
    const embedded = await startEmbedded({ dataDir: config.dataDir, log })
    try {
      await prepareDatabase(embedded.url, log)
    } finally {
      await embedded.stop()
    }
  }
  process.stdout.write('The database is up to date.\n')
}

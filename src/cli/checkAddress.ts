import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../config/config.ts'
import { explainListenError } from './listenError.ts'

/**
 * Checks that the configured address can be listened on, before anything else is started. The server binds it later,
 * once it can answer.
 *
 * @throws ConfigError with what to do about it
 */
export async function checkAddress(config: Pick<Config, 'host' | 'port'>): Promise<void> {
  const probe = createServer()
  try {
    probe.listen({ port: config.port, host: config.host })
    await once(probe, 'listening')
  } catch (error) {
    throw explainListenError(error, config)
  }
  probe.close()
  await once(probe, 'close')
}

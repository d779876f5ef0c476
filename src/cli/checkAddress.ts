import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../config/config.ts'
import { explainListenError } from './listenError.ts'

/**
 * Checks that the configured addresses can be listened on, before anything else is started. The servers bind them later,
 * once they can answer.
 *
 * @throws ConfigError with what to do about it
 */
export async function checkAddress(config: Pick<Config, 'host' | 'port' | 'metricsPort'>): Promise<void> {
  for (const port of [config.port, config.metricsPort]) if (port !== undefined) await check(port, config)
}

async function check(port: number, config: Pick<Config, 'host' | 'port' | 'metricsPort'>): Promise<void> {
  const probe = createServer()
  try {
    probe.listen({ port, host: config.host })
    await once(probe, 'listening')
  } catch (error) {
    throw explainListenError(error, config)
  }
  probe.close()
  await once(probe, 'close')
}

import type { Config } from '../config/config.ts'
import { firstLocalModel } from '../models/demoModel.ts'

/** Ollama runs on this machine: no response within this time means there is none. */
const LOOK_MS = 500

/** When no provider is configured and an Ollama with a model answers at its usual address, uses that. */
export async function withOllama(config: Config): Promise<Config> {
  if (Object.keys(config.providers).length > 0) return config
  const local = { baseUrl: `${config.ollamaUrl}/v1` }
  return (await firstLocalModel(local, LOOK_MS)) === undefined ? config : { ...config, providers: { local } }
}

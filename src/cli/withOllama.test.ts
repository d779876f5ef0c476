import { expect, it } from 'vitest'
import { startModelServer } from '../../test/harness/modelServer.ts'
import { loadConfig } from '../config/load.ts'
import { withOllama } from './withOllama.ts'

it('uses an Ollama that is there, and only when nothing else is configured', async () => {
  const ollama = await startModelServer()
  try {
    const { host } = new URL(ollama.url)
    const found = await withOllama(loadConfig({ OLLAMA_HOST: host }))
    expect(found.providers).toEqual({ local: { baseUrl: `http://${host}/v1` } })
    const configured = loadConfig({ OLLAMA_HOST: host, OPENAI_API_KEY: 'key' })
    expect(await withOllama(configured)).toBe(configured)
  } finally {
    await ollama.stop()
  }
})

it('goes on without one', async () => {
  const config = loadConfig({ OLLAMA_HOST: '127.0.0.1:1' })
  expect(await withOllama(config)).toBe(config)
})

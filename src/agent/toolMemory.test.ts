import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../test/harness/agentRun.ts'
import { callTools, say } from '../../test/harness/modelServer.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createProcessMemory } from './processMemory.ts'

let bench: AgentBench

beforeAll(async () => (bench = await startAgentBench()))
afterAll(async () => bench?.stop())

it('reads a tool response only when there is room for it', async () => {
  const memory = createProcessMemory(4_000_000)
  const signal = new AbortController().signal
  const older = await memory.openRun(900_000, signal)
  const hold = await memory.openRun(0, signal)
  bench.tools.handle(() => ({ body: 'z'.repeat(200_000) }))
  bench.model.script(callTools([{ name: 'look', arguments: {} }]), say('Seen.'))
  const tool = {
    type: 'http',
    name: 'look',
    description: '',
    method: 'GET',
    url: `${bench.tools.url}/look`,
    access: 'read',
  }
  const run = bench.run({ tools: [tool] }, { memory: hold })
  await waitFor(() => memory.waiting() === 1, { what: 'the wait for room' })
  expect(bench.model.requests).toHaveLength(1)
  older.release()
  expect((await run).result.answer).toBe('Seen.')
  expect(JSON.stringify(bench.model.requests[1]?.body)).toContain('zzz')
  // The call is over: its bytes are given back, and only the journal counts them.
  hold.release()
  await memory.openRun(1_000_000, signal)
})

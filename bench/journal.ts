import { pino } from 'pino'
import { createAgentRunner } from '../src/agent/run.ts'
import type { RunInput } from '../src/agent/runInput.ts'
import type { Journal } from '../src/agent/journal.ts'
import type { Step } from '../src/contract/step.ts'
import { AgentConfig } from '../src/contract/agent.ts'
import { openDatabase } from '../src/db/database.ts'
import { newId } from '../src/db/id.ts'
import { createSignals } from '../src/db/signals.ts'
import { createModels } from '../src/models/models.ts'
import { createStepWriter } from '../src/tasks/steps.ts'
import { createBuildTools } from '../src/tools/buildTools.ts'
import { createGuardedFetch } from '../src/tools/guardedFetch.ts'
import { createMcpConnector } from '../src/tools/mcp/connector.ts'
import { median } from './processes.ts'

const RUNS = 1_000
const AT_ONCE = 50
const STEPS_PER_RUN = 3

/**
 * Milliseconds of CPU that the journal costs this process per step: two-step runs with the journal in the database,
 * minus the same runs with an in-memory journal. The median of five alternating rounds.
 */
export async function benchJournal(databaseUrl: string): Promise<number> {
  const db = openDatabase(databaseUrl, { name: 'bench', max: 12, onError: () => undefined })
  const signals = createSignals(db, databaseUrl, { name: 'bench', onError: () => undefined })
  const models = createModels({})
  const fetch = createGuardedFetch()
  const secrets = (): Promise<undefined> => Promise.resolve(undefined)
  const mcp = createMcpConnector({ fetch, secrets, commands: [], environment: {}, version: '0' })
  const buildTools = createBuildTools({ fetch, secrets, mcp })
  const run = createAgentRunner({ models, buildTools, log: pino({ level: 'silent' }) })
  const writer = createStepWriter({ db, signals })
  const config = AgentConfig.parse({
    name: 'Bench',
    instructions: 'Answer.',
    model: 'demo/assistant',
    tools: [{ type: 'builtin', name: 'current_time' }],
  })
  const agent = { id: newId(), revision: 1, config }

  function input(id: string, write: (step: Step) => Promise<void>): RunInput {
    const journal: Journal = { find: () => undefined, begin: write, finish: write }
    return {
      task: { id, createdAt: new Date(), senderTrusted: false },
      agent,
      payload: { question: 'What time is it?' },
      request: { method: 'POST', headers: {}, query: {} },
      journal,
      signal: new AbortController().signal,
      deadline: Date.now() + 60_000,
    }
  }

  async function cpuOf(oneRun: (id: string) => Promise<unknown>): Promise<number> {
    const ids = Array.from({ length: RUNS }, () => newId())
    await db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, attempt, worker_id)
        select id, $2, 1, 'webhook', 'STARTED', '{}', '{}', 1, 1 from unnest($1::uuid[]) as t(id)`,
      [ids, agent.id],
    )
    const before = process.cpuUsage()
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) await oneRun(id)
      }),
    )
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }

  const inMemory = (id: string) => run(input(id, () => Promise.resolve()))
  const inDatabase = (id: string) =>
    run(
      input(id, async (step) => {
        const held = await writer.write({ taskId: id, attempt: 1, workerId: 1 }, step, false)
        if (!held) throw new Error('a step was not written')
      }),
    )
  try {
    await cpuOf(inMemory)
    await cpuOf(inDatabase)
    const differences: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const memory = await cpuOf(inMemory)
      differences.push(((await cpuOf(inDatabase)) - memory) / (RUNS * STEPS_PER_RUN))
    }
    return median(differences)
  } finally {
    await signals.stop()
    await models.close()
    await mcp.close()
    await fetch.close()
    await db.close()
  }
}

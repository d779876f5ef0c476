import type { Usage } from '../../src/contract/task.ts'
import { createSignals, type Signals } from '../../src/db/signals.ts'
import { createFairRanks } from '../../src/queue/fairRank.ts'
import { createAcceptor } from '../../src/tasks/accept.ts'
import { claimTasks, type Claim, type ClaimedTask } from '../../src/tasks/claim.ts'
import { promote } from '../../src/tasks/promote.ts'
import { createSettler, type Settler } from '../../src/tasks/settle.ts'
import type { Trigger } from '../../src/tasks/trigger.ts'
import type { Step } from '../../src/contract/step.ts'
import { createStepWriter } from '../../src/tasks/steps.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** Tasks on a real database and queue, with workers that are only a number: the test decides what they do. */
export type TaskBench = {
  test: TestDatabase
  signals: Signals
  settler: Settler
  /** Accepts tasks for an agent, and returns their ids. */
  accept(
    agent: { agentId: string; tokenHash: Buffer },
    count?: number,
    more?: Partial<Trigger>,
  ): Promise<string[]>
  newWorker(): Promise<number>
  claim(workerId: number, limit?: number): Promise<Claim>
  /** Writes a model call of a task into the journal. False if the lease is not valid. */
  modelCall(task: ClaimedTask, usage: Partial<Usage>, step?: Partial<Step>): Promise<boolean>
  /** Ends a task successfully. */
  succeed(task: ClaimedTask): Promise<boolean>
  stop(): Promise<void>
}

export const NO_USAGE: Usage = {
  model_calls: 1,
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: null,
}

export async function startTaskBench(): Promise<TaskBench> {
  const onError = (error: Error): void => {
    throw error
  }
  const test = await createTestDatabase()
  const signals = createSignals(test.db, test.url, { name: 'test', onError })
  const parts = { db: test.db, signals }
  const settler = createSettler(parts)
  const writer = createStepWriter({ db: test.db, signals })
  const acceptor = createAcceptor({ ...parts, ranks: createFairRanks() })

  return {
    test,
    signals,
    settler,

    async accept({ agentId, tokenHash }, count = 1, more = {}) {
      const accepted = await Promise.all(
        Array.from({ length: count }, () =>
          acceptor.accept({
            agentId,
            tokenHash,
            origin: 'webhook',
            payload: Buffer.from('{}'),
            request: '{"method":"POST","headers":{},"query":{}}',
            interactive: false,
            streamed: false,
            ...more,
          }),
        ),
      )
      return accepted.map(({ taskId }) => taskId)
    },

    async newWorker() {
      const { rows } = await test.db.pool.query<{ id: number }>(
        `insert into bellwire.workers (name) values ('test:0') returning id::float8 as id`,
      )
      return rows[0]?.id ?? 0
    },

    async claim(workerId, limit = 100) {
      await promote(parts)
      return claimTasks(test.db, { workerId, limit })
    },

    modelCall: (task, usage, step = {}) =>
      writer.write(
        task,
        {
          key: 'model/0',
          kind: 'model',
          name: 'local/test-model',
          step: 0,
          state: 'done',
          input: {},
          output: {},
          usage: { ...NO_USAGE, ...usage },
          startedAt: new Date(),
          finishedAt: new Date(),
          ...step,
        },
        false,
      ),

    succeed: (task) =>
      settler.end(task, {
        kind: 'succeeded',
        result: { answer: 'yes', sources: [], tool_calls: [], thought: '' },
        usage: NO_USAGE,
      }),

    async stop() {
      await signals.stop()
      await test.drop()
    },
  }
}

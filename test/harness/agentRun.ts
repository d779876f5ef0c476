import { createAgentRunner } from '../../src/agent/run.ts'
import type { RunInput, RunOutcome } from '../../src/agent/runInput.ts'
import { RunFailure } from '../../src/agent/runFailure.ts'
import { AgentConfig } from '../../src/contract/agent.ts'
import { createModels } from '../../src/models/models.ts'
import { createBuildTools } from '../../src/tools/buildTools.ts'
import { createGuardedFetch } from '../../src/tools/guardedFetch.ts'
import { createMcpConnector } from '../../src/tools/mcp/connector.ts'
import { createMemoryJournal } from './memoryJournal.ts'
import { startModelServer, type ModelServer } from './modelServer.ts'
import { startToolServer, type ToolServer } from './toolServer.ts'

export type AgentBench = {
  model: ModelServer
  tools: ToolServer
  /** Runs an agent on `local/test-model`, with a new journal unless one is given. */
  run(config?: Partial<AgentConfigInput>, input?: Partial<RunInput>): Promise<RunOutcome>
  /** The input of the run. */
  input(config?: Partial<AgentConfigInput>, input?: Partial<RunInput>): RunInput
  /** The error of a failed run; throws if it ends in any other way. */
  failure(config?: Partial<AgentConfigInput>, input?: Partial<RunInput>): Promise<RunFailure>
  stop(): Promise<void>
}

type AgentConfigInput = Record<keyof AgentConfig, unknown>

/** The provider's key in these tests, which must never appear anywhere. */
export const MODEL_KEY = 'sk-test-0123456789abcdef'

/** The secrets that tools of these tests can use. */
export const SECRETS: Record<string, string> = { TOKEN: 'hunter2/very+secret' }

/** A runner in a real environment: a model server, a tool server, the guarded fetch. */
export async function startAgentBench(
  more: Partial<Parameters<typeof createAgentRunner>[0]> = {},
): Promise<AgentBench> {
  const model = await startModelServer()
  const tools = await startToolServer()
  const models = createModels({ local: { baseUrl: model.url, apiKey: MODEL_KEY } })
  const fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
  const secrets = (name: string): Promise<string | undefined> => Promise.resolve(SECRETS[name])
  const mcp = createMcpConnector({ fetch, secrets, commands: [], environment: {}, version: '0.0.0' })
  const buildTools = createBuildTools({ fetch, secrets, mcp })
  const runAgent = createAgentRunner({ models, buildTools, ...more })

  const inputOf: AgentBench['input'] = (config = {}, input = {}) => ({
    task: {
      id: '6f1c6b0e-0d6c-4d7c-9d57-0c8d6e3a5b11',
      createdAt: new Date('2026-03-01T12:00:00Z'),
      senderTrusted: true,
    },
    agent: {
      id: 'e2b3f0c4-5a1d-4c7e-8f9a-1b2c3d4e5f60',
      revision: 3,
      config: AgentConfig.parse({
        name: 'Helper',
        instructions: 'Be brief.',
        model: 'local/test-model',
        ...config,
      }),
    },
    payload: { question: 'How are you?' },
    request: { method: 'POST', headers: {}, query: {} },
    journal: createMemoryJournal(),
    signal: new AbortController().signal,
    deadline: Date.now() + 15_000,
    ...input,
  })
  const run: AgentBench['run'] = async (config, input) => runAgent(inputOf(config, input))

  return {
    model,
    tools,
    run,
    input: inputOf,
    async failure(config, input) {
      const outcome = await run(config, input).catch((error: unknown) => error)
      if (outcome instanceof RunFailure) return outcome
      throw new Error(`the run did not fail as expected: ${String(outcome)}`, { cause: outcome })
    },
    async stop() {
      await Promise.all([model.stop(), tools.stop(), models.close(), mcp.close(), fetch.close()])
    },
  }
}

import { startTestApp, type TestApp } from './api.ts'
import { startModelServer, type ModelServer } from './modelServer.ts'
import { startToolServer, type ToolServer } from './toolServer.ts'

export type AgentApp = {
  app: TestApp
  /** The provider `local`. */
  model: ModelServer
  /** Where HTTP tools can send their requests. */
  tools: ToolServer
  /** Forgets the requests of both servers, and their handlers. */
  reset(): void
  stop(): Promise<void>
}

/** API and worker in this process, with a model server and a tool server on loopback. `env` adds to its settings. */
export async function startAgentApp(env: Record<string, string> = {}): Promise<AgentApp> {
  await using stack = new AsyncDisposableStack()
  const model = await startModelServer()
  stack.defer(model.stop)
  const tools = await startToolServer()
  stack.defer(tools.stop)
  const app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    ...env,
  })
  stack.defer(app.stop)
  const started = stack.move()
  return {
    app,
    model,
    tools,
    reset() {
      model.reset()
      tools.reset()
    },
    stop: () => started.disposeAsync(),
  }
}

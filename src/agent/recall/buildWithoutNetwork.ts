import { createBuildTools, type BuildTools } from '../../tools/buildTools.ts'
import { createGuardedFetch } from '../../tools/guardedFetch.ts'
import { createMcpConnector } from '../../tools/mcp/connector.ts'

/** Builds tools that know their names and parameters, and neither secrets nor what they could reach. */
export function buildWithoutNetwork(): BuildTools {
  const fetch = createGuardedFetch()
  const secrets = (): Promise<undefined> => Promise.resolve(undefined)
  const mcp = createMcpConnector({ fetch, secrets, commands: [], environment: {}, version: '' })
  return createBuildTools({ fetch, secrets, mcp })
}

import { createTryTool } from '../../agent/toolCalls/tryTool.ts'
import { readAgentActivity } from '../../agents/agentActivity.ts'
import { createAgents } from '../../agents/agents.ts'
import { readRevisionRuns } from '../../agents/revisionRuns.ts'
import { createToolDrafts } from '../../agents/toolDrafts.ts'
import { agentRoutes } from '../../http/routes/agents.ts'
import { previewRoutes } from '../../http/routes/preview.ts'
import { revisionRoutes } from '../../http/routes/revisions.ts'
import { schemaExampleRoutes } from '../../http/routes/schemaExamples.ts'
import { toolRoutes } from '../../http/routes/tools.ts'
import { demoValue } from '../../models/demoValue.ts'
import type { Secrets } from '../../secrets/secrets.ts'
import { cancelTasksOf } from '../../tasks/cancelTasksOf.ts'
import { readPromptSource } from '../../tasks/views/promptSource.ts'
import { createBuildTools } from '../../tools/buildTools.ts'
import { describeTools } from '../../tools/describeTools.ts'
import { findMismatches } from '../../tools/schemas/jsonSchema.ts'
import { createToolSources } from '../../tools/imports/toolSources.ts'
import { openOutbound } from '../foundation.ts'
import type { Access } from './access.ts'
import { createAgentChecks } from './agentChecks.ts'
import type { ApiBase } from './base.ts'
import type { Models } from './models.ts'
import { createRenderPreview } from './renderPreview.ts'

export type AgentParts = ReturnType<typeof openAgents>

/** Agents with their revisions and tools, and what an author tries before saving. */
export function openAgents(
  { stack, config, db, signals, stopping }: ApiBase,
  { access, models, secrets }: { access: Access; models: Models; secrets: Secrets },
) {
  const outside = openOutbound({ stack, config, secrets })
  const checks = createAgentChecks({ ...models, mcp: outside.mcp })
  const sources = createToolSources({ ...outside, signal: stopping })
  const agents = createAgents({ db, checks, importTool: sources.importTool })
  const buildTools = createBuildTools(outside)
  return {
    agents,
    checks,
    management: [
      agentRoutes({
        agents,
        readActivity: (ids) => readAgentActivity(db, ids),
        cancelTasks: (id) => cancelTasksOf({ db, signals }, id),
        revoked: access.revocations.announce,
      }),
      revisionRoutes({ agents, readRuns: (id) => readRevisionRuns(db, id) }),
      previewRoutes({
        agents,
        readSource: (agentId, taskId) => readPromptSource(db, agentId, taskId),
        renderPreview: createRenderPreview({
          isPlainPayload: (origin) => config.compat === 'docsgpt' && origin === 'webhook',
        }),
      }),
      schemaExampleRoutes({
        checkSchema: checks.jsonSchema,
        makeExample: (schema) => demoValue(schema, 'text'),
        findMismatches,
      }),
      toolRoutes({
        agents,
        drafts: createToolDrafts({
          db: db.pool,
          checks,
          importTool: sources.importTool,
          offerTools: sources.offer,
        }),
        describe: (tool) => describeTools(buildTools, tool),
        tryTool: createTryTool({ buildTools, stopping }),
      }),
    ],
  }
}

import type { Agents } from '../../agents/agents.ts'
import { chooseDemoModel } from '../../models/demoModel.ts'
import type { ProviderSettings } from '../../models/providerSettings.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import type { ApiBase } from './base.ts'
import { ensureDemoAgent } from './demoAgent.ts'

export type Demo = { curl: string; statusUrl: string; model: string }

/** A command that starts the demo agent; undefined when the agent was deleted. */
export async function offerDemo(
  { db, config: { publicUrl } }: ApiBase,
  {
    agents,
    webhooks,
    configured,
  }: { agents: Agents; webhooks: Webhooks; configured: readonly ProviderSettings[] },
): Promise<Demo | undefined> {
  const model = await chooseDemoModel(configured)
  const demo = await ensureDemoAgent({ db, agents, webhooks }, model)
  return (
    demo && {
      curl:
        `curl ${publicUrl}/api/webhooks/agents/${demo.token} ` +
        `-H 'Content-Type: application/json' -d '{"question":"What can you do?"}'`,
      statusUrl: `${publicUrl}/api/task_status?task_id=TASK_ID&wait=30`,
      model,
    }
  )
}

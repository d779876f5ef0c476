import type { ToolApprovalStatus } from 'ai'
import type { AgentConfig } from '../../contract/agent.ts'
import type { RunTool } from '../../tools/tool.ts'
import type { RunContext } from '../runContext.ts'
import type { Decision } from '../../contract/decision.ts'
import { toolStepKey } from '../stepKey.ts'

export type Trust = Pick<AgentConfig, 'approvals' | 'unverified_senders'> & { senderTrusted: boolean }

/** The tools available to a run: all, or only those that change nothing. */
export function trustedTools(tools: RunTool[], trust: Trust): RunTool[] {
  if (trust.senderTrusted || trust.unverified_senders === 'all_tools') return tools
  return tools.filter(({ access }) => access === 'read')
}

/**
 * Creates the function that decides for each call whether it must wait for approval. A waiting call is added to
 * `context.state.undecided`, and the loop ends when its siblings are done. A call that has been decided, or is in the
 * journal, goes on to the tool, which applies the decision.
 */
export function createApprovalGate(tools: RunTool[], trust: Trust, context: RunContext) {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))

  return async ({ toolCall }: { toolCall: ToolCallToMake }): Promise<ToolApprovalStatus> => {
    const tool = byName.get(toolCall.toolName)
    if (!tool || !needsApproval(tool, trust)) return 'not-applicable'
    const { toolCallId, input } = toolCall
    const key = toolStepKey(context.state.step, tool.name, toolCallId, input)
    if (context.record?.simulates) context.state.unapproved.add(key)
    // Answered from the record of an earlier run.
    if (context.record && (tool.access === 'write' || context.record.simulates)) return 'not-applicable'
    if (context.journal.find(key) || context.decisions(key)) return 'not-applicable'
    // No approval is requested for a call that would fail anyway.
    const args = context.state.exactArguments.of(toolCallId, input)
    if ((await tool.check(args)) !== undefined) return 'not-applicable'
    const { name, access, parameters } = tool
    context.state.undecided.push({
      key,
      tool: name,
      access,
      step: context.state.step,
      arguments: args,
      parameters,
    })
    return 'user-approval'
  }
}

type ToolCallToMake = { toolName: string; toolCallId: string; input: unknown }

function needsApproval({ approval, access }: RunTool, { approvals, senderTrusted }: Trust): boolean {
  const rule = approval ?? (access === 'write' ? approvals.write_calls : 'never')
  return rule === 'always' || (rule === 'unverified' && !senderTrusted)
}

/** What the model receives instead of a result; undefined for a call that may be made. */
export function denial(decision: Decision | undefined): string | undefined {
  if (decision?.state === 'expired') return 'Nobody approved this call in time, so it was not made.'
  if (decision?.state !== 'denied') return undefined
  const reason = decision.reason ? ` Reason: ${decision.reason}` : ''
  return `A person denied this call, so it was not made.${reason}`
}

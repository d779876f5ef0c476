import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { AgentConfig } from '../contract/agent.ts'
import type { BuildTools } from '../tools/buildTools.ts'
import { compileJsonSchema, type Validate } from '../tools/schemas/jsonSchema.ts'
import { parseTemplate, TemplateError, type Template } from '../tools/templates/template.ts'
import type { RunTool } from '../tools/tool.ts'
import { RunFailure } from './runFailure.ts'

/** An agent revision with everything parsed that can be parsed before a run. */
export type CompiledAgent = {
  config: AgentConfig
  instructions: Template
  message: Template | undefined
  tools: RunTool[]
  /** Present when the agent has an output schema. */
  checkOutput: Validate | undefined
}

/** Number of compiled revisions to keep. */
const MAX_KEPT = 500

export type AgentCompiler = (agent: { id: string; revision: number; config: AgentConfig }) => CompiledAgent

/**
 * Compiles agents and keeps the most recently used. Not a lookup cache: nothing is waited for, and a revision never changes, but a draft with the same number may: a
 * cached entry is used only for the same configuration.
 *
 * The compiler throws RunFailure `template_failed` or `agent_invalid` for a configuration that today's rules reject.
 */
export function createAgentCompiler(buildTools: BuildTools): AgentCompiler {
  const kept = new LRUCache<string, CompiledAgent>({ max: MAX_KEPT })

  return ({ id, revision, config }) => {
    const key = `${id} ${revision}`
    const known = kept.get(key)
    if (known && (known.config === config || isDeepStrictEqual(known.config, config))) return known
    const compiled = compile(config, buildTools)
    kept.set(key, compiled)
    return compiled
  }
}

function compile(config: AgentConfig, buildTools: BuildTools): CompiledAgent {
  const { instructions, message, output_schema: outputSchema } = config
  return {
    config,
    instructions: part('instructions', () => parseTemplate(instructions)),
    message: message === undefined ? undefined : part('message', () => parseTemplate(message)),
    tools: part('tools', () => buildTools(config.tools)),
    checkOutput: outputSchema && part('output_schema', () => compileJsonSchema(outputSchema)),
  }
}

function part<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = error instanceof TemplateError ? 'template_failed' : 'agent_invalid'
    const detail = error instanceof Error ? error.message : String(error)
    throw new RunFailure(code, `The agent's "${name}" cannot be used: ${detail}.`, { cause: error })
  }
}

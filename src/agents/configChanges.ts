import type { AgentConfig } from '../contract/agent.ts'
import { withoutImports } from './importTools.ts'

/** One field that two configurations differ in. A value is absent where the field was not set. */
export type ConfigChange = { pointer: string; before?: unknown; after?: unknown }

/** Fields that are objects of settings: their members are compared one by one. */
const GROUPS: ReadonlySet<string> = new Set(['limits', 'budget', 'approvals', 'retry'])

/** What differs between two configurations, by field. Imported definitions of tools are left out. */
export function configChanges(before: AgentConfig, after: AgentConfig): ConfigChange[] {
  return compare(shown(before), shown(after), '').flatMap((change) => {
    const name = change.pointer.slice(1)
    if (!GROUPS.has(name) || !isObject(change.before) || !isObject(change.after)) return [change]
    return compare(change.before, change.after, change.pointer)
  })
}

function compare(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  prefix: string,
): ConfigChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({
      pointer: `${prefix}/${name}`,
      ...(before[name] === undefined ? {} : { before: before[name] }),
      ...(after[name] === undefined ? {} : { after: after[name] }),
    }))
}

function shown(config: AgentConfig): Record<string, unknown> {
  return { ...config, tools: withoutImports(config.tools) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

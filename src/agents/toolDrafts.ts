import type { Tool } from '../contract/agent.ts'
import type { ToolOffer, ToolSource } from '../contract/toolSource.ts'
import type { Queryable } from '../db/database.ts'
import { BellwireError, type FieldError } from '../errors.ts'
import { checkAgent, checkSecrets, type AgentChecks } from './checkAgent.ts'
import { importTools, type ImportTool } from './importTools.ts'

/** Lists what a source offers. An error has a pointer within the source. */
export type OfferTools = (
  source: ToolSource,
) => Promise<{ ok: true; offer: ToolOffer } | { ok: false; error: FieldError }>

/** Tools that belong to no revision yet. Both methods throw BellwireError `schema_invalid`, with pointers within it. */
export type ToolDrafts = {
  /**
   * The tool as saving would store it: checked, and with its import.
   *
   * @param before tools whose imports are used again
   * @param refresh reads the server or the document all the same
   */
  prepare(tool: Tool, options: { before: readonly Tool[]; refresh: boolean }): Promise<Tool>
  /** What can be chosen of a server or a document. */
  offer(source: ToolSource): Promise<ToolOffer>
}

export function createToolDrafts({
  db,
  checks,
  importTool,
  offerTools,
}: {
  db: Queryable
  checks: AgentChecks
  importTool: ImportTool
  offerTools: OfferTools
}): ToolDrafts {
  async function check(tool: Tool): Promise<void> {
    const errors = await checkAgent({ tools: [tool] }, checks)
    const { rows } = await db.query<{ name: string }>('select name from bellwire.secrets')
    errors.push(...checkSecrets([tool], new Set(rows.map(({ name }) => name))))
    refuse(errors)
  }

  return {
    async prepare(tool, { before, refresh }) {
      await check(tool)
      try {
        const [ready = tool] = await importTools([tool], { before, importTool, afresh: refresh })
        return ready
      } catch (error) {
        if (error instanceof BellwireError && error.options.errors) refuse(error.options.errors)
        throw error
      }
    },

    async offer(source) {
      await check(toTool(source))
      const outcome = await offerTools(source)
      if (outcome.ok) return outcome.offer
      throw new BellwireError('schema_invalid', 'This source cannot be read.', { errors: [outcome.error] })
    },
  }
}

/** A tool with the templates of a source, to check these. */
function toTool(source: ToolSource): Tool {
  return source.type === 'mcp'
    ? { name: 'source', ...source }
    : { name: 'source', operations: ['all'], ...source }
}

/** Throws the errors with pointers within the tool, which was the only one of its list. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return
  throw new BellwireError('schema_invalid', 'This tool cannot be used.', {
    errors: errors.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/tools\/0/, ''), detail })),
  })
}

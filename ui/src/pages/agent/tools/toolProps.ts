import type { Tool } from '../../../../../src/contract/agent.ts'
import type { JsonObject } from '../../../../../src/contract/jsonObject.ts'

/** What the form of one tool is given. */
export type ToolFormProps = {
  tool: JsonObject
  /** The same tool as the server has it, with what was imported; undefined when it was never saved. */
  saved: Tool | undefined
  /** What the server found wrong, by the path within the tool. */
  faults: Record<string, string>
  onChange: (tool: JsonObject) => void
}

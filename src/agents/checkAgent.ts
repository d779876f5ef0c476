import type { AgentPatch, Tool } from '../contract/agent.ts'
import { secretNames } from '../contract/secretNames.ts'
import { findUnstorable } from '../contract/storable.ts'
import { HIDDEN } from '../contract/writtenCredentials.ts'
import { countNames, MAX_TEMPLATE_NAMES } from '../contract/templateParts.ts'
import type { FieldError } from '../errors.ts'
import { checkRequest } from './checkRequest.ts'
import { toolTemplates } from '../secrets/secretUse.ts'

/** Checks that only other layers can make. Each returns undefined when valid, otherwise what is wrong. */
export type AgentChecks = {
  /** Whether the model is known and its provider configured. */
  model(ref: string): Promise<string | undefined> | string | undefined
  /** Whether a Liquid template can be parsed, and uses only `known` variables, if given. */
  template(text: string, known?: readonly string[]): string | undefined
  /** Whether the host of a URL template is chosen by its author only. */
  urlTemplate(text: string, known?: readonly string[]): Promise<string | undefined>
  jsonSchema(schema: unknown): Promise<string | undefined>
  /** Whether the price of a model is known. */
  hasPrice(model: string): Promise<boolean>
  /** Whether agents may start a program. */
  command(command: string, args: readonly string[]): string | undefined
}

/** Validates the parts of an agent's configuration that are being saved. */
export async function checkAgent(config: AgentPatch, checks: AgentChecks): Promise<FieldError[]> {
  const errors: FieldError[] = []
  const note = (pointer: string, detail: string | undefined) => {
    if (detail !== undefined) errors.push({ pointer, detail })
  }

  for (const pointer of findUnstorable(config)) {
    note(pointer, 'contains a NUL character or an unpaired surrogate, which cannot be stored')
  }
  const names = countTemplateNames(config)
  if (names > MAX_TEMPLATE_NAMES) {
    note('', `its templates contain ${names} names and filters; at most ${MAX_TEMPLATE_NAMES} are allowed`)
    return errors
  }
  if (config.title != null) note('/title', checks.template(config.title, PROMPT_VARIABLES))
  if (config.model !== undefined) note('/model', await checks.model(config.model))
  if (config.instructions !== undefined)
    note('/instructions', checks.template(config.instructions, PROMPT_VARIABLES))
  if (config.message != null) note('/message', checks.template(config.message, PROMPT_VARIABLES))
  if (config.output_schema != null) {
    note('/output_schema', await checks.jsonSchema(config.output_schema))
  }

  const toolNames = new Set<string>()
  for (const [index, tool] of (config.tools ?? []).entries()) {
    const at = `/tools/${index}`
    if (toolNames.has(tool.name)) note(`${at}/name`, `another tool is already called ${tool.name}`)
    toolNames.add(tool.name)
    const known = toolVariables(tool)
    for (const { pointer, text } of toolTemplates(tool)) {
      const isUrl = pointer === '/url' || pointer === '/server'
      note(at + pointer, isUrl ? await checks.urlTemplate(text, known) : checks.template(text, known))
    }
    for (const pointer of leftOut(tool)) {
      note(
        at + pointer,
        `contains ${HIDDEN} in place of a credential that was left out; use {{ secrets.NAME }} instead`,
      )
    }
    for (const { pointer, detail } of checkRequest(tool)) note(at + pointer, detail)
    if (tool.type === 'mcp' && tool.command !== undefined) {
      note(`${at}/command`, checks.command(tool.command, tool.args ?? []))
    }
    if (tool.type === 'http') {
      const notAnObject =
        tool.parameters['type'] === 'object' ? undefined : 'needs "type": "object" at the top level'
      note(`${at}/parameters`, notAnObject ?? (await checks.jsonSchema(tool.parameters)))
    }
  }
  return errors
}

/** A body field that was shown to a reader with *** in place of its credential; a body may contain other asterisks. */
const HIDDEN_FIELD = /(?:=|":\s*")\*{3}(?:["&]|$)/

/** Pointers to the places where a tool contains *** in place of a credential. */
function leftOut(tool: Tool): string[] {
  return toolTemplates(tool)
    .filter(({ pointer, text }) => (pointer === '/body' ? HIDDEN_FIELD.test(text) : text.includes(HIDDEN)))
    .map(({ pointer }) => pointer)
}

/** Variables available to instructions, messages and titles. */
const PROMPT_VARIABLES = ['payload', 'request', 'agent', 'now']

/** Variables available to a tool's templates; undefined if a model may send arguments of any name. */
function toolVariables(tool: Tool): string[] | undefined {
  if (tool.type !== 'http') return ['secrets']
  const { properties, additionalProperties } = tool.parameters
  const isClosed = additionalProperties === false && !OPENING.some((keyword) => keyword in tool.parameters)
  return isClosed ? ['secrets', 'arguments', ...Object.keys(Object(properties))] : undefined
}

/** Keywords that add properties defined elsewhere. */
const OPENING = ['patternProperties', '$ref', 'allOf', 'anyOf', 'oneOf']

/** Parsing a template takes time proportional to its names: they are counted first. */
function countTemplateNames({ title, instructions, message, tools }: AgentPatch): number {
  const texts = [
    title,
    instructions,
    message,
    ...(tools ?? []).flatMap(toolTemplates).map(({ text }) => text),
  ]
  return texts.reduce<number>((sum, text) => sum + countNames(text ?? ''), 0)
}

/** Finds tool templates that refer to a secret that does not exist. */
export function checkSecrets(tools: NonNullable<AgentPatch['tools']>, known: Set<string>): FieldError[] {
  return tools.flatMap((tool, index) =>
    toolTemplates(tool).flatMap(({ pointer, text }) =>
      [...secretNames(text)]
        .filter((name) => !known.has(name))
        .map((name) => ({
          pointer: `/tools/${index}${pointer}`,
          detail: `there is no secret ${name}; save it first: PUT /api/secrets/${name}`,
        })),
    ),
  )
}

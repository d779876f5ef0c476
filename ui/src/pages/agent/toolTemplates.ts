import type { Tool } from '../../api/types.ts'
import { parseJson, prettyJson } from '../../lib/json.ts'

/** Tools to begin with: complete, so that they can be saved and edited from there. */
export const TOOL_TEMPLATES: { label: string; tool: Tool }[] = [
  {
    label: 'HTTP call',
    tool: {
      type: 'http',
      name: 'get_weather',
      description: 'Get the current weather in a city.',
      method: 'GET',
      url: 'https://api.example.com/weather?city={{ city }}',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', description: 'Name of a city' } },
        required: ['city'],
      },
      access: 'read',
    },
  },
  { label: 'Current time', tool: { type: 'builtin', name: 'current_time' } },
  { label: 'Ask a person', tool: { type: 'builtin', name: 'ask_person' } },
  { label: 'Wait for a callback', tool: { type: 'builtin', name: 'wait_for_callback' } },
]

/** The text of a list of tools with one more; undefined when the text is no list as it stands. */
export function withTool(text: string, tool: Tool): string | undefined {
  const parsed = text.trim() === '' ? { ok: true as const, value: [] } : parseJson(text)
  if (!parsed.ok || !Array.isArray(parsed.value)) return undefined
  const list: unknown[] = parsed.value
  const taken = new Set(list.map(toolName))
  let name: string = tool.name
  for (let next = 2; tool.type === 'http' && taken.has(name); next += 1) name = `${tool.name}_${next}`
  return prettyJson([...list, { ...tool, name }])
}

/** What the tools in a text are, for a line of summary; undefined when the text is no list as it stands. */
export function toolLabels(text: string): string[] | undefined {
  const parsed = text.trim() === '' ? { ok: true as const, value: [] } : parseJson(text)
  if (!parsed.ok || !Array.isArray(parsed.value)) return undefined
  return parsed.value.map(toolName).filter((name) => name !== undefined)
}

function toolName(tool: unknown): string | undefined {
  const name = typeof tool === 'object' && tool !== null && 'name' in tool ? tool.name : undefined
  return typeof name === 'string' ? name : undefined
}

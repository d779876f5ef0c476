import type { Step } from '../../api/types.ts'

/** A member of a JSON object; undefined when there is none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

export type Said = { type: 'text' | 'thought' | 'call'; text: string }

/** The parts of a model's answer that a person reads; none if its form is unexpected. */
export function saidBy(output: unknown): Said[] {
  const content = member(output, 'content')
  if (!Array.isArray(content)) return []
  return content.flatMap((part): Said[] => {
    const type = member(part, 'type')
    const text = member(part, 'text')
    if (type === 'tool-call') {
      const input = member(part, 'input')
      const shown = typeof input === 'string' ? input : JSON.stringify(input)
      return [{ type: 'call', text: `${String(member(part, 'toolName'))} ${shown}` }]
    }
    if (typeof text !== 'string' || text === '') return []
    return [{ type: type === 'reasoning' ? 'thought' : 'text', text }]
  })
}

/** The arguments that a tool was called with: the edited ones, if a person changed them. */
export function argumentsOf(input: unknown): unknown {
  return member(input, 'edited_arguments') ?? member(input, 'arguments')
}

/** The error message of a step. */
export function errorOf({ output }: Pick<Step, 'output'>): string | undefined {
  const error = member(output, 'error')
  if (typeof error === 'string') return error
  const message = member(error, 'message')
  return typeof message === 'string' ? message : undefined
}

export type Outcome = 'running' | 'done' | 'failed' | 'denied' | 'recorded' | 'earlier'

/** How a step ended. `recorded`: answered from the record of another run; `earlier`: carried over from one. */
export function outcomeOf({ state, output, attempt }: Step): Outcome {
  if (member(output, 'denied') !== undefined) return 'denied'
  if (state === 'failed') return 'failed'
  if (state === 'started') return 'running'
  if (member(output, 'recorded') === true) return 'recorded'
  return attempt === 0 ? 'earlier' : 'done'
}

/** The result of a tool call; for an HTTP call, its body and its status line. */
export function resultOf(output: unknown): { line?: string; value: unknown } {
  const result = member(output, 'result')
  const value = result === undefined ? output : result
  const status = member(value, 'status')
  const type = member(value, 'content_type')
  if (typeof status !== 'number' || typeof value !== 'object' || value === null || !('body' in value)) {
    return { value }
  }
  return {
    line: [`HTTP ${status}`, type].filter((part) => typeof part === 'string').join(' · '),
    value: value.body,
  }
}

export type SentMessage = { role: string; text: string }

/** The messages that were sent to a model, in readable form. */
export function messagesOf(input: unknown): SentMessage[] {
  const messages = member(input, 'messages')
  const system = member(input, 'system')
  const user = member(input, 'user')
  const own: SentMessage[] = [
    ...(typeof system === 'string' ? [{ role: 'system', text: system }] : []),
    ...(typeof user === 'string' ? [{ role: 'user', text: user }] : []),
  ]
  if (!Array.isArray(messages)) return own
  return [
    ...own,
    ...messages.map((message: unknown) => ({
      role: textOr(member(message, 'role'), 'message'),
      text: contentText(member(message, 'content')),
    })),
  ]
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content) ?? ''
  return content
    .map((part: unknown) => {
      const text = member(part, 'text')
      if (typeof text === 'string') return text
      const name = member(part, 'toolName')
      if (member(part, 'type') === 'tool-call')
        return `→ ${String(name)} ${JSON.stringify(member(part, 'input'))}`
      const output = member(part, 'output')
      if (output !== undefined) {
        const value = member(output, 'value')
        return `${textOr(name, 'result')}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
      }
      return JSON.stringify(part) ?? ''
    })
    .join('\n')
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
/** What to repair: a whole answer, or one event of a stream. */
type Kind = 'message' | 'delta'

/**
 * Converts a chat-completions response to OpenAI's form, in place: servers omit fields, use other types, and send
 * events that contain only usage. Correct parts are unchanged.
 *
 * @returns whether anything was changed
 */
export function repairAnswer(answer: JsonObject, kind: Kind): boolean {
  let changed = false
  const set = (at: JsonObject, name: string, value: unknown): void => {
    changed = true
    if (value === undefined) delete at[name]
    else at[name] = value
  }

  if (isOdd(answer['id'], 'string')) set(answer, 'id', textOf(answer['id']))
  if (isOdd(answer['created'], 'number')) set(answer, 'created', undefined)
  if (isOdd(answer['model'], 'string')) set(answer, 'model', undefined)
  if (isOdd(answer['usage'], 'object') || hasOddCounts(answer['usage'])) set(answer, 'usage', undefined)
  for (const name of ['prompt_tokens_details', 'completion_tokens_details']) {
    const { usage } = answer
    if (isObject(usage) && hasOddDetails(usage[name])) set(usage, name, undefined)
  }
  if (kind === 'delta' && !Array.isArray(answer['choices'])) set(answer, 'choices', [])

  for (const choice of fieldsIn(answer['choices'])) {
    if (isOdd(choice['finish_reason'], 'string'))
      set(choice, 'finish_reason', textOf(choice['finish_reason']))
    // A whole message in a stream.
    if (kind === 'delta' && !isObject(choice['delta']) && isObject(choice['message'])) {
      set(choice, 'delta', choice['message'])
    }
    const said = choice[kind]
    if (!isObject(said)) continue
    repairContent(said)
    repairCalls(said)
    if (said['role'] !== undefined && said['role'] !== null && said['role'] !== 'assistant') {
      set(said, 'role', 'assistant')
    }
    for (const name of ['reasoning_content', 'reasoning']) {
      if (isOdd(said[name], 'string')) set(said, name, undefined)
    }
    for (const [at, call] of fieldsIn(said['tool_calls']).entries()) repairCall(call, at)
  }
  return changed

  /** Text that is written as another JSON value. A list holds the parts of a text. */
  function repairContent(said: JsonObject): void {
    const { content } = said
    if (content === undefined || content === null || typeof content === 'string' || Array.isArray(content))
      return
    set(said, 'content', JSON.stringify(content))
  }

  /** Calls as a list, also where a server writes a single one, or one in the form that came before tools. */
  function repairCalls(said: JsonObject): void {
    const { tool_calls: calls, function_call: call } = said
    if (isObject(calls)) set(said, 'tool_calls', [calls])
    else if (Array.isArray(calls) && !calls.every(isObject)) set(said, 'tool_calls', calls.filter(isObject))
    else if (isObject(call) && fieldsIn(calls).length === 0) {
      const id = call['name'] === undefined ? {} : { id: 'function_call' }
      set(said, 'tool_calls', [{ ...id, type: 'function', index: 0, function: { ...call } }])
    }
  }

  function repairCall(call: JsonObject, at: number): void {
    if (isOdd(call['id'], 'string')) set(call, 'id', textOf(call['id']))
    if (isOdd(call['index'], 'number')) set(call, 'index', at)
    if (!isObject(call['function']))
      set(call, 'function', { name: call['name'], arguments: call['arguments'] })
    const called = call['function']
    if (!isObject(called)) return
    const isWhole = kind === 'message'
    if (typeof called['name'] !== 'string' && (isWhole || called['name'] !== undefined)) {
      set(called, 'name', isWhole ? '' : undefined)
    }
    const name = called['name']
    if (typeof name === 'string' && name !== name.trim()) set(called, 'name', name.trim())
    const args = called['arguments']
    if (typeof args === 'string') return
    if (args !== undefined && args !== null) set(called, 'arguments', JSON.stringify(args))
    else if (isWhole) set(called, 'arguments', '{}')
  }
}

/** Whether a value is present and has the wrong type. */
function isOdd(value: unknown, type: 'string' | 'number' | 'object'): boolean {
  return value !== undefined && value !== null && typeof value !== type
}

function hasOddCounts(usage: unknown): boolean {
  if (!isObject(usage)) return false
  return ['prompt_tokens', 'completion_tokens', 'total_tokens'].some((name) => isOdd(usage[name], 'number'))
}

/** Details of usage hold numbers only; what else is in them would cost the whole answer. */
function hasOddDetails(details: unknown): boolean {
  if (details === undefined || details === null) return false
  return !isObject(details) || Object.values(details).some((value) => isOdd(value, 'number'))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : undefined
}

function fieldsIn(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : []
}

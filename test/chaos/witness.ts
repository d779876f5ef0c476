import {
  callTools,
  fail,
  say,
  startModelServer,
  userText,
  type ChatRequest,
  type Reply,
} from '../harness/modelServer.ts'
import { urlsGiven } from '../harness/callbackModel.ts'
import { startToolServer, type ToolRequest } from '../harness/toolServer.ts'
import { BUILT_IN, readPlan } from './plan.ts'
import { createRandom } from './random.ts'

/** A model call as the model server received it. */
export type ModelCall = {
  marker: string
  /** Counts the model calls of a run from 0. */
  step: number
  /** When it arrived, in epoch milliseconds. */
  at: number
  /** The nonce of this answer; no other call gets the same. Undefined if the answer was an error. */
  nonce: string | undefined
  /** The nonces of the earlier answers, according to the request. */
  history: string[]
}

/** A tool call as the tool server received it. */
export type ToolCall = {
  marker: string
  step: number
  /** Its position among the calls of its step. */
  part: number
  tool: string
  at: number
  /** The nonce of the answer that asked for it. */
  nonce: string
  /** Idempotency-Key */
  key: string
}

/** The outside world: the model and the tools, which record every call. They are never killed. */
export type Witness = {
  modelUrl: string
  toolUrl: string
  modelCalls: ModelCall[]
  toolCalls: ToolCall[]
  /** The URLs that tasks have created, by marker. */
  handedOut: Map<string, string>
  /** Markers of tasks whose last model call was answered. */
  finished: Set<string>
  stop(): Promise<void>
}

/** Starts both servers. How long a call takes depends on the seed, the task and the step. */
export async function startWitness(seed: string): Promise<Witness> {
  const modelCalls: ModelCall[] = []
  const toolCalls: ToolCall[] = []
  const handedOut = new Map<string, string>()
  const finished = new Set<string>()
  const stumbled = new Set<string>()
  let nonces = 0

  const model = await startModelServer((request) => {
    const { body } = request
    // In a long run, requests would use too much memory.
    model.requests.length = 0
    const [marker = '', letters = ''] = userText(body).split(' ')
    const plan = readPlan(letters)
    const history = readHistory(body)
    const step = history.length
    const call: ModelCall = { marker, step, at: Date.now(), nonce: undefined, history }
    modelCalls.push(call)
    const delayMs = delayOf(`${seed} ${marker} ${step}`)
    if (step < plan.lastStep) {
      call.nonce = `nonce-${++nonces}`
      const given = urlsGiven(request).at(-1)
      if (given) handedOut.set(marker, given.url)
      return askForTools(call, plan.toolsAt(step), { delayMs, callbackId: given?.id })
    }
    if (plan.stumbles && !stumbled.has(marker)) {
      stumbled.add(marker)
      return fail(503, 'come again')
    }
    finished.add(marker)
    if (plan.refuses) return fail(400, 'not like that')
    call.nonce = `nonce-${++nonces}`
    return say(`done ${marker} ${call.nonce}`, { delayMs })
  })

  const tools = await startToolServer()
  tools.handle((request) => {
    tools.requests.length = 0
    const call = readToolCall(request)
    toolCalls.push(call)
    return { body: { ok: true }, delayMs: delayOf(`${seed} ${call.marker} ${call.step} ${call.part}`) }
  })

  return {
    modelUrl: model.url,
    toolUrl: tools.url,
    modelCalls,
    toolCalls,
    handedOut,
    finished,
    async stop() {
      await Promise.all([model.stop(), tools.stop()])
    },
  }
}

function askForTools(
  { marker, step, nonce }: ModelCall,
  tools: readonly string[],
  { delayMs, callbackId }: { delayMs: number; callbackId: string | undefined },
): Reply {
  const calls = tools.map((name, part) => ({
    id: `call_${nonce}_${part}`,
    name,
    arguments: BUILT_IN.has(name) ? { ...(callbackId && { id: callbackId }) } : { marker, step, part, nonce },
  }))
  return callTools(calls, { delayMs })
}

/** Mostly fast, sometimes slow. */
function delayOf(seed: string): number {
  const random = createRandom(seed)
  return random.chance(0.05) ? random.between(300, 800) : random.between(20, 150)
}

function readHistory({ messages }: ChatRequest): string[] {
  // Anything before that is an earlier turn of the conversation.
  const own = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
  return own
    .filter(({ role }) => role === 'assistant')
    .map(({ tool_calls: calls }) => /^call_(.+)_\d+$/.exec(calls?.[0]?.id ?? '')?.[1] ?? '')
}

function readToolCall({ path, body, key }: ToolRequest): ToolCall {
  const url = new URL(path, 'http://tools')
  const values: Record<string, unknown> =
    body === '' ? Object.fromEntries(url.searchParams) : Object(JSON.parse(body))
  return {
    marker: String(values['marker']),
    step: Number(values['step']),
    part: Number(values['part']),
    tool: url.pathname.slice(1),
    at: Date.now(),
    nonce: String(values['nonce']),
    key,
  }
}

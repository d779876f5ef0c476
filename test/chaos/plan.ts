import type { Random } from './random.ts'

/** What an agent of the load can call. */
export type ToolName = 'look_up' | 'reserve' | 'notify' | 'create_callback_url' | 'wait_for_callback'

/** Tools that no outside server sees. */
export const BUILT_IN: ReadonlySet<string> = new Set<ToolName>(['create_callback_url', 'wait_for_callback'])

/** The tools that one letter of a plan makes the model call, in one step. */
const TOOLS_OF: Readonly<Record<string, readonly ToolName[]>> = {
  R: ['look_up'],
  W: ['reserve'],
  N: ['notify'],
  P: ['look_up', 'look_up', 'reserve', 'notify'],
  C: ['create_callback_url'],
  V: ['wait_for_callback'],
}

/**
 * The course of one task, as letters: each of R, W, N, P, C and V is a step in which the model calls tools; then it
 * answers. The last letter says how: A immediately, S after being unavailable once, X not at all, because it refuses
 * the call.
 */
export type Plan = {
  letters: string
  /** The number of the last model call, from 0. */
  lastStep: number
  /** Whether the last call is refused: the task has to fail with that error. */
  refuses: boolean
  /** Whether the last call fails once before it is answered. */
  stumbles: boolean
  /** What the model calls in a step; nothing in the last. */
  toolsAt(step: number): readonly ToolName[]
}

export function readPlan(letters: string): Plan {
  const steps = letters.slice(0, -1)
  return {
    letters,
    lastStep: steps.length,
    refuses: letters.endsWith('X'),
    stumbles: letters.endsWith('S'),
    toolsAt: (step) => TOOLS_OF[steps[step] ?? ''] ?? [],
  }
}

/** Most runs take several steps; few fail or need a retry. */
export function choosePlan(random: Random): string {
  return random.pick({
    A: 2,
    RA: 3,
    RWA: 3,
    PA: 4,
    NRA: 3,
    WPNA: 3,
    RNWPA: 2,
    CVA: 1,
    RCVNA: 1,
    RX: 1,
    WNX: 1,
    WS: 1,
  })
}

/** What the requests of one of the agents belong to. */
export const CONVERSATION = { key: 'payload.thread', while_running: 'queue' }
export const THREADS = 4

/** How often the schedule of the load beats, and what its tasks do. Their markers contain the beat. */
export const BEAT_EVERY_MS = 2_000
export const BEAT_PLAN = 'RA'
export const SCHEDULE = {
  name: 'Clock',
  cron: '*/2 * * * * *',
  payload: { marker: 'beat-{{ beat.time }}', plan: BEAT_PLAN },
}

/** The agents of the load, as they are posted to the management API. One of them has a concurrency limit. */
export function agentsOfTheLoad(toolUrl: string): Record<string, unknown>[] {
  const agent = {
    instructions: 'Do as the plan says.',
    message: '{{ payload.marker }} {{ payload.plan }}',
    model: 'local/chaos',
    tools: toolsAt(toolUrl),
    retry: { max_attempts: 10 },
  }
  return [
    { ...agent, name: 'Clerk' },
    { ...agent, name: 'Dispatcher', model: 'local/chaos-large' },
    { ...agent, name: 'Archivist', limits: { max_concurrent_runs: 3 } },
    { ...agent, name: 'Correspondent', limits: { max_conversation_tokens: 1_000_000 } },
  ]
}

function toolsAt(url: string): Record<string, unknown>[] {
  const parameters = {
    type: 'object',
    properties: {
      marker: { type: 'string' },
      step: { type: 'integer' },
      part: { type: 'integer' },
      nonce: { type: 'string' },
    },
    required: ['marker', 'step', 'part', 'nonce'],
  }
  const query = 'marker={{ marker }}&step={{ step }}&part={{ part }}&nonce={{ nonce }}'
  const tool = { type: 'http', description: 'Part of the plan.', parameters }
  return [
    { ...tool, name: 'look_up', method: 'GET', url: `${url}/look_up?${query}`, access: 'read' },
    { ...tool, name: 'reserve', method: 'POST', url: `${url}/reserve`, access: 'write', idempotent: true },
    { ...tool, name: 'notify', method: 'POST', url: `${url}/notify`, access: 'write' },
    { type: 'builtin', name: 'wait_for_callback' },
  ]
}

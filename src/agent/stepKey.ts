import { createHash } from 'node:crypto'

/** Names a model call within its task: the n-th one. */
export function modelStepKey(step: number): string {
  return `model/${step}`
}

/** Names a failed model call, of which each attempt of a task may have one. A replay does not look it up. */
export function failedModelStepKey(step: number, attempt: number): string {
  return `${modelStepKey(step)}/failed/${attempt}`
}

/**
 * Names a tool call within its task. Servers reuse call ids between steps, and a model may repeat a call, so
 * step, id and arguments all count.
 */
export function toolStepKey(step: number, tool: string, toolCallId: string, args: unknown): string {
  return `tool/${step}/${tool}/${sha256(`${toolCallId}\n${JSON.stringify(args)}`).slice(0, 32)}`
}

/** Names the wait of a tool call for a callback URL. */
export function callbackKey(stepKey: string): string {
  return `${stepKey}/callback`
}

/**
 * The idempotency key of a tool call, by which the remote side detects a repetition. It does not reveal the task's id.
 */
export function idempotencyKey(taskId: string, stepKey: string): string {
  return sha256(`${taskId}\n${stepKey}`)
}

/** SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

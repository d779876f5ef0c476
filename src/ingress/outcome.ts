import type { RejectionReason } from '../contract/rejectionReason.ts'
import type { BellwireError } from '../errors.ts'
import type { Responder } from './respond/responder.ts'

/** What is sent back in place of a task, as a provider asks for it before it sends events. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

/** What a check expected and what it got, for people to read: never a secret, never a valid signature. */
export type Finding = { expected?: string; received?: string; detail?: string }

/** Ids of tasks, in the order of the elements that they were made of. */
export type TaskIds = [string, ...string[]]

/** An element of a request that starts nothing, while others do: its place, and why. */
export type IgnoredElement = { index: number; reason: RejectionReason; taskId?: string | undefined }

/** Of a request that may become several tasks. */
type Batch = {
  isBatch: boolean
  /** The elements that have no task. */
  ignored: readonly IgnoredElement[]
}

/**
 * What became of a request at a webhook. Whatever did not start a task says why, and is recorded as a rejection:
 * `ignored`, `rejected`, and a `duplicate` with a mismatch.
 */
export type Outcome =
  /**
   * `held`: the tasks wait until somebody releases them; `startsLater`: for that, or for a time; `responder`: absent
   * when the response is the task.
   */
  | ({
      kind: 'accepted'
      taskIds: TaskIds
      held: boolean
      startsLater: boolean
      responder?: Responder | undefined
    } & Batch)
  /** They became part of tasks that were there: of a run under way, or of a burst. */
  | ({ kind: 'joined'; taskIds: TaskIds; responder?: Responder | undefined } & Batch)
  /** The key was seen before; these are the tasks that it made then. `mismatch`: with another payload. */
  | ({ kind: 'duplicate'; taskIds: TaskIds; mismatch: boolean; responder?: Responder | undefined } & Batch)
  | { kind: 'ignored'; reason: RejectionReason; finding?: Finding; taskId?: string }
  /** A handshake; `refused` says why it failed. */
  | { kind: 'answered'; answer: Answer; refused?: { reason: RejectionReason; finding: Finding } }
  | { kind: 'rejected'; error: BellwireError; reason: RejectionReason; finding?: Finding; taskId?: string }

/** An outcome that ends the way of a request before a task is made. */
export type Stop = Exclude<Outcome, { kind: 'accepted' | 'joined' | 'duplicate' }>

/** The outcome of a request that an error refuses. */
export function reject(
  error: BellwireError,
  { reason, ...more }: { reason: RejectionReason; finding?: Finding; taskId?: string },
): Stop {
  return { kind: 'rejected', error, reason, ...more }
}

/**
 * The outcome of a request that is acknowledged, and starts nothing.
 *
 * @public
 */
export function ignore(reason: RejectionReason, more: { finding?: Finding; taskId?: string } = {}): Stop {
  return { kind: 'ignored', reason, ...more }
}

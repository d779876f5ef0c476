import type { Usage } from '../../contract/task.ts'

/** A step with everything but its input and output. */
type Shown = {
  key: string
  kind: 'model' | 'tool'
  name: string
  step: number
  state: 'started' | 'done' | 'failed'
  attempt: number
  usage?: Usage
  startedAt: Date
  finishedAt?: Date
  purgedAt?: Date
}

/** The fields of a step in the form of the API, but for its input and output. */
export function showStep({
  key,
  kind,
  name,
  step,
  state,
  attempt,
  usage,
  startedAt,
  finishedAt,
  purgedAt,
}: Shown) {
  return {
    key,
    kind,
    name,
    step,
    state,
    attempt,
    usage: usage ?? null,
    started_at: startedAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
    duration_ms: finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
    purged_at: purgedAt?.toISOString() ?? null,
  }
}

import type { StepHead } from '../../contract/step.ts'

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
}: StepHead & { attempt: number; purgedAt?: Date }) {
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

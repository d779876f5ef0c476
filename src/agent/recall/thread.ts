import { parseExact } from '../../contract/exactJson.ts'
import { redactText } from '../../telemetry/redact.ts'
import { serveJobs } from '../../tools/threads/serveJobs.ts'
import type { Job, RecallJob, StepTexts } from './recallJob.ts'

/** Recalls a model call. What cannot be recalled has the summary of the journal as its input. */
async function recall(job: RecallJob): Promise<StepTexts> {
  const { fingerprintOf, recallPrompt } = await import('./recallPrompt.ts')
  const { buildWithoutNetwork } = await import('./buildWithoutNetwork.ts')
  const steps = job.steps.map(({ input, output, startedAt, finishedAt, ...row }) => ({
    ...row,
    input: parse(input),
    output: parse(output),
    startedAt,
    ...(finishedAt ? { finishedAt } : {}),
  }))
  const { step, payloadText, decisions } = job
  const recalled = await recallPrompt(
    {
      ...job,
      payload: parseExact(payloadText),
      steps,
      decisions: (key) => decisions.get(key),
    },
    { step, buildTools: buildWithoutNetwork(), signal: new AbortController().signal },
  )
  const output = redactText(job.output)
  if (!recalled) return { source: 'summary', input: redactText(job.input), output }
  const { prompt, fingerprint } = recalled
  const isSame = fingerprint !== undefined && fingerprint === fingerprintOf(parse(job.input))
  return {
    source: isSame ? 'replayed' : 'changed',
    input: redactText(JSON.stringify(prompt)),
    output,
  }
}

async function perform(job: Job): Promise<StepTexts> {
  if (job.kind === 'model') return recall(job)
  return { source: 'recorded', input: redactText(job.input), output: redactText(job.output) }
}

function parse(text: string | null): unknown {
  return text === null ? undefined : parseExact(text)
}

serveJobs(perform)

import pLimit from 'p-limit'
import { createThreadPool, WorkError, WorkLimitError } from '../../tools/threads/threadPool.ts'
import { redactText } from '../../telemetry/redact.ts'
import type { Log } from '../../telemetry/log.ts'
import type { RecallJob, StepTexts } from './recallJob.ts'

/** The module of the threads: a source next to this one, or what was made of it. */
const file = new URL(`./thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** Calls that are recalled at a time. Each may hold a whole conversation in memory. */
const AT_ONCE = 2

const LIMITS = { file, max: AT_ONCE, computeMs: 10_000, totalMs: 15_000, memoryMb: 512 }

/** Characters of JSON that are redacted here, and not in a thread. */
const MAX_INLINE = 262_144

export type Recall = {
  /**
   * Shows the whole input and output of a model call. It is worked out in a thread that is ended at its limits: then
   * the input is the summary that the journal has. Calls take turns; `read` is called when it is this one's.
   */
  model(read: () => Promise<Omit<RecallJob, 'kind'>>): Promise<StepTexts>
  /** Shows the input and output that the journal has. */
  recorded(texts: { input: string; output: string }): Promise<StepTexts>
  /** Ends what is under way. */
  stop(): void
}

/** Makes the function that shows what models were sent. It loads what runs agents only in its threads. */
export function createRecall({ log }: { log: Log }): Recall {
  const pool = createThreadPool(LIMITS)
  const turns = pLimit(AT_ONCE)

  return {
    recorded({ input, output }) {
      if (input.length + output.length <= MAX_INLINE) {
        return Promise.resolve({ source: 'recorded', input: redactText(input), output: redactText(output) })
      }
      return turns(async () => (await pool.run({ kind: 'recorded', input, output }, 'recorded')) as StepTexts)
    },

    model: (read) =>
      turns(async () => {
        const job: RecallJob = { kind: 'model', ...(await read()) }
        try {
          return (await pool.run(job, job.task.id)) as StepTexts
        } catch (err) {
          if (!(err instanceof WorkLimitError) && !(err instanceof WorkError)) throw err
          log.warn({ err, task_id: job.task.id }, 'the input of a model call could not be worked out')
          return { source: 'summary', input: redactText(job.input), output: redactText(job.output) }
        }
      }),
    stop: () => pool.close(),
  }
}

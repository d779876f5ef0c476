import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { parseLiquid, type Writing } from '../liquid.ts'
import { checkSchema, compileSchema, findMismatches, type CompiledSchema } from '../schemaCompiler.ts'
import type { ImportJob } from '../importHere.ts'
import { keepLatest } from './keepLatest.ts'
import type { Answer } from './threadPool.ts'

/** What a thread can do. All of it is data: it is copied from one thread to another. */
export type Job =
  | { kind: 'render' | 'trace'; text: string; writing: Writing; scope: Record<string, unknown> }
  | { kind: 'validate' | 'mismatches'; schema: string; value: unknown }
  | { kind: 'check-schema'; schema: string }
  | ImportJob

/** Of the operating system, from -20 to 19: gets a tenth of a core for which somebody else has work, too. */
const PRIORITY = 10

const templates = keepLatest(100, (key: string) => {
  const [writing, text] = key.startsWith('url ')
    ? (['url', key.slice(4)] as const)
    : (['text', key.slice(5)] as const)
  return parseLiquid(text, writing)
})
const schemas = keepLatest(100, (schema: string): CompiledSchema => compileSchema(JSON.parse(schema)))

async function perform(job: Job): Promise<unknown> {
  switch (job.kind) {
    case 'render':
      return templates(`${job.writing} ${job.text}`).render(job.scope)
    case 'trace':
      return templates(`${job.writing} ${job.text}`).trace(job.scope)
    case 'validate':
      return schemas(job.schema).validate(job.value)
    case 'mismatches':
      return findMismatches(JSON.parse(job.schema), job.value)
    case 'check-schema':
      return checkSchema(JSON.parse(job.schema))
    case 'import': {
      const { importHere } = await import('../importHere.ts')
      return importHere(job)
    }
  }
}

// Whoever answers requests and runs agents goes first. Only Linux gives threads priorities of their own.
if (process.platform === 'linux') setPriority(PRIORITY)

function say(message: Answer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(message)
}

say({ isReady: true })
parentPort?.on('message', (job: Job) => {
  perform(job).then(
    (value) => say({ value }),
    (error: unknown) => {
      const kind = error instanceof Error ? error.name : 'Error'
      const message = error instanceof Error ? error.message : String(error)
      say({ error: { kind, message } })
    },
  )
})

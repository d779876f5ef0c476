import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { parseExact } from '../../contract/exactJson.ts'
import { parseLiquid } from '../liquid.ts'
import { checkSchema, compileSchema, type CompiledSchema } from '../schemaCompiler.ts'
import type { Job, RenderJob } from './job.ts'
import { keepLatest } from './keepLatest.ts'
import type { Answer } from './threadPool.ts'

/** Of the operating system, from -20 to 19: gets a tenth of a core when others compete for it. */
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
      return templates(`${job.writing} ${job.text}`).render(scopeOf(job))
    case 'trace':
      return templates(`${job.writing} ${job.text}`).trace(scopeOf(job))
    case 'validate':
      return schemas(job.schema).validate(job.value)
    case 'mismatches':
      return schemas(job.schema).mismatches(
        'json' in job ? JSON.parse(Buffer.from(job.json).toString('utf8')) : job.value,
      )
    case 'check-schema':
      return checkSchema(JSON.parse(job.schema))
    case 'import': {
      const { importHere } = await import('../importHere.ts')
      return importHere(job)
    }
  }
}

function scopeOf({ scope }: RenderJob): Record<string, unknown> {
  return 'json' in scope ? (parseExact(scope.json) as Record<string, unknown>) : scope.value
}

// Threads that serve requests and run agents have priority. Only Linux has priorities per thread.
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

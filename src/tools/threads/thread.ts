import { parseExact } from '../../contract/exactJson.ts'
import { parseLiquid, type Writing } from '../templates/liquid.ts'
import { checkSchema, compileSchema, type CompiledSchema } from '../schemas/schemaCompiler.ts'
import type { Job, RenderJob } from './job.ts'
import { keepLatest } from './keepLatest.ts'
import { serveJobs } from './serveJobs.ts'

const templates = keepLatest(100, (key: string) => {
  const space = key.indexOf(' ')
  return parseLiquid(key.slice(space + 1), key.slice(0, space) as Writing)
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
      const { importHere } = await import('../imports/importHere.ts')
      return importHere(job)
    }
    case 'offer': {
      const { offerHere } = await import('../imports/importHere.ts')
      return offerHere(job)
    }
  }
}

function scopeOf({ scope }: RenderJob): Record<string, unknown> {
  return 'json' in scope ? (parseExact(scope.json) as Record<string, unknown>) : scope.value
}

serveJobs(perform)

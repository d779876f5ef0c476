import { keepLatest } from '../../tools/threads/keepLatest.ts'
import { serveJobs } from '../../tools/threads/serveJobs.ts'
import type { CelJob } from './celJob.ts'
import { parseForCel } from './celNumbers.ts'
import { evaluateCel, evaluateCelKey, type Evaluation, type KeyEvaluation } from './evaluateCel.ts'
import { parseCel } from './parseCel.ts'

const conditions = keepLatest(100, (text: string) => parseCel(text))
const keys = keepLatest(100, (text: string) => parseCel(text, 'key'))

function perform({ text, json, rest, isKey }: CelJob): Evaluation | KeyEvaluation {
  const payload = parseForCel(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'))
  const scope = { payload, ...rest }
  return isKey ? evaluateCelKey(text, keys(text), scope) : evaluateCel(text, conditions(text), scope)
}

serveJobs(perform)

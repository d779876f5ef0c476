import { keepLatest } from '../../tools/threads/keepLatest.ts'
import { serveJobs } from '../../tools/threads/serveJobs.ts'
import type { CelJob } from './celJob.ts'
import { parseForCel } from './celNumbers.ts'
import { evaluateCel, evaluateCelKey, type Evaluation, type KeyEvaluation } from './evaluateCel.ts'
import { parseCel } from './parseCel.ts'

const expressions = keepLatest(100, parseCel)

function perform({ text, json, rest, isKey }: CelJob): Evaluation | KeyEvaluation {
  const payload = parseForCel(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'))
  const evaluate = isKey ? evaluateCelKey : evaluateCel
  return evaluate(text, expressions(text), { payload, ...rest })
}

serveJobs(perform)

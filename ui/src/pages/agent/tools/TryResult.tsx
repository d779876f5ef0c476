import { Code, Json } from '../../../components/Code.tsx'
import { parseJson } from '../../../lib/json.ts'
import { duration } from '../../../lib/time.ts'
import type { ToolTry } from './toolCalls.ts'
import classes from './TryTool.module.css'

const OUTCOMES: Record<ToolTry['outcome'], string> = {
  ok: 'Success',
  error: 'Error',
  question: 'Asks a person',
}

/** What became of a call: what was sent, what came back, and what the model would see of it. */
export function TryResult({ tried }: { tried: ToolTry }) {
  const { outcome, status, request, duration_ms: took, result, truncated } = tried
  const parsed = parseJson(result)
  return (
    <section className={classes.result} aria-label="Result" role="status">
      <p className={classes.outcome} data-outcome={outcome}>
        <strong>{OUTCOMES[outcome]}</strong>
        {status !== null && <span>HTTP {status}</span>}
        <span>{duration(took)}</span>
      </p>
      <h3>What the model would see</h3>
      {parsed.ok && typeof parsed.value === 'object' ? (
        <Json label="What the model would see" value={parsed.value} />
      ) : (
        <Code label="What the model would see" text={result} />
      )}
      {truncated && <p className={classes.about}>Only the start of the result is shown.</p>}
      <h3>Request</h3>
      {request === null ? (
        <p className={classes.about}>Nothing was sent.</p>
      ) : (
        <>
          <Code label="Request" text={textOf(request)} />
          {textOf(request).includes('[redacted]') && (
            <p className={classes.about}>Secrets are masked here, but their real values were sent.</p>
          )}
        </>
      )}
    </section>
  )
}

function textOf({ method, url, headers, body }: NonNullable<ToolTry['request']>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${url}`, ...lines, ...(body === null ? [] : ['', body])].join('\n')
}

import type { ReactNode } from 'react'
import type { Attempt, Step } from '../../api/types.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { compact, usd } from '../../lib/amounts.ts'
import { between, duration } from '../../lib/time.ts'
import { describeArguments } from './describeCall.ts'
import classes from './RunPanel.module.css'
import type { RunRow } from './runRows.ts'
import { argumentsOf, errorOf, outcomeOf, saidBy, type Outcome } from './stepParts.ts'
import type { TimeAxis } from './timeAxis.ts'

const WORDS: Partial<Record<Outcome, string>> = {
  running: 'in progress',
  failed: 'failed',
  denied: 'denied',
  recorded: 'from the record',
  earlier: 'from the earlier run',
}

/** A row that is not a step: the request, the prompt. */
export function StaticRow({
  id,
  name,
  chosen,
  onChoose,
  children,
}: {
  id: string
  name: string
  chosen: boolean
  onChoose: (id: string) => void
  children?: ReactNode
}) {
  return (
    <li>
      <button
        type="button"
        data-row
        className={classes.row}
        aria-current={chosen || undefined}
        onClick={() => onChoose(id)}
      >
        <span className={classes.name}>
          <span className={classes.mark} data-kind="static" aria-hidden="true" />
          <span className={classes.what}>{name}</span>
        </span>
      </button>
      {children}
    </li>
  )
}

/** A model or tool call: its name with its input, and its bar. */
export function StepRow({
  id,
  step,
  depth,
  axis,
  now,
  chosen,
  onChoose,
  children,
}: {
  id: string
  step: Step
  depth: 0 | 1
  axis: TimeAxis
  now: number
  chosen: boolean
  onChoose: (id: string) => void
  children?: ReactNode
}) {
  const outcome = outcomeOf(step)
  const { usage } = step
  const from = Date.parse(step.started_at)
  const to = step.finished_at === null ? now : Date.parse(step.finished_at)
  const left = axis.at(from)
  const error = outcome === 'failed' ? errorOf(step) : undefined
  return (
    <li>
      <button
        type="button"
        data-row
        className={classes.row}
        data-depth={depth}
        data-outcome={outcome}
        aria-current={chosen || undefined}
        onClick={() => onChoose(id)}
      >
        <span className={classes.name}>
          <span className={classes.mark} data-kind={step.kind} aria-hidden="true" />
          <span className={classes.what}>
            <code>{step.name}</code> <span className={classes.detail}>{detailOf(step)}</span>
          </span>
          {WORDS[outcome] !== undefined && <span className={classes.outcome}>{WORDS[outcome]}</span>}
        </span>
        <span className={classes.track} aria-hidden="true">
          {outcome !== 'earlier' && (
            <span
              className={classes.bar}
              data-kind={step.kind}
              style={{
                left: `${(100 * left).toFixed(2)}%`,
                width: `${Math.max(0.6, 100 * (axis.at(to) - left)).toFixed(2)}%`,
              }}
            />
          )}
        </span>
        <span className={classes.figures}>
          <span>{usage ? `${compact(usage.input_tokens + usage.output_tokens)} tok` : ''}</span>
          <span>{usage?.cost_usd == null || usage.cost_usd === '0' ? '' : usd(usage.cost_usd)}</span>
          <span>{duration(to - from)}</span>
        </span>
        {error !== undefined && <span className={classes.error}>{firstLine(error)}</span>}
      </button>
      {children}
    </li>
  )
}

/** Marks the start of another attempt. */
export function AttemptRow({ attempt }: { attempt: Attempt }) {
  return (
    <li className={classes.divider}>
      <span>
        Attempt {attempt.attempt}, <RelativeTime at={attempt.started_at} />
      </span>
    </li>
  )
}

const WHY = {
  retry: 'Waited for the next attempt',
  worker: 'The worker stopped',
}

/** Time in which nothing ran. */
export function PauseRow({
  from,
  to,
  why,
  whom,
}: Extract<RunRow, { kind: 'pause' }> & {
  /** What a waiting task is waiting for: "a person", "a callback". */
  whom: string
}) {
  const waited = why === 'wait' ? `Waited for ${whom}` : WHY[why]
  return (
    <li className={classes.divider} data-why={why}>
      <span>
        {to === null ? `Waiting for ${whom}, began ` : `${waited}, ${duration(between(from, to))}`}
        {to === null && <RelativeTime at={from} />}
      </span>
    </li>
  )
}

/** The input of a tool; the text of a model. */
function detailOf({ kind, input, output }: Step): string {
  if (kind === 'tool') return describeArguments(argumentsOf(input))
  const said = saidBy(output)
  const text = said.find(({ type }) => type === 'text')?.text
  // Markdown syntax means nothing on one line.
  if (text !== undefined) return firstLine(text).replace(/^#+ |\*\*|`/g, '')
  const calls = said.filter(({ type }) => type === 'call').length
  return calls === 0 ? '' : calls === 1 ? 'calls a tool' : `calls ${calls} tools`
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

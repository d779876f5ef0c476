import type { Step } from '../../api/types.ts'
import { between, duration } from '../../lib/time.ts'
import { StepContent } from './StepContent.tsx'
import classes from './Steps.module.css'

const KINDS: Record<Step['kind'], string> = { model: 'Model', tool: 'Tool', input: 'Input' }

/** What the run did, call by call: each opens to what went in and what came out. */
export function Steps({ taskId, steps, ended }: { taskId: string; steps: Step[]; ended: boolean }) {
  if (steps.length === 0) {
    return (
      <p className={classes.none}>
        {ended
          ? 'None: no call of the model or of a tool had given anything when it ended.'
          : 'No steps yet. Each model call and tool call is a step.'}
      </p>
    )
  }
  return (
    <ol className={classes.list}>
      {steps.map((step) => (
        <li key={step.key}>
          <details className={classes.step} data-state={step.state}>
            <summary>
              <span className={classes.kind}>{KINDS[step.kind]}</span>
              <span className={classes.name}>{step.name}</span>
              <span className={classes.facts}>{factsOf(step)}</span>
            </summary>

            <StepContent taskId={taskId} step={step} />
          </details>
        </li>
      ))}
    </ol>
  )
}

function factsOf(step: Step): string {
  const took = step.finished_at === null ? undefined : duration(between(step.started_at, step.finished_at))
  const tokens = step.usage ? `${step.usage.input_tokens + step.usage.output_tokens} tokens` : undefined
  const state = step.state === 'started' ? 'in progress' : isDenied(step) ? 'denied' : undefined
  const end = state ?? (step.state === 'failed' ? 'failed' : undefined)
  return [end, tokens, took].filter((fact) => fact !== undefined).join(' · ')
}

/** A person said no, or nobody said anything in time. */
function isDenied({ output }: Step): boolean {
  return typeof output === 'object' && output !== null && 'denied' in output
}

import { Button, Skeleton, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { comparisonQuery } from '../../api/comparisonQuery.ts'
import type { Comparison } from '../../api/types.ts'
import { Notice, Problem } from '../../components/Notice.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Panel } from '../../components/Panel.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { compact, counted, usd } from '../../lib/amounts.ts'
import { duration } from '../../lib/time.ts'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import classes from './ComparePage.module.css'
import { describeArguments } from './describeCall.ts'
import { argumentsOf, member, resultOf, saidBy } from './stepParts.ts'

const route = getRouteApi('/inside/tasks/$taskId/compare/$otherId')

type Side = Comparison['left']
type ComparedStep = Comparison['steps'][number]
type StepSide = NonNullable<ComparedStep['left']>

const WORDS: Record<Comparison['differs'][number], string> = {
  payload: 'payload',
  state: 'state',
  error: 'error',
  answer: 'answer',
  output: 'output',
  steps: 'steps',
}

/** Two runs side by side. */
export function ComparePage() {
  const { taskId, otherId } = route.useParams()
  const { data, error } = useQuery(comparisonQuery(taskId, otherId))
  const [onlyDifferent, setOnly] = useState(false)
  useTitle('Compare tasks')

  if (error && !data) {
    return error instanceof ApiError && error.status === 404 ? <Missing /> : <Problem error={error} />
  }
  return (
    <>
      <PageHeader
        title="Compare tasks"
        under={data && summary(data)}
        actions={<Other key={otherId} taskId={taskId} otherId={otherId} />}
      />
      {data ? (
        <div className={classes.column}>
          <Sides left={<Head side={data.left} />} right={<Head side={data.right} />} />
          <Panel title="Answer">
            <Sides left={<Answer side={data.left} />} right={<Answer side={data.right} />} />
          </Panel>
          <Panel
            title="Steps"
            aside={
              <Switch
                size="xs"
                label="Only differences"
                checked={onlyDifferent}
                onChange={() => setOnly(!onlyDifferent)}
              />
            }
          >
            <Steps steps={data.steps.filter((step) => !onlyDifferent || isDifferent(step))} />
          </Panel>
        </div>
      ) : (
        <Skeleton height="28rem" />
      )}
    </>
  )
}

function summary({ differs, steps }: Comparison): string {
  if (differs.length === 0) return 'No differences. Cost and time are not compared.'
  const changed = steps.filter(isDifferent).length
  const names = differs.map((name) => (name === 'steps' ? counted(changed, 'step') : WORDS[name]))
  return `Different: ${names.join(', ')}.`
}

function isDifferent({ differs }: ComparedStep): boolean {
  return differs === null || differs.length > 0
}

/** Compares with another task. */
function Other({ taskId, otherId }: { taskId: string; otherId: string }) {
  const navigate = route.useNavigate()
  const [id, setId] = useState(otherId)
  return (
    <form
      className={classes.other}
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ params: { taskId, otherId: id.trim() } })
      }}
    >
      <TextInput
        aria-label="ID of the other task"
        className={classes.id ?? ''}
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={id.trim() === '' || id.trim() === otherId}>
        Compare
      </Button>
    </form>
  )
}

function Sides({ left, right }: { left: ReactNode; right: ReactNode }) {
  return (
    <div className={classes.sides}>
      <div>{left}</div>
      <div>{right}</div>
    </div>
  )
}

function Head({ side }: { side: Side }) {
  const { usage } = side
  const facts = [
    `revision ${side.revision}`,
    counted(side.steps, 'step'),
    side.duration_ms === null ? undefined : duration(side.duration_ms),
    usage ? `${compact(usage.input_tokens + usage.output_tokens)} tokens` : undefined,
    usage?.cost_usd == null ? undefined : usd(usage.cost_usd),
  ].filter((fact) => fact !== undefined)
  return (
    <div className={classes.head}>
      <p>
        <Link to="/tasks/$taskId" params={{ taskId: side.id }} title={side.id}>
          <code>…{side.id.slice(-12)}</code>
        </Link>{' '}
        <StateBadge state={side.state} />
        {side.replay_of !== null && <span className={classes.dim}> a replay</span>}
      </p>
      <p className={classes.dim}>{facts.join(' · ')}</p>
    </div>
  )
}

function Answer({ side: { error, answer, output } }: { side: Side }) {
  if (error) {
    return (
      <Notice tone="bad" title={error.code}>
        {error.message}
      </Notice>
    )
  }
  const text = output === null ? answer : JSON.stringify(output, null, 2)
  if (text === null || text === '') return <p className={classes.dim}>No answer.</p>
  return <p className={classes.text}>{text}</p>
}

function Steps({ steps }: { steps: ComparedStep[] }) {
  if (steps.length === 0) return <p className={classes.dim}>No steps to show.</p>
  return (
    <ol className={classes.steps} aria-label="Compared steps">
      {steps.map((step, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- pairs in their order, never moved
        <li key={index} data-different={isDifferent(step) || undefined}>
          <details>
            <summary>
              <Sides
                left={<StepHead kind={step.kind} side={step.left} />}
                right={<StepHead kind={step.kind} side={step.right} />}
              />
              <span className={classes.differs}>{difference(step)}</span>
            </summary>
            <Sides
              left={<StepBody kind={step.kind} side={step.left} />}
              right={<StepBody kind={step.kind} side={step.right} />}
            />
          </details>
        </li>
      ))}
    </ol>
  )
}

function difference({ differs, left }: ComparedStep): string {
  if (differs === null) return left ? 'only on the left' : 'only on the right'
  return differs.length === 0 ? 'same' : `different ${differs.join(', ')}`
}

function StepHead({ kind, side }: { kind: ComparedStep['kind']; side: StepSide | null }) {
  if (!side) return <span className={classes.dim}>–</span>
  return (
    <span className={classes.step} data-state={side.state}>
      <code>{side.name}</code>{' '}
      {kind === 'tool' && <span className={classes.dim}>{describeArguments(argumentsOf(side.input))}</span>}
      {side.state === 'failed' && <span className={classes.failed}> failed</span>}
      {side.attempt === 0 && <span className={classes.dim}> (from the earlier run)</span>}
    </span>
  )
}

function StepBody({ kind, side }: { kind: ComparedStep['kind']; side: StepSide | null }) {
  if (!side) return null
  if (kind === 'model') {
    const said = saidBy(side.output)
    return (
      <>
        {said.map(({ text, type }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- parts of one answer, never moved
          <p key={index} className={classes.text} data-type={type}>
            {text}
          </p>
        ))}
        {said.length === 0 && <p className={classes.text}>{written(side.output)}</p>}
      </>
    )
  }
  return (
    <>
      <p className={classes.text}>{written(argumentsOf(side.input))}</p>
      <p className={classes.text}>{written(member(side.output, 'error') ?? resultOf(side.output).value)}</p>
    </>
  )
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}

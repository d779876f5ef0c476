import { useMediaQuery } from '@mantine/hooks'
import { useCallback, useMemo, type ReactNode } from 'react'
import { hasEnded } from '../../api/queries.ts'
import type { TaskDetail } from '../../api/types.ts'
import { Panel } from '../../components/Panel.tsx'
import { useNow } from '../../lib/useNow.ts'
import { DetailPane, type Shown } from './DetailPane.tsx'
import { runRows, type RunRow } from './runRows.ts'
import { createTimeAxis } from './timeAxis.ts'
import { AttemptRow, PauseRow, StaticRow, StepRow } from './WaterfallRows.tsx'
import classes from './RunPanel.module.css'

/** A timeline of the request, the prompt and the steps, next to the details of the selected row. */
export function RunPanel({
  task,
  chosen,
  onChoose,
}: {
  task: TaskDetail
  /** The row whose details are shown. */
  chosen: string | undefined
  onChoose: (id: string) => void
}) {
  const rows = useMemo(() => runRows(task), [task])
  const isNarrow = useMediaQuery('(max-width: 68rem)', false, { getInitialValueInEffect: false })
  const now = useNow().getTime()
  const axis = useMemo(
    () =>
      createTimeAxis(
        task.attempts.map(({ started_at: from, ended_at: to }) => ({
          from: Date.parse(from),
          to: to === null ? Math.max(now, Date.parse(from)) : Date.parse(to),
        })),
      ),
    [task.attempts, now],
  )
  const firstModel = task.steps.find(({ kind }) => kind === 'model')
  const id = chosen ?? defaultRow(task, rows)
  const shown = shownOf(id, task, rows)
  const pane = <DetailPane task={task} shown={shown} />
  const choose = useCallback((next: string) => onChoose(next), [onChoose])
  const inPlace = (rowId: string): ReactNode =>
    isNarrow && rowId === id && <div className={classes.inside}>{pane}</div>

  return (
    <Panel title="Run" aside={<Legend task={task} />}>
      <div className={classes.split}>
        <ol className={classes.rows} aria-label="Steps">
          <StaticRow id="request" name="Request" chosen={id === 'request'} onChoose={choose}>
            {inPlace('request')}
          </StaticRow>
          {firstModel && (
            <StaticRow id="prompt" name="Prompt" chosen={id === 'prompt'} onChoose={choose}>
              {inPlace('prompt')}
            </StaticRow>
          )}
          {rows.map((row) => {
            switch (row.kind) {
              case 'step':
                return (
                  <StepRow
                    key={row.id}
                    {...row}
                    axis={axis}
                    now={now}
                    chosen={row.id === id}
                    onChoose={choose}
                  >
                    {inPlace(row.id)}
                  </StepRow>
                )
              case 'attempt':
                return <AttemptRow key={row.id} attempt={row.attempt} />
              case 'pause':
                return <PauseRow key={row.id} {...row} whom={whomOf(task)} />
            }
          })}
          {rows.length === 0 && (
            <li className={classes.none}>
              {hasEnded(task.state)
                ? 'No steps: it ended before the first call of the model.'
                : 'No steps yet. Each model call and tool call is a step.'}
            </li>
          )}
        </ol>
        {!isNarrow && <div className={classes.pane}>{pane}</div>}
      </div>
    </Panel>
  )
}

/** The failed step, or else the request. */
function defaultRow(task: TaskDetail, rows: RunRow[]): string {
  if (task.state !== 'FAILURE') return 'request'
  const last = rows.findLast((row) => row.kind === 'step')
  return last?.kind === 'step' && last.step.state === 'failed' ? last.id : 'request'
}

function shownOf(id: string, task: TaskDetail, rows: RunRow[]): Shown {
  if (id === 'prompt') {
    const step = task.steps.find(({ kind }) => kind === 'model')
    if (step) return { kind: 'prompt', step }
  }
  const row = rows.find((each) => each.kind === 'step' && each.id === id)
  return row?.kind === 'step' ? { kind: 'step', step: row.step } : { kind: 'request' }
}

/** What a waiting task is waiting for. */
function whomOf({ approvals, waiting_for: waits }: TaskDetail): string {
  const isCallback =
    waits.length > 0 ? waits.every(({ kind }) => kind === 'callback') : approvals.length === 0
  return isCallback ? 'a callback' : 'a person'
}

function Legend({ task }: { task: TaskDetail }) {
  const models = task.steps.filter(({ kind }) => kind === 'model').length
  const tools = task.steps.length - models
  return (
    <span className={classes.legend}>
      <span data-kind="model">{models === 1 ? '1 model call' : `${models} model calls`}</span>
      <span data-kind="tool">{tools === 1 ? '1 tool call' : `${tools} tool calls`}</span>
    </span>
  )
}

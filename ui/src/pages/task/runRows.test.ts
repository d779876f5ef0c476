import { describe, expect, it } from 'vitest'
import type { Attempt, Step } from '../../api/types.ts'
import { runRows, turnsOf } from './runRows.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

function step(kind: Step['kind'], number: number, second: number, more: Partial<Step> = {}): Step {
  return {
    key: `${kind}/${number}/${second}`,
    kind,
    name: kind,
    step: number,
    state: 'done',
    attempt: 1,
    input: null,
    output: null,
    usage: null,
    started_at: at(second),
    finished_at: at(second + 1),
    duration_ms: 1_000,
    purged_at: null,
    ...more,
  }
}

function attempt(number: number, from: number, to: number | null, outcome: Attempt['outcome']): Attempt {
  return {
    attempt: number,
    worker_id: 1,
    started_at: at(from),
    ended_at: to === null ? null : at(to),
    outcome,
    error: null,
    next_attempt_at: null,
  }
}

describe('turns', () => {
  it('have the tool calls of their model call', () => {
    const steps = [step('model', 0, 0), step('tool', 0, 1), step('tool', 0, 2), step('model', 1, 3)]
    expect(turnsOf(steps).map(({ model, tools }) => [model?.step, tools.length])).toEqual([
      [0, 2],
      [1, 0],
    ])
  })

  it('keep a tool call whose model call is missing', () => {
    expect(turnsOf([step('tool', 3, 0)])).toMatchObject([{ model: undefined, tools: [{ step: 3 }] }])
  })
})

describe('rows of a run', () => {
  const shape = (rows: ReturnType<typeof runRows>): string[] =>
    rows.map((row) => (row.kind === 'step' ? `${row.step.kind} ${row.step.step}` : `${row.kind} ${row.id}`))

  it('show where another attempt begins, and why the one before ended', () => {
    const rows = runRows({
      steps: [step('model', 0, 0), step('tool', 0, 1), step('model', 1, 100, { attempt: 2 })],
      attempts: [attempt(1, 0, 5, 'paused'), attempt(2, 99, 102, 'succeeded')],
    })
    expect(shape(rows)).toEqual(['model 0', 'tool 0', 'pause pause 2', 'attempt attempt 2', 'model 1'])
    expect(rows[2]).toMatchObject({ why: 'wait', from: at(5), to: at(99) })
  })

  it('end with a pause that is not over, and with an attempt that has done nothing yet', () => {
    const steps = [step('model', 0, 0)]
    expect(shape(runRows({ steps, attempts: [attempt(1, 0, 5, 'paused')] }))).toEqual([
      'model 0',
      'pause pause now',
    ])
    const attempts = [attempt(1, 0, 5, 'worker_lost'), attempt(2, 9, null, 'running')]
    expect(runRows({ steps, attempts })).toMatchObject([
      { kind: 'step' },
      { kind: 'pause', why: 'worker' },
      { kind: 'attempt' },
    ])
  })

  it('begin with the steps of an earlier run, whenever they were made', () => {
    const steps = [step('model', 0, 500, { attempt: 0 }), step('model', 1, 20, { attempt: 2 })]
    const attempts = [attempt(1, 10, 15, 'retry'), attempt(2, 19, 25, 'succeeded')]
    expect(shape(runRows({ steps, attempts }))).toEqual([
      'model 0',
      'pause pause 2',
      'attempt attempt 2',
      'model 1',
    ])
  })
})

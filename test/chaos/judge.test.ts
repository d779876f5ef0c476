import { describe, expect, it } from 'vitest'
import type { Evidence } from './evidence.ts'
import type { Rule } from './violation.ts'
import { judge } from './judge.ts'
import type { StepRecord, TaskRecord, TransitionRecord } from './ledger.ts'

/**
 * The evidence of a run that kept every promise: one task with the plan "PA", whose worker 7 died during the parallel
 * calls of attempt 1, after two of them were in the journal; worker 8 did the rest.
 */
function goodEvidence() {
  const task: TaskRecord = {
    id: 'task-1',
    marker: 'm1',
    state: 'SUCCESS',
    attempt: 2,
    errorCode: null,
    nonce: 'nonce-2',
    createdAt: 90,
    beat: null,
    replayOf: null,
    hasCallback: true,
    conversationId: null as string | null,
    turn: null as number | null,
    transitions: [
      transition(2, 'claimed', 1, 7, 100),
      transition(7, 'worker_lost', 1, null, 300),
      transition(8, 'claimed', 2, 8, 400),
      transition(13, 'succeeded', 2, 8, 600),
    ],
    steps: [
      step('model', 'local/chaos', 0, null, 1, 'nonce-1', 150),
      step('tool', 'look_up', 0, 0, 1, 'nonce-1', 200),
      step('tool', 'look_up', 0, 1, 1, 'nonce-1', 210),
      step('tool', 'reserve', 0, 2, 2, 'nonce-1', 450),
      { ...step('tool', 'notify', 0, 3, 2, 'nonce-1', 420), state: 'failed' },
      step('model', 'local/chaos', 1, null, 2, 'nonce-2', 500),
    ],
  }
  const call = (part: number, tool: string, at: number) => {
    return { marker: 'm1', step: 0, part, tool, at, nonce: 'nonce-1', key: `key ${part}` }
  }
  return {
    acknowledgements: [
      { marker: 'm1', key: 'k', taskId: 'task-1', replayed: false },
      { marker: 'm1', key: 'k', taskId: 'task-1', replayed: true },
    ],
    plans: new Map([['m1', 'PA']]),
    modelCalls: [
      { marker: 'm1', step: 0, at: 110, nonce: 'nonce-1', history: [] as string[] },
      { marker: 'm1', step: 1, at: 460, nonce: 'nonce-2', history: ['nonce-1'] },
    ],
    toolCalls: [
      call(0, 'look_up', 160),
      call(1, 'look_up', 160),
      call(2, 'reserve', 160),
      call(3, 'notify', 160),
      call(2, 'reserve', 410),
    ],
    called: new Set<string>(),
    callbacks: [callback('msg-1', 'task-1', 'task.succeeded')],
    replayRequests: [] as { key: string; taskIds: string[] }[],
    ledger: { tasks: [task], replays: [] as TaskRecord[], workers: [worker(7), worker(8)], jobs: 0 },
    strikes: [{ site: 'apart' as const, kind: 'worker' as const, at: 250, workers: [1007] }],
    task,
  }
}

function callback(id: string, taskId: string, type: string) {
  return { id, taskId, type, body: '{}', isSigned: true, isTaken: true }
}

/** A task that was started by a beat. */
function beat(time: number, createdAt: number): TaskRecord {
  const { task } = goodEvidence()
  return {
    ...task,
    id: `beat-${createdAt}`,
    marker: `beat-${createdAt}`,
    beat: time,
    createdAt,
    hasCallback: false,
  }
}

/** A task that continues another one. */
function replayOf(task: TaskRecord, id: string): TaskRecord {
  const steps = task.steps.map((row) => ({ ...row, attempt: 0 }))
  return { ...task, id, replayOf: task.id, hasCallback: false, steps }
}

type Good = ReturnType<typeof goodEvidence>

function transition(event: number, reason: string, attempt: number, workerId: number | null, at: number) {
  const row: TransitionRecord = { event, state: 'STARTED', reason, attempt, workerId, at }
  return row
}

function step(
  kind: string,
  name: string,
  number: number,
  part: number | null,
  attempt: number,
  nonce: string,
  finishedAt: number,
): StepRecord {
  const row = { kind, name, step: number, part, state: 'done', attempt, nonce, finishedAt }
  return { ...row, said: null as string | null }
}

function worker(id: number) {
  return { id, pid: 1000 + id, startedAt: 0, heartbeatAt: 0, endedAt: null }
}

function rulesBrokenAfter(change: (good: Good) => void): Rule[] {
  const good = goodEvidence()
  change(good)
  const evidence: Evidence = good
  return [...new Set(judge(evidence).violations.map(({ rule }) => rule))]
}

/** Removes a required element from a list of the evidence. */
function at<T>(list: T[], index: number): T {
  const found = list.at(index)
  if (found === undefined) throw new Error('the evidence has no such entry')
  return found
}

/** Changes the plan of the task so that the model refuses its last call. */
function refuse(good: Good): void {
  good.plans.set('m1', 'PX')
  good.task.steps.pop()
  Object.assign(good.task, { state: 'FAILURE', errorCode: 'provider_bad_request', nonce: null })
  at(good.modelCalls, 1).nonce = 'none'
  at(good.callbacks, 0).type = 'task.failed'
}

describe('the judge of a chaos run', () => {
  it('finds no violation in a run that kept every promise', () => {
    expect(rulesBrokenAfter(() => undefined)).toEqual([])
  })

  const breaches: [string, Rule, (good: Good) => void][] = [
    ['an acknowledged task is gone', 'task lost', (good) => (good.ledger.tasks = [])],
    [
      'one key has two tasks',
      'accepted twice',
      (good) => good.ledger.tasks.push({ ...good.task, id: 'task-2' }),
    ],
    [
      'one key is answered with two ids',
      'accepted twice',
      (good) => (at(good.acknowledgements, 1).taskId = 'task-2'),
    ],
    ['one key is new twice', 'accepted twice', (good) => (at(good.acknowledgements, 1).replayed = false)],
    ['a task has not ended', 'wrong end', (good) => good.task.transitions.pop()],
    ['a task fails that should not', 'wrong end', (good) => (good.task.errorCode = 'run_crashed')],
    [
      'a task ends twice',
      'settled twice',
      (good) => good.task.transitions.push(transition(14, 'succeeded', 1, 7, 700)),
    ],
    [
      'a task goes on after its end',
      'settled twice',
      (good) => good.task.transitions.push(transition(14, 'worker_lost', 2, null, 700)),
    ],
    ['an attempt comes twice', 'attempts wrong', (good) => (at(good.task.transitions, 2).attempt = 1)],
    [
      'a model call is made again after its row was written',
      'call repeated',
      (good) => good.modelCalls.push({ ...at(good.modelCalls, 0), at: 151, nonce: 'nonce-3' }),
    ],
    [
      'a model call is made twice in one attempt',
      'call repeated',
      (good) => good.modelCalls.push({ ...at(good.modelCalls, 0), at: 120, nonce: 'nonce-3' }),
    ],
    [
      'a tool call is made again after its row was written',
      'call repeated',
      (good) => good.toolCalls.push({ ...at(good.toolCalls, 0), at: 410 }),
    ],
    [
      'a tool call is made more often than there were attempts',
      'call repeated',
      (good) => good.toolCalls.push({ ...at(good.toolCalls, 4), at: 415 }),
    ],
    [
      'a write that cannot take it is repeated',
      'write repeated',
      (good) => good.toolCalls.push({ ...at(good.toolCalls, 3), at: 410 }),
    ],
    [
      'a repeated call has another key',
      'wrong idempotency key',
      (good) => (at(good.toolCalls, 4).key = 'another'),
    ],
    ['two calls have one key', 'wrong idempotency key', (good) => (at(good.toolCalls, 0).key = 'key 1')],
    ['a call has no key', 'wrong idempotency key', (good) => (at(good.toolCalls, 0).key = '')],
    [
      'a model is told of an answer that the journal does not hold',
      'journal contradicted',
      (good) => (at(good.modelCalls, 1).history = ['nonce-9']),
    ],
    [
      'a tool is called for an answer that the journal does not hold',
      'journal contradicted',
      (good) => (at(good.toolCalls, 0).nonce = 'nonce-9'),
    ],
    ['the result is another answer', 'journal contradicted', (good) => (good.task.nonce = 'nonce-1')],
    [
      'a call has two rows',
      'journal contradicted',
      (good) => good.task.steps.push({ ...at(good.task.steps, 1), attempt: 2 }),
    ],
    [
      'the journal holds an answer that nobody gave',
      'journal wrong',
      (good) => (at(good.modelCalls, 1).nonce = 'nonce-8'),
    ],
    ['the journal holds a call that nobody made', 'journal wrong', (good) => good.toolCalls.splice(0, 1)],
    ['the journal lacks a call', 'journal wrong', (good) => good.task.steps.splice(1, 1)],
    ['a call is left open at the end', 'journal wrong', (good) => (at(good.task.steps, 3).state = 'started')],
    ['a callback has not come', 'callback lost', (good) => good.callbacks.pop()],
    ['a callback was never taken', 'callback lost', (good) => (at(good.callbacks, 0).isTaken = false)],
    [
      'a callback comes again with another id',
      'callback twice',
      (good) => good.callbacks.push(callback('msg-2', 'task-1', 'task.succeeded')),
    ],
    ['a callback is not signed', 'callback wrong', (good) => (at(good.callbacks, 0).isSigned = false)],
    [
      'a callback is about another end',
      'callback wrong',
      (good) => (at(good.callbacks, 0).type = 'task.failed'),
    ],
    [
      'a callback comes again with another body',
      'callback wrong',
      (good) => good.callbacks.push({ ...at(good.callbacks, 0), body: '[]' }),
    ],
    [
      'a callback is about an unknown task',
      'callback wrong',
      (good) => good.callbacks.push(callback('msg-3', 'task-9', 'task.succeeded')),
    ],
    [
      'a call of a URL has not reached its task',
      'call lost',
      (good) => {
        good.called.add('m1')
        good.task.steps.push({
          ...step('tool', 'wait_for_callback', 1, 0, 2, 'nonce-2', 500),
          said: 'call of m9.',
        })
      },
    ],
    [
      'two tasks of a conversation run at the same time',
      'turns overlap',
      (good) => {
        Object.assign(good.task, { conversationId: 'c1', turn: 1 })
        good.ledger.tasks.push({ ...good.task, id: 'task-2', marker: 'm2', turn: 2 })
      },
    ],
    ['a beat starts two tasks', 'beat twice', (good) => good.ledger.tasks.push(beat(0, 5), beat(0, 6))],
    ['a beat runs before its time', 'beat wrong', (good) => good.ledger.tasks.push(beat(2_000, 1_900))],
    ['a beat runs when a later one is due', 'beat wrong', (good) => good.ledger.tasks.push(beat(0, 2_500))],
    [
      'beats are missed with nothing down',
      'beat lost',
      (good) => good.ledger.tasks.push(beat(30_000, 30_005), beat(100_000, 100_005)),
    ],
    [
      'a replay that was acknowledged is gone',
      'task lost',
      (good) => good.replayRequests.push({ key: 'replay 1', taskIds: ['task-7'] }),
    ],
    [
      'a task has two replays',
      'accepted twice',
      (good) => good.ledger.replays.push(replayOf(good.task, 'r1'), replayOf(good.task, 'r2')),
    ],
    [
      'a replay begins without a part of the journal',
      'journal contradicted',
      (good) => good.ledger.replays.push({ ...replayOf(good.task, 'r1'), steps: [] }),
    ],
    [
      'a replay makes a call again',
      'call repeated',
      (good) => {
        const replay = replayOf(good.task, 'r1')
        good.ledger.replays.push({
          ...replay,
          steps: [...replay.steps, { ...at(replay.steps, 0), attempt: 1 }],
        })
      },
    ],
    ['a job is left', 'job left over', (good) => (good.ledger.jobs = 1)],
    [
      'a process does not end as it should',
      'bad stop',
      (good) => Object.assign(at(good.strikes, 0), { fault: 'code 1' }),
    ],
  ]
  it.each(breaches)('reports that %s', (_what, rule, change) => {
    expect(rulesBrokenAfter(change)).toContain(rule)
  })

  it('tolerates the one call that a frozen worker was about to make, and counts it', () => {
    const good = goodEvidence()
    // The row of attempt 2 was written while worker 7, frozen in attempt 1, had not yet made the call.
    at(good.toolCalls, 2).at = 480
    const frozen = { site: 'apart' as const, kind: 'freeze' as const, at: 250, workers: [1007], wokenAt: 470 }
    const evidence: Evidence = { ...good, strikes: [frozen] }
    expect(judge(evidence)).toEqual({ violations: [], lateCalls: 1 })
    const asleep: Evidence = { ...good, strikes: [{ ...frozen, wokenAt: 490 }] }
    expect(judge(asleep).violations.map(({ rule }) => rule)).toEqual(['call repeated'])
  })

  it('tolerates missed beats while something is down', () => {
    const missed = (good: Good) => good.ledger.tasks.push(beat(0, 5), beat(10_000, 10_005))
    const rules = rulesBrokenAfter(missed)
    expect(rules).not.toContain('beat lost')
    expect(rules).not.toContain('beat wrong')
  })

  it('lets a replay repeat the refused call', () => {
    const good = goodEvidence()
    refuse(good)
    good.ledger.replays.push({
      ...replayOf(good.task, 'r1'),
      attempt: 1,
      transitions: [transition(2, 'claimed', 1, 8, 700), transition(3, 'failed', 1, 8, 800)],
    })
    good.replayRequests.push({ key: 'replay 1', taskIds: ['r1'] })
    good.modelCalls.push({ ...at(good.modelCalls, 1), at: 750 })
    const again: Evidence = good
    expect(judge(again).violations.map(({ rule }) => rule)).toEqual([])
    good.modelCalls.push({ ...at(good.modelCalls, 1), at: 770 })
    expect(judge(again).violations.map(({ rule }) => rule)).toEqual(['call repeated'])
  })

  it('expects a task to fail if its model refuses', () => {
    expect(rulesBrokenAfter(refuse)).toEqual([])
    expect(rulesBrokenAfter((good) => (refuse(good), (good.task.errorCode = 'timed_out')))).toEqual([
      'wrong end',
    ])
  })
})

import { expect, it } from 'vitest'
import { RunFailure } from '../agent/runFailure.ts'
import { parseExact } from '../contract/exactJson.ts'
import { createLog } from '../telemetry/log.ts'
import type { ClaimedTask } from '../tasks/claim.ts'
import { outcomeOf, storableResult } from './outcome.ts'

it('stores the message of an error without what PostgreSQL cannot read', () => {
  const task: ClaimedTask = {
    taskId: '0',
    attempt: 1,
    workerId: 1,
    agentId: '0',
    revision: 1,
    interactive: false,
    streamed: false,
    payload: undefined,
    request: { method: 'POST', headers: {}, query: {} },
    failures: 0,
    origin: 'webhook',
    senderTrusted: false,
    traceParent: undefined,
    conversationId: undefined,
    turn: undefined,
    createdAt: new Date(),
    elapsedMs: 0,
    waitedMs: 0,
    queuedMs: 0,
  }
  const outcome = outcomeOf(new RunFailure('provider_bad_request', 'Not \0 allowed: \ud83d'), {
    task,
    config: undefined,
    signal: new AbortController().signal,
    log: createLog({ logLevel: 'silent', logFormat: 'json' }, { process: 'worker' }),
    elapsedMs: 0,
  })
  expect(outcome).toMatchObject({ kind: 'failed', error: { message: 'Not \ufffd allowed: \ufffd' } })
})

it('stores a result without what PostgreSQL cannot read, and changes no other', () => {
  const call = {
    name: 'look',
    arguments: { 'a\0': 1 },
    result: ['\ud83d', parseExact('1234567890123456789')],
  }
  const stored = storableResult({ answer: 'a\0b', sources: [], tool_calls: [call], thought: '😀' })
  expect(JSON.stringify(stored)).toBe(
    '{"answer":"a\ufffdb","sources":[],"tool_calls":[{"name":"look","arguments":{"a\ufffd":1},' +
      '"result":["\ufffd",1234567890123456789]}],"thought":"😀"}',
  )
  const fine = { answer: 'yes', sources: [], tool_calls: [], thought: '' }
  expect(storableResult(fine)).toBe(fine)
})

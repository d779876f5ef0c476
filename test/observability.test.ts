import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { fail, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startTraceCollector, type TraceCollector } from './harness/traceCollector.ts'
import { freePort } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let collector: TraceCollector
let app: TestApp
let metricsPort: number
let authorization: { authorization: string }

beforeAll(async () => {
  model = await startModelServer()
  collector = await startTraceCollector()
  metricsPort = await freePort()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    BELLWIRE_METRICS_PORT: String(metricsPort),
  })
  authorization = { authorization: `Bearer ${app.adminKey}` }
})

afterAll(async () => {
  await app?.stop()
  await collector?.stop()
  await model?.stop()
})

async function ended(id: string): Promise<string> {
  return waitFor(async () => {
    const { body } = await app.call('GET', `/api/task_status?task_id=${id}&wait=10`)
    return (body.status === 'SUCCESS' || body.status === 'FAILURE') && body.status
  })
}

describe('a trace', () => {
  it('goes from the request through the queue to each call, across the attempts of the task', async () => {
    const { id: agentId, url } = await app.createAgent({ name: 'Traced', model: 'local/test-model' })
    model.script(fail(503), say('Fine, thank you, dear Gwendolen.'))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { body } = await app.call('POST', url, { question: 'How is Gwendolen?' }, { traceparent })
    expect(await ended(body.task_id)).toBe('SUCCESS')

    const trace = await waitFor(
      () => {
        const spans = collector.spans.filter(({ traceId }) => traceId === traceparent.slice(3, 35))
        return spans.length >= 6 && spans
      },
      { what: 'six spans' },
    )
    const one = (name: string) => {
      const [found] = trace.filter((span) => span.name === name)
      if (!found) throw new Error(`no span is called ${name}: ${trace.map((span) => span.name).join()}`)
      return found
    }
    const request = one('POST /api/webhooks/agents/:token')
    expect(request).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
      attributes: { 'http.route': '/api/webhooks/agents/:token', 'http.response.status_code': 200 },
    })
    const queue = one('receive runs')
    expect(queue).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { 'messaging.message.id': body.task_id },
    })
    expect(queue.startMs).toBeLessThanOrEqual(queue.endMs)
    const runs = trace.filter(({ name }) => name === 'invoke_agent Traced')
    expect(runs).toMatchObject([
      { parentSpanId: request.spanId, status: 2, attributes: { 'error.type': 'provider_unavailable' } },
      {
        parentSpanId: request.spanId,
        status: 0,
        attributes: { 'gen_ai.agent.id': agentId, 'bellwire.task.id': body.task_id },
      },
    ])
    const chats = trace.filter(({ name }) => name === 'chat test-model')
    expect(chats.map(({ parentSpanId }) => parentSpanId)).toEqual(runs.map(({ spanId }) => spanId))
    const token = url.slice(url.lastIndexOf('/') + 1)
    expect(collector.text()).not.toContain('Gwendolen')
    expect(collector.text()).not.toContain(token)
  })
})

describe('metrics', () => {
  it('count what all processes do', async () => {
    model.reset()
    const { url } = await app.createAgent({ model: 'local/test-model' })
    model.script(say('Fine.', { usage: { input: 123, output: 7 } }))
    const { body } = await app.call('POST', url, { question: 'How are you?' })
    await ended(body.task_id)

    // A worker's counts arrive with its next report.
    const text = await waitFor(async () => {
      const { body: page } = await app.call('GET', '/metrics', undefined, authorization)
      return /bellwire_task_transitions_total\{state="SUCCESS",[^}]*\} 2\n/.test(page) && String(page)
    })
    const value = (series: RegExp): number => Number(series.exec(text)?.[1])
    expect(value(/bellwire_accept_duration_seconds_count\{outcome="accepted"\} (\d+)/)).toBe(2)
    expect(value(/bellwire_model_tokens_total\{model="local\/test-model",type="input"\} (\d+)/)).toBe(133)
    expect(value(/bellwire_run_duration_seconds_count\{outcome="ok",worker="\d+"\} (\d+)/)).toBe(2)
    expect(
      value(/bellwire_task_transitions_total\{state="STARTED",reason="claimed",worker="\d+"\} (\d+)/),
    ).toBe(3)
    expect(
      value(
        /bellwire_model_call_duration_seconds_count\{model="local\/test-model",outcome="provider_unavailable",worker="\d+"\} (\d+)/,
      ),
    ).toBe(1)
    expect(value(/bellwire_tasks\{state="PENDING"\} (\d+)/)).toBe(0)
    expect(value(/bellwire_queue_depth\{kind="due"\} (\d+)/)).toBe(0)
    expect(value(/bellwire_workers (\d+)/)).toBe(1)
    // Each family is declared once, and each line is valid Prometheus text.
    const names = text.match(/^# TYPE \S+/gm) ?? []
    expect(new Set(names).size).toBe(names.length)
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/)
    }
  })

  it('count the outcomes of webhook requests, and the log has them, too', async () => {
    const { id, url } = await app.createAgent({ model: 'local/test-model' })
    const { body: list } = await app.call('GET', `/api/agents/${id}/webhooks`)
    const path = `/api/agents/${id}/webhooks/${list.data[0].id}`
    const key = { 'idempotency-key': 'outcome' }
    const accepted = await app.call('POST', url, { secret: 'hunter2' }, key)
    const duplicate = await app.call('POST', url, { secret: 'hunter3' }, key)
    await app.call('PATCH', path, { hold: true })
    const held = await app.call('POST', url, {})
    await app.call('PATCH', path, { hold: false, filter: 'payload.n > 1' })
    const filtered = await app.call('POST', `${url}?token=hunter4`, { n: 1 })
    const unreadable = await app.call('POST', url, '{')
    const badType = await app.call('POST', url, 'a', { 'content-type': 'a/b/c' })
    const unknown = await app.call('POST', `${url}x`, {})
    const page = await app.call('GET', url, undefined, { 'upgrade-insecure-requests': '1' })

    const lineOf = ({ headers }: { headers: Headers }) => {
      const line = app
        .logged()
        .split('\n')
        .find((one) => one.includes(`"request_id":"${headers.get('x-request-id')}"`))
      const { outcome, reason, task_id: taskId } = JSON.parse(line ?? '{}')
      return [outcome, reason, taskId]
    }
    const { task_id: taskId } = accepted.body
    await waitFor(async () => lineOf(page)[0] !== undefined)
    expect(lineOf(accepted)).toEqual(['accepted', undefined, taskId])
    expect(lineOf(duplicate)).toEqual(['duplicate', 'duplicate_mismatch', taskId])
    expect(lineOf(held)).toEqual(['held', undefined, held.body.task_id])
    expect(lineOf(filtered)).toEqual(['ignored', 'filtered', undefined])
    expect(lineOf(unreadable)).toEqual(['rejected', 'body_invalid', undefined])
    expect(lineOf(badType)).toEqual(['rejected', 'content_type_unsupported', undefined])
    expect(lineOf(unknown)).toEqual(['rejected', 'webhook_not_found', undefined])
    expect(lineOf(page)).toEqual(['answered', undefined, undefined])
    expect(app.logged()).not.toContain('hunter')

    const { body: metrics } = await app.call('GET', '/metrics', undefined, authorization)
    for (const [outcome, reason] of [
      ['held', ''],
      ['duplicate', 'duplicate_mismatch'],
      ['ignored', 'filtered'],
      ['rejected', 'body_invalid'],
      ['rejected', 'content_type_unsupported'],
      ['rejected', 'webhook_not_found'],
      ['answered', ''],
    ]) {
      expect(metrics).toContain(
        `bellwire_webhook_requests_total{outcome="${outcome}",reason="${reason}"} 1\n`,
      )
    }
    expect(metrics).toMatch(/bellwire_webhook_requests_total\{outcome="accepted",reason=""\} \d+\n/)
  })

  it('need an admin key, and are public on a separate port', async () => {
    const { status, headers } = await app.call('GET', '/metrics', undefined, authorization)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect((await app.call('GET', '/metrics')).status).toBe(401)
    expect((await app.call('GET', '/metrics', undefined, { authorization: 'Bearer no' })).status).toBe(401)

    const own = await app.call('GET', `http://127.0.0.1:${metricsPort}/metrics`)
    expect(own.status).toBe(200)
    expect(own.body).toContain('bellwire_workers')
    const other = await app.call('GET', `http://127.0.0.1:${metricsPort}/api/agents`)
    expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })
})

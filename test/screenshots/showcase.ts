import { randomInt } from 'node:crypto'
import { openDatabase } from '../../src/db/database.ts'
import { newId } from '../../src/db/id.ts'
import type { ModelServer } from '../harness/modelServer.ts'
import { callTools, fail, say } from '../harness/modelReply.ts'
import { userText } from '../harness/modelServer.ts'
import type { Program } from '../harness/program.ts'
import { waitFor } from '../harness/waitFor.ts'

/** Data for looking at the console's pages: agents that work, fail, wait and reject, with a month of history. */
export type Showcase = {
  agents: Record<string, string>
  failed: string
  waiting: string
  succeeded: string
  webhook: string
}

const DAY_MS = 86_400_000

const AGENTS = [
  {
    name: 'Issue triage',
    description: 'Labels new GitHub issues and answers the ones that the documentation covers',
    instructions: 'Read the issue, choose labels, and answer if the documentation has the answer.',
    model: 'local/qwen3-32b',
    budget: { max_cost_usd_per_day: 5 },
  },
  {
    name: 'Refunds',
    description: 'Decides on refund requests; money moves only after approval',
    instructions: 'Refund what the policy allows.',
    model: 'local/clerk',
    tools: [
      {
        type: 'http',
        name: 'refund',
        description: 'Pays back.',
        method: 'POST',
        url: 'https://shop.example.com/refunds',
        access: 'write',
        approval: 'always',
        parameters: {
          type: 'object',
          properties: {
            order: { type: 'string' },
            amount: { type: 'number', minimum: 0.01 },
            currency: { type: 'string' },
          },
          required: ['order', 'amount', 'currency'],
        },
      },
    ],
  },
  {
    name: 'Alert analysis',
    description: 'Explains Sentry alerts to whoever is on call',
    instructions: 'Say what broke, since when, and who is affected.',
    model: 'local/locked-out',
  },
  {
    name: 'Morning report',
    description: 'Sums up yesterday, every weekday at nine',
    instructions: 'Write the report.',
    model: 'demo/assistant',
  },
]

export async function seedShowcase({
  program,
  model,
  databaseUrl,
}: {
  program: Program
  model: ModelServer
  databaseUrl: string
}): Promise<Showcase> {
  model.handle(({ body }) => {
    if (body.model === 'locked-out') return fail(401, 'Incorrect API key provided: sk-…c0de.')
    if (body.model !== 'clerk')
      return say(
        'The issue is a duplicate of #482. I labelled it `duplicate` and linked the original.\n\nSteps to reproduce are complete.',
      )
    const order = /10\d\d/.exec(userText(body))?.[0] ?? '1024'
    return callTools([{ name: 'refund', arguments: { order, amount: 49, currency: 'EUR' } }])
  })
  for (const price of ['local%2Fqwen3-32b', 'local%2Fclerk']) {
    await program.api('PUT', `/api/prices/${price}`, { input: 1, output: 4 })
  }
  const agents: Record<string, string> = {}
  for (const config of AGENTS) {
    const { status, body } = await program.api('POST', '/api/agents', config)
    if (status !== 201) throw new Error(JSON.stringify(body))
    agents[config.name] = body.id
  }
  const urlOf = async (name: string): Promise<string> => {
    const { body } = await program.api('GET', `/api/agent_webhook?id=${agents[name]}`)
    return program.url + new URL(body.webhook_url).pathname
  }
  const ring = async (name: string, payload: unknown): Promise<string> => {
    const response = await fetch(await urlOf(name), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
    })
    return ((await response.json()) as { task_id: string }).task_id
  }

  await program.api('PATCH', `/api/agents/${agents['Issue triage']}`, {
    instructions:
      'Read the issue and choose labels.\nAnswer if the documentation has the answer.\nBe brief, and link to the page.',
    limits: { max_steps: 8, timeout_seconds: 300 },
  })
  await program.api('PATCH', `/api/agents/${agents['Issue triage']}`, {
    title: '#{{ payload.issue.number }} {{ payload.issue.title }}',
    instructions:
      'Read the issue and choose labels.\nAnswer if the documentation has the answer.\nBe brief, and quote the page.\nNever close an issue.',
  })
  await seedPast(databaseUrl, agents)
  await program.api('POST', `/api/agents/${agents['Morning report']}/schedules`, {
    name: 'Weekday mornings',
    cron: '0 9 * * 1-5',
    time_zone: 'Europe/Berlin',
    payload: { question: 'What happened yesterday?' },
  })
  await program.api('PUT', '/api/secrets/SHOP_TOKEN', { value: 'shh' })
  await program.api('PUT', '/api/secrets/GITHUB_TOKEN', { value: 'shh' })
  await program.api('POST', '/api/api_keys', { name: 'CI', scope: 'admin' })
  const { body: hook } = await program.api('POST', `/api/agents/${agents['Issue triage']}/webhooks`, {
    name: 'GitHub',
    source: 'github',
    secrets: ['it is a secret'],
    reply: { to: 'github_comment', secret: 'GITHUB_TOKEN' },
    conversation: { key: 'payload.issue.number' },
    expect_every: '1d',
    callback: { url: 'https://ops.example.com/bellwire', events: ['end', 'waiting'] },
  })
  for (let at = 0; at < 9; at++) {
    await fetch(program.url + new URL(hook.url).pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-github-event': 'issues' },
      body: JSON.stringify({ action: 'opened', issue: { number: at } }),
    })
  }
  const succeeded = await ring('Issue triage', {
    action: 'opened',
    issue: { number: 512, title: 'Error 5 after the upgrade to 2.4', user: { login: 'ada' } },
  })
  let failed = ''
  for (const title of ['TypeError in checkout', 'Timeout in search', 'Out of memory: worker 3']) {
    failed = await ring('Alert analysis', { title, level: 'error', project: 'shop' })
  }
  let waiting = ''
  for (const order of ['1024', '1031', '1040']) {
    waiting = await ring('Refunds', { order, reason: 'arrived broken', amount: 49 })
  }
  await ring('Morning report', { question: 'What happened yesterday?' })
  await waitFor(
    async () => {
      const states = await Promise.all(
        [succeeded, failed, waiting].map(
          async (id) => (await program.api('GET', `/api/tasks/${id}`)).body.state,
        ),
      )
      return states.join() === 'SUCCESS,FAILURE,WAITING'
    },
    { deadlineMs: 60_000, what: 'the states of the tasks' },
  )
  return { agents, failed, waiting, succeeded, webhook: hook.id }
}

/** A month of tasks, with more by day than by night, and one bad night. */
async function seedPast(url: string, agents: Record<string, string>): Promise<void> {
  const db = openDatabase(url, { name: 'showcase', onError: () => undefined })
  const ids = Object.entries(agents)
  const rows: unknown[][] = []
  for (let at = Date.now() - 30 * DAY_MS; at < Date.now() - 60_000; at += randomInt(200_000, 2_400_000)) {
    const hour = new Date(at).getUTCHours()
    if ((hour < 6 || hour > 21) && randomInt(3) > 0) continue
    const [name = '', agentId = ''] = ids[randomInt(ids.length)] ?? []
    const isBadNight = Date.now() - at > 5 * 3_600_000 && Date.now() - at < 11 * 3_600_000
    const isFailed = randomInt(100) < (isBadNight ? 45 : name === 'Alert analysis' ? 12 : 2)
    const took = randomInt(800, 9_000) * (randomInt(12) === 0 ? 6 : 1)
    rows.push([newId(at), agentId, isFailed ? 'FAILURE' : 'SUCCESS', new Date(at), took])
  }
  try {
    await db.pool.query(
      `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, error, created_at, started_at, finished_at)
        select id, agent, 1, 'webhook', state::bellwire.task_state, convert_to('{"question":"What happened?"}', 'UTF8'),
          '{"method":"POST"}'::json,
          case when state = 'FAILURE' then '{"code":"provider_unavailable","message":"The model provider is unavailable.","retryable":true}'::json end,
          at, at + interval '300 ms', at + interval '300 ms' + took * interval '1 ms'
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int[]) as r (id, agent, state, at, took)`,
      [0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column])),
    )
    await db.pool.query(
      `insert into bellwire.usage_daily select (now() at time zone 'UTC')::date - d, a, m, 20 + d % 7, 40 + d % 9, 0,
          40000 + 1000 * (d % 11), 9000, 8000 + 300 * (d % 5), 0, (0.4 + 0.13 * (d % 6)) * w
        from generate_series(0, 29) d, unnest($1::uuid[], $2::text[], $3::numeric[]) as u (a, m, w)
        on conflict do nothing`,
      [ids.map(([, id]) => id), AGENTS.map(({ model }) => model), [3, 1.4, 0.6, 0]],
    )
  } finally {
    await db.close()
  }
}

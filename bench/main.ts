import { cpus, totalmem } from 'node:os'
import { benchAccept, benchFullDatabase, benchStatus, type Compared } from './accept.ts'
import { query, startBenchServer } from './database.ts'
import { benchMemory, benchSecondStart } from './footprint.ts'
import { benchFollowers } from './followers.ts'
import { benchJournal } from './journal.ts'
import { benchLatency, benchRuns } from './runs.ts'

// `npm run bench [-- NAME ...]`: figures, each against a baseline of the same run, on a database of its own with
// fsync on. The load generator runs on the same machine.

type Figure = { name: string; what: string; least: string; aim: string; measure(): Promise<string> }

const server = await startBenchServer()
const text = ({ perSecond, baseline, ratio, p99Ms }: Compared): string =>
  `**${ratio.toFixed(2)}** (${perSecond.toFixed(0)}/s ÷ ${baseline.toFixed(0)}/s, p99 ${p99Ms} ms)`

const FIGURES: Figure[] = [
  {
    name: 'accept',
    what: 'durable accepts ÷ bare Fastify POST echo, 64 connections, runs held back',
    least: '0.18',
    aim: '0.40',
    measure: async () => text(await benchAccept(await server.createDatabase('accept'), { connections: 64 })),
  },
  {
    name: 'accept-running',
    what: 'the same while the accepted tasks run on the in-process model',
    least: '0.12',
    aim: '0.25',
    measure: async () =>
      text(await benchAccept(await server.createDatabase('running'), { connections: 64, running: true })),
  },
  {
    name: 'accept-512',
    what: 'the same with 512 connections, runs held back',
    least: '0.25',
    aim: '0.45',
    measure: async () => text(await benchAccept(await server.createDatabase('many'), { connections: 512 })),
  },
  {
    name: 'accept-million',
    what: 'accepts with 1,000,000 finished tasks in the database ÷ with none',
    least: '0.90',
    aim: '1.0',
    async measure() {
      const full = await server.createDatabase('full')
      await fill(full, 1_000_000)
      return text(await benchFullDatabase(full, await server.createDatabase('empty')))
    },
  },
  {
    name: 'runs',
    what: 'runs per second end to end, model in process, 1 worker process',
    least: '500',
    aim: '1000',
    measure: async () => `**${(await benchRuns(await server.createDatabase('runs'))).toFixed(0)}**`,
  },
  {
    name: 'two-step-runs',
    what: 'the same with a tool call in between: two model calls, three rows of the journal',
    least: '300',
    aim: '600',
    measure: async () =>
      `**${(await benchRuns(await server.createDatabase('two_steps'), { twoSteps: true })).toFixed(0)}**`,
  },
  {
    name: 'journal',
    what: 'CPU of the worker that the journal costs for each step',
    least: '1 ms',
    aim: '0.3 ms',
    measure: async () => `**${(await benchJournal(await server.createDatabase('journal'))).toFixed(2)} ms**`,
  },
  {
    name: 'latency',
    what: 'trigger → SUCCESS on that model, idle system, p50',
    least: '15 ms',
    aim: '8 ms',
    async measure() {
      const { own, echo } = await benchLatency(await server.createDatabase('latency'))
      return `**${own.toFixed(1)} ms** (${(own / echo).toFixed(0)} × an echo's round trip of ${echo.toFixed(1)} ms)`
    },
  },
  {
    name: 'status',
    what: '`/api/task_status` ÷ bare echo, 64 connections',
    least: '0.35',
    aim: '0.60',
    measure: async () => text(await benchStatus(await server.createDatabase('status'))),
  },
  {
    name: 'memory',
    what: 'resident memory of front door and worker with 1,000 runs waiting on the model',
    least: '400 MB',
    aim: '250 MB',
    async measure() {
      const { front, worker } = await benchMemory(1_000)
      return `**${(front + worker).toFixed(0)} MB** (${front.toFixed(0)} + ${worker.toFixed(0)})`
    },
  },
  {
    name: 'memory-2000',
    what: 'resident memory of one worker with 2,000 runs waiting on the model',
    least: '400 MB',
    aim: '350 MB',
    measure: async () => `**${(await benchMemory(2_000)).worker.toFixed(0)} MB**`,
  },
  {
    name: 'followers',
    what: '5,000 idle followers of tasks: cores of front door and database together, memory of each',
    least: '0.1 core, 40 kB',
    aim: '0.02 core, 20 kB',
    async measure() {
      const found = await benchFollowers(await server.createDatabase('followers'), 5_000)
      return `**${found.cores.toFixed(3)} cores, ${found.kilobytes.toFixed(0)} kB** (${found.transactions.toFixed(1)} transactions/s)`
    },
  },
  {
    name: 'start',
    what: 'second start, command to ready',
    least: '2 s',
    aim: '1 s',
    measure: async () => `**${(await benchSecondStart()).toFixed(2)} s**`,
  },
]

/** Fills a database with finished tasks, as retention would leave them. */
async function fill(url: string, count: number): Promise<void> {
  await query(
    url,
    `with agent as (
        insert into bellwire.agents (id, name, revision) values (gen_random_uuid(), 'Old', 1) returning id
      ), revision as (
        insert into bellwire.agent_revisions (agent_id, revision, config) select id, 1, '{}' from agent
      )
      insert into bellwire.tasks
        (id, agent_id, revision, origin, state, payload, request, job_id, result, created_at, started_at, finished_at)
      select gen_random_uuid(), agent.id, 1, 'webhook', 'SUCCESS', '{"question":"x"}',
        '{"method":"POST","headers":{},"query":{}}', gen_random_uuid(),
        '{"answer":"yes","sources":[],"tool_calls":[],"thought":""}', now(), now(), now()
      from agent, generate_series(1, ${count})`,
  )
  await query(url, 'vacuum analyze bellwire.tasks')
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !FIGURES.some((figure) => figure.name === name))
if (unknown.length > 0) {
  throw new Error(`unknown: ${unknown.join(', ')}; there are ${FIGURES.map(({ name }) => name).join(', ')}`)
}
try {
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GB, Node ${process.version}, PostgreSQL 18 embedded\n\n` +
      '| figure | measured | at least | aim |\n| --- | --- | --- | --- |\n',
  )
  for (const figure of FIGURES) {
    if (wanted.length > 0 && !wanted.includes(figure.name)) continue
    process.stdout.write(`| ${figure.what} | ${await figure.measure()} | ${figure.least} | ${figure.aim} |\n`)
  }
} finally {
  await server.stop()
}

import { benchAccept, benchFullDatabase, benchKeys, benchStatus } from './accept.ts'
import { benchAckLatency } from './ackLatency.ts'
import { benchBacklog } from './backlog.ts'
import type { Compared, Effort } from './compare.ts'
import type { BenchServer } from './database.ts'
import { fill } from './fill.ts'
import { benchFollowers } from './followers.ts'
import { benchMemory, benchSecondStart } from './footprint.ts'
import { benchHorizon } from './horizon.ts'
import { benchJournal } from './journal.ts'
import { benchLists } from './lists.ts'
import { benchRejected } from './rejected.ts'
import { benchSigned } from './signed.ts'
import { benchPurge } from './purge.ts'
import type { Row } from './report.ts'
import { benchLatency, benchRuns } from './runs.ts'

/** How thorough a benchmark run is. */
export type Options = Effort & {
  horizonSeconds: number
  backlog: number
  laterSeconds: number
  tasks: number
}

/** What `npm run bench` measures under one name: rows of the table, without the machine's noise. */
export type Figure = {
  name: string
  measure(server: BenchServer, options: Options): Promise<Omit<Row, 'others'>[]>
}

const ratio = ({ perSecond, baseline, ratio: value, p99Ms }: Compared): string =>
  `**${value.toFixed(2)}** (${perSecond.toFixed(0)}/s ÷ ${baseline.toFixed(0)}/s, p99 ${p99Ms.toFixed(0)} ms)`
const micros = (value: number | undefined): string => `${(value ?? Number.NaN).toFixed(0)} µs`

/** All figures, in the order of the table. */
export const FIGURES: readonly Figure[] = [
  {
    name: 'accept',
    async measure(server, options) {
      const url = await server.createDatabase('accept')
      const found = await benchAccept(url, { connections: 64, postmaster: server.pid }, options)
      const { front = Number.NaN, database } = found.cpu
      const { echo = Number.NaN } = found.baselineCpu
      return [
        row(
          'durable accepts ÷ bare Fastify POST echo, 64 connections, runs held back',
          ratio(found),
          '0.26',
          '0.35',
        ),
        row(
          'CPU per accept, front door ÷ bare echo, 64 connections',
          `**${(front / echo).toFixed(1)}** (${micros(front)} ÷ ${micros(echo)})`,
          '2.6',
          '1.8',
        ),
        row('CPU per accept, PostgreSQL', `**${micros(database)}**`, '45 µs', '30 µs'),
      ]
    },
  },
  {
    name: 'accept-running',
    async measure(server, options) {
      const url = await server.createDatabase('running')
      const load = { connections: 64, postmaster: server.pid, running: true }
      const found = await benchAccept(url, load, options)
      return [
        row(
          'accepts ÷ echo while the accepted tasks run on the in-process model',
          ratio(found),
          '0.28',
          '0.40',
        ),
      ]
    },
  },
  {
    name: 'accept-512',
    async measure(server, options) {
      const url = await server.createDatabase('many')
      const found = await benchAccept(url, { connections: 512, postmaster: server.pid }, options)
      return [row('accepts ÷ echo with 512 connections, runs held back', ratio(found), '0.25', '0.45')]
    },
  },
  {
    name: 'accept-keys',
    async measure(server, options) {
      const found = await benchKeys(await server.createDatabase('keys'), server.pid, options)
      const { front, database } = found.cpu
      return [
        row('accepts with a new Idempotency-Key each ÷ without', ratio(found), '0.75', '0.9'),
        row(
          'CPU per accept with a new Idempotency-Key, front door and PostgreSQL',
          `**${micros(front)}** and **${micros(database)}** (without: ${micros(found.baselineCpu['front'])} and ${micros(found.baselineCpu['database'])})`,
          '',
          '',
        ),
      ]
    },
  },
  {
    name: 'accept-signed',
    async measure(server, options) {
      const found = await benchSigned(await server.createDatabase('signed'), server.pid, options)
      const { front, database } = found.cpu
      return [
        row(
          'accepts of a signed GitHub webhook with a filter ÷ the same requests at a generic one, with a key each',
          ratio(found),
          '0.80',
          '0.9',
        ),
        row(
          'CPU per accept of a signed GitHub webhook with a filter, front door and PostgreSQL',
          `**${micros(front)}** and **${micros(database)}** (generic: ${micros(found.baselineCpu['front'])} and ${micros(found.baselineCpu['database'])})`,
          '',
          '',
        ),
      ]
    },
  },
  {
    name: 'ack-latency',
    async measure(server, options) {
      const found = await benchAckLatency(await server.createDatabase('ack_latency'), options)
      const measured = `**${found.p99Ms.toFixed(0)} ms** (p50 ${found.p50Ms.toFixed(1)} ms; ${found.perSecond.toFixed(0)}/s of ${found.maxPerSecond.toFixed(0)}/s)`
      return [
        row(
          'p99 of the acknowledgement at half of the maximum rate, 64 connections',
          measured,
          '250 ms',
          '50 ms',
        ),
      ]
    },
  },
  {
    name: 'rejected',
    async measure(server, options) {
      const found = await benchRejected(await server.createDatabase('rejected'), options)
      const what = 'accepts of 1,000/s beside 1,000 rejected requests a second ÷ without them'
      return [row(what, ratio(found), '0.90', '1.0')]
    },
  },
  {
    name: 'accept-million',
    async measure(server, options) {
      const full = await server.createDatabase('full')
      await fill(full, 1_000_000)
      const found = await benchFullDatabase(full, await server.createDatabase('empty'), options)
      return [
        row('accepts with 1,000,000 finished tasks in the database ÷ with none', ratio(found), '0.90', '1.0'),
      ]
    },
  },
  {
    name: 'purge',
    async measure(server, options) {
      const found = await benchPurge(await server.createDatabase('purge'), server.pid, options)
      return [
        row(
          `accepts beside the purge of expired tasks (${found.purgedPerSecond.toFixed(0)}/s) ÷ without`,
          `${ratio(found)}, CPU of PostgreSQL ${micros(found.cpu['database'])} ÷ ${micros(found.baselineCpu['database'])}`,
          '0.95',
          '1.0',
        ),
      ]
    },
  },
  {
    name: 'runs',
    async measure(server) {
      const perSecond = await benchRuns(await server.createDatabase('runs'))
      const what = 'runs per second end to end, model in process, 1 worker process'
      return [row(what, `**${perSecond.toFixed(0)}**`, '500', '1000')]
    },
  },
  {
    name: 'two-step-runs',
    async measure(server) {
      const perSecond = await benchRuns(await server.createDatabase('two_steps'), { twoSteps: true })
      const what = 'the same with a tool call in between: two model calls, three rows of the journal'
      return [row(what, `**${perSecond.toFixed(0)}**`, '300', '600')]
    },
  },
  {
    name: 'horizon',
    async measure(server, { horizonSeconds: seconds }) {
      const free = await benchHorizon(await server.createDatabase('free'), { seconds, held: false })
      const held = await benchHorizon(await server.createDatabase('held'), { seconds, held: true })
      const measured =
        `**${(held.perSecond / free.perSecond).toFixed(2)}** (${held.perSecond.toFixed(0)}/s ÷ ` +
        `${free.perSecond.toFixed(0)}/s; done ${held.behind.toFixed(0)} s and ${free.behind.toFixed(0)} s after the last)`
      const what = `runs/s with the horizon held ÷ free, after ${seconds} s with 500 tasks a second`
      return [row(what, measured, '0.9', '1.0')]
    },
  },
  {
    name: 'journal',
    async measure(server) {
      const ms = await benchJournal(await server.createDatabase('journal'))
      return [
        row(
          'CPU of the worker that the journal costs for each step',
          `**${ms.toFixed(2)} ms**`,
          '1 ms',
          '0.3 ms',
        ),
      ]
    },
  },
  {
    name: 'latency',
    async measure(server) {
      const { own, echo } = await benchLatency(await server.createDatabase('latency'))
      const measured = `**${own.toFixed(1)} ms** (${(own / echo).toFixed(0)} × an echo's round trip of ${echo.toFixed(1)} ms)`
      return [row('trigger → SUCCESS on that model, idle system, p50', measured, '15 ms', '8 ms')]
    },
  },
  {
    name: 'status',
    async measure(server, options) {
      const found = await benchStatus(await server.createDatabase('status'), options)
      return [row('`/api/task_status` ÷ bare echo, 64 connections', ratio(found), '0.35', '0.60')]
    },
  },
  {
    name: 'memory',
    async measure() {
      const { front, worker } = await benchMemory(1_000)
      const measured = `**${(front + worker).toFixed(0)} MB** (${front.toFixed(0)} + ${worker.toFixed(0)})`
      const what = 'resident memory of front door and worker with 1,000 runs waiting on the model'
      return [row(what, measured, '400 MB', '250 MB')]
    },
  },
  {
    name: 'memory-2000',
    async measure() {
      const { worker } = await benchMemory(2_000)
      const what = 'resident memory of one worker with 2,000 runs waiting on the model'
      return [row(what, `**${worker.toFixed(0)} MB**`, '400 MB', '350 MB')]
    },
  },
  {
    name: 'backlog',
    async measure(_server, { backlog: tasks, laterSeconds }) {
      const { before, after, later } = await benchBacklog({ tasks, laterSeconds })
      const measured = `${before.toFixed(0)} → ${after.toFixed(0)} → **${later.toFixed(0)} MB**`
      const what = `resident memory of a worker before a backlog of ${tasks.toLocaleString('en')} tasks, after it, and ${laterSeconds} s later`
      return [row(what, measured, '300 MB', 'as before it')]
    },
  },
  {
    name: 'followers',
    async measure(server) {
      const found = await benchFollowers(await server.createDatabase('followers'), 5_000)
      return [
        row(
          '5,000 idle followers of tasks: cores of front door and database together, memory of each follower',
          `**${found.cores.toFixed(3)} cores, ${found.kilobytes.toFixed(0)} kB** (${found.transactions.toFixed(1)} transactions/s)`,
          '0.1 core, 40 kB',
          '0.02 core, 20 kB',
        ),
      ]
    },
  },
  {
    name: 'lists',
    async measure(server, { tasks }) {
      const figures = await benchLists(await server.createDatabase('lists'), tasks)
      return figures.map(({ what, ms, note }) =>
        row(
          `lists of ${tasks.toLocaleString('en')} tasks: ${what}`,
          `**${ms.toFixed(ms < 10 ? 1 : 0)} ms** (${note})`,
          '',
          '',
        ),
      )
    },
  },
  {
    name: 'start',
    measure: async () => [
      row('second start, command to ready', `**${(await benchSecondStart()).toFixed(2)} s**`, '2 s', '1 s'),
    ],
  },
]

function row(what: string, measured: string, least: string, aim: string): Omit<Row, 'others'> {
  return { what, measured, least, aim }
}

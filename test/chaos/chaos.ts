import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase, type Database } from '../../src/db/database.ts'
import { waitFor } from '../harness/waitFor.ts'
import { startAllInOne } from './allInOne.ts'
import { startApart } from './apart.ts'
import { startCaller } from './caller.ts'
import type { Evidence } from './evidence.ts'
import type { Violation } from './violation.ts'
import { judge } from './judge.ts'
import {
  countInterrupted,
  countJobs,
  countLive,
  hastenDeliveries,
  readActivity,
  readLedger,
  readOpenTasks,
} from './ledger.ts'
import { startLoad, type Load } from './load.ts'
import { agentsOfTheLoad, BEAT_PLAN, CONVERSATION, SCHEDULE } from './plan.ts'
import { createRandom, type Random } from './random.ts'
import { startReceiver, type Receiver } from './receiver.ts'
import { startReplayer } from './replayer.ts'
import { measureResume, type Resume } from './resume.ts'
import type { Site, SiteName, Strike, StrikeKind } from './site.ts'
import { startWitness, type Witness } from './witness.ts'

/** Concurrent tasks. */
const LOAD = 30
/** After a strike, this many model calls show that work continues. */
const SIGNS_OF_LIFE = 5

export type ChaosOptions = {
  site: SiteName
  kills: number
  /**
   * Determines which strikes come, when, and what the load asks for; their interleaving is not determined by any seed.
   */
  seed: string
  /** Overrides the site's own. */
  kinds?: Readonly<Partial<Record<StrikeKind, number>>>
  /** Settings for every process of the program. */
  env?: Readonly<Record<string, string>>
  /** Called with the database before the load begins. */
  prepare?: (db: Database) => Promise<void>
  /** How long work may stall after a strike, and how long everything may take to end afterwards. */
  patienceMs?: number
  onStrike?: (strike: Strike, count: number) => void
  /** Aborts the run: everything is stopped and removed. */
  signal?: AbortSignal
}

export type ChaosReport = {
  site: SiteName
  strikes: Strike[]
  resumes: Resume[]
  violations: Violation[]
  tasks: number
  acknowledged: number
  refused: number
  modelCalls: number
  toolCalls: number
  /** Attempts beyond the first of each task. */
  extraAttempts: number
  lateCalls: number
  /** Callbacks received, including repeats; beats that have started tasks; tasks that replay others. */
  callbacks: number
  /** Tasks that waited for a call from outside and received it. */
  waits: number
  beats: number
  replays: number
  durationMs: number
  /** The latest log lines of the processes, for investigating a violation. */
  logged: string
}

/**
 * Runs the program under load, hits its processes at random, waits until all work has ended, and judges what was seen
 * from outside and what the database contains.
 */
export async function runChaos({ patienceMs = 60_000, ...options }: ChaosOptions): Promise<ChaosReport> {
  const began = Date.now()
  const random = createRandom(`${options.seed} ${options.site}`)
  await using stack = new AsyncDisposableStack()
  const witness = await startWitness(options.seed)
  stack.defer(witness.stop)
  const receiver = await startReceiver(options.seed)
  stack.defer(receiver.stop)
  const env = { LOCAL_MODEL_BASE_URL: witness.modelUrl, ...options.env }
  const site = await (options.site === 'all-in-one' ? startAllInOne({ env }) : startApart({ env }))
  stack.defer(site.remove)
  const db = openDatabase(await site.databaseUrl(), { name: 'chaos', max: 2, onError: () => undefined })
  stack.defer(db.close)

  await options.prepare?.(db)
  const { urls, stopSchedule } = await createAgents(site, { witness, receiver })
  const load = startLoad({
    urls,
    random: createRandom(options.seed),
    mayHave: LOAD,
    finished: witness.finished,
  })
  stack.defer(load.stop)
  const caller = startCaller({
    urls: witness.handedOut,
    origin: site.url,
    random: createRandom(`${options.seed} calls`),
  })
  stack.defer(caller.stop)
  const replayer = startReplayer(site)
  stack.defer(replayer.stop)

  let standstill = ''
  const strikes: Strike[] = []
  const violations: Violation[] = []
  try {
    await signsOfLife(witness, patienceMs)
    for (const kind of chooseKinds(options, site, random)) {
      await delay(random.between(50, 700))
      options.signal?.throwIfAborted()
      const strike = await site.strike(kind, random)
      // Every kind of strike has its effect measured at least once.
      const isFirst = strikes.every((one) => one.kind !== kind)
      strikes.push(strike)
      options.onStrike?.(strike, strikes.length)
      // Now and then the next strike hits the program while it is still starting.
      if (random.chance(0.15) && !isFirst) strike.hasty = true
      else await allGoOn(strike, db, witness, patienceMs)
    }
    await Promise.all([load.stop(), replayer.stop(), waitFor(stopSchedule, { deadlineMs: patienceMs })])
    await comeToRest(db, patienceMs)
  } catch (error) {
    options.signal?.throwIfAborted()
    violations.push({ rule: 'stuck', detail: describe(error) })
    const about = await Promise.all([readOpenTasks(db), readActivity(db)].map((one) => one.catch(describe)))
    standstill = about.join('\n\n')
    await Promise.all([load.stop(), replayer.stop()])
  }

  const ledger = await waitFor(() => readLedger(db), { deadlineMs: patienceMs }).catch((cause: unknown) => {
    const before = violations.map(({ detail }) => detail).join()
    throw new Error(`the database cannot be read; before: ${before}\n${site.logged()}`, { cause })
  })
  const beats = ledger.tasks.filter(({ beat }) => beat !== null)
  const evidence: Evidence = {
    ...witness,
    ...load,
    plans: new Map([...load.plans, ...beats.map(({ marker }): [string, string] => [marker, BEAT_PLAN])]),
    called: caller.acknowledged,
    callbacks: receiver.callbacks,
    replayRequests: replayer.requests,
    ledger,
    strikes,
  }
  const judgement = judge(evidence)
  return {
    site: site.name,
    strikes,
    resumes: measureResume(strikes, ledger),
    violations: [...violations, ...judgement.violations],
    tasks: ledger.tasks.length,
    acknowledged: countAcknowledged(load),
    refused: load.refused(),
    modelCalls: witness.modelCalls.length,
    toolCalls: witness.toolCalls.length,
    extraAttempts: ledger.tasks.reduce((sum, { attempt }) => sum + Math.max(0, attempt - 1), 0),
    lateCalls: judgement.lateCalls,
    callbacks: receiver.callbacks.length,
    waits: caller.acknowledged.size,
    beats: beats.length,
    replays: ledger.replays.length,
    durationMs: Date.now() - began,
    logged: `${site.logged()}\n${standstill}`,
  }
}

/** Each of the site's kinds is used once before chance decides, as far as the number of strikes allows. */
function chooseKinds({ kills, kinds }: ChaosOptions, site: Site, random: Random): StrikeKind[] {
  const weights = kinds ?? site.kinds
  const left = new Map(Object.entries(weights))
  const chosen: StrikeKind[] = []
  while (chosen.length < kills) {
    const kind: StrikeKind = random.pick<StrikeKind>(left.size > 0 ? Object.fromEntries(left) : weights)
    left.delete(kind)
    chosen.push(kind)
  }
  return chosen
}

/** The agents of the load, with callbacks to the receiver; one of them has a schedule. */
async function createAgents(
  site: Site,
  { witness, receiver }: { witness: Witness; receiver: Receiver },
): Promise<{ urls: string[]; stopSchedule: () => Promise<boolean> }> {
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(site.url + path, {
      method,
      headers: { authorization: `Bearer ${site.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return Object(await response.json())
  }
  const urls: string[] = []
  let schedule = ''
  for (const agent of agentsOfTheLoad(witness.toolUrl)) {
    const { id } = await call('POST', '/api/agents', agent)
    const path = `/api/agents/${String(id)}`
    const webhook = await call('GET', `/api/agent_webhook?id=${String(id)}`)
    urls.push(String(webhook['webhook_url']).replace(/^https?:\/\/[^/]+/, site.url))
    const { data } = await call('GET', `${path}/webhooks`)
    const [first] = Array.isArray(data) ? data : []
    if (agent['name'] === 'Correspondent') {
      await call('PATCH', `${path}/webhooks/${first.id}`, { conversation: CONVERSATION })
    }
    const callback = await call('PUT', `${path}/webhooks/${first.id}/callback`, { url: receiver.url })
    receiver.secrets.add(String(callback['secret']))
    schedule ||= `${path}/schedules/${String((await call('POST', `${path}/schedules`, SCHEDULE))['id'])}`
  }
  const stopSchedule = (): Promise<boolean> =>
    call('PATCH', schedule, { enabled: false }).then(
      () => true,
      () => false,
    )
  return { urls, stopSchedule }
}

/** Waits until every task that the strike interrupted runs again, and work as a whole continues. */
async function allGoOn(strike: Strike, db: Database, witness: Witness, patienceMs: number): Promise<void> {
  await waitFor(async () => (await countInterrupted(db, strike)) === 0, {
    deadlineMs: patienceMs,
    everyMs: 50,
    what: `the tasks that the kind of kill "${strike.kind}" interrupted to go on`,
  })
  await signsOfLife(witness, patienceMs)
}

async function signsOfLife({ modelCalls }: Witness, deadlineMs: number): Promise<void> {
  const before = modelCalls.length
  await waitFor(() => modelCalls.length >= before + SIGNS_OF_LIFE, {
    deadlineMs,
    what: 'a sign that the work goes on',
  })
}

/** Waits until every task has ended and the queue is empty. */
async function comeToRest(db: Database, deadlineMs: number): Promise<void> {
  await waitFor(async () => (await countLive(db)) === 0, {
    deadlineMs,
    everyMs: 100,
    what: 'the end of every task',
  })
  await waitFor(async () => (await hastenDeliveries(db)) === 0, {
    deadlineMs,
    everyMs: 250,
    what: 'the end of every delivery',
  })
  await waitFor(async () => (await countJobs(db.pool)) === 0, { what: 'an empty queue' }).catch(
    () => undefined,
  )
}

function countAcknowledged({ acknowledgements }: Load): number {
  return new Set(acknowledgements.map(({ taskId }) => taskId)).size
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { PRESSURE_CHANNEL } from '../queue/pressure.ts'
import { advanceHead } from '../queue/queue.ts'
import { createScanStart } from '../queue/scanStart.ts'
import { promote } from '../tasks/promote.ts'
import { COMMAND_CHANNEL, decodeCommand, WORK_CHANNEL } from '../tasks/follow/channels.ts'
import type { Settler } from '../tasks/settle.ts'
import { claimTasks, readHeld, type Claim, type ClaimedTask, type ClaimOptions } from '../tasks/claim.ts'
import type { Log } from '../telemetry/log.ts'
import type { Execute } from './execute.ts'
import { RunStopped } from './persist.ts'
import { createStartLimit, STARTS_PER_SECOND } from './startLimit.ts'

/** How often to poll for work, in case a notification was lost, and for tasks that have become due. */
const POLL_MS = 500

/** How often this worker's runs are compared with the tasks that it holds according to the database. */
const COMPARE_MS = 2_000

/**
 * The comparison may take one part in so many of the time. While an old transaction is open, it passes over an index
 * entry of every task that this worker has ended since.
 */
const COMPARE_PART_OF_TIME = 25

/** But it comes at least so often: a database that stood still once is not slow. */
const MAX_COMPARE_MS = 30_000

/** How often the last claimed place is recorded. */
const ADVANCE_HEAD_MS = 100

/** How often agents with no run here may be looked for beyond those that have some. */
const NEWCOMERS_EVERY_MS = 100

/**
 * The search for them may take at most one part in this many of the time, because it has to skip the waiting tasks of
 * agents that have runs here.
 */
const NEWCOMERS_PART_OF_TIME = 25

/** The longest time between two searches. */
const MAX_NEWCOMERS_MS = 2_000

/** How long an agent at its limit is excluded, unless one of its runs ends here first. */
const FULL_FOR_MS = 250

export type Dispatcher = {
  start(): Promise<void>
  /** Claims no more tasks, gives running tasks `graceMs` to end, then stops the rest and hands them back. */
  stop(graceMs: number): Promise<void>
  /** Stops every run at once, without writing anything: the lease is lost. */
  abandon(): void
  running(): number
}

type Run = { task: ClaimedTask; abort: AbortController; done: Promise<void> }

/**
 * Keeps the slots of one worker process filled. One claim is in progress at a time and requests as many tasks as there
 * are free slots. A tenth of all slots is reserved for interactive tasks, and a tenth for agents with no run here, so
 * that an agent that fills the rest with long runs delays neither.
 */
export function createDispatcher({
  db,
  signals,
  execute,
  settler,
  workerId,
  concurrency,
  log,
}: {
  db: Database
  signals: Signals
  execute: Execute
  settler: Settler
  workerId: number
  concurrency: number
  log: Log
}): Dispatcher {
  const reserve = concurrency >= 3 ? Math.max(1, Math.floor(concurrency / 10)) : 0
  const runs = new Map<string, Run>()
  const fullAgents = new Map<string, number>()
  const scan = createScanStart()
  const starts = createStartLimit()
  let highest = 0
  let writtenHighest = 0
  let lastAdvance = 0
  let nextCompare = performance.now() + COMPARE_MS
  /** Runs whose task the database did not list in the last comparison. */
  let missed: ReadonlySet<Run> = new Set()
  let nextNewcomers = 0
  let dispatching: Promise<void> | undefined
  let wanted = false
  /** The last claim found less than it requested, and nothing was held back: whatever comes next is notified. */
  let drained = false
  let stopping = false
  let isLost = false
  let promoting: Promise<void> | undefined
  let poll: NodeJS.Timeout | undefined
  let later: NodeJS.Timeout | undefined
  let laterAt = 0
  const unsubscribe: (() => void)[] = []

  /** Requests a round of claims, now or once the current one is over. */
  function wake(): void {
    wanted = true
    if (stopping || dispatching) return
    dispatching = dispatch().finally(() => {
      dispatching = undefined
      if (wanted) wake()
    })
  }

  async function dispatch(): Promise<void> {
    try {
      while (wanted && !stopping) {
        wanted = false
        // Between two claims: everything that the database lists now was claimed before.
        if (performance.now() >= nextCompare) await compareWithDatabase()
        // A full batch may have left more behind.
        if (await claimRound()) wanted = true
      }
    } catch (error) {
      wanted = false
      if (!stopping) log.warn({ err: error }, 'tasks could not be claimed; retrying')
    }
  }

  /** True if there may be more to claim immediately. */
  async function claimRound(): Promise<boolean> {
    const shared = concurrency - 2 * reserve - count(isBackground)
    const all = concurrency - runs.size
    drained = false
    const allowed = starts.allowed()
    if (allowed === 0) {
      wakeIn(starts.waitMs())
      return false
    }
    const free = Math.min(all, shared, allowed)
    // Together: a claim of its own for what may use the reserve would be one more transaction each time.
    if (free > 0 && (await claim({ workerId, limit: free, interactiveLimit: all })) < free) {
      drained = fullAgents.size === 0
      return false
    }
    if (reserve === 0) return free > 0
    const newcomer = await claimNewcomer()
    const rest = concurrency - runs.size
    if (free <= 0 && rest > 0) await claim({ workerId, limit: rest, onlyInteractive: true })
    return newcomer || (free > 0 && concurrency - 2 * reserve - count(isBackground) > 0)
  }

  /** Wakes it after this time, unless something does before. */
  function wakeIn(ms: number): void {
    if (stopping) return
    const at = performance.now() + ms
    if (later && laterAt <= at) return
    clearTimeout(later)
    laterAt = at
    later = setTimeout(() => {
      later = undefined
      wake()
    }, ms)
  }

  /** Claims one task of an agent with no run here, for the slots reserved for such agents. */
  async function claimNewcomer(): Promise<boolean> {
    if (concurrency - runs.size <= 0 || count(isBackground) >= concurrency - reserve) return false
    const began = performance.now()
    const wait = nextNewcomers - began
    if (wait > 0) {
      wakeIn(wait)
      return false
    }
    const busy = new Set([...runs.values()].map(({ task }) => task.agentId))
    const found = (await claim({ workerId, limit: 1, exceptAgents: [...busy] })) > 0
    const now = performance.now()
    const pause = Math.max(NEWCOMERS_EVERY_MS, NEWCOMERS_PART_OF_TIME * (now - began))
    if (!found) nextNewcomers = now + Math.min(pause, MAX_NEWCOMERS_MS)
    return found
  }

  function count(test: (run: Run) => boolean): number {
    let total = 0
    for (const run of runs.values()) if (test(run)) total += 1
    return total
  }

  function isBackground(run: Run): boolean {
    return !run.task.interactive
  }

  function takeNoMore(): void {
    stopping = true
    clearInterval(poll)
    clearTimeout(later)
    for (const off of unsubscribe.splice(0)) off()
  }

  async function claim(options: ClaimOptions): Promise<number> {
    const now = performance.now()
    for (const [agent, until] of fullAgents) if (until <= now) fullAgents.delete(agent)
    const exceptAgents = [...fullAgents.keys(), ...(options.exceptAgents ?? [])]
    // Claims for interactive tasks or new agents exclude some on purpose.
    const isGeneral = !options.onlyInteractive && options.exceptAgents === undefined
    const from = scan.next(isGeneral)
    const claimed: Claim = await claimTasks(db, { ...options, exceptAgents, from })
    if (Object.keys(from).length === 0) scan.took(performance.now() - now)
    if (exceptAgents.length === 0 && claimed.fullAgents.length === 0) scan.found(claimed.found)
    highest = Math.max(highest, claimed.found.at(-1) ?? 0)
    for (const agent of claimed.fullAgents) fullAgents.set(agent, now + FULL_FOR_MS)
    starts.started(claimed.tasks.length)
    for (const task of claimed.tasks) begin(task)
    if (highest > writtenHighest && now - lastAdvance >= ADVANCE_HEAD_MS) writeHead(now)
    // A task held back has taken a place in the batch that another could have used.
    if (claimed.fullAgents.length > 0 && claimed.tasks.length < options.limit) wanted = true
    return claimed.tasks.length
  }

  /** When the queue is empty, the fair order continues from here. */
  function writeHead(now: number): void {
    lastAdvance = now
    writtenHighest = highest
    // If missed, it only shifts turns a little.
    advanceHead(db.pool, highest).catch(() => {})
  }

  async function promoteDue(): Promise<void> {
    try {
      await promote({ db, signals })
    } catch (error) {
      if (!stopping) log.warn({ err: error }, 'due tasks could not be queued; retrying')
    }
  }

  /**
   * Hands back tasks that this worker holds and does not run: a claim whose response was lost, an end that could not be
   * written. Stops runs whose task it does not hold: the command to stop was lost. It does so when a second comparison
   * finds the same, because the end of a run is in the database a moment before the run is over here.
   */
  async function compareWithDatabase(): Promise<void> {
    const started = performance.now()
    nextCompare = started + COMPARE_MS
    const before = [...runs.values()]
    const held = new Map((await readHeld(db, workerId)).map(({ id, attempt }) => [id, attempt]))
    const took = performance.now() - started
    nextCompare =
      performance.now() + Math.min(Math.max(COMPARE_MS, COMPARE_PART_OF_TIME * took), MAX_COMPARE_MS)
    const missedBefore = missed
    missed = new Set(
      before.filter(
        (run) => runs.get(run.task.taskId) === run && held.get(run.task.taskId) !== run.task.attempt,
      ),
    )
    for (const run of missed) {
      if (!missedBefore.has(run)) continue
      log.warn({ task_id: run.task.taskId }, 'a run was stopped: this worker no longer holds its task')
      run.abort.abort(new RunStopped('cancelled'))
    }
    for (const [taskId, attempt] of held) {
      if (runs.has(taskId) || before.some(({ task }) => task.taskId === taskId)) continue
      const done = await settler.requeue({ taskId, attempt, workerId }, { kind: 'handed_back' })
      if (done) log.warn({ task_id: taskId }, 'handing back a task that this worker held without running it')
    }
  }

  function begin(task: ClaimedTask): void {
    const abort = new AbortController()
    // A claim may have been in progress when the session was lost.
    if (isLost) abort.abort(new RunStopped('lease_lost'))
    const done = execute(task, abort.signal).finally(() => {
      runs.delete(task.taskId)
      if (fullAgents.delete(task.agentId)) scan.reset()
      if (!drained) wake()
    })
    runs.set(task.taskId, { task, abort, done })
  }

  function onPressure(): void {
    if (!starts.press()) return
    log.info(
      { runs_per_second: STARTS_PER_SECOND },
      'a front door lacks processor time; starting fewer runs until it recovers',
    )
  }

  function onCommand(message: string): void {
    const command = decodeCommand(message)
    if (command?.type === 'cancel') runs.get(command.id)?.abort.abort(new RunStopped('cancelled'))
  }

  return {
    async start() {
      unsubscribe.push(await signals.subscribe(WORK_CHANNEL, { onMessage: wake, onGap: wake }))
      unsubscribe.push(await signals.subscribe(PRESSURE_CHANNEL, { onMessage: onPressure }))
      unsubscribe.push(await signals.subscribe(COMMAND_CHANNEL, { onMessage: onCommand }))
      poll = setInterval(() => {
        void (promoting ??= promoteDue().finally(() => (promoting = undefined)))
        wake()
      }, POLL_MS)
      wake()
    },

    async stop(graceMs) {
      takeNoMore()
      await Promise.all([dispatching, promoting])
      const all = (): Promise<unknown> => Promise.all([...runs.values()].map((run) => run.done))
      let timer: NodeJS.Timeout | undefined
      const grace = new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))
      await Promise.race([all(), grace])
      clearTimeout(timer)
      for (const run of runs.values()) run.abort.abort(new RunStopped('shutdown'))
      await all()
    },

    abandon() {
      isLost = true
      takeNoMore()
      for (const run of runs.values()) run.abort.abort(new RunStopped('lease_lost'))
    },

    running: () => runs.size,
  }
}

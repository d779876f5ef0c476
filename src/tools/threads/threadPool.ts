import { Worker } from 'node:worker_threads'

/** Work that exceeded a limit of its thread. The message is a sentence without a full stop. */
export class WorkLimitError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'WorkLimitError'
  }
}

/** An error thrown by the work itself, with the name of its class there. */
export class WorkError extends Error {
  readonly kind: string

  constructor(kind: string, message: string) {
    super(message)
    this.name = 'WorkError'
    this.kind = kind
  }
}

export type ThreadPoolOptions = {
  /** The module that a thread runs: it sends `{ isReady }`, and answers each job with `{ value }` or `{ error }`. */
  file: URL
  /** Maximum number of threads. */
  max: number
  /** How long a job may compute, in milliseconds; waiting for the network does not count. */
  computeMs: number
  /** How long a job may take in total, in milliseconds. */
  totalMs: number
  /** Maximum heap of one thread, in MB. */
  memoryMb: number
}

export type ThreadPool = {
  /**
   * Runs a job in a thread. Jobs take turns by key, and the jobs of one key together always leave a thread free for the
   * others.
   *
   * @param signal gives the job up
   * @throws WorkLimitError when it was ended at a limit; WorkError when the job failed; the reason of the signal
   */
  run(job: object, key: string, signal?: AbortSignal): Promise<unknown>
  /** Threads that exist. */
  size(): number
  /** Ends all threads. Jobs that wait or are under way fail with WorkLimitError, and so do later ones. */
  close(): void
}

type Waiting = {
  job: object
  key: string
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

type Thread = {
  worker: Worker
  /** Its modules are loaded: from here on the time of a job counts. */
  isReady: boolean
  current: Waiting | undefined
  idle: NodeJS.Timeout | undefined
}

/** Messages of a thread: that it has loaded its modules, and the result of each job. */
export type Answer = { isReady: true } | { value: unknown } | { error: { kind: string; message: string } }

/** How often a busy thread is checked. */
const LOOK_MS = 50

/** A thread that has been idle for this long ends. */
const IDLE_MS = 30_000

/**
 * Creates a pool of threads for work that may take long. They are started on demand, and none of them keeps the process
 * alive. A thread whose job exceeds a limit is ended, and replaced.
 */
export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const threads = new Set<Thread>()
  /** By key, in the order of their turns. */
  const waiting = new Map<string, Waiting[]>()
  let isClosed = false

  function next(): Waiting | undefined {
    const maxOfOne = Math.max(1, options.max - 1)
    for (const [key, jobs] of waiting) {
      const running = [...threads].filter(({ current }) => current?.key === key).length
      if (running >= maxOfOne) continue
      const job = jobs.shift()
      // The key moves to the end of the queue.
      waiting.delete(key)
      if (jobs.length > 0) waiting.set(key, jobs)
      if (job) return job
    }
    return undefined
  }

  function dispatch(): void {
    for (;;) {
      const free = [...threads].find(({ current }) => current === undefined)
      if (!free && threads.size >= options.max) return
      const job = next()
      if (!job) return
      begin(free ?? start(), job)
    }
  }

  function start(): Thread {
    const worker = new Worker(options.file, {
      // Ours may concern the process as a whole.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    })
    const thread: Thread = { worker, isReady: false, current: undefined, idle: undefined }
    threads.add(thread)
    worker.on('message', (answer: Answer) => receive(thread, answer))
    worker.on('error', (error) => end(thread, toLimit(error, options)))
    worker.on('exit', () => end(thread, new WorkLimitError('its thread ended')))
    return thread
  }

  function begin(thread: Thread, job: Waiting): void {
    const { worker } = thread
    clearTimeout(thread.idle)
    thread.current = job
    worker.ref()
    let began: { at: number; active: number } | undefined
    const look = setInterval(() => {
      if (thread.current !== job) clearInterval(look)
      else if (thread.isReady) {
        const { active } = worker.performance.eventLoopUtilization()
        const at = performance.now()
        began ??= { at, active }
        if (active - began.active > options.computeMs) {
          end(thread, new WorkLimitError(`it took more than ${options.computeMs / 1000} s of computing time`))
        } else if (at - began.at > options.totalMs) {
          end(thread, new WorkLimitError(`it took longer than ${options.totalMs / 1000} s`))
        }
      }
    }, LOOK_MS)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    worker.postMessage(job.job)
  }

  function receive(thread: Thread, answer: Answer): void {
    if ('isReady' in answer) {
      thread.isReady = true
      return
    }
    const job = thread.current
    thread.current = undefined
    thread.worker.unref()
    thread.idle = setTimeout(() => end(thread), IDLE_MS).unref()
    if ('error' in answer) job?.reject(new WorkError(answer.error.kind, answer.error.message))
    else job?.resolve(answer.value)
    dispatch()
  }

  /** Ends a thread; its job, if there is one, fails. */
  function end(thread: Thread, reason?: unknown): void {
    if (!threads.delete(thread)) return
    clearTimeout(thread.idle)
    void thread.worker.terminate()
    const job = thread.current
    thread.current = undefined
    job?.reject(reason ?? new WorkLimitError('its thread ended'))
    dispatch()
  }

  function giveUp(job: Waiting, reason: unknown): void {
    const jobs = waiting.get(job.key)?.filter((other) => other !== job) ?? []
    if (jobs.length > 0) waiting.set(job.key, jobs)
    else waiting.delete(job.key)
    job.reject(reason)
    const thread = [...threads].find(({ current }) => current === job)
    if (thread) end(thread)
  }

  return {
    run: (job, key, signal) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(stopping())
        if (signal?.aborted) return reject(signal.reason)
        const abort = (): void => giveUp(wanted, signal?.reason)
        const settle =
          <T>(then: (value: T) => void) =>
          (value: T): void => {
            signal?.removeEventListener('abort', abort)
            then(value)
          }
        const wanted: Waiting = { job, key, resolve: settle(resolve), reject: settle(reject) }
        const jobs = waiting.get(key) ?? []
        jobs.push(wanted)
        waiting.set(key, jobs)
        signal?.addEventListener('abort', abort)
        dispatch()
      }),
    size: () => threads.size,
    close() {
      isClosed = true
      const jobs = [...waiting.values()].flat()
      waiting.clear()
      for (const { reject } of jobs) reject(stopping())
      for (const thread of threads) end(thread, stopping())
    },
  }
}

function stopping(): WorkLimitError {
  return new WorkLimitError('Bellwire is stopping')
}

function toLimit(error: unknown, { memoryMb }: ThreadPoolOptions): Error {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new WorkLimitError(`it needed more than ${memoryMb} MB of memory`, { cause: error })
    : new WorkLimitError('its thread failed', { cause: error })
}

import { readdir, readFile } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import { query } from './database.ts'
import { startFront } from './program.ts'

/** Clock ticks of one second in /proc/PID/stat: the kernel's USER_HZ, which is 100 on every Linux. */
const TICKS = 100

/** Followers from one address: below the limit per client. */
const PER_ADDRESS = 500

export type FollowerFigures = {
  /** Cores used by the front door and the database. */
  cores: number
  /** Resident kilobytes of the front door per follower. */
  kilobytes: number
  /** Database transactions per second. */
  transactions: number
}

/** Follows idle tasks, one connection each, and measures the cost. */
export async function benchFollowers(databaseUrl: string, count: number): Promise<FollowerFigures> {
  const front = await startFront(databaseUrl)
  const responses: IncomingMessage[] = []
  try {
    const links = await acceptTasks(front.webhookUrl, count)
    const before = await residentKilobytes(front.pid)
    await inTurns(links, 100, async (link, index) => void responses.push(await open(link, index)))
    await pause(10_000)
    const cpu = await cpuSeconds(databaseUrl, front.pid)
    const transactions = await committed(databaseUrl)
    const started = performance.now()
    await pause(30_000)
    const seconds = (performance.now() - started) / 1_000
    const [cpuAfter, transactionsAfter] = [
      await cpuSeconds(databaseUrl, front.pid),
      await committed(databaseUrl),
    ]
    return {
      cores: (cpuAfter - cpu) / seconds,
      kilobytes: ((await residentKilobytes(front.pid)) - before) / count,
      transactions: (transactionsAfter - transactions) / seconds,
    }
  } finally {
    for (const response of responses) response.destroy()
    await front.stop()
  }
}

/** Triggers tasks that stay PENDING, since no worker runs; returns their event links. */
async function acceptTasks(url: string, count: number): Promise<string[]> {
  const links: string[] = []
  await inTurns(Array.from({ length: count }), 64, async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"question":"x"}',
    })
    const { links: found }: { links: { events: string } } = JSON.parse(await response.text())
    const { pathname, search } = new URL(found.events)
    links.push(new URL(pathname + search, url).href)
  })
  return links
}

/** Opens one event stream and reads its first event. */
function open(link: string, index: number): Promise<IncomingMessage> {
  const localAddress = `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}`
  return new Promise((resolve, reject) => {
    request(link, { agent: new Agent(), localAddress }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a follower got ${response.statusCode}`))
      response.once('data', () => resolve(response))
      response.once('error', () => undefined)
    })
      .once('error', reject)
      .end()
  })
}

async function inTurns<Item>(
  items: Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const turn = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      await work(items[index] as Item, index)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, turn))
}

/** CPU time used so far by the front door and by all database processes, including ended ones. */
async function cpuSeconds(databaseUrl: string, front: number): Promise<number> {
  const postmaster = await parentOf(databaseUrl)
  let ticks = (await stat(front)).own
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const process = await stat(Number(entry)).catch(() => undefined)
    if (process?.parent === postmaster) ticks += process.own
    if (Number(entry) === postmaster) ticks += (process?.own ?? 0) + (process?.children ?? 0)
  }
  return ticks / TICKS
}

/** The postmaster, found from one of its backends that stays alive. */
async function parentOf(databaseUrl: string): Promise<number> {
  const [row] = await query<{ pid: number }>(
    databaseUrl,
    `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
  )
  return (await stat(row?.pid ?? 0)).parent
}

/** See proc(5): fields 4 (parent), 14 and 15 (own time), 16 and 17 (time of children that have ended). */
async function stat(pid: number): Promise<{ parent: number; own: number; children: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const at = (field: number): number => fields[field - 3] ?? 0
  return { parent: at(4), own: at(14) + at(15), children: at(16) + at(17) }
}

async function residentKilobytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
}

async function committed(databaseUrl: string): Promise<number> {
  const [row] = await query<{ count: string }>(
    databaseUrl,
    'select xact_commit as count from pg_stat_database where datname = current_database()',
  )
  return Number(row?.count)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import pg from 'pg'
import type { Database } from './database.ts'

/** PostgreSQL rejects notifications of 8,000 bytes or more. */
const MAX_BYTES = 7_900

/** A server that does not respond for this long is treated as unavailable, as by the pool. */
const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 15_000

/**
 * Short messages between processes over LISTEN and NOTIFY. Messages are batched and sent outside of other transactions,
 * one packet at a time per process: NOTIFY inside the hot transactions would cost a third of their throughput or more.
 * Messages may be lost when a connection breaks: listeners must also poll, and `onGap` is called when they should.
 */
export type Signals = {
  /** Sends a message soon. Identical messages that wait for the same packet are sent once. */
  publish(channel: string, message: string): void
  subscribe(channel: string, listener: Listener): Promise<() => void>
  /** Sends pending messages, then closes. */
  stop(): Promise<void>
}

export type Listener = {
  onMessage(message: string): void
  /** Messages may have been missed: the connection was lost and has been restored. */
  onGap?(): void
}

export function createSignals(
  db: Database,
  url: string,
  { name, onError }: { name: string; onError: (error: Error) => void },
): Signals {
  const listeners = new Map<string, Set<Listener>>()
  const outbox = new Map<string, Set<string>>()
  let sending: Promise<void> | undefined
  let connection: Promise<pg.Client> | undefined
  let reconnect: NodeJS.Timeout | undefined
  let stopped = false

  function connect(): Promise<pg.Client> {
    return (connection ??= open().catch((error: unknown) => {
      connection = undefined
      throw error
    }))
  }

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    })
    client.on('error', onError)
    client.on('end', () => {
      if (stopped) return
      connection = undefined
      retry()
    })
    client.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''))
    try {
      await client.connect()
      for (const channel of listeners.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
      return client
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
  }

  function retry(): void {
    if (stopped || reconnect) return
    reconnect = setTimeout(() => {
      reconnect = undefined
      connect().then(
        () => listeners.forEach((set) => set.forEach((listener) => listener.onGap?.())),
        (error: Error) => {
          onError(error)
          retry()
        },
      )
    }, 250)
  }

  function deliver(channel: string, payload: string): void {
    const set = listeners.get(channel)
    if (!set) return
    for (const message of unpack(payload)) {
      for (const listener of set) {
        try {
          listener.onMessage(message)
        } catch (error) {
          onError(error instanceof Error ? error : new Error(String(error)))
        }
      }
    }
  }

  async function send(): Promise<void> {
    // Batch everything that happens in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    while (outbox.size > 0) {
      const packets = pack(outbox)
      outbox.clear()
      try {
        await db.pool.query({
          name: 'signals_send',
          text: 'select pg_notify(channel, packet) from unnest($1::text[], $2::text[]) as p(channel, packet)',
          values: [packets.map(([channel]) => channel), packets.map(([, packet]) => packet)],
        })
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
    }
    sending = undefined
  }

  return {
    publish(channel, message) {
      let messages = outbox.get(channel)
      if (!messages) outbox.set(channel, (messages = new Set()))
      messages.add(message)
      sending ??= send()
    },

    async subscribe(channel, listener) {
      let set = listeners.get(channel)
      if (!set) listeners.set(channel, (set = new Set()))
      set.add(listener)
      const client = await connect()
      await client.query(`listen ${pg.escapeIdentifier(channel)}`)
      return () => void set.delete(listener)
    },

    async stop() {
      if (stopped) return
      await sending
      stopped = true
      clearTimeout(reconnect)
      const client = await connection?.catch(() => undefined)
      await client?.end().catch(() => {})
    },
  }
}

/** Packs messages into JSON lists that fit into one notification each. */
function pack(outbox: Map<string, Set<string>>): [channel: string, packet: string][] {
  const packets: [string, string][] = []
  for (const [channel, messages] of outbox) {
    let parts: string[] = []
    let bytes = 2
    for (const message of messages) {
      const part = JSON.stringify(message)
      const size = Buffer.byteLength(part) + 1
      if (bytes + size > MAX_BYTES && parts.length > 0) {
        packets.push([channel, `[${parts.join()}]`])
        parts = []
        bytes = 2
      }
      parts.push(part)
      bytes += size
    }
    packets.push([channel, `[${parts.join()}]`])
  }
  return packets
}

/** The messages of a packet; none for those of other programs: any client of the database can notify. */
function unpack(payload: string): string[] {
  try {
    const messages: unknown = JSON.parse(payload)
    return Array.isArray(messages) ? messages.filter((message) => typeof message === 'string') : []
  } catch {
    return []
  }
}

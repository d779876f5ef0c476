import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net'
import { once } from 'node:events'
import pg from 'pg'
import { createConversation, type Answered } from './pgConversation.ts'
import { createMessageReader, isEncryptionRequest, type PgMessage } from './pgMessages.ts'

/**
 * Decides about a complete server response that the client has not seen yet: true cuts the connection instead. What was
 * committed stays committed.
 */
export type Fault = (answered: Answered) => boolean

/** A network between the program and its database, with faults. */
export type DatabaseProxy = {
  /** The URL of the database through the proxy. */
  url: string
  /** Sets the fault, replacing an earlier one; without one nothing is cut. */
  inject(fault: Fault | undefined): void
  /** Connections that were cut by a fault so far. */
  cuts(): number
  /** Stops passing data on, closes nothing, and accepts no connections: a network that is down. */
  freeze(): void
  /** Passes on what was held back. */
  thaw(): void
  stop(): Promise<void>
}

/** Starts a proxy on loopback in front of the database of `url`. It speaks no TLS. */
export async function startDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  const target = addressOf(url)
  let fault: Fault | undefined
  let cuts = 0
  let frozen = false

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      if (frozen) socket.pause()
    }
    // A frozen network does not pass on the end of a connection, either.
    client.on('close', () => upstream.destroy())
    client.on('end', () => upstream.end())
    let connected = false
    upstream.on('connect', () => (connected = true))
    // The last message of a server that ends a connection is passed on; without a server there is none.
    upstream.on('error', () => void (connected ? client.destroySoon() : client.resetAndDestroy()))
    upstream.on('close', () => client.destroySoon())
    relay(client, upstream, (answered) => {
      if (!fault?.(answered)) return false
      cuts += 1
      // Half of them with a reset, half with an orderly end: drivers treat the two differently.
      if (cuts % 2 === 0) client.resetAndDestroy()
      else client.destroy()
      return true
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let stopping: Promise<unknown> | undefined

  return {
    url: throughProxy(url, server.address()),
    inject: (next) => (fault = next),
    cuts: () => cuts,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    stop: async () => {
      stopping ??= new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await stopping
    },
  }
}

/** Passes messages on in both directions; the response to a group of messages only when it is complete. */
function relay(client: Socket, upstream: Socket, cut: (answered: Answered) => boolean): void {
  const conversation = createConversation()
  const fromClient = createMessageReader({ untyped: true })
  const fromServer = createMessageReader({ untyped: false })
  let held: PgMessage[] = []

  client.on('data', (chunk) => {
    for (const message of fromClient.read(chunk)) {
      if (message.type === '' && isEncryptionRequest(message.bytes)) {
        client.write('N')
        continue
      }
      conversation.sent(message)
      upstream.write(message.bytes)
    }
  })

  upstream.on('data', (chunk) => {
    for (const message of fromServer.read(chunk)) {
      held.push(message)
      const answered = conversation.received(message)
      if (answered && cut(answered)) return
      if (!answered && conversation.isWaiting()) continue
      passOn()
    }
  })

  // The last messages of a server that ends the connection, by a reset or in order, are not the response to a group.
  upstream.on('end', passOn)
  upstream.prependListener('error', passOn)

  function passOn(): void {
    if (held.length > 0) client.write(Buffer.concat(held.map(({ bytes }) => bytes)))
    held = []
  }
}

/** Where the server of a database URL listens, on TCP or on a Unix socket. */
function addressOf(url: string): NetConnectOpts {
  const { host, port } = new pg.Client({ connectionString: url })
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port, noDelay: true }
}

function throughProxy(url: string, address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const { user = '', password, database = '' } = new pg.Client({ connectionString: url })
  const secret = password ? `:${encodeURIComponent(password)}` : ''
  return `postgresql://${encodeURIComponent(user)}${secret}@127.0.0.1:${address.port}/${database}?sslmode=disable`
}

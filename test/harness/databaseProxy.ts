import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** A way to a database that can be cut off without either side being told, as when a network goes away. */
export type DatabaseProxy = {
  url: string
  /** From now on nothing passes in either direction; connections stay open. */
  silence(): void
  stop(): Promise<void>
}

/** Opens a proxy on loopback to the server of a database URL. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const url = new URL(databaseUrl)
  const host = url.searchParams.get('host') ?? url.hostname
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432))
  const target = host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port }
  const sockets = new Set<Socket>()
  let silent = false

  const server = createServer((client) => {
    const upstream = connect(target)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => !silent && to.write(data))
      from.on('error', () => {})
      from.on('close', () => !silent && to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const proxied = new URL(databaseUrl)
  proxied.searchParams.set('host', '127.0.0.1')
  proxied.searchParams.set('port', String(address.port))

  return {
    url: proxied.href,
    silence: () => void (silent = true),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

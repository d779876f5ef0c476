import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { waitFor } from './waitFor.ts'

/** A response as received over the wire. Header names are in lower case. */
export type RawResponse = {
  status: number
  headers: Record<string, string>
  body: string
  /** Parsed, if it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a parsed answer, of which a test knows the form
  json: any
}

/** A connection on which a test writes arbitrary bytes. */
export type RawSocket = {
  socket: Socket
  write(bytes: string | Buffer): void
  /** The first responses, this many; interim ones (1xx) count. Rejects if the connection ends first. */
  responses(count: number): Promise<RawResponse[]>
  /** Everything received, once the other side has closed the connection. */
  closed(): Promise<RawResponse[]>
}

export async function openRawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port) })
  let received = Buffer.alloc(0)
  let isClosed = false
  socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])))
  socket.on('error', () => undefined)
  socket.on('close', () => (isClosed = true))
  await once(socket, 'connect')
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    responses: (count) =>
      waitFor(
        () => {
          const found = parse(received)
          if (found.length >= count) return found.slice(0, count)
          if (isClosed) throw new Error(`closed after ${found.length} responses: ${received.toString()}`)
          return undefined
        },
        { what: `${count} responses` },
      ),
    async closed() {
      await waitFor(() => isClosed, { what: 'the end of the connection' })
      return parse(received)
    },
  }
}

/** The complete responses at the start of the bytes. Bodies have a Content-Length here. */
function parse(bytes: Buffer): RawResponse[] {
  const found: RawResponse[] = []
  for (let from = 0; ;) {
    const end = bytes.indexOf('\r\n\r\n', from)
    if (end < 0) return found
    const [first = '', ...lines] = bytes.toString('latin1', from, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const length = Number(headers['content-length'] ?? 0)
    if (bytes.length < end + 4 + length) return found
    const body = bytes.toString('utf8', end + 4, end + 4 + length)
    const isJson = /json/.test(headers['content-type'] ?? '') && body !== ''
    found.push({
      status: Number(first.split(' ')[1]),
      headers,
      body,
      json: isJson ? JSON.parse(body) : undefined,
    })
    from = end + 4 + length
  }
}

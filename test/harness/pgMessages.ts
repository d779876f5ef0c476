/** One message of PostgreSQL's protocol: its type, empty during the start-up, and all of its bytes. */
export type PgMessage = { type: string; bytes: Buffer }

/**
 * Splits a stream of bytes into messages (PostgreSQL manual, "Message Formats"): a letter, a length that includes
 * itself, a body. The client's first message has no letter.
 */
export function createMessageReader({ untyped }: { untyped: boolean }): {
  /** Takes the next bytes; returns the complete messages. */
  read(chunk: Buffer): PgMessage[]
} {
  let rest: Buffer = Buffer.alloc(0)
  let isUntyped = untyped

  function next(): PgMessage | undefined {
    const letter = isUntyped ? 0 : 1
    if (rest.length < letter + 4) return undefined
    const end = letter + rest.readUInt32BE(letter)
    if (rest.length < end) return undefined
    const bytes = rest.subarray(0, end)
    rest = rest.subarray(end)
    const type = isUntyped ? '' : String.fromCharCode(bytes[0] ?? 0)
    // The start-up message is the only one with a protocol version; requests for encryption come before it.
    if (isUntyped && !isEncryptionRequest(bytes)) isUntyped = false
    return { type, bytes }
  }

  return {
    read(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const messages: PgMessage[] = []
      for (let message = next(); message; message = next()) messages.push(message)
      return messages
    },
  }
}

const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104

/** Whether a message without a letter asks for TLS or GSSAPI; both are answered with `N` for no. */
export function isEncryptionRequest(bytes: Buffer): boolean {
  return bytes.length === 8 && [SSL_REQUEST, GSS_REQUEST].includes(bytes.readUInt32BE(4))
}

/** Reads consecutive zero-terminated strings from the body of a message. */
export function readTexts(bytes: Buffer, count: number): string[] {
  const texts: string[] = []
  for (let at = 5; texts.length < count && at < bytes.length;) {
    const end = bytes.indexOf(0, at)
    if (end < 0) break
    texts.push(bytes.toString('utf8', at, end))
    at = end + 1
  }
  return texts
}

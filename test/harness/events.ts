/** One server-sent event with JSON as its data. */
export type SentEvent = {
  id: number | undefined
  /** The id as it was sent. */
  key: string | undefined
  event: string
  data: Record<string, unknown>
}

/** A stream of events that is read as it arrives. */
export type Events = {
  /** All events so far. */
  all: SentEvent[]
  /** Resolves when the server has ended the stream; rejects if the connection broke. */
  ended: Promise<void>
  close(): void
}

/**
 * Opens a stream of events.
 *
 * @throws the response with its parsed body if it is not a stream
 */
export async function openEvents(url: string, init: RequestInit = {}): Promise<Events> {
  const closing = new AbortController()
  const response = await fetch(url, { ...init, signal: closing.signal })
  if (response.status !== 200) {
    const body: unknown = await response.json()
    // oxlint-disable-next-line typescript/only-throw-error -- for the test to look at
    throw { status: response.status, headers: response.headers, body }
  }
  const all: SentEvent[] = []
  const ended = read(response, all)
  // Closing it does not wait for its end.
  ended.catch(() => {})
  return { all, ended, close: () => closing.abort() }
}

async function read(response: Response, all: SentEvent[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data === undefined) continue
      const id = /^id: (.*)$/m.exec(block)?.[1]
      all.push({
        id: id === undefined ? undefined : Number(id),
        key: id,
        event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message',
        data: JSON.parse(data),
      })
    }
  }
}

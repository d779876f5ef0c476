import type { FetchLike } from '@modelcontextprotocol/client'

/** How long a server may take to reveal its transport. */
const LOOK_MS = 3_000

/** Bytes within which the old transport announces its message endpoint. */
const MAX_BYTES = 16_384

/**
 * Whether a server speaks HTTP+SSE, the transport of 2024 that Streamable HTTP has replaced: it answers a GET with
 * events, the first of which contains another URL.
 */
export async function speaksHttpSse(
  url: URL,
  { headers, fetch }: { headers: Record<string, string>; fetch: FetchLike },
): Promise<boolean> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), LOOK_MS)
  try {
    const response = await fetch(url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: stop.signal,
    })
    const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
    return response.ok && isStream && response.body !== null && (await namesEndpoint(response.body))
  } catch {
    return false
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
}

async function namesEndpoint(body: ReadableStream<Uint8Array>): Promise<boolean> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let text = ''
  while (text.length < MAX_BYTES) {
    const { done, value } = await reader.read()
    if (done) return false
    text += decoder.decode(value, { stream: true })
    if (/^event: ?endpoint\r?$/m.test(text)) return true
    if (/\r?\n\r?\n/.test(text.trimStart())) return false
  }
  return false
}

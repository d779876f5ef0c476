/** The model server's answer to one request. */
export type Reply = {
  /** The delay before anything is sent. */
  delayMs?: number
} & (
  | ({ kind: 'message' } & Message)
  | { kind: 'raw'; status: number; headers: Record<string, string>; body: string; cut?: boolean }
  | { kind: 'endless'; unit: string }
  | { kind: 'hang' }
)

export type Message = {
  text: string
  reasoning?: string
  toolCalls?: { id?: string; name: string; arguments: unknown }[]
  finishReason?: string
  usage?: { input: number; output: number; cached?: number; reasoning?: number }
  /** When streaming: the text in these pieces instead of word by word. */
  pieces?: string[]
  /** When streaming: the delay before each piece. */
  pieceDelayMs?: number
  /** When streaming: called before each piece is sent; the piece waits for the promise. */
  beforePiece?: (index: number) => void | Promise<void>
  /** When streaming: breaks the connection before this piece. */
  cutBeforePiece?: number
}

/** The model returns text. */
export function say(text: string, options: Omit<Message, 'text'> & { delayMs?: number } = {}): Reply {
  return { kind: 'message', text, ...options }
}

/** The model calls tools. Arguments given as a string are sent unchanged, valid JSON or not. */
export function callTools(
  toolCalls: NonNullable<Message['toolCalls']>,
  options: Partial<Message> & { delayMs?: number } = {},
): Reply {
  return { kind: 'message', text: '', toolCalls, ...options }
}

/** An error in OpenAI's format. */
export function fail(
  status: number,
  message = 'that did not work',
  headers: Record<string, string> = {},
): Reply {
  return {
    kind: 'raw',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error: { message, type: 'error', code: null } }),
  }
}

/** Any JSON; a string is sent unchanged. */
export function json(body: unknown, status = 200): Reply {
  return {
    kind: 'raw',
    status,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}

/** A stream of these events, and nothing more; a string is sent unchanged. */
export function events(...list: unknown[]): Reply {
  return {
    kind: 'raw',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: list.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join(''),
  }
}

/** A web page instead of an answer: a proxy in between, or the wrong URL. */
export function html(status = 200): Reply {
  return {
    kind: 'raw',
    status,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Welcome</title><p>This is not what you were looking for.',
  }
}

/** JSON that ends in the middle although the connection ends normally. */
export function brokenJson(): Reply {
  return {
    kind: 'raw',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"id":"x","choices":[{"message":{"role":"assist',
  }
}

/** A connection that breaks in the middle of the body. */
export function cutBody(): Reply {
  return {
    kind: 'raw',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"id":"x","cho',
    cut: true,
  }
}

/** An endless answer: the same text over and over, even if a stream was requested. */
export function endless(unit = 'on and on '): Reply {
  return { kind: 'endless', unit }
}

/** Never answers. */
export function hang(): Reply {
  return { kind: 'hang' }
}

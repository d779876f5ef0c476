import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Message } from '../../tasks/follow/messages.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import type { LinkKind } from '../../telemetry/bearerLinks.ts'
import { maskLinks } from './linkMask.ts'
import { createMessageMask } from './messageMask.ts'
import { encodeEvent, openEventStream } from './sse.ts'

/** Streams the messages of a task, from the event `after` until its end, without links that the reader must not see. */
export function followTask({
  taskFeed,
  taskId,
  after,
  request,
  reply,
  recheck,
  onClose,
}: {
  taskFeed: TaskFeed
  taskId: string
  after: number
  request: FastifyRequest
  reply: FastifyReply
  /** Repeats the check that admitted the reader; links need none. */
  recheck: (() => Promise<unknown>) | undefined
  /** Called once, when the stream is closed from either side. */
  onClose: () => void
}): void {
  let leave = (): void => {}
  const close = (): void => {
    leave()
    onClose()
  }
  const stream = openEventStream(reply, close, recheck)
  const { hidden, mask } = createMessageMask(request)

  function encode(messages: readonly Message[]): string {
    const masked = messages.map(mask)
    const links = hidden()
    return links.length === 0
      ? encodeMessages(messages)
      : masked.map((one) => encodeMasked(one, links)).join('')
  }

  const following = taskFeed.follow(taskId, after, {
    onMessages: (messages) => stream.write(encode(messages)),
    onEnd: stream.end,
    ready: stream.drained,
  })
  leave = following.leave
  if (!stream.isOpen) leave()
  // The database is unavailable: the client reconnects and finds out whether it is back.
  following.joined.catch(stream.destroy)
}

const encoded = new WeakMap<readonly Message[], string>()

/** All followers of a task who may see all links receive the same messages: each is encoded once. */
function encodeMessages(messages: readonly Message[]): string {
  const known = encoded.get(messages)
  if (known !== undefined) return known
  const text = messages.map(encodeMessage).join('')
  encoded.set(messages, text)
  return text
}

const encodedMasked = new Map<readonly LinkKind[], WeakMap<Message, string>>()

/** The same for followers who must not see some links: there are only as many combinations as roles. */
function encodeMasked(message: Message, hidden: readonly LinkKind[]): string {
  const texts = encodedMasked.get(hidden) ?? new WeakMap<Message, string>()
  encodedMasked.set(hidden, texts)
  const known = texts.get(message)
  if (known !== undefined) return known
  const text = encodeMessage(message)
  // Texts have already been masked, piece by piece.
  const masked = message.type === 'answer' || message.type === 'thought' ? text : maskLinks(text, hidden)
  texts.set(message, masked)
  return masked
}

function encodeMessage(message: Message): string {
  return encodeEvent({
    ...('id' in message ? { id: message.id } : {}),
    event: message.type,
    data: message.data,
  })
}

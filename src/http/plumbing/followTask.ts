import type { FastifyReply } from 'fastify'
import type { Message } from '../../tasks/follow/messages.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import { encodeEvent, openEventStream } from './sse.ts'

/** Streams the messages of a task, from the event `after` until its end. */
export function followTask({
  taskFeed,
  taskId,
  after,
  reply,
  recheck,
  onClose,
}: {
  taskFeed: TaskFeed
  taskId: string
  after: number
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
  const following = taskFeed.follow(taskId, after, {
    onMessages: (messages) => stream.write(encodeMessages(messages)),
    onEnd: stream.end,
    ready: stream.drained,
  })
  leave = following.leave
  if (!stream.isOpen) leave()
  // The database is unavailable: the client reconnects and finds out whether it is back.
  following.joined.catch(stream.destroy)
}

const encoded = new WeakMap<readonly Message[], string>()

/** All followers of a task receive the same messages: each is encoded once. */
function encodeMessages(messages: readonly Message[]): string {
  const known = encoded.get(messages)
  if (known !== undefined) return known
  const text = messages
    .map((message) =>
      encodeEvent({
        ...('id' in message ? { id: message.id } : {}),
        event: message.type,
        data: message.data,
      }),
    )
    .join('')
  encoded.set(messages, text)
  return text
}

import type { FastifyReply } from 'fastify'
import type { TextKind } from '../../tasks/follow/channels.ts'
import type { Message } from '../../tasks/follow/messages.ts'
import type { TaskFeed } from '../../tasks/follow/taskFeed.ts'
import type { TaskStatus, TaskStatuses } from '../../tasks/views/statuses.ts'
import { encodeEvent, openEventStream } from './sse.ts'

/** Streams the output of a task's model from its first word, then the task's outcome. */
export function streamAnswer({
  taskFeed,
  statuses,
  taskId,
  conversationId,
  reply,
  onClose,
}: {
  taskFeed: TaskFeed
  statuses: TaskStatuses
  taskId: string
  conversationId: string | undefined
  reply: FastifyReply
  /** Called once, when the stream is closed from either side. */
  onClose: () => void
}): void {
  let leave = (): void => {}
  const stream = openEventStream(reply, () => {
    leave()
    onClose()
  })
  const send = (...list: Record<string, unknown>[]): void => {
    if (list.length > 0) stream.write(list.map((data) => encodeEvent({ data })).join(''))
  }
  const paragraphs = createParagraphs()

  async function finish(): Promise<void> {
    const task = await statuses.read(taskId)
    if (task) send(...closing(task))
    stream.end()
  }

  send({
    type: 'id',
    id: taskId,
    ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
  })
  const following = taskFeed.follow(taskId, 0, {
    onMessages: (messages) => send(...messages.flatMap(paragraphs)),
    // The database is unavailable: a stream that is cut off shows that its end is missing.
    onEnd: () => void finish().catch(stream.destroy),
    ready: stream.drained,
  })
  leave = following.leave
  if (!stream.isOpen) leave()
  following.joined.catch(stream.destroy)
}

/**
 * Makes the pieces of this stream, which knows no steps: where a call of the model follows another one, or repeats
 * it, its text begins a new paragraph. One that continues a cut answer does so in the middle of the text.
 */
function createParagraphs(): (message: Message) => Record<string, unknown>[] {
  const written = new Set<TextKind>()
  let due = new Set<TextKind>()
  let answered = -1
  return (message) => {
    if (message.type === 'model_call') {
      const { step, continues } = message.data
      due = new Set(written)
      // What a broken call of this step has written stays in the stream: its repetition begins anew.
      if (continues && step > answered) due.delete('answer')
    }
    if (message.type !== 'answer' && message.type !== 'thought') return []
    const { type, data } = message
    if (type === 'answer') answered = data.step
    const text = due.delete(type) ? `\n\n${data.text}` : data.text
    written.add(type)
    return [{ type, [type]: text }]
  }
}

/** The last event of the stream. */
function closing(task: TaskStatus): Record<string, unknown>[] {
  if (task.state !== 'SUCCESS' || !task.result) {
    const error = task.error ?? { code: 'run_failed', message: 'The run failed.' }
    return [{ type: 'error', error }, { type: 'end' }]
  }
  const { tool_calls: toolCalls, output } = task.result
  return [
    ...(toolCalls.length > 0 ? [{ type: 'tool_calls', tool_calls: toolCalls }] : []),
    ...(output === undefined ? [] : [{ type: 'structured_answer', output }]),
    { type: 'end' },
  ]
}

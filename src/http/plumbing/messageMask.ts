import type { FastifyRequest } from 'fastify'
import type { TextKind } from '../../tasks/follow/channels.ts'
import type { Message } from '../../tasks/follow/messages.ts'
import { redactLinks, type LinkKind } from '../../telemetry/bearerLinks.ts'
import { findOperator } from './operators.ts'
import { hiddenLinks } from './linkMask.ts'

/** Characters before a piece of text that are examined to find links across pieces: more than any link has. */
const REACH = 512

type TextMessage = Extract<Message, { type: TextKind }>

/**
 * Masks the messages of a task for one reader, in order. A link may be split across pieces of text, so each piece is
 * examined together with the text before it. Its length stays the same, so that offsets remain correct.
 *
 * Readers with a link, who have no role, get the answer unmasked: it was written for them.
 */
export function createMessageMask(request: FastifyRequest): {
  /** The links that this reader must not see at present. */
  hidden(): readonly LinkKind[]
  mask(message: Message): Message
} {
  const before: Record<TextKind, string> = { answer: '', thought: '' }
  const hidden = (): readonly LinkKind[] => hiddenLinks(request)

  function maskText(message: TextMessage): TextMessage {
    const { type, data } = message
    const seen = before[type]
    const whole = seen + data.text
    before[type] = whole.slice(-REACH)
    if (type === 'answer' && !findOperator(request)) return message
    const text = redactLinks(whole, hidden(), 'same length').slice(seen.length)
    return text === data.text ? message : { ...message, data: { ...data, text } }
  }

  return {
    hidden,
    mask(message) {
      if (message.type === 'answer' || message.type === 'thought') return maskText(message)
      if (message.type === 'model_call') {
        before.thought = ''
        if (!message.data.continues) before.answer = ''
      }
      return message
    },
  }
}

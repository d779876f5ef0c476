import type { Arrival } from '../arrival.ts'
import type { Stop } from '../outcome.ts'
import { signedRequest } from '../signedRequest.ts'
import type { HandshakeAnswer } from '../sources/source.ts'
import type { StepEntry } from './step.ts'

/** Answers what a provider asks before it sends events, when it does not sign that: before anything is checked. */
export function createAnswerUnsigned({ publicUrl }: { publicUrl: string }): StepEntry {
  return {
    applies: ({ source }) => source.answerUnsigned !== undefined,
    run: (arrival) => answer(arrival, 'answerUnsigned', publicUrl),
  }
}

/** The same for what a provider signs: after the check of its source. */
export function createAnswerSigned({ publicUrl }: { publicUrl: string }): StepEntry {
  return {
    applies: ({ source }) => source.answerSigned !== undefined,
    run: (arrival) => answer(arrival, 'answerSigned', publicUrl),
  }
}

async function answer(
  arrival: Arrival,
  when: 'answerUnsigned' | 'answerSigned',
  publicUrl: string,
): Promise<Stop | undefined> {
  const answered = await arrival.webhook.source[when]?.(signedRequest(arrival, publicUrl))
  return answered && toStop(answered)
}

function toStop({ refused, ...answered }: HandshakeAnswer): Stop {
  if (!refused) return { kind: 'answered', answer: answered }
  const { reason, expected, received } = refused
  return { kind: 'answered', answer: answered, refused: { reason, finding: { expected, received } } }
}

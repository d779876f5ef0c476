import type { StepEntry } from './step.ts'
import { signedRequest } from './verifySender.ts'

/** Answers what a provider asks before it sends events. */
export function createAnswerHandshake({ publicUrl }: { publicUrl: string }): StepEntry {
  return {
    applies: ({ source }) => source.handshake !== undefined,
    run(arrival) {
      const answer = arrival.webhook.source.handshake?.(signedRequest(arrival, publicUrl), () =>
        parse(arrival.rawBody),
      )
      return answer && { kind: 'answered', answer }
    },
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

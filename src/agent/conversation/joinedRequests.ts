import type { ConversationRequest } from '../../contract/conversation.ts'
import type { RunContext } from '../runContext.ts'
import { modelStepKey } from '../stepKey.ts'
import type { ConversationInput } from './conversationInput.ts'

/** The requests that joined a run, in order. Each is in the journal before the model sees it. */
export type JoinedRequests = {
  /**
   * Takes those that the model call of a step is the first to see, as messages: from the journal those that it saw, and
   * new ones only before a call that was not made yet.
   *
   * @param options.rest also those that an earlier run saw later: this one, which replays it, ends here
   */
  take(step: number, options?: { rest?: boolean }): Promise<string[]>
  /** How many have been taken. */
  count(): number
}

export function createJoinedRequests(
  conversation: ConversationInput | undefined,
  { journal }: RunContext,
  render: (request: ConversationRequest) => Promise<string>,
): JoinedRequests {
  let taken = 0

  return {
    count: () => taken,

    async take(step, { rest = false } = {}) {
      const texts: string[] = []
      for (;;) {
        const row = journal.find(requestKey(taken + 1))
        if (!row) break
        if (row.step > step && !rest) return texts
        taken += 1
        texts.push(textOf(row.output))
      }
      if (!conversation || journal.find(modelStepKey(step))?.state === 'done') return texts
      for (const { n, ...request } of await conversation.readJoined(taken)) {
        const startedAt = new Date()
        const text = await render(request)
        await journal.finish({
          key: requestKey(n),
          kind: 'input',
          name: 'request',
          step,
          state: 'done',
          input: { n },
          output: { text },
          startedAt,
          finishedAt: new Date(),
        })
        taken = n
        texts.push(text)
      }
      return texts
    },
  }
}

function requestKey(n: number): string {
  return `request/${n}`
}

function textOf(output: unknown): string {
  return typeof output === 'object' && output !== null && 'text' in output && typeof output.text === 'string'
    ? output.text
    : '(The text of this request was deleted because of its age.)'
}

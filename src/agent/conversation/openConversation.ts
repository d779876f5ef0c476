import type { ModelMessage } from 'ai'
import { addUsage } from '../../contract/addUsage.ts'
import {
  CHARACTERS_PER_TOKEN,
  DEFAULT_CONVERSATION_TOKENS,
  type ConversationRequest,
  type Turn,
} from '../../contract/conversation.ts'
import { delimit } from '../prompt/delimit.ts'
import type { RunContext } from '../runContext.ts'
import type { ConversationInput, KeptSummary } from './conversationInput.ts'
import { clip, fitTurns } from './fitTurns.ts'
import { BEFORE_FIRST, type Summarise } from './summarise.ts'

/** What a run saw of its conversation when it began: the output of a row of the journal, the same ever after. */
type Seen = {
  summary: string | null
  turns: Turn[]
  /** Messages of requests whose tasks were cancelled in favour of this one. */
  requests: string[]
  /** How many older ones were left out. */
  left_out: number
  /** Keys of the model calls that made the summary. */
  steps: string[]
  /** When this run has made the summary: what it covers. */
  kept: Omit<KeptSummary, 'text'> | null
}

/** The messages before that of the run itself, and what its own message begins with. */
export type OpenedConversation = { history: ModelMessage[]; requests: string[] }

const KEY = 'conversation'

/**
 * Opens the conversation of a run: earlier turns within the limit of tokens, the oldest in a summary. What it sees is
 * recorded before the first call: a run that was interrupted, and a replay, see the same.
 *
 * @param options.render makes a message of a request
 */
export async function openConversation(
  conversation: ConversationInput | undefined,
  context: RunContext,
  options: { render: (request: ConversationRequest) => Promise<string>; summarise: Summarise; limit: number },
): Promise<OpenedConversation> {
  const seen = await see(conversation, context, options)
  if (!seen) return { history: [], requests: [] }
  if (seen.kept && seen.summary !== null) {
    await conversation?.keepSummary({ ...seen.kept, text: seen.summary })
  }
  return toMessages(seen, context.firstTaskId)
}

/** Characters of earlier turns that a run may see. */
export function conversationLimit({ limits }: Pick<RunContext, 'limits'>): number {
  return (limits.max_conversation_tokens ?? DEFAULT_CONVERSATION_TOKENS) * CHARACTERS_PER_TOKEN
}

async function see(
  conversation: ConversationInput | undefined,
  context: RunContext,
  { render, summarise, limit }: Parameters<typeof openConversation>[2],
): Promise<Seen | undefined> {
  const row = context.journal.find(KEY)
  if (row) {
    if (!isSeen(row.output)) return undefined
    for (const step of row.output.steps) {
      const { usage } = context.journal.find(step) ?? {}
      if (usage) context.state.usage = addUsage(context.state.usage, usage)
    }
    return row.output
  }
  if (!conversation) return undefined
  const startedAt = new Date()
  const earlier = await conversation.readEarlier(limit)
  const { summary: before } = earlier
  const { kept, pieces } = fitTurns(earlier.turns, before.text ?? '', limit)
  let summary = before.text ?? ''
  // One after the other: each builds on the summary before.
  const steps: string[] = []
  for (const piece of pieces) {
    const { text, key } = await summarise(summary, piece)
    summary = clip(text, limit / 4)
    steps.push(key)
  }
  const fresh = pieces.flat().map(({ taskId }) => taskId)
  const seen: Seen = {
    summary: summary === '' ? null : summary,
    turns: kept,
    requests: await Promise.all(earlier.requests.map(render)),
    left_out: earlier.leftOut,
    steps,
    kept:
      fresh.length === 0 ? null : { covers: [...before.covers, ...fresh], fresh, version: before.version },
  }
  await context.journal.finish({
    key: KEY,
    kind: 'input',
    name: 'conversation',
    step: BEFORE_FIRST,
    state: 'done',
    input: {
      turns: kept.length,
      summarised: before.covers.length + fresh.length,
      requests: seen.requests.length,
    },
    output: seen,
    startedAt,
    finishedAt: new Date(),
  })
  return seen
}

function toMessages(
  { summary, turns, requests, left_out: leftOut }: Seen,
  taskId: string,
): OpenedConversation {
  const lead =
    summary === null ? [] : [delimit(summary, 'a summary of the conversation before this point', taskId)]
  const notes = leftOut === 0 ? [] : [`(${leftOut} earlier requests are left out.)`]
  if (turns.length === 0) return { history: [], requests: [...lead, ...notes, ...requests] }
  const history = turns.flatMap(({ message, answer }, index): ModelMessage[] => [
    { role: 'user', content: [...(index === 0 ? lead : []), message].join('\n\n') },
    // Providers refuse an empty message.
    { role: 'assistant', content: answer.trim() === '' ? '(no text)' : answer },
  ])
  return { history, requests: [...notes, ...requests] }
}

/** The values of an old row may have been deleted. */
function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'turns' in value && Array.isArray(value.turns)
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, say, userText } from '../../../test/harness/modelServer.ts'
import type { Earlier, JoinedRequest } from '../../contract/conversation.ts'
import type { ConversationInput, KeptSummary } from './conversationInput.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})
beforeEach(() => bench.model.reset())
afterAll(() => bench.stop())

class Killed extends Error {}

/** A conversation in memory. What is read is counted. */
function createConversation({
  earlier = {},
  joined = [],
}: { earlier?: Partial<Earlier>; joined?: string[] } = {}) {
  const kept: KeptSummary[] = []
  let reads = 0
  const requests = joined.map((text, index): JoinedRequest => ({
    n: index + 1,
    payloadText: JSON.stringify({ question: text }),
    request: { method: 'POST', headers: {}, query: {} },
  }))
  const conversation: ConversationInput = {
    readEarlier: () => {
      reads += 1
      return Promise.resolve({
        summary: { text: null, covers: [], version: 0 },
        turns: [],
        requests: [],
        leftOut: 0,
        ...earlier,
      })
    },
    keepSummary: (summary) => {
      kept.push(summary)
      return Promise.resolve()
    },
    readJoined: (after) => Promise.resolve(requests.filter(({ n }) => n > after)),
  }
  return {
    conversation,
    kept,
    reads: () => reads,
    join(text: string) {
      requests.push({
        n: requests.length + 1,
        payloadText: JSON.stringify({ question: text }),
        request: { method: 'POST', headers: {}, query: {} },
      })
    },
  }
}

const turns = (count: number, length: number) =>
  Array.from({ length: count }, (_, n) => ({
    taskId: `t${n}`,
    message: `m${n} ${'x'.repeat(length)}`,
    answer: `a${n}`,
  }))

const look = () => ({
  type: 'http',
  name: 'look',
  description: 'Looks.',
  url: `${bench.tools.url}/look`,
  access: 'read',
})

/** The user messages of a request to the model. */
const usersIn = (index: number): string[] =>
  (bench.model.requests.at(index)?.body.messages ?? [])
    .filter(({ role }) => role === 'user')
    .map(({ content }) => String(content))

describe('earlier turns', () => {
  it('come before the message, and are read once', async () => {
    const store = new Map<string, string>()
    const { conversation, reads } = createConversation({ earlier: { turns: turns(2, 10) } })
    let isKilled = false
    const journal = createMemoryJournal({
      store,
      after: ({ step }) => {
        if (step.key === 'conversation' && !isKilled) {
          isKilled = true
          throw new Killed()
        }
      },
    })
    await expect(bench.run({}, { journal, conversation })).rejects.toThrow(Killed)
    // What was said meanwhile is not seen by the run that goes on.
    const later = createConversation({ earlier: { turns: turns(3, 10) } })
    const outcome = await bench.run(
      {},
      { journal: createMemoryJournal({ store }), conversation: later.conversation },
    )
    expect(usersIn(-1)).toEqual([`m0 ${'x'.repeat(10)}`, `m1 ${'x'.repeat(10)}`, 'How are you?'])
    expect([reads(), later.reads()]).toEqual([1, 0])
    expect(outcome.said).toEqual({ message: 'How are you?', joined: 0 })
  })

  it('are summarised in a step whose usage counts, also after a crash', async () => {
    bench.model.handle(({ body }) =>
      userText(body).includes('Write the summary')
        ? say('They met.', { usage: { input: 7, output: 3 } })
        : say('Fine.', { usage: { input: 5, output: 1 } }),
    )
    const config = { limits: { max_conversation_tokens: 200 } }
    for (const killedAfter of ['summary', 'conversation', 'model/0', undefined]) {
      bench.model.reset()
      bench.model.handle(({ body }) =>
        userText(body).includes('Write the summary')
          ? say('They met.', { usage: { input: 7, output: 3 } })
          : say('Fine.', { usage: { input: 5, output: 1 } }),
      )
      const store = new Map<string, string>()
      const made = createConversation({ earlier: { turns: turns(9, 120) } })
      let isKilled = killedAfter === undefined
      const journal = createMemoryJournal({
        store,
        after: ({ step }) => {
          if (isKilled || !step.key.includes(killedAfter ?? '')) return
          isKilled = true
          throw new Killed()
        },
      })
      const input = { journal, conversation: made.conversation }
      if (killedAfter !== undefined) await expect(bench.run(config, input)).rejects.toThrow(Killed)
      const outcome = await bench.run(config, { ...input, journal: createMemoryJournal({ store }) })
      expect(outcome.usage, killedAfter).toMatchObject({ model_calls: 2, input_tokens: 12, output_tokens: 4 })
      expect(bench.model.requests).toHaveLength(2)
      expect(usersIn(-1)[0]).toContain('They met.')
      expect(made.kept.at(-1)).toMatchObject({ text: 'They met.', version: 0 })
      expect(made.kept.at(-1)?.covers).toEqual(made.kept.at(-1)?.fresh)
      expect(outcome.result.answer).toBe('Fine.')
    }
  })

  it('are cut to size themselves when the model summarises nothing', async () => {
    bench.model.handle(({ body }) => say(userText(body).includes('Write the summary') ? '' : 'Fine.'))
    const { conversation } = createConversation({ earlier: { turns: turns(9, 120) } })
    await bench.run({ limits: { max_conversation_tokens: 200 } }, { conversation })
    expect(usersIn(-1)[0]).toContain('m0')
  })
})

describe('requests that join', () => {
  it('are seen before the next call, however often the run is interrupted', async () => {
    const config = { tools: [look()] }
    const answer = (count: number) =>
      count < 3 ? callTools([{ name: 'look', arguments: { n: count } }]) : say('Done.')
    const handle = () =>
      bench.model.handle(({ body }) =>
        answer(body.messages.filter(({ role }) => role === 'assistant').length),
      )
    // An undisturbed run says how many writes there are; then each of them is the last before a crash.
    const run = async (killAt: number | undefined) => {
      bench.model.reset()
      handle()
      const store = new Map<string, string>()
      const made = createConversation({ joined: ['before'] })
      let writes = 0
      const open = (kill: number | undefined) =>
        createMemoryJournal({
          store,
          after: ({ write, step }) => {
            if (write === 'finish' && step.key === 'model/1') made.join('between')
            if (kill !== undefined && ++writes === kill) throw new Killed()
          },
        })
      const first = bench.run(config, { journal: open(killAt), conversation: made.conversation })
      if (killAt === undefined) await first
      else await expect(first).rejects.toThrow(Killed)
      const outcome =
        killAt === undefined
          ? await first
          : await bench.run(config, { journal: open(undefined), conversation: made.conversation })
      return { outcome, store, sent: usersIn(-1) }
    }
    const whole = await run(undefined)
    expect(whole.sent).toEqual(['How are you?\n\nbefore', 'between'])
    expect(whole.outcome.said).toEqual({ message: 'How are you?\n\nbefore\n\nbetween', joined: 2 })
    expect(whole.outcome.result.tool_calls).toHaveLength(3)
    for (let killAt = 1; killAt <= whole.store.size; killAt += 1) {
      const { outcome, sent } = await run(killAt)
      expect(sent.join('|').split('between'), `killed after write ${killAt}`).toHaveLength(2)
      expect(sent[0]).toBe('How are you?\n\nbefore')
      expect(outcome.said?.joined).toBe(2)
    }
  })

  it('make a run that has answered go on, with all its steps', async () => {
    const made = createConversation()
    bench.model.handle(({ body }, index) => {
      if (index === 0) made.join('one more')
      return say(`echo: ${userText(body)}`)
    })
    const outcome = await bench.run({ limits: { max_steps: 1 } }, { conversation: made.conversation })
    expect(outcome.result.answer).toBe('echo: one more')
    expect(usersIn(-1)).toEqual(['How are you?', 'one more'])
  })

  it('are kept by a replay that takes fewer steps', async () => {
    const made = createConversation()
    const store = new Map<string, string>()
    bench.model.handle(({ body }, index) => {
      if (index === 1) made.join('late')
      return index === 0 ? callTools([{ name: 'look', arguments: {} }]) : say(`echo: ${userText(body)}`)
    })
    await bench.run(
      { tools: [look()] },
      { journal: createMemoryJournal({ store }), conversation: made.conversation },
    )
    const inputs = new Map([...store].filter(([, row]) => JSON.parse(row).kind === 'input'))
    expect([...inputs.keys()]).toEqual(['conversation', 'request/1'])
    bench.model.reset()
    const replay = await bench.run({}, { journal: createMemoryJournal({ store: inputs }) })
    expect(replay.result.answer).toBe('echo: late')
    expect(bench.model.requests).toHaveLength(2)
  })
})

import { Reply } from '../../contract/reply.ts'
import type { Database } from '../../db/database.ts'
import { recordOwnObjects } from '../../tasks/ownObjects.ts'
import type { GuardedFetch } from '../../tools/guardedFetch.ts'
import { MAX_RESPONSE_CHARACTERS, unsent, type AttemptResult } from '../attempt.ts'
import { keepBody, keepProgress, type ClaimedDelivery } from '../deliveryQueue.ts'
import { exchange, type Answer } from '../exchange.ts'
import type { Mailer } from '../providers/mailer.ts'
import { ReplyError, type Message, type Preset, type Request, type Target } from './preset.ts'
import { PRESETS } from './presets.ts'
import { planReply, type ReplyPlan } from './replyText.ts'
import { readReply, readRepliedTask } from './repliedTask.ts'

export type ReplySenderParts = {
  db: Database
  fetch: GuardedFetch
  mailer: Mailer
  /** The value of a named secret. */
  readSecret: (name: string) => Promise<string | undefined>
  /** The links of a task, for templates. */
  makeLinks: (taskId: string) => Record<string, string>
  version: string
}

/** What is read of an answer: the whole object that was made, or a page of a list of them. */
const MAX_ANSWER_CHARACTERS = 4 * 1024 * 1024

type AnyMessage = Message<Reply, Target>

/**
 * Makes the function that makes one attempt of a reply: it sends what earlier attempts have not. The settings are read
 * each time, so a mended token counts for the next attempt; the place and the text are those of the first attempt, unless
 * nothing was sent yet and somebody sends the reply again by hand.
 */
export function createReplySender(
  parts: ReplySenderParts,
): (delivery: ClaimedDelivery) => Promise<AttemptResult> {
  const { db, fetch, mailer, readSecret, makeLinks, version } = parts

  return async (delivery) => {
    const started = performance.now()
    const done = (result: AttemptResult): AttemptResult => ({
      ...result,
      durationMs: Math.round(performance.now() - started),
    })
    try {
      return done(await send(delivery))
    } catch (error) {
      if (error instanceof ReplyError) return done(unsent(error.message))
      throw error
    }
  }

  async function send(delivery: ClaimedDelivery): Promise<AttemptResult> {
    const reply = await readReply(db, delivery.webhookId)
    if (!reply) throw new ReplyError('the webhook, or its reply, was deleted')
    const preset = PRESETS[reply.to]
    const { plan, payload } = await planOf(delivery, reply, preset)
    if (plan.messages.length === 0) return { ...NOTHING_SENT }
    const secret = await secretOf(reply)
    let last: AttemptResult | undefined
    for (let index = delivery.messagesSent; index < plan.messages.length; index += 1) {
      const text = plan.messages[index] ?? ''
      const key = `msg_${delivery.id}${index === 0 ? '' : `_${index + 1}`}`
      const { target } = plan
      const message: AnyMessage = {
        reply,
        target,
        text,
        index,
        key,
        secret,
        payload,
        since: delivery.createdAt,
      }
      // oxlint-disable-next-line no-await-in-loop -- in this order, and each only when the one before was sent
      last = await sendMessage(preset, message, delivery)
      if (last.kind !== 'delivered') return last
      // oxlint-disable-next-line no-await-in-loop
      if (!(await keepProgress(db, delivery, index + 1))) return last
    }
    return last ?? { ...NOTHING_SENT }
  }

  async function planOf(delivery: ClaimedDelivery, reply: Reply, preset: Preset) {
    const task = await readRepliedTask(db, delivery.taskId)
    const kept = delivery.body ? (JSON.parse(delivery.body.toString('utf8')) as ReplyPlan) : undefined
    const isAnew = delivery.messagesSent === 0 && delivery.roundAttempts === 1
    if (kept?.to === reply.to && !isAnew) return { plan: kept, payload: task?.payload }
    if (!task) throw new ReplyError('the task was deleted')
    const plan = await planReply(reply, preset, { task, links: makeLinks(delivery.taskId) })
    await keepBody(db, delivery, Buffer.from(JSON.stringify(plan)))
    return { plan, payload: task.payload }
  }

  async function secretOf(reply: Reply): Promise<string> {
    const name = 'secret' in reply ? reply.secret : undefined
    if (name === undefined) return ''
    const value = (await readSecret(name))?.trim()
    if (value === undefined)
      throw new ReplyError(`there is no secret ${name}; save it: PUT /api/secrets/${name}`)
    if (/^[\x21-\x7e]+$/.test(value)) return value
    throw new ReplyError(`the secret ${name} contains characters that a token or URL cannot have`)
  }

  async function sendMessage(
    preset: Preset,
    message: AnyMessage,
    delivery: ClaimedDelivery,
  ): Promise<AttemptResult> {
    if ('mail' in preset) {
      const mail = preset.mail(message)
      delivery.url = `mailto:${mail.to.join(',')}`
      return mailer.send(mail)
    }
    const { find, made } = preset
    // Only what an earlier attempt may have sent is looked for.
    const existing = find && delivery.attempt > 1 ? await findMade(find, message) : undefined
    const request = preset.request(message)
    delivery.url = request.shownUrl ?? request.url
    const answer = existing ?? (await call(request))
    if ('error' in answer) return { ...NOTHING_SENT, ...answer, response: null }
    const verdict = existing ? ({ kind: 'delivered' } as const) : preset.judge(answer)
    if (verdict.kind === 'delivered' && made) await record(delivery.taskId, made(answer, message))
    return {
      ...NOTHING_SENT,
      kind: verdict.kind,
      status: answer.status,
      error: 'error' in verdict ? verdict.error : null,
      response: answer.text.slice(0, MAX_RESPONSE_CHARACTERS),
      retryAfter: 'retryAfter' in verdict ? verdict.retryAfter : undefined,
    }
  }

  function call({ shownUrl: _shown, ...request }: Request) {
    const headers = { 'user-agent': `Bellwire/${version}`, ...request.headers }
    return exchange(fetch, { ...request, headers }, MAX_ANSWER_CHARACTERS)
  }

  async function findMade(
    find: NonNullable<Extract<Preset, { judge: unknown }>['find']>,
    message: AnyMessage,
  ): Promise<Answer | undefined> {
    const list = await call(find.request(message))
    if ('error' in list || list.status !== 200) return undefined
    const match = find.match(list, message)
    return match === undefined ? undefined : { ...list, text: JSON.stringify(match) }
  }

  async function record(taskId: string, names: string[]): Promise<void> {
    await recordOwnObjects(
      db,
      names.map((name) => ({ taskId, name })),
    )
  }
}

const NOTHING_SENT: AttemptResult = {
  kind: 'delivered',
  status: null,
  error: null,
  response: 'nothing was sent: the text is empty',
  retryAfter: undefined,
  durationMs: 0,
}

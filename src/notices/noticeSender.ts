import type { AttemptResult } from '../delivery/attempt.ts'
import { nextDelay } from '../delivery/retrySchedule.ts'
import type { Database } from '../db/database.ts'
import { repeat } from '../db/repeat.ts'
import type { Log } from '../telemetry/log.ts'
import type { NoticeKind } from '../contract/notice.ts'
import { toStorableText } from '../contract/storable.ts'
import type { Channel } from './channel.ts'
import { readNoticesOf, type NoticeMessage } from './messages.ts'
import type { NoticeSettingsStore } from './noticeSettings.ts'
import type { SendToChannel } from './sendToChannel.ts'
import { writeMessage, type MakeApprovalLinks } from './writeMessage.ts'

const LOOK_EVERY_MS = 1_000

/** Messages that one look claims. */
const AT_ONCE = 10

/** How long others leave a claimed message alone: longer than an attempt can take. */
const CLAIM_SECONDS = 90

/** Later than this nobody needs the message: after seven and a half hours. */
const MAX_ATTEMPTS = 6

export type NoticeSender = {
  /** Begins no more attempts and waits for those under way. Safe twice. */
  stop(): Promise<void>
}

type Claimed = {
  messageId: string
  channelId: string
  attempts: number
  kind: NoticeKind
  title: string
  createdAt: Date
}

/** Sends messages that are due to their channels. Every process may run one: each is claimed for one attempt. */
export function startNoticeSender({
  db,
  settings,
  send,
  publicUrl,
  makeApprovalLinks,
  log,
}: {
  db: Database
  settings: Pick<NoticeSettingsStore, 'read'>
  send: SendToChannel
  publicUrl: string
  makeApprovalLinks: MakeApprovalLinks
  log: Log
}): NoticeSender {
  let isStopping = false
  const looking = repeat(look, {
    everyMs: LOOK_EVERY_MS,
    jitter: 0.1,
    onError: (error) => log.warn({ err: error }, 'notices could not be sent; retrying'),
  })

  async function look(): Promise<void> {
    while (!isStopping) {
      const claimed = await claim(db)
      if (claimed.length === 0) return
      const { channels } = await settings.read()
      const notices = await readNoticesOf(db.pool, [...new Set(claimed.map(({ messageId }) => messageId))])
      await Promise.all(
        claimed.map(async (one) => {
          const { messageId: id, channelId, kind, title, createdAt } = one
          const channel = channels.find((candidate) => candidate.id === channelId)
          const message = { id, kind, title, createdAt, notices: notices.get(id) ?? [] }
          await write(db, one, channel ? await attempt(channel, message) : DELETED, log)
        }),
      )
      if (claimed.length < AT_ONCE) return
    }
  }

  /** What breaks off is an attempt like any other: it neither repeats for ever, nor holds up the other messages. */
  async function attempt(channel: Channel, message: NoticeMessage): Promise<Result> {
    try {
      return await send(channel, writeMessage(message, { publicUrl, makeApprovalLinks }))
    } catch (error) {
      log.error(
        { err: error, message_id: message.id, channel_id: channel.id },
        'an attempt to send a notice was aborted',
      )
      return BROKEN_OFF
    }
  }

  return {
    stop() {
      isStopping = true
      return looking.stop()
    },
  }
}

type Result = Pick<AttemptResult, 'kind' | 'status' | 'error' | 'retryAfter'>

const NO_ANSWER = { status: null, retryAfter: undefined }
const DELETED: Result = { ...NO_ANSWER, kind: 'refused', error: 'the channel was deleted' }
const BROKEN_OFF: Result = {
  ...NO_ANSWER,
  kind: 'failed',
  error: 'the attempt was aborted by an unexpected error; see the worker log',
}

async function claim(db: Database): Promise<Claimed[]> {
  const { rows } = await db.pool.query<Claimed>({
    name: 'notices_claim',
    text: `update bellwire.notice_deliveries d
      set attempts = d.attempts + 1, due_at = now() + make_interval(secs => ${CLAIM_SECONDS})
      from (
        select message_id, channel_id from bellwire.notice_deliveries where due_at <= now()
        order by due_at limit ${AT_ONCE} for update skip locked
      ) due, bellwire.notice_messages m
      where d.message_id = due.message_id and d.channel_id = due.channel_id and m.id = d.message_id
      returning d.message_id as "messageId", d.channel_id as "channelId", d.attempts, m.kind, m.title,
        m.created_at as "createdAt"`,
  })
  return rows
}

async function write(
  db: Database,
  { messageId, channelId, attempts }: Claimed,
  result: Result,
  log: Log,
): Promise<void> {
  const delay =
    result.kind === 'failed' && attempts < MAX_ATTEMPTS ? nextDelay(attempts, result.retryAfter) : undefined
  const state = result.kind === 'delivered' ? 'delivered' : delay === undefined ? 'failed' : 'pending'
  await db.pool.query({
    name: 'notices_attempt',
    text: `update bellwire.notice_deliveries set state = $4, status = $5, error = $6,
        due_at = case when $4 = 'pending' then now() + make_interval(secs => $7) end,
        finished_at = case when $4 <> 'pending' then now() end
      where message_id = $1 and channel_id = $2 and attempts = $3 and state = 'pending'`,
    values: [
      messageId,
      channelId,
      attempts,
      state,
      result.status,
      // The JSON of a provider can say what its text could not hold.
      result.error === null ? null : toStorableText(result.error),
      delay ?? 0,
    ],
  })
  if (result.error === null) return
  log.warn(
    { message_id: messageId, channel_id: channelId, attempt: attempts, status: result.status },
    `a notice ${state === 'failed' ? 'could not be sent' : 'was not sent; it will be retried'}: ${result.error}`,
  )
}

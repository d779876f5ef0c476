import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import {
  NoticeMessageList,
  NoticeMessageQuery,
  NoticeSettings,
  NoticeSettingsInput,
  NoticeTest,
  NoticeTestResult,
} from '../../contract/notice.ts'
import type { Database } from '../../db/database.ts'
import { listMessages } from '../../notices/messages.ts'
import type { NoticeSettingsStore, SavedSettings } from '../../notices/noticeSettings.ts'
import type { SendToChannel } from '../../notices/sendToChannel.ts'
import { sendTest } from '../../notices/sendTest.ts'
import { showNotice } from '../../notices/writeMessage.ts'
import { json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'

/** What a cursor of the list of messages holds: the number of one. */
const MessageNumber = z.string().regex(/^\d{1,15}$/)

/** `/api/notices`: what people are told about, and where. */
export function noticeRoutes({
  db,
  settings,
  send,
}: {
  db: Database
  settings: NoticeSettingsStore
  send: SendToChannel
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/notices',
      {
        schema: {
          operationId: 'getNotices',
          tags: ['Notices'],
          summary: 'Get the notice settings',
          response: { 200: json('The settings', NoticeSettings) },
        },
      },
      async (_request, reply) => answerWith(reply, await settings.read()),
    )

    app.put(
      '/api/notices',
      {
        schema: {
          operationId: 'putNotices',
          tags: ['Notices'],
          summary: 'Set which notices are sent, and where',
          description:
            'Replaces all settings; what is left out gets its default. A channel with the id of an existing one keeps ' +
            'its URL, token and secret unless they are given.',
          headers: IfMatchHeaders,
          body: NoticeSettingsInput,
          response: { 200: json('The settings', NoticeSettings), ...problems(400, 412, 413, 415, 422) },
        },
      },
      async ({ body, headers }, reply) =>
        answerWith(reply, await settings.write(body, parseIfMatch(headers['if-match']))),
    )

    app.get(
      '/api/notices/sent',
      {
        schema: {
          operationId: 'listNotices',
          tags: ['Notices'],
          summary: 'List notice messages, newest first',
          querystring: NoticeMessageQuery,
          response: { 200: json('A page of messages', NoticeMessageList), ...problems(422) },
        },
      },
      async ({ query: { kind, ...page } }) =>
        showPage(await listMessages(db.pool, { kind }, pageRequest(page, MessageNumber)), (message) => ({
          id: message.id,
          kind: message.kind,
          title: message.title,
          notices: message.notices.map(showNotice),
          created_at: message.createdAt.toISOString(),
          deliveries: message.deliveries.map(
            ({ channelId, dueAt, finishedAt, state, attempts, status, error }) => ({
              channel_id: channelId,
              state,
              attempts,
              next_attempt_at: dueAt?.toISOString() ?? null,
              status,
              error,
              finished_at: finishedAt?.toISOString() ?? null,
            }),
          ),
        })),
    )

    app.post(
      '/api/notices/test',
      {
        schema: {
          operationId: 'testNotices',
          tags: ['Notices'],
          summary: 'Send a test message to the saved channels now',
          body: NoticeTest.prefault({}),
          response: {
            200: json('The result for each channel', NoticeTestResult),
            ...problems(400, 404, 413, 415, 422),
          },
        },
      },
      async ({ body }) => ({ data: await sendTest({ settings, send }, body.channel_id) }),
    )
    done()
  }
}

type Shown = Omit<SavedSettings, 'made'> & Partial<Pick<SavedSettings, 'made'>>

function answerWith(reply: FastifyReply, settings: Shown): NoticeSettings {
  void reply.header('etag', etagOf(settings.version))
  return show(settings)
}

function show({ channels, rules, made, version }: Shown): NoticeSettings {
  return {
    channels: channels.map(({ id, type, name, kinds, shown }) => {
      const secret = made?.get(id)
      return { id, type, name, kinds, shown, ...(secret === undefined ? {} : { secret }) }
    }),
    ...rules,
    version,
  }
}

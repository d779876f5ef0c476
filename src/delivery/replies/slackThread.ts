import { judgeSlack, slackMade, slackMessage } from '../providers/slack.ts'
import { pick } from './pick.ts'
import { baseOf, jsonRequest, preset, required } from './preset.ts'

/** Slack shows messages of up to 4,000 characters well, and cuts off what is beyond 40,000. */
const MAX_CHARACTERS = 4_000

export const slackThread = preset<'slack_thread', { channel: string; thread: string | undefined }>({
  to: 'slack_thread',
  writing: 'slack',
  limit: { characters: MAX_CHARACTERS, messages: 10 },

  async locate(reply, { payload, render }) {
    const channel = (await render('channel', reply.channel)) ?? pick(payload, ...CHANNELS)
    const thread =
      (await render('thread', reply.thread)) ??
      (reply.channel === undefined ? pick(payload, ...THREADS) : undefined)
    return { channel: required(channel, 'channel', 'channel'), thread }
  },

  request: ({ reply, target, text, secret }) =>
    jsonRequest(
      `${baseOf(reply)}/chat.postMessage`,
      { channel: target.channel, thread_ts: target.thread, ...slackMessage(text) },
      { authorization: `Bearer ${secret}` },
    ),

  judge: judgeSlack,
  made: slackMade,
})

/** Events, reactions, interactive components, slash commands. */
const CHANNELS = ['event.channel', 'event.item.channel', 'channel.id', 'container.channel_id', 'channel_id']

const THREADS = [
  'event.thread_ts',
  'event.ts',
  'event.item.ts',
  'message.thread_ts',
  'message.ts',
  'container.message_ts',
]

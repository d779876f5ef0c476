import { judgeSlackWebhook, slackMessage } from '../providers/slack.ts'
import { pick } from './pick.ts'
import { jsonRequest, preset, ReplyError, required } from './preset.ts'

/** Hosts on which Slack has its response URLs. */
const HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com']

export const slackResponseUrl = preset<'slack_response_url', { url: string }>({
  to: 'slack_response_url',
  writing: 'slack',
  // A response URL takes five messages within 30 minutes.
  limit: { characters: 4_000, messages: 5 },

  async locate(reply, { payload, render }) {
    const chosen = await render('url', reply.url)
    if (chosen !== undefined) return { url: chosen }
    const url = required(pick(payload, 'response_url', 'response_urls.0.response_url'), 'response_url', 'url')
    // Whoever sends the request must not choose where else answers go.
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:' || !HOSTS.includes(new URL(url).host)) {
      throw new ReplyError(
        "the payload's response_url is not on hooks.slack.com; set the reply's url to allow it",
      )
    }
    return { url }
  },

  request: ({ reply, target, text }) => ({
    ...jsonRequest(target.url, {
      response_type: reply.visibility,
      replace_original: false,
      ...slackMessage(text),
    }),
    shownUrl: URL.canParse(target.url) ? `${new URL(target.url).origin}/…` : target.url,
  }),

  judge: judgeSlackWebhook,
})

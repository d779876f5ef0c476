import type { IncomingHttpHeaders } from 'node:http'

/**
 * Programs that fetch links to show a preview of them, to scan or to index them: parts of their User-Agent. Senders of
 * webhooks by the same companies have other names: `Slackbot 1.0`, `facebookplatform`, `Google-Apps-Script`,
 * `Google-Cloud-Scheduler`, `APIs-Google`.
 */
const LINK_BOTS = [
  'Slackbot-LinkExpanding',
  'Slack-ImgProxy',
  'Twitterbot',
  'facebookexternalhit',
  'Facebot',
  'meta-externalagent',
  'meta-externalfetcher',
  'Discordbot',
  'TelegramBot',
  'WhatsApp/',
  'LinkedInBot',
  'SkypeUriPreview',
  'Microsoft Teams',
  'MicrosoftPreview',
  'BingPreview',
  'bingbot',
  'Microsoft Office',
  'ms-office',
  'Googlebot',
  'GoogleOther',
  'Google-InspectionTool',
  'Google-PageRenderer',
  'Google-Read-Aloud',
  'Google-Safety',
  'GoogleImageProxy',
  'GoogleMessages',
  'YahooMailProxy',
  'Yahoo! Slurp',
  'Applebot',
  'DuckDuckBot',
  'YandexBot',
  'Baiduspider',
  'AhrefsBot',
  'SemrushBot',
  'GPTBot',
  'ChatGPT-User',
  'ClaudeBot',
  'Claude-User',
  'PerplexityBot',
  'Barracuda',
  'Mimecast',
  'Proofpoint',
  'VirusTotal',
  'redditbot',
  'Pinterestbot',
  'Snapchat',
  'Viber',
  'Line-Poker',
  'kakaotalk-scrap',
  'vkShare',
  'Mastodon/',
  'Bluesky Cardyb',
  'Iframely',
  'Embedly',
  'Bitlybot',
]

const LINK_BOT = new RegExp(LINK_BOTS.map((name) => name.replace(/[.!/]/g, '\\$&')).join('|'), 'i')

/** Why a browser fetches what nobody has opened yet. */
const AHEAD = /\b(?:prefetch|prerender|preview|instant)\b/i

/**
 * Whether a GET comes from somebody who follows a link, and not from a program that calls a URL: a browser that opens
 * it, fetches it ahead or shows a preview, or a bot that looks at links in messages. Scripts in pages (`fetch`, images)
 * are callers.
 */
export function followsLink(headers: IncomingHttpHeaders): boolean {
  if (headers['sec-fetch-mode'] === 'navigate') return true
  // Browsers send the one above to https and localhost only, and this one with each page that they open.
  if (headers['upgrade-insecure-requests'] === '1') return true
  for (const name of ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']) {
    const value = headers[name]
    if (typeof value === 'string' && AHEAD.test(value)) return true
  }
  const agent = headers['user-agent']
  return agent !== undefined && LINK_BOT.test(agent)
}

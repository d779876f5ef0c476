import { describe, expect, it } from 'vitest'
import { followsLink } from './navigation.ts'

describe('somebody follows a link', () => {
  it.each([
    { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    { 'upgrade-insecure-requests': '1' },
    { 'sec-purpose': 'prefetch;prerender', 'sec-fetch-mode': 'no-cors' },
    { purpose: 'prefetch' },
    { 'x-purpose': 'preview' },
    { 'x-moz': 'prefetch' },
    { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' },
    { 'user-agent': 'Twitterbot/1.0' },
    { 'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)' },
    { 'user-agent': 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)' },
    { 'user-agent': 'TelegramBot (like TwitterBot)' },
    { 'user-agent': 'WhatsApp/2.23.20.0' },
    { 'user-agent': 'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)' },
    {
      'user-agent':
        'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
    },
    { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' },
  ])('%o', (headers) => {
    expect(followsLink(headers)).toBe(true)
  })
})

describe('a program calls', () => {
  it.each([
    {},
    { 'user-agent': 'curl/8.5.0' },
    { 'user-agent': 'node', 'sec-fetch-mode': 'cors' },
    {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
    },
    { 'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)' },
    { 'user-agent': 'facebookplatform/1.0 (+http://developers.facebook.com)' },
    { 'user-agent': 'Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com)' },
    { 'user-agent': 'Google-Cloud-Scheduler' },
    { 'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)' },
    { 'user-agent': 'Discord-Webhook/1.0 (+https://discord.com)' },
    { 'user-agent': 'GitHub-Hookshot/044aadd' },
    { 'user-agent': 'Zapier' },
    { purpose: 'nightly report' },
  ])('%o', (headers) => {
    expect(followsLink(headers)).toBe(false)
  })
})

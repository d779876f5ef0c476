import type { CallOutcome } from '../../tasks/callbackUrls/receiveCallback.ts'
import { askPage } from './askPage.ts'

/** The page that asks before a callback URL is called. */
export function callPage(state: 'open' | 'used' | 'ended'): ReturnType<typeof askPage> {
  if (state !== 'open') return calledPage(state)
  return askPage(
    'report back to a task',
    `<h1>Report back to this task?</h1><p>An agent's task created this URL and continues when it is called. It can be
called once. The parameters in the URL are sent with the call.</p>
<form method="post"><button class="go">Report back</button></form>`,
  )
}

/** What the button of that page has done. */
export function calledPage(kind: CallOutcome['kind']): ReturnType<typeof askPage> {
  const { heading, text, status } = PAGES[kind]
  return askPage('report back to a task', `<h1>${heading}</h1><p>${text}</p>`, status)
}

const RECEIVED = { heading: 'Done', text: 'The task has received this call.', status: 200 }

const PAGES: Record<CallOutcome['kind'], { heading: string; text: string; status: number }> = {
  received: RECEIVED,
  repeated: RECEIVED,
  used: {
    heading: 'Already called',
    text: 'This URL has been called before. The first call applies.',
    status: 409,
  },
  ended: { heading: 'Too late', text: 'The task of this URL has ended. Nothing was sent.', status: 410 },
}

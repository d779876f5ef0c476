import { followsLink } from './navigation.ts'
import type { Answer } from '../outcome.ts'
import type { StepEntry } from './step.ts'

/**
 * Answers with a page that asks where somebody follows a link to a webhook. A source that verifies its requests needs
 * no page: those have no signature.
 *
 * @param parts.startPage makes the page; it is told whether the webhook takes the POST of its button
 */
export function createConfirmNavigation({
  startPage,
}: {
  startPage: (canPost: boolean) => Answer
}): StepEntry {
  return {
    applies: ({ options, source }) => !options.allow_navigation && source.verify === undefined,
    run({ webhook, inbound }) {
      if (inbound.method !== 'GET' || !followsLink(inbound.headers)) return undefined
      return { kind: 'answered', answer: startPage(webhook.options.methods.includes('POST')) }
    },
  }
}

import { judgeStatus, type Judge } from './verdict.ts'

/** Connectors of the older kind answer 200 and say in words that Teams has refused the message. */
const REFUSAL = /endpoint returned HTTP error (\d{3})/

export const judgeTeams: Judge = (answer) => {
  const inner = REFUSAL.exec(answer.text)?.[1]
  return inner === undefined
    ? judgeStatus(answer, answer.text.slice(0, 200))
    : judgeStatus({ ...answer, status: Number(inner) })
}

/**
 * Characters of one message. A message has 28 kB with everything around it, and was refused from 21 kB on; each of
 * these characters may take three bytes.
 */
export const TEAMS_MAX_CHARACTERS = 6_500

/** A message as an adaptive card, which both workflows and connectors take. */
export function teamsMessage(text: string): Record<string, unknown> {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [{ type: 'TextBlock', text, wrap: true }],
        },
      },
    ],
  }
}

import { readSilentWebhooks } from '../../tasks/views/silentWebhooks.ts'
import type { Cause } from './cause.ts'

/** Webhooks that should have received a request by now; one that never has counts from when it was last changed. */
export const silence: Cause = async (db, { silence: isWanted }) => {
  if (!isWanted) return []
  const silent = await readSilentWebhooks(db)
  return silent.map(
    ({ webhookId, webhook, agentId, agent, expectedSeconds, lastAt, since, silentSeconds }) => ({
      key: `silence:${webhookId}:${since}`,
      kind: 'silence',
      title: `The webhook ${webhook} of ${agent} has received no request ${lastAt === null ? 'since it was saved' : `for ${sayDuration(silentSeconds)}`}; one is expected every ${sayDuration(expectedSeconds)}`,
      agentId,
      webhookId,
    }),
  )
}

function sayDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (minutes < 1) return `${Math.round(seconds)} s`
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

import { newId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'
import type { NoticeSettingsStore } from './noticeSettings.ts'
import type { SendToChannel } from './sendToChannel.ts'

const TITLE = 'This is a test: Bellwire notices arrive here'

/**
 * Sends a test message to one channel, or to all of them, and waits for what becomes of it.
 *
 * @throws BellwireError `notice_channel_not_found`
 */
export async function sendTest(
  { settings, send }: { settings: Pick<NoticeSettingsStore, 'read'>; send: SendToChannel },
  channelId: string | undefined,
): Promise<{ channel_id: string; type: string; ok: boolean; status: number | null; error: string | null }[]> {
  const { channels } = await settings.read()
  const chosen = channels.filter(({ id }) => channelId === undefined || id === channelId)
  if (channelId !== undefined && chosen.length === 0) throw new BellwireError('notice_channel_not_found')
  const message = { id: newId(), kind: 'test', createdAt: new Date(), title: TITLE, text: TITLE, notices: [] }
  return Promise.all(
    chosen.map(async (channel) => {
      const { kind, status, error } = await send(channel, message)
      return { channel_id: channel.id, type: channel.type, ok: kind === 'delivered', status, error }
    }),
  )
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiError } from '../../../api/apiError.ts'
import { call } from '../../../api/client.ts'
import { noticesQuery } from '../../../api/settingsQueries.ts'
import type { NoticeSettings } from '../../../api/types.ts'
import { inputOfSaved } from './channelForm.ts'

/**
 * Saves settings of notices: the API replaces all of them, so what is not changed is sent as it was read. When somebody
 * else has saved meanwhile, theirs is read, and what was to be saved can be saved again on top of it.
 */
export function useSaveNotices(onSaved: (settings: NoticeSettings) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ base, change }: { base: NoticeSettings; change: Record<string, unknown> }) => {
      const { version, channels, ...rules } = base
      return call<NoticeSettings>('PUT', 'api/notices', {
        body: { channels: channels.map(inputOfSaved), ...rules, ...change },
        headers: { 'if-match': `"${version}"` },
      })
    },
    onSuccess: (settings) => {
      client.setQueryData(noticesQuery.queryKey, settings)
      onSaved(settings)
    },
    onError: async (error) => {
      if (ApiError.isOvertaken(error)) await client.invalidateQueries({ queryKey: noticesQuery.queryKey })
    },
  })
}

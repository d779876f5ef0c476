import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { noticesQuery } from '../../../api/settingsQueries.ts'
import { Problem } from '../../../components/Notice.tsx'
import { Panel } from '../../../components/Panel.tsx'
import { Channels } from './Channels.tsx'
import { NoticeRules } from './NoticeRules.tsx'

/** Who is told about what: channels, causes, quiet hours. */
export function Notices() {
  const { data, error } = useQuery(noticesQuery)
  if (!data) {
    return <Panel title="Notices">{error ? <Problem error={error} /> : <Skeleton height="16rem" />}</Panel>
  }
  return (
    <>
      <Channels settings={data} />
      <NoticeRules settings={data} />
    </>
  )
}

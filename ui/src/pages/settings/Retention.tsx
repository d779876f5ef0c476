import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formatBytes } from '../../../../src/contract/formatBytes.ts'
import { retentionQuery } from '../../api/settingsQueries.ts'
import type { RetentionItem } from '../../api/types.ts'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { counted } from '../../lib/amounts.ts'
import { count } from '../../lib/numbers.ts'
import classes from './Settings.module.css'

const NAMES: Readonly<Record<RetentionItem['what'], string>> = {
  tasks: 'Tasks',
  steps: 'Inputs and outputs of steps',
  rejections: 'Rejections',
  deliveries: 'Deliveries',
  notices: 'Notices',
  idempotency_keys: 'Idempotency keys',
}

/** How long what is stored is kept, and how much there is. It is set in the environment. */
export function Retention() {
  const { data, error } = useQuery(retentionQuery)
  return (
    <Panel title="Retention">
      <p className={classes.about}>
        How long data is kept. Environment variables set these times, and a change needs a restart.
      </p>
      {error && !data && <Problem error={error} />}
      {!data && !error && <Skeleton height="16rem" />}
      {data && (
        <ul className={classes.list} aria-label="What is kept">
          {data.map((item) => (
            <Item key={item.what} item={item} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Item({
  item: { what, days, setting, default: usual, is_default: isDefault, note, stored },
}: {
  item: RetentionItem
}) {
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <p className={classes.name}>{NAMES[what]}</p>
        <p className={classes.more}>{note}</p>
        {setting !== null && (
          <p className={classes.more}>
            <code>{setting}</code> {isDefault ? '(default)' : `(default: ${usual})`}
          </p>
        )}
      </div>
      <div className={classes.kept}>
        <p className={classes.name}>{lasts(what, days)}</p>
        <p className={classes.more}>
          {count(stored.rows)} stored, {formatBytes(stored.bytes)}
          {stored.oldest_at !== null && (
            <>
              {', oldest '}
              <RelativeTime at={stored.oldest_at} />
            </>
          )}
        </p>
      </div>
    </li>
  )
}

function lasts(what: RetentionItem['what'], days: number | null): string {
  if (days !== null) return counted(days, 'day')
  return what === 'deliveries' ? 'With their task' : 'Forever'
}

import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { version } from '../../../../package.json'
import { overviewQuery } from '../../api/overviewQueries.ts'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { count } from '../../lib/numbers.ts'
import { duration } from '../../lib/time.ts'
import classes from './Settings.module.css'

/** The version, and whether workers keep up with the queue. */
export function Health() {
  const { data, error } = useQuery(overviewQuery('1h'))
  return (
    <Panel title="Health">
      {error && !data && <Problem error={error} />}
      {!data && !error && <Skeleton height="3rem" />}
      {data && (
        <dl className={classes.facts}>
          <div>
            <dt>Version</dt>
            <dd>{version}</dd>
          </div>
          <div data-bad={data.workers.alive === 0 || undefined}>
            <dt>Workers alive</dt>
            <dd>
              {data.workers.alive === 0 ? 'None: tasks are kept, but not run' : count(data.workers.alive)}
            </dd>
          </div>
          <div>
            <dt>Queue age</dt>
            <dd>{data.queue.due === 0 ? 'Empty' : duration(data.queue.oldest_seconds * 1000)}</dd>
          </div>
          <div>
            <dt>Tasks due</dt>
            <dd>{count(data.queue.due)}</dd>
          </div>
        </dl>
      )}
    </Panel>
  )
}

import { useQuery } from '@tanstack/react-query'
import { taskDeliveriesQuery } from '../../api/webhookQueries.ts'
import { Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { DeliveryRow } from '../webhook/Deliveries.tsx'
import deliveries from '../webhook/Deliveries.module.css'

/** The task's deliveries to callbacks; nothing if there are none. */
export function TaskDeliveries({ taskId, ended }: { taskId: string; ended: boolean }) {
  // Refetched when the task has ended, because most are created then.
  const { data, error } = useQuery({ ...taskDeliveriesQuery(taskId), ...(ended ? { staleTime: 0 } : {}) })
  if (error && !data) return <Problem error={error} />
  if (!data || data.length === 0) return null
  return (
    <Panel title="Callbacks">
      <ul className={deliveries.list} aria-label="Deliveries">
        {data.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} withTask={false} />
        ))}
      </ul>
    </Panel>
  )
}

import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentNamesQuery } from '../../api/settingsQueries.ts'
import { Panel } from '../../components/Panel.tsx'
import { ScheduleForm } from './ScheduleForm.tsx'

/** Makes a schedule for an agent that is chosen first. */
export function NewSchedule({ onDone }: { onDone: () => void }) {
  const { data: agents } = useQuery(agentNamesQuery)
  const [chosen, setChosen] = useState('')
  const agentId = agents?.some(({ id }) => id === chosen) ? chosen : undefined
  return (
    <Panel title="New schedule">
      <ScheduleForm
        agentId={agentId}
        onDone={onDone}
        before={
          <NativeSelect
            label="Agent"
            required
            data={[
              { value: '', label: agents ? 'Choose an agent' : 'Loading…' },
              ...(agents?.map(({ id, name }) => ({ value: id, label: name })) ?? []),
            ]}
            value={chosen}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
        }
      />
    </Panel>
  )
}

import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { call, withQuery } from '../../api/client.ts'
import { agentsQuery } from '../../api/queries.ts'
import type { TaskList } from '../../api/types.ts'
import type { Icon } from '../../components/Icon.tsx'
import { STATE_NAMES } from '../../components/StateBadge.tsx'
import { useMay } from '../../lib/useMay.ts'
import { SETTINGS_PAGES } from '../../pages/settings/settingsPages.ts'
import { PLACES } from '../places.ts'
import { otherScheme, switchScheme } from '../SchemeSwitch.tsx'
import { useSignOut } from '../useSignOut.ts'

export type PaletteItem = {
  id: string
  group: 'Go to' | 'Actions' | 'Agents' | 'Tasks'
  icon: ComponentProps<typeof Icon>['name']
  label: string
  /** Shown on the right, to describe or identify the item. */
  hint?: string
  run: () => unknown
}

/** A task id, or its first characters. */
const ID_START = /^[0-9a-f]{8}[0-9a-f-]*$/i
const MOST_AGENTS = 8
const MOST_TASKS = 5

/** What the palette offers for a text, best first within each group. */
export function usePaletteItems(text: string, { onKeys }: { onKeys: () => void }): PaletteItem[] {
  const navigate = useNavigate()
  const { signOut } = useSignOut()
  const mayEdit = useMay('editor')
  const { setColorScheme } = useMantineColorScheme()
  const other = otherScheme(useComputedColorScheme('light', { getInitialValueInEffect: false }))
  const agents = useInfiniteQuery(agentsQuery).data?.pages.flatMap((page) => page.data) ?? []
  const wanted = text.trim()
  const { data: found } = useQuery({
    queryKey: ['tasks', 'palette', wanted],
    queryFn: ({ signal }) =>
      call<TaskList>('GET', withQuery('api/tasks', { q: wanted, limit: MOST_TASKS }), { signal }),
    enabled: ID_START.test(wanted),
  })

  const places: PaletteItem[] = PLACES.map(({ name, to, icon, key }) => ({
    id: `go ${to}`,
    group: 'Go to',
    icon,
    label: name,
    hint: `g ${key}`,
    run: () => navigate({ to }),
  }))
  // Only for those who search: they would push everything else down.
  const settings: PaletteItem[] = (wanted === '' ? [] : SETTINGS_PAGES).map(({ id, name }) => ({
    id: `settings ${id}`,
    group: 'Go to',
    icon: 'settings',
    label: `Settings: ${name}`,
    run: () => navigate({ to: '/settings/$page', params: { page: id } }),
  }))
  const actions: PaletteItem[] = [
    ...(mayEdit
      ? [
          {
            id: 'new agent',
            group: 'Actions' as const,
            icon: 'plus' as const,
            label: 'New agent',
            run: () => navigate({ to: '/agents/new' }),
          },
        ]
      : []),
    {
      id: 'scheme',
      group: 'Actions',
      icon: other === 'dark' ? 'moon' : 'sun',
      label: `Switch to ${other} theme`,
      run: () => switchScheme(other, setColorScheme),
    },
    {
      id: 'keys',
      group: 'Actions',
      icon: 'keyboard',
      label: 'Show keyboard shortcuts',
      hint: '?',
      run: onKeys,
    },
    { id: 'sign out', group: 'Actions', icon: 'out', label: 'Sign out', run: () => signOut() },
  ]
  const ofAgents: PaletteItem[] = agents.map(({ id, name, model }) => ({
    id: `agent ${id}`,
    group: 'Agents',
    icon: 'agents',
    label: name,
    hint: model,
    run: () => navigate({ to: '/agents/$agentId', params: { agentId: id } }),
  }))
  const ofTasks: PaletteItem[] = (ID_START.test(wanted) ? (found?.data ?? []) : [])
    .filter(({ id }) => id.startsWith(wanted.toLowerCase()))
    .map((task) => ({
      id: `task ${task.id}`,
      group: 'Tasks',
      icon: 'tasks',
      label: task.excerpt === '' ? task.id : task.excerpt,
      hint: `${task.agent_name}, ${STATE_NAMES[task.state].toLowerCase()}`,
      run: () => navigate({ to: '/tasks/$taskId', params: { taskId: task.id } }),
    }))
  const search: PaletteItem[] =
    wanted === ''
      ? []
      : [
          {
            id: 'search',
            group: 'Tasks',
            icon: 'search',
            label: `Search tasks for “${wanted}”`,
            run: () => navigate({ to: '/tasks', search: { q: wanted } }),
          },
        ]
  const fitting = (items: PaletteItem[]): PaletteItem[] =>
    items.filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()))
  return [
    ...ofTasks,
    ...fitting([...places, ...settings]),
    ...fitting(ofAgents).slice(0, MOST_AGENTS),
    ...fitting(actions),
    ...search,
  ]
}

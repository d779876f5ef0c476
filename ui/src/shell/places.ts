import type { LinkProps } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import type { Icon } from '../components/Icon.tsx'

export type Place = {
  name: string
  to: NonNullable<LinkProps['to']>
  icon: ComponentProps<typeof Icon>['name']
  /** The letter that opens it after `g`. */
  key: string
  /** Shows how many approvals are waiting. */
  counts?: 'waiting'
}

/** The main pages, in the order of the sidebar. */
export const PLACES: readonly Place[] = [
  { name: 'Overview', to: '/', icon: 'overview', key: 'o' },
  { name: 'Agents', to: '/agents', icon: 'agents', key: 'a' },
  { name: 'Tasks', to: '/tasks', icon: 'tasks', key: 't' },
  { name: 'Approvals', to: '/approvals', icon: 'approvals', key: 'i', counts: 'waiting' },
  { name: 'Rejections', to: '/rejections', icon: 'rejections', key: 'r' },
  { name: 'Schedules', to: '/schedules', icon: 'schedules', key: 'c' },
  { name: 'Usage', to: '/usage', icon: 'usage', key: 'u' },
  { name: 'Settings', to: '/settings', icon: 'settings', key: 's' },
]

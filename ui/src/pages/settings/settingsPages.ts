import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import { loadPage } from '../../shell/loadPage.ts'

export type SettingsPage = {
  /** The last part of its address. */
  id: string
  name: string
  /** The heading above it in the list of pages. */
  group: 'Models' | 'Access' | 'Instance'
  Page: LazyExoticComponent<ComponentType>
}

/** All pages of the settings, in their order: one line and one file each. */
export const SETTINGS_PAGES: readonly SettingsPage[] = [
  page('providers', 'Providers', 'Models', async () => (await import('./providers/Providers.tsx')).Providers),
  page('prices', 'Prices', 'Models', async () => (await import('./Prices.tsx')).Prices),
  page('budgets', 'Budgets', 'Models', async () => (await import('./Budgets.tsx')).Budgets),
  page('secrets', 'Secrets', 'Access', async () => (await import('./Secrets.tsx')).Secrets),
  page('api-keys', 'API keys', 'Access', async () => (await import('./ApiKeys.tsx')).ApiKeys),
  page('people', 'People', 'Access', async () => (await import('./people/People.tsx')).People),
  page('sessions', 'Sessions', 'Access', async () => (await import('./people/Sessions.tsx')).Sessions),
  page('audit', 'Audit log', 'Access', async () => (await import('./people/AuditLog.tsx')).AuditLog),
  page('notices', 'Notices', 'Instance', async () => (await import('./notices/Notices.tsx')).Notices),
  page('retention', 'Retention', 'Instance', async () => (await import('./Retention.tsx')).Retention),
  page('health', 'Health', 'Instance', async () => (await import('./Health.tsx')).Health),
]

function page(
  id: string,
  name: string,
  group: SettingsPage['group'],
  load: () => Promise<ComponentType>,
): SettingsPage {
  return { id, name, group, Page: lazy(loadPage(async () => ({ default: await load() }))) }
}

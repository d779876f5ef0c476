import { lazyRouteComponent } from '@tanstack/react-router'
import { loadPage } from './loadPage.ts'

/** The component of a route, loaded on navigation: see `loadPage`. */
export const lazyPage: typeof lazyRouteComponent = (importer, exportName) =>
  lazyRouteComponent(loadPage(importer), exportName)

import { noteSilence, whenLive } from '../api/connection.ts'

const RELOADED = 'bellwire-reloaded'
/** A page that still fails to load this soon after a reload is broken, not outdated. */
const RELOAD_AGAIN_MS = 30_000

/**
 * Loads the code of a page. Waits while the server is unreachable, and reloads the console if a newer version of the
 * server no longer has that code.
 */
export function loadPage<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return () =>
    load().catch(async () => {
      await noteSilence()
      await whenLive()
      return load().catch((error: unknown) => {
        const before = Number(sessionStorage.getItem(RELOADED) ?? 0)
        if (Date.now() - before < RELOAD_AGAIN_MS) throw error
        sessionStorage.setItem(RELOADED, String(Date.now()))
        window.location.reload()
        return new Promise<Module>(() => {})
      })
    })
}

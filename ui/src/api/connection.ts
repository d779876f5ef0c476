import { onlineManager } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { here } from '../lib/base.ts'

/**
 * Whether what is on the screen is what the server has. `reconnecting`: the server or its database does not answer;
 * `offline`: this computer has no network. `since` is when the server last answered.
 */
export type Connection = { state: 'live'; since: null } | { state: 'reconnecting' | 'offline'; since: Date }

/** How long the server may be silent before it is asked for a sign of life. */
const SILENT_MS = 2_000
const PROBE_WITHIN_MS = 4_000
/** How often a lost server is tried, growing up to the longest. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 4_000

const LIVE: Connection = { state: 'live', since: null }

let connection: Connection = LIVE
let lastAnswer = new Date()
let probing: Promise<void> | undefined
let failures = 0
let timer: number | undefined
const listeners = new Set<() => void>()

/** The state of the connection; the component is drawn again when it changes. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, readConnection)
}

export function readConnection(): Connection {
  return connection
}

/** Resolves when the server answers, at once when it does already. */
export function whenLive(): Promise<void> {
  if (connection.state === 'live') return Promise.resolve()
  return new Promise((resolve) => {
    const unsubscribe = subscribe(() => {
      if (connection.state !== 'live') return
      unsubscribe()
      resolve()
    })
  })
}

/** The server has answered, whatever it said. */
export function noteAnswer(): void {
  lastAnswer = new Date()
}

/** The server did not answer a request: finds out whether it is gone. Resolves when that is known. */
export function noteSilence(): Promise<void> {
  return probe()
}

/**
 * Looks after the connection from now on: while the page is visible, a silent server is asked for a sign of life.
 * Queries pause while the connection is lost and go on by themselves when it is back.
 */
export function watchConnection(): void {
  // Instead of the library's own events, which only know whether there is a network.
  onlineManager.setEventListener((setOnline) => subscribe(() => setOnline(connection.state === 'live')))
  window.addEventListener('offline', () => change(false))
  window.addEventListener('online', () => void probe())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void probe()
  })
  plan()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The next sign of life is due when the server was silent for long, or, when it is lost, after a growing pause. */
function plan(): void {
  window.clearTimeout(timer)
  const pause =
    connection.state === 'live' ? SILENT_MS : Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS)
  timer = window.setTimeout(() => {
    const isSilent = Date.now() - lastAnswer.getTime() >= SILENT_MS
    const isWanted = document.visibilityState === 'visible' && (connection.state !== 'live' || isSilent)
    if (isWanted) void probe()
    else plan()
  }, pause)
}

function probe(): Promise<void> {
  probing ??= isReady()
    .then(change)
    .finally(() => {
      probing = undefined
      plan()
    })
  return probing
}

async function isReady(): Promise<boolean> {
  try {
    const response = await fetch(here('readyz'), {
      cache: 'no-store',
      signal: AbortSignal.timeout(PROBE_WITHIN_MS),
    })
    return response.ok
  } catch {
    return false
  }
}

function change(isLive: boolean): void {
  failures = isLive ? 0 : failures + 1
  if (isLive) noteAnswer()
  const state = isLive ? 'live' : navigator.onLine ? 'reconnecting' : 'offline'
  if (state === connection.state) return
  connection = state === 'live' ? LIVE : { state, since: connection.since ?? lastAnswer }
  for (const listener of listeners) listener()
}

import type { Metrics } from '../telemetry/metrics.ts'
import type { Acceptor } from './accept.ts'

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** The same acceptor, with metrics. */
export function measureAccepts(acceptor: Acceptor, metrics: Metrics): Acceptor {
  const seconds = metrics.histogram(
    'bellwire_accept_duration_seconds',
    'Time from a request passing all checks to its task being on disk, by outcome: accepted, replayed or refused.',
    BOUNDS,
  )
  const observe = (outcome: string, began: number): void =>
    seconds.observe({ outcome }, (performance.now() - began) / 1_000)
  return {
    idle: () => acceptor.idle(),
    accept(trigger) {
      const began = performance.now()
      const accepting = acceptor.accept(trigger)
      accepting.then(
        ({ replayed }) => observe(replayed ? 'replayed' : 'accepted', began),
        () => observe('refused', began),
      )
      return accepting
    },
    acceptEvent(trigger, event) {
      const began = performance.now()
      const accepting = acceptor.acceptEvent(trigger, event)
      accepting.then(
        (one) => observe(one.kind === 'echo' ? 'refused' : one.replayed ? 'replayed' : 'accepted', began),
        () => observe('refused', began),
      )
      return accepting
    },
    acceptAll(triggers) {
      const began = performance.now()
      const accepting = acceptor.acceptAll(triggers)
      accepting.then(
        (all) => observe(all.every(({ replayed }) => replayed) ? 'replayed' : 'accepted', began),
        () => observe('refused', began),
      )
      return accepting
    },
  }
}

import { noTracer, type Tracer, type TracingOptions } from './tracing.ts'

/**
 * Opens the tracer that the options ask for. The libraries behind it are loaded only where a collector is
 * named.
 */
export async function openTracer({ endpoint, ...options }: TracingOptions): Promise<Tracer> {
  if (endpoint === undefined) return noTracer
  const { createOpenTelemetry } = await import('./openTelemetry.ts')
  return createOpenTelemetry({ ...options, endpoint })
}

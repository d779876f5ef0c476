import { noTracer, type Tracer, type TracingOptions } from './tracing.ts'

/**
 * Opens the tracer for the options. Its libraries are loaded only if a collector is configured.
 */
export async function openTracer({ endpoint, ...options }: TracingOptions): Promise<Tracer> {
  if (endpoint === undefined) return noTracer
  const { createOpenTelemetry } = await import('./openTelemetry.ts')
  return createOpenTelemetry({ ...options, endpoint })
}

import type { BuiltinTool } from './agent.ts'

/** The names of the tools that the model sees for a built-in one. */
export function builtinNames({ name }: BuiltinTool): string[] {
  return name === 'wait_for_callback' ? ['create_callback_url', name] : [name]
}

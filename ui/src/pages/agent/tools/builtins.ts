import type { BuiltinTool } from '../../../../../src/contract/agent.ts'

/** What each built-in tool does, in one line. */
export const BUILTINS: Record<BuiltinTool['name'], { title: string; about: string }> = {
  current_time: { title: 'Current time', about: 'Returns the time in UTC and in any time zone.' },
  ask_person: { title: 'Ask a person', about: 'Asks a person a question. The task waits for the answer.' },
  wait_for_callback: {
    title: 'Wait for a callback',
    about: 'Creates a URL that another system calls once. The task waits for the call.',
  },
}

export function isBuiltin(name: unknown): name is BuiltinTool['name'] {
  return typeof name === 'string' && Object.hasOwn(BUILTINS, name)
}

import { Approvals } from './fields/Approvals.tsx'
import { General } from './fields/General.tsx'
import { Instructions } from './fields/Instructions.tsx'
import { Limits } from './fields/Limits.tsx'
import { Output } from './fields/Output.tsx'
import type { FieldsProps } from './fields/props.ts'
import { Tools } from './fields/Tools.tsx'

/** The fields of an agent, in the order in which one thinks of them. */
export function AgentFields(props: FieldsProps) {
  return (
    <>
      <General {...props} />
      <Instructions {...props} />
      <Tools {...props} />
      <Output {...props} />
      <Limits {...props} />
      <Approvals {...props} />
    </>
  )
}

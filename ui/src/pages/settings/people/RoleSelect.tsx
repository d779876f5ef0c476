import { NativeSelect } from '@mantine/core'
import type { Role } from '../../../api/types.ts'
import { ROLE_OPTIONS } from './roles.ts'

/** The field `role` of a form, with a description of what the chosen role allows. */
export function RoleSelect({
  role,
  error,
  onChange,
}: {
  role: Role
  error: string | undefined
  onChange: (role: Role) => void
}) {
  return (
    <NativeSelect
      label="Role"
      description={ROLE_OPTIONS.find(({ value }) => value === role)?.about}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={ROLE_OPTIONS.map(({ value, label }) => ({ value, label }))}
      value={role}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value as Role)}
      data-field="role"
    />
  )
}

import { NativeSelect } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { ProviderForm } from './ProviderForm.tsx'
import { PRESETS } from './presets.ts'
import { formOfPreset } from './providerForm.ts'
import classes from '../Settings.module.css'

/** Adds a provider: first which one, then its form. */
export function AddProvider({ names, onDone }: { names: readonly string[]; onDone: () => void }) {
  const first = useRef<HTMLSelectElement>(null)
  useEffect(() => first.current?.focus(), [])
  const [label, setLabel] = useState('OpenAI')
  const preset = PRESETS.find((one) => one.label === label)
  return (
    <div className={classes.form}>
      <NativeSelect
        ref={first}
        label="Provider"
        data={PRESETS.map((one) => one.label)}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      {preset && (
        <ProviderForm
          key={preset.label}
          initial={{ ...formOfPreset(preset), name: freeName(preset.name, names) }}
          preset={preset}
          onDone={onDone}
        />
      )}
    </div>
  )
}

/** `groq`, or `groq-2` when there is one already. */
function freeName(name: string, taken: readonly string[]): string {
  if (name === '' || !taken.includes(name)) return name
  let number = 2
  while (taken.includes(`${name}-${number}`)) number += 1
  return `${name}-${number}`
}

import { Checkbox, Input, NativeSelect, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { settingOf, type Measure, type NumberField } from '../agentSettings.ts'
import { textField, type FieldsProps } from './props.ts'
import classes from './NumberInput.module.css'

type Unit = { name: string; factor: number }

/** In what a number can be written, the one that is stored first. */
const UNITS: Partial<Record<Measure, Unit[]>> = {
  seconds: [
    { name: 'seconds', factor: 1 },
    { name: 'minutes', factor: 60 },
    { name: 'hours', factor: 3_600 },
    { name: 'days', factor: 86_400 },
  ],
  bytes: [
    { name: 'bytes', factor: 1 },
    { name: 'KiB', factor: 1_024 },
    { name: 'MiB', factor: 1_048_576 },
  ],
}

/** What stands behind a number that has one unit only. */
const SUFFIXES: Partial<Record<Measure, string>> = { usd: 'USD', days: 'days', tokens: 'tokens' }

/** One setting that is a number: its name, what it does, its unit, and what applies while it is empty. */
export function NumberInput({ field, ...props }: FieldsProps & { field: NumberField }) {
  const setting = settingOf(field)
  const units = UNITS[setting.measure]
  const isNever = setting.never !== undefined && props.form[field] === 'never'
  return (
    <div className={classes.setting}>
      {units ? (
        <UnitInput {...props} field={field} units={units} disabled={isNever} />
      ) : (
        <TextInput
          label={setting.label}
          description={setting.help}
          placeholder={setting.standard?.toLocaleString('en-GB') ?? setting.empty ?? ''}
          inputMode={setting.measure === 'usd' ? 'decimal' : 'numeric'}
          rightSection={SUFFIXES[setting.measure]}
          rightSectionWidth="4rem"
          rightSectionPointerEvents="none"
          classNames={{ section: classes.suffix }}
          {...textField(props, field)}
        />
      )}
      {setting.never !== undefined && (
        <Checkbox
          label={setting.never}
          classNames={{ input: classes.check }}
          checked={isNever}
          onChange={(event) => props.onChange({ [field]: event.currentTarget.checked ? 'never' : '' })}
        />
      )}
    </div>
  )
}

/** A number with a choice of units. The form holds it in the first of them. */
function UnitInput({
  field,
  units,
  disabled,
  form,
  errors,
  onChange,
}: FieldsProps & { field: NumberField; units: Unit[]; disabled: boolean }) {
  const id = useId()
  const { label, help, standard, empty } = settingOf(field)
  const text = disabled ? '' : form[field]
  const [shown, setShown] = useState(() => split(text, units, standard))
  // Somebody else has set it: a merge, a template, the button that discards.
  const current = join(shown) === text ? shown : split(text, units, standard)
  const placeholder = standard === undefined ? (empty ?? '') : trim(standard / current.unit.factor)

  function set(next: Shown): void {
    setShown(next)
    onChange({ [field]: join(next) })
  }

  return (
    <Input.Wrapper
      label={label}
      description={help}
      error={errors[field]}
      id={id}
      labelProps={{ htmlFor: id }}
    >
      <div className={classes.pair}>
        <Input
          id={id}
          inputMode="decimal"
          placeholder={placeholder}
          disabled={disabled}
          value={current.number}
          error={errors[field] !== undefined}
          onChange={(event) => set({ ...current, number: event.currentTarget.value })}
          data-field={field}
        />
        <NativeSelect
          aria-label={`${label}: unit`}
          data={units.map(({ name }) => name)}
          disabled={disabled}
          value={current.unit.name}
          onChange={(event) => {
            const unit = units.find(({ name }) => name === event.currentTarget.value)
            if (unit) set({ ...current, unit })
          }}
        />
      </div>
    </Input.Wrapper>
  )
}

type Shown = { number: string; unit: Unit }

/** In the largest unit that needs no decimals. */
function split(text: string, units: Unit[], standard: number | undefined): Shown {
  const value = text === '' ? standard : Number(text)
  const fits = units.toReversed().find(({ factor }) => value !== undefined && value % factor === 0)
  const unit = (value === 0 ? units[0] : fits) ?? units[0] ?? { name: '', factor: 1 }
  return { number: text === '' || !Number.isFinite(value) ? text : trim(Number(text) / unit.factor), unit }
}

function join({ number, unit }: Shown): string {
  const value = Number(number)
  return number.trim() === '' || !Number.isFinite(value) ? number : trim(value * unit.factor)
}

/** Without the digits that a division adds. */
function trim(value: number): string {
  return String(Number(value.toPrecision(12)))
}

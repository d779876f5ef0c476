import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { modelOffersQuery } from '../../../api/settingsQueries.ts'
import type { ModelOffer } from '../../../api/types.ts'
import type { FieldsProps } from '../fields/props.ts'
import { abilities, contextOf, priceOf, searchModels } from './modelFacts.ts'
import { ModelStatus } from './ModelStatus.tsx'
import classes from './ModelPicker.module.css'

/** Models that are listed at once; a search finds the others. */
const MOST_SHOWN = 150

/** The model, as provider/model: chosen from what the providers offer, or typed. */
export function ModelPicker({ form, errors, onChange }: FieldsProps) {
  const offers = useQuery({ ...modelOffersQuery, refetchOnWindowFocus: 'always' })
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch('')
    },
  })
  const groups = searchModels(offers.data?.data ?? [], search)
  const found = [...groups.values()].reduce((sum, models) => sum + models.length, 0)

  return (
    <div className={classes.picker}>
      <Combobox
        store={combobox}
        withinPortal={false}
        onOptionSubmit={(model) => {
          onChange({ model })
          combobox.closeDropdown()
        }}
      >
        <Combobox.Target withExpandedAttribute autoComplete="off">
          <TextInput
            label="Model"
            required
            placeholder="provider/model"
            value={form.model}
            error={errors.model}
            spellCheck={false}
            rightSection={<Combobox.Chevron />}
            rightSectionPointerEvents="none"
            classNames={{ input: classes.mono ?? '' }}
            onChange={(event) => {
              onChange({ model: event.currentTarget.value })
              // What is typed is a search, until one is chosen.
              setSearch(event.currentTarget.value)
              combobox.openDropdown()
              combobox.resetSelectedOption()
            }}
            // Not on focus: it may come to show what is wrong, and a list would cover it.
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            data-field="model"
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!offers.data || offers.data.data.length === 0}>
          <Combobox.Options mah="22rem" className={classes.options} aria-label="Models">
            <Groups groups={groups} chosen={form.model} />
            {found === 0 && (
              <Combobox.Empty>No listed model matches. The name is used as typed.</Combobox.Empty>
            )}
          </Combobox.Options>
          {found > MOST_SHOWN && (
            <Combobox.Footer className={classes.more}>
              {found - MOST_SHOWN} more: type to find them
            </Combobox.Footer>
          )}
        </Combobox.Dropdown>
      </Combobox>
      <ModelStatus form={form} offers={offers} />
    </div>
  )
}

function Groups({ groups, chosen }: { groups: ReadonlyMap<string, ModelOffer[]>; chosen: string }) {
  let left = MOST_SHOWN
  return [...groups].map(([provider, models]) => {
    const shown = models.slice(0, left)
    left -= shown.length
    if (shown.length === 0) return null
    return (
      <Combobox.Group key={provider} label={provider}>
        {shown.map((offer) => (
          <Combobox.Option key={offer.model} value={offer.model} active={offer.model === chosen}>
            <Model offer={offer} />
          </Combobox.Option>
        ))}
      </Combobox.Group>
    )
  })
}

function Model({ offer }: { offer: ModelOffer }) {
  const { model, provider, name } = offer
  const facts = [...abilities(offer), contextOf(offer)].filter(Boolean).join(' · ')
  return (
    <span className={classes.model}>
      <span className={classes.names}>
        <span className={classes.mono}>{model.slice(provider.length + 1)}</span>
        {name !== null && name !== model.slice(provider.length + 1) && (
          <span className={classes.dim}>{name}</span>
        )}
      </span>
      <span className={classes.facts}>
        <span>{facts}</span>
        <span>{priceOf(offer) ?? 'Price unknown'}</span>
      </span>
    </span>
  )
}

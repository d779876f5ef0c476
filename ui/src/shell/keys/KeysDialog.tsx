import { Modal, Switch } from '@mantine/core'
import { PLACES } from '../places.ts'
import { Key } from './Key.tsx'
import { setKeysOn, useKeysOn } from './keySetting.ts'
import classes from './KeysDialog.module.css'

const COMMAND = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

const GROUPS: { name: string; keys: [what: string, ...keys: string[]][] }[] = [
  {
    name: 'Everywhere',
    keys: [
      ['Search, or run a command', COMMAND, 'K'],
      ['Search on this page', '/'],
      ['Show these keys', '?'],
    ],
  },
  {
    name: 'Lists',
    keys: [
      ['Next row', 'j'],
      ['Previous row', 'k'],
      ['Open', 'Enter'],
    ],
  },
  { name: 'Go to', keys: PLACES.map(({ name, key }) => [name, 'g', key]) },
]

/** All keyboard shortcuts, and the switch that turns single letters off. */
export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const on = useKeysOn()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.groups}>
        {GROUPS.map(({ name, keys }) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {keys.map(([what, ...caps]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    {caps.map((cap) => (
                      <Key key={cap}>{cap}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch
        label="Single-letter shortcuts"
        description="Turn this off if letters trigger something by accident."
        checked={on}
        onChange={() => setKeysOn(!on)}
      />
    </Modal>
  )
}

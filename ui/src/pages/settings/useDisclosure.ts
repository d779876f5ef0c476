import { useRef, useState } from 'react'

/** A form that a button opens and closes. Whoever closes the form is led back to the button. */
export function useDisclosure() {
  const [isOpen, setOpen] = useState(false)
  const ref = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    setOpen(false)
    ref.current?.focus()
  }
  return { isOpen, close, button: { ref, 'aria-expanded': isOpen, onClick: () => setOpen(!isOpen) } }
}

import classes from './Key.module.css'

/** The cap of a key. */
export function Key({ children }: { children: string }) {
  return <kbd className={classes.key}>{children}</kbd>
}
